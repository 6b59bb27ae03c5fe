package token

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// djangoSalt is what Django's database and cached database sessions are signed
// with: the class's name, which both share.
const djangoSalt = "django.contrib.sessions.SessionStore"

// DjangoCodec reads as [payload.DecodeDjango], and only what was signed with one of
// the secrets: SECRET_KEY and its fallbacks. It refuses a row that was written
// by somebody who has the database but no secret.
func DjangoCodec(secrets []string) (payload.Codec, error) {
	if err := checkSecrets(secrets); err != nil {
		return nil, err
	}
	keys := &djangoKeys{}
	for _, secret := range secrets {
		signed := sha256.Sum256([]byte(djangoSalt + "signer" + secret))
		legacy := sha1.Sum([]byte("django.contrib.sessionsSessionStore" + secret))
		keys.signed = append(keys.signed, signed[:])
		keys.legacy = append(keys.legacy, legacy[:])
	}
	return func(data []byte) (any, error) {
		row, err := payload.ParseDjango(data)
		if err != nil {
			return nil, err
		}
		if !keys.checked(row) {
			return nil, &payload.Error{Codec: "django", Why: "its signature is not of these secrets"}
		}
		return row.Decode()
	}, nil
}

// djangoKeys are the secrets, made into keys for either form.
type djangoKeys struct{ signed, legacy [][]byte }

// checked tells whether a row was signed with one of the secrets.
func (k *djangoKeys) checked(row payload.DjangoRow) bool {
	if row.Legacy {
		return anyMAC(sha1.New, k.legacy, row.Message, row.Signature, hex.EncodeToString)
	}
	return anyMAC(sha256.New, k.signed, row.Message, row.Signature, base64.RawURLEncoding.EncodeToString)
}

// DjangoAuthHashMatches tells whether a session is of the password that the
// user has now. Django ends a user's sessions with a new password by nothing
// but this: authHash is the session's _auth_user_hash, password the column.
func DjangoAuthHashMatches(secrets []string, password, authHash string) bool {
	match := false
	for _, secret := range secrets {
		newHash, key := djangoAuthKey(secret, len(authHash))
		expected := hex.EncodeToString(sum(newHash, key, password))
		if secret != "" && same(expected, authHash) {
			match = true
		}
	}
	return match
}

// djangoAuthKey makes a key by the hash that the session's was made with:
// Django up to 3.0 had SHA-1, whose hex is 40 long.
func djangoAuthKey(secret string, hexLength int) (func() hash.Hash, []byte) {
	const salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
	if hexLength == 2*sha1.Size {
		key := sha1.Sum([]byte(salt + secret))
		return sha1.New, key[:]
	}
	key := sha256.Sum256([]byte(salt + secret))
	return sha256.New, key[:]
}
