package format

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
)

// djangoSalt is what Django's database and cached database sessions are signed
// with: the class's name, which both share.
const djangoSalt = "django.contrib.sessions.SessionStore"

// DecodeDjango reads the session_data column of Django, of every version that
// has one, without its signature: that needs a secret, see [DjangoCodec].
func DecodeDjango(data []byte) (any, error) { return decodeDjango(data, nil) }

// DjangoCodec reads as [DecodeDjango], and only what was signed with one of
// the secrets: SECRET_KEY and its fallbacks. It refuses a row that was written
// by somebody who has the database but no secret.
func DjangoCodec(secrets []string) (Codec, error) {
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
	return func(data []byte) (any, error) { return decodeDjango(data, keys) }, nil
}

// djangoKeys are the secrets, made into keys for either form.
type djangoKeys struct{ signed, legacy [][]byte }

func decodeDjango(data []byte, keys *djangoKeys) (any, error) {
	if len(data) > maxPayload {
		return nil, undecodable("django", "larger than 1 MiB")
	}
	text := string(data)
	// A signed text is in parts with colons between, which base64 has none of.
	if !strings.Contains(text, ":") {
		return decodeDjangoLegacy(data, keys)
	}
	message, signature, _ := cutLast(text, ":")
	body, _, ok := cutLast(message, ":")
	if !ok {
		return nil, undecodable("django", "it has no signature")
	}
	if keys != nil && !anyMAC(sha256.New, keys.signed, message, signature, base64.RawURLEncoding.EncodeToString) {
		return nil, undecodable("django", "its signature is not of these secrets")
	}
	return decodeDjangoBody(body)
}

func decodeDjangoBody(body string) (any, error) {
	body, deflated := strings.CutPrefix(body, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, undecodable("django", "its body is not base64")
	}
	if deflated {
		if raw, err = inflate("django", raw); err != nil {
			return nil, err
		}
	}
	return DecodeJSON(raw)
}

// decodeDjangoLegacy reads what Django up to 3.0 wrote: base64 of a signature
// in hex, a colon and JSON.
func decodeDjangoLegacy(data []byte, keys *djangoKeys) (any, error) {
	raw, err := unbase64(data)
	if err != nil {
		return nil, err
	}
	signature, body, ok := strings.Cut(string(raw), ":")
	if !ok {
		return nil, undecodable("django", "it has no signature")
	}
	if keys != nil && !anyMAC(sha1.New, keys.legacy, body, signature, hex.EncodeToString) {
		return nil, undecodable("django", "its signature is not of these secrets")
	}
	return DecodeJSON([]byte(body))
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

func sum(newHash func() hash.Hash, key []byte, message string) []byte {
	mac := hmac.New(newHash, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
