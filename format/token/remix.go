package token

import (
	"encoding/base64"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// OpenRemix checks a cookie of Remix and React Router, unescaped with
// [UnescapeJS]: signed as Fastify's, it holds base64 of the JSON of an id.
func OpenRemix(secrets []string) (Opener, error) {
	unsign, err := OpenFastify(secrets)
	if err != nil {
		return nil, err
	}
	return func(value string, now time.Time) (string, error) {
		body, err := unsign(value, now)
		if err != nil {
			return "", err
		}
		raw, err := canonical(base64.StdEncoding, body)
		if err != nil {
			return "", err
		}
		v, err := payload.DecodeJSON(raw)
		if id, ok := v.(string); ok && err == nil {
			return id, nil
		}
		return "", ErrBad
	}, nil
}
