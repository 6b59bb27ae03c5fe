package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
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
		"another mac":  strings.Replace(sealedBox(t, key, "alice"), `"mac":"`, `"mac":"0`, 1),
		"a tag of 5":   strings.Replace(sealedBox(t, key, "alice"), `"tag":""`, `"tag":5`, 1),
		"gcm, a mac":   strings.Replace(gcmBox(t, key, 16), `"mac":""`, `"mac":"x"`, 1),
		"gcm, cut":     gcmBox(t, key, 12),
		"gcm, changed": gcmBox(t, []byte("another key of 16"[:16]), 16),
		"half a char":  strings.Replace(sealedBox(t, key, "alice"), "{", `{"x":"\ud800",`, 1),
	} {
		if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(box)))); ok {
			t.Errorf("%s: %q", name, plain)
		}
	}
	if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(sealedBox(t, key, "alice"))))); !ok || string(plain) != "alice" {
		t.Errorf("a good box: %q, %t", plain, ok)
	}
	for _, tag := range []string{``, `"tag":null,`} { // as before Laravel 9
		box := strings.Replace(sealedBox(t, key, "alice"), `"tag":"",`, tag, 1)
		if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(box)))); !ok || string(plain) != "alice" {
			t.Errorf("%s: %q, %t", box, plain, ok)
		}
	}
	if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(gcmBox(t, key, 16))))); !ok || string(plain) != "alice" {
		t.Errorf("a good box of AES-GCM: %q, %t", plain, ok)
	}
}

// gcmBox is what Laravel's Encrypter makes with AES-GCM, but that its tag may have
// less than 16 bytes: the others are with the value then, which together is the same.
func gcmBox(t *testing.T, key []byte, tagSize int) string {
	t.Helper()
	aead := must[cipher.AEAD](t)(cipher.NewGCM(must[cipher.Block](t)(aes.NewCipher(key))))
	iv := make([]byte, 12)
	sealed := aead.Seal(nil, iv, []byte("alice"), nil)
	cut := len(sealed) - tagSize
	encode := base64.StdEncoding.EncodeToString
	return `{"iv":"` + encode(iv) + `","value":"` + encode(sealed[:cut]) + `","mac":"","tag":"` + encode(sealed[cut:]) + `"}`
}

// TestLaravel_WhichKeysAre: of AES-128 and AES-256, and nothing behind the base64.
func TestLaravel_WhichKeysAre(t *testing.T) {
	for size, good := range map[int]bool{0: false, 15: false, 16: true, 17: false, 24: false, 31: false, 32: true, 33: false} {
		key := make([]byte, size)
		_, opener := OpenLaravel([][]byte{key}, "session")
		_, codec := LaravelCodec([][]byte{key}, payload.DecodePHP)
		_, encoded := ParseLaravelKeys([]string{"base64:" + base64.StdEncoding.EncodeToString(key)})
		_, plain := ParseLaravelKeys([]string{string(key)})
		for name, err := range map[string]error{"opener": opener, "codec": codec, "base64": encoded, "text": plain} {
			if (err == nil) != good {
				t.Errorf("%s, %d bytes: %v", name, size, err)
			}
		}
	}
	if _, err := ParseLaravelKeys([]string{"base64:" + base64.StdEncoding.EncodeToString(make([]byte, 16)) + "!"}); err == nil {
		t.Error("what is no base64 was taken")
	}
}

// TestLaravel_WhatIsNoID: it was encrypted with the key, for this cookie, and is none.
func TestLaravel_WhatIsNoID(t *testing.T) {
	key := []byte("0123456789abcdef")
	open := must[Opener](t)(OpenLaravel([][]byte{key}, "session"))
	mac := hmac.New(sha1.New, key)
	mac.Write([]byte("sessionv2"))
	prefix := hex.EncodeToString(mac.Sum(nil)) + "|"
	for plain, want := range map[string]string{prefix + "id": "id", prefix: "", prefix[:40]: "", "": "", "id": "", strings.Repeat("0", 40) + "|id": ""} {
		got, err := open(base64.StdEncoding.EncodeToString([]byte(sealedBox(t, key, plain))), vectorsMade)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", plain, got, err)
		}
	}
}

// TestLaravelCodec_WhatIsNoPayload: it was encrypted with the key, and is no session.
func TestLaravelCodec_WhatIsNoPayload(t *testing.T) {
	key := []byte("0123456789abcdef")
	read := false
	codec := must[payload.Codec](t)(LaravelCodec([][]byte{key}, func(data []byte) (any, error) {
		read = true
		return payload.DecodePHP(data)
	}))
	sealed := func(plain string) []byte {
		return []byte(base64.StdEncoding.EncodeToString([]byte(sealedBox(t, key, plain))))
	}
	if tree, err := codec(sealed(`s:4:"i:5;";`)); tree != int64(5) || err != nil {
		t.Fatal(tree, err)
	}
	for name, c := range map[string]struct {
		data []byte
		read bool
		says string
	}{
		"no PHP":          {sealed("x"), false, ""},
		"a number":        {sealed("i:5;"), false, "no text"},
		"no PHP in it":    {sealed(`s:1:"x";`), true, ""},
		"another key's":   {[]byte(base64.StdEncoding.EncodeToString([]byte(sealedBox(t, make([]byte, 16), "x")))), false, "not encrypted with these keys"},
		"larger than any": {make([]byte, 2*payload.MaxSize+1), false, "larger than 1 MiB"},
	} {
		read = false
		if tree, err := codec(c.data); tree != nil || err == nil || read != c.read || !strings.Contains(err.Error(), "laravel") && c.says != "" || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v, read %v", name, tree, err, read)
		}
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
