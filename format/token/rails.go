package token

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// Rails is how a Rails program signs a cookie: cookies.signed[:name].
type Rails struct {
	// Secrets are secret_key_base and its rotations.
	Secrets []string
	// Cookie is the name of the cookie. A value that Rails signed for another
	// cookie is refused.
	Cookie string
	// KeyDigest makes keys of secrets: sha256 with load_defaults of 7.0 and
	// later, sha1 before. Default: sha256.
	KeyDigest string
	// Digest signs: signed_cookie_digest. Default: sha1, as in Rails.
	Digest string
	// Salt is signed_cookie_salt. Default: signed cookie.
	Salt string
	// AnyPurpose accepts values that name no cookie: what Rails wrote with
	// load_defaults before 6.0. Another cookie's value then does as well.
	AnyPurpose bool
}

// Opener checks a cookie, unescaped with [UnescapePHP], and returns the
// integer or string that Rails put into it. The keys are made once, here: it
// takes a thousand rounds.
func (r Rails) Opener() (Opener, error) {
	if err := checkSecrets(r.Secrets); err != nil {
		return nil, err
	}
	keyHash, err := railsHash(r.KeyDigest, sha256.New)
	if err != nil {
		return nil, err
	}
	macHash, err := railsHash(r.Digest, sha1.New)
	if err != nil {
		return nil, err
	}
	if r.Salt == "" {
		r.Salt = "signed cookie"
	}
	keys, err := stretch(keyHash, r.Secrets, r.Salt, 64)
	if err != nil {
		return nil, err
	}
	return func(value string, now time.Time) (string, error) {
		body, signature, ok := cutLast(value, "--")
		if !ok || !anyMAC(macHash, keys, body, signature, hex.EncodeToString) {
			return "", ErrBad
		}
		return r.open(body, now)
	}, nil
}

func railsHash(name string, otherwise func() hash.Hash) (func() hash.Hash, error) {
	switch strings.ToLower(name) {
	case "":
		return otherwise, nil
	case "sha1":
		return sha1.New, nil
	case "sha256":
		return sha256.New, nil
	}
	return nil, fmt.Errorf("there is no digest %q; there are sha1 and sha256", name)
}

// stretch makes keys of secrets as Rails and Phoenix do.
func stretch(newHash func() hash.Hash, secrets []string, salt string, length int) ([][]byte, error) {
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		key, err := pbkdf2.Key(newHash, secret, []byte(salt), 1000, length)
		if err != nil {
			return nil, fmt.Errorf("making a key of secret %d: %w", i+1, err)
		}
		keys[i] = key
	}
	return keys, nil
}

// open reads a body whose signature is good: an envelope that says for which
// cookie and until when, or the bare value in old programs.
func (r Rails) open(body string, now time.Time) (string, error) {
	raw, err := canonical(base64.StdEncoding, body)
	if err != nil {
		return "", err
	}
	tree, err := payload.DecodeJSON(raw)
	if err != nil {
		tree = nil
	}
	envelope, ok := payload.Find(tree, "_rails")
	if !ok {
		return r.bare(raw)
	}
	fields, _ := envelope.(map[string]any)
	if !r.forThisCookie(fields["pur"]) || !stillFresh(fields["exp"], now) {
		return "", ErrBad
	}
	message, _ := fields["message"].(string)
	raw, err = canonical(base64.StdEncoding, message)
	if err != nil {
		return "", err
	}
	return railsValue(raw)
}

func (r Rails) bare(raw []byte) (string, error) {
	if !r.AnyPurpose {
		return "", ErrBad
	}
	return railsValue(raw)
}

func (r Rails) forThisCookie(purpose any) bool {
	if purpose == nil {
		return r.AnyPurpose
	}
	return purpose == "cookie."+r.Cookie
}

func stillFresh(expiry any, now time.Time) bool {
	if expiry == nil {
		return true
	}
	text, _ := expiry.(string)
	until, err := time.Parse(time.RFC3339, text)
	return err == nil && now.Before(until)
}

// railsValue reads what was put into a cookie, by either serializer.
func railsValue(raw []byte) (string, error) {
	decode := payload.DecodeJSON
	if strings.HasPrefix(string(raw), "\x04\x08") {
		decode = payload.DecodeMarshal
	}
	v, err := decode(raw)
	if err != nil {
		return "", ErrBad
	}
	switch v.(type) {
	case string, int64:
		text, _ := payload.TextOf(v)
		return text, nil
	}
	return "", ErrBad
}
