package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// TestLaravelPayloads: plain, encrypted, and encrypted with another key.
func TestLaravelPayloads(t *testing.T) {
	for _, c := range list(t, vectors(t, "laravel-13"), "cases") {
		key := must[[]byte](t)(parseLaravelKey(text(t, c, "app_key")))
		codec := payload.Base64(payload.DecodePHP)
		if at(t, c, "session_encrypted") == true {
			codec = payload.Base64(must[payload.Codec](t)(LaravelCodec([][]byte{make([]byte, 32), key}, payload.DecodePHP)))
			wrong := payload.Base64(must[payload.Codec](t)(LaravelCodec([][]byte{make([]byte, 32)}, payload.DecodePHP)))
			if !refuses(t, wrong, []byte(text(t, c, "row.payload"))) {
				t.Error("another key read a payload")
			}
		}
		tree, err := codec([]byte(text(t, c, "row.payload")))
		if err != nil {
			t.Error(text(t, c, "name"), err)
		}
		want := optional(c, "expect.user_id")
		if got := optional(tree, text(t, vectors(t, "laravel-13"), "login_session_key")); got != want {
			t.Errorf("%s: user %q, want %q", text(t, c, "name"), got, want)
		}
	}
	for _, key := range []string{"", "base64:", "base64:AAAA", "base64:!", "short"} {
		if _, err := parseLaravelKey(key); err == nil {
			t.Errorf("%q is a key", key)
		}
	}
}

// TestLaravelBoxes: boxes that have a good MAC and a bad inside.
func TestLaravelBoxes(t *testing.T) {
	key := []byte("0123456789abcdef")
	mac := func(iv, value string) string {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(iv + value))
		return hex.EncodeToString(m.Sum(nil))
	}
	block, half := base64.StdEncoding.EncodeToString(make([]byte, 16)), base64.StdEncoding.EncodeToString(make([]byte, 8))
	for name, box := range map[string]string{
		"short iv":     `{"iv":"` + half + `","value":"` + block + `","mac":"` + mac(half, block) + `","tag":""}`,
		"half a block": `{"iv":"` + block + `","value":"` + half + `","mac":"` + mac(block, half) + `","tag":""}`,
		"no value":     `{"iv":"` + block + `","value":"","mac":"` + mac(block, "") + `","tag":""}`,
		"bad padding":  `{"iv":"` + block + `","value":"` + block + `","mac":"` + mac(block, block) + `","tag":""}`,
		"short tag":    `{"iv":"` + base64.StdEncoding.EncodeToString(make([]byte, 12)) + `","value":"` + block + `","mac":"","tag":"` + half + `"}`,
		"not a box":    `[]`,
		"not UTF-8":    "{\"iv\":\"" + block + "\",\"value\":\"" + block + "\",\"mac\":\"\xff\"}",
		"no texts":     `{"iv":1,"value":[],"mac":{}}`,
		"other names":  strings.NewReplacer(`"iv"`, `"IV"`, `"mac"`, `"Mac"`).Replace(sealedBox(t, key, "alice")),
		"named twice":  strings.Replace(sealedBox(t, key, "alice"), "{", `{"mac":"x",`, 1),
		"half a char":  strings.Replace(sealedBox(t, key, "alice"), "{", `{"x":"\ud800",`, 1),
	} {
		if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(box)))); ok {
			t.Errorf("%s: %q", name, plain)
		}
	}
	if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(sealedBox(t, key, "alice"))))); !ok || string(plain) != "alice" {
		t.Errorf("a good box: %q, %t", plain, ok)
	}
}

// TestUnpad: of PKCS #7, whose last byte says how many there are of it.
func TestUnpad(t *testing.T) {
	block := strings.Repeat("x", 16)
	for padded, want := range map[string]string{
		block[:15] + "\x01":                             block[:15],
		block[:14] + "\x02\x02":                         block[:14],
		strings.Repeat("\x10", 16):                      "",
		block + strings.Repeat("\x10", 16):              block,
		block[:15] + "\x00":                             "refused",
		block[:14] + "\x01\x02":                         "refused",
		block[:15] + "\x10":                             "refused",
		block[:15] + strings.Repeat("\x11", 17):         "refused",
		strings.Repeat("\xff", 256) + block[:0]:         "refused",
		strings.Repeat("\x02", 15) + block[:0] + "\x03": "refused",
	} {
		text, ok := unpad([]byte(padded))
		if ok != (want != "refused") || ok && string(text) != want {
			t.Errorf("%q: %q, %v", padded, text, ok)
		}
	}
}

// sealedBox is what Laravel's Encrypter makes with AES-CBC.
func sealedBox(t *testing.T, key []byte, plain string) string {
	t.Helper()
	iv := []byte("0123456789abcdef")
	n := aes.BlockSize - len(plain)%aes.BlockSize
	text := []byte(plain + strings.Repeat(string(rune(n)), n))
	cipher.NewCBCEncrypter(must[cipher.Block](t)(aes.NewCipher(key)), iv).CryptBlocks(text, text)
	m := hmac.New(sha256.New, key)
	box := map[string]string{"iv": base64.StdEncoding.EncodeToString(iv), "value": base64.StdEncoding.EncodeToString(text), "tag": ""}
	m.Write([]byte(box["iv"] + box["value"]))
	box["mac"] = hex.EncodeToString(m.Sum(nil))
	return string(must[[]byte](t)(json.Marshal(box)))
}
