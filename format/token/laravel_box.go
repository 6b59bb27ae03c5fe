package token

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// laravelBox is what Laravel's Encrypter makes: base64 of this as JSON.
type laravelBox struct{ IV, Value, MAC, Tag string }

// parseLaravelBox takes the very names that Laravel writes, and no others for
// them: encoding/json would read a field by its name in another case as well.
func parseLaravelBox(raw []byte) (box laravelBox, ok bool) {
	tree, err := payload.DecodeJSON(raw)
	fields, isObject := tree.(map[string]any)
	if err != nil || !isObject {
		return box, false
	}
	for name, to := range map[string]*string{"iv": &box.IV, "value": &box.Value, "mac": &box.MAC, "tag": &box.Tag} {
		text, isText := fields[name].(string)
		if !isText && fields[name] != nil {
			return box, false
		}
		*to = text
	}
	return box, true
}

// laravelDecrypt opens a box with the key that sealed it. One that has a tag
// is of AES-GCM, one that has none of AES-CBC with a MAC; either is checked
// with the key, so what the box says about itself is nothing to be fooled by.
func laravelDecrypt(keys [][]byte, value []byte) ([]byte, bool) {
	raw, err := canonical(base64.StdEncoding, string(value))
	if err != nil {
		return nil, false
	}
	box, ok := parseLaravelBox(raw)
	if !ok {
		return nil, false
	}
	iv, err := canonical(base64.StdEncoding, box.IV)
	if err != nil {
		return nil, false
	}
	text, err := canonical(base64.StdEncoding, box.Value)
	if err != nil {
		return nil, false
	}
	if box.Tag != "" {
		return laravelGCM(keys, box, iv, text)
	}
	return laravelCBC(keys, box, iv, text)
}

// laravelCBC checks the MAC before it decrypts: a wrong key decrypts as well,
// to garbage, and the padding of garbage is an oracle.
func laravelCBC(keys [][]byte, box laravelBox, iv, text []byte) ([]byte, bool) {
	if len(iv) != aes.BlockSize || len(text) == 0 || len(text)%aes.BlockSize != 0 {
		return nil, false
	}
	for _, key := range keys {
		if !anyMAC(sha256.New, [][]byte{key}, box.IV+box.Value, box.MAC, hex.EncodeToString) {
			continue
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, false
		}
		plain := make([]byte, len(text))
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
		return unpad(plain)
	}
	return nil, false
}

// unpad removes the padding of PKCS #7.
func unpad(plain []byte) ([]byte, bool) {
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize || n > len(plain) {
		return nil, false
	}
	text, padding := plain[:len(plain)-n], plain[len(plain)-n:]
	return text, bytes.Count(padding, padding[:1]) == n
}

func laravelGCM(keys [][]byte, box laravelBox, iv, text []byte) ([]byte, bool) {
	tag, err := canonical(base64.StdEncoding, box.Tag)
	if err != nil || len(tag) != 16 || len(iv) != 12 || box.MAC != "" {
		return nil, false
	}
	sealed := append(text[:len(text):len(text)], tag...)
	for _, key := range keys {
		if plain, err := openGCM(key, iv, sealed, nil); err == nil {
			return plain, true
		}
	}
	return nil, false
}

func openGCM(key, nonce, sealed, additional []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nonce, sealed, additional)
}
