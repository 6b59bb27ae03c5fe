package format

import (
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/token"
)

// Codecs that need a secret or the row's key, besides those of [payload.Names].
const (
	codecTower            = "tower"
	codecDjango           = "django"
	codecLaravelEncrypted = "laravel_encrypted"
	codecSecureCookie     = "securecookie"
)

// decoder reads a row's payload, which must be that of the key.
type decoder func(data, key []byte) (any, error)

// undecodable gives an error of a payload the [Reason] that requests show.
func undecodable(err error) error { return fmt.Errorf("%w: %w", err, ErrUndecodable) }

// decoder makes what reads the payload; nil where nothing reads it.
func (o *Options) decoder() (decoder, error) {
	switch o.Codec {
	case "":
		return nil, nil
	case codecTower:
		return decodeTowerRow, nil
	}
	codec, err := o.codec()
	if err != nil {
		return nil, fmt.Errorf("codec %s: %w", o.Codec, err)
	}
	path, err := payload.ParsePath(o.PayloadKey)
	if err != nil {
		return nil, fmt.Errorf("payload_key: %w", err)
	}
	return func(data, key []byte) (any, error) {
		tree, err := codec(data)
		if err != nil || len(path) == 0 {
			return tree, err
		}
		return tree, repeatsKey(tree, path, key)
	}, nil
}

func (o *Options) codec() (payload.Codec, error) {
	switch {
	case o.Codec == codecDjango && len(o.Secret) > 0:
		return token.DjangoCodec(o.Secret)
	case o.Codec == codecLaravelEncrypted:
		keys, err := token.ParseLaravelKeys(o.Secret)
		if err != nil {
			return nil, err
		}
		codec, err := token.LaravelCodec(keys, decodeLaravel)
		return payload.Base64(codec), err
	case o.Codec == codecSecureCookie:
		sealed, err := o.secureCookie()
		if err != nil {
			return nil, err
		}
		return sealed.Codec()
	}
	codec, ok := payload.ByName(o.Codec)
	if !ok {
		names := append(payload.Names(), codecLaravelEncrypted, codecSecureCookie)
		slices.Sort(names)
		return nil, fmt.Errorf("there is none of that name; there are %s", strings.Join(names, ", "))
	}
	return codec, nil
}

// decodeLaravel reads what session.serialization says, php or json: an array in
// PHP's words does not begin as one in JSON does.
func decodeLaravel(data []byte) (any, error) {
	if len(data) > 0 && (data[0] == '{' || data[0] == '[') {
		return payload.DecodeJSON(data)
	}
	return payload.DecodePHP(data)
}

// codecUsesSecret tells whether the payload is checked or read with the secrets.
func (o *Options) codecUsesSecret() bool {
	return slices.Contains([]string{codecDjango, codecLaravelEncrypted, codecSecureCookie}, o.Codec)
}

// decodeTowerRow refuses a blob under another id than its own: somebody who
// can write rows could give a session of his to somebody else's cookie.
func decodeTowerRow(data, key []byte) (any, error) {
	record, err := payload.ParseTowerRecord(data)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(record.Key()), key) == 0 {
		return nil, &payload.Error{Codec: "tower", Why: "the id in its data is not the row's"}
	}
	return record.Data, nil
}

func repeatsKey(tree any, path payload.Path, key []byte) error {
	v, _ := path.Find(tree)
	if text, ok := payload.TextOf(v); !ok || subtle.ConstantTimeCompare([]byte(text), key) == 0 {
		return &payload.Error{Codec: "payload", Why: "the key in it is not the row's"}
	}
	return nil
}
