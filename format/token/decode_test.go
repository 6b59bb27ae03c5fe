package token

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

func remixSignature(body, secret string) string {
	return base64.RawStdEncoding.EncodeToString(sum(sha256.New, []byte(secret), body))
}

// TestUnsignedCookies: what is only decoded, prefixed or hashed.
func TestUnsignedCookies(t *testing.T) {
	drupal, grafana, spring := vectors(t, "drupal"), vectors(t, "grafana"), vectors(t, "spring-session-jdbc")
	rails72, rails61, flask := vectors(t, "rails-7.2-json"), vectors(t, "rails-6.1-marshal"), vectors(t, "flask-session")
	tower := vectors(t, "tower")
	wordpress := at(t, vectors(t, "wordpress"), "cases.0")
	hash := func(algorithm, encoding, suffix string) Opener {
		return must[Opener](t)(OpenHash(algorithm, encoding, suffix))
	}
	for _, tt := range []struct {
		name, value, want string
		open              Opener
	}{
		{"drupal", text(t, drupal, "cookie_value"), text(t, drupal, "row.sid"), hash("sha256", "base64url", "")},
		{"grafana", text(t, grafana, "cookie_value"), text(t, grafana, "row.auth_token"), hash("sha256", "hex", text(t, grafana, "secret_key"))},
		{"wordpress", text(t, wordpress, "token"), text(t, wordpress, "token_sha256"), hash("sha256", "hex", "")},
		{"raw hash", "", string(unhex(t, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")), hash("sha256", "raw", "")},
		{
			"sha512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
				"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", hash("sha512", "hex", ""),
		},
		{"rails 7.2", text(t, rails72, "ar_cookie_value"), text(t, rails72, "ar_expected_key"), OpenActiveRecord},
		{"rails 6.1", text(t, rails61, "ar_cookie_value"), text(t, rails61, "ar_expected_key"), OpenActiveRecord},
		{"a key of rails as cookie", text(t, rails72, "ar_expected_key"), "", OpenActiveRecord},
		{"flask", text(t, flask, "cases.0.cookie_value_raw_on_wire"), text(t, flask, "cases.0.row.session_id"), OpenPrefix("session:")},
		{"spring", text(t, spring, "cookie_value"), text(t, spring, "row.SESSION_ID"), OpenSpring("")},
		{"spring with a route", base64.StdEncoding.EncodeToString([]byte("id.node1")), "id", OpenSpring("node1")},
		{"spring with a NUL", "AGlk", "", OpenSpring("")},
		{"tower", text(t, tower, "rows.1.id"), text(t, tower, "rows.1.id"), OpenTowerID},
		{"tower with stray bits", "AAECAwQFBgcICQoLDA0ODx", "", OpenTowerID},
		{"tower with a line break", "AAECAwQFBgcICQoLDA0O\nDw", "", OpenTowerID},
		{"tower of 15 bytes", "AAECAwQFBgcICQoLDA0O", "", OpenTowerID},
		{"tower empty", "", "", OpenTowerID},
		{"base64", "YWI=", "ab", OpenBase64},
		{"base64 without padding", "YWI", "", OpenBase64},
		{"base64 with stray bits", "YWJ=", "", OpenBase64},
		{"base64url", "_-8", "\xff\xef", OpenBase64URL},
		{"base64url with padding", "_-8=", "", OpenBase64URL},
		{"hex", "ff00", "\xff\x00", OpenHex},
		{"hex in upper case", "FF00", "", OpenHex},
		{"js escape", "a%2Bb+c", "a+b+c", UnescapeJS},
		{"php escape", "a%2Bb+c", "a+b c", UnescapePHP},
		{"js NUL", "a%00", "", UnescapeJS},
		{"php bad UTF-8", "%ff", "", UnescapePHP},
		{"js bad escape", "%zz", "", UnescapeJS},
		{"php bad escape", "%z", "", UnescapePHP},
	} {
		got, err := tt.open(tt.value, vectorsMade)
		if got != tt.want || err != nil && err != ErrBad || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	for _, unknown := range [][2]string{{"md5", "hex"}, {"sha256", "base32"}} {
		if _, err := OpenHash(unknown[0], unknown[1], ""); err == nil {
			t.Error(unknown, "was taken")
		}
	}
}

// TestChainLimits: a chain refuses what no browser keeps and no row is under.
func TestChainLimits(t *testing.T) {
	chain := Bounded(Chain())
	for length, ok := range map[int]bool{0: false, 1: true, maxLookup: true, maxLookup + 1: false} {
		if _, err := chain(strings.Repeat("x", length), vectorsMade); (err == nil) != ok {
			t.Errorf("%d: %v", length, err)
		}
	}
	short := Bounded(func(string, time.Time) (string, error) { return "x", nil })
	for length, ok := range map[int]bool{maxToken: true, maxToken + 1: false} {
		if _, err := short(strings.Repeat("x", length), vectorsMade); (err == nil) != ok {
			t.Errorf("%d: %v", length, err)
		}
	}
}

// railsCookie signs a body as Rails does with load_defaults of 7.0.
func railsCookie(t *testing.T, secret, body string) string {
	keys := must[[][]byte](t)(stretch(sha256.New, []string{secret}, "signed cookie", 64))
	encoded := base64.StdEncoding.EncodeToString([]byte(body))
	return encoded + "--" + hex.EncodeToString(sum(sha1.New, keys[0], encoded))
}

// TestRailsEnvelope: a value that is signed may still be for another cookie,
// or too old, or no value at all.
func TestRailsEnvelope(t *testing.T) {
	const secret = "secret"
	strict := must[Opener](t)(Rails{Secrets: []string{secret}, Cookie: "token"}.Opener())
	loose := must[Opener](t)(Rails{Secrets: []string{secret}, Cookie: "token", AnyPurpose: true}.Opener())
	for _, tt := range []struct{ name, body, strict, loose string }{
		{"good", `{"_rails":{"message":"ImEi","exp":null,"pur":"cookie.token"}}`, "a", "a"},
		{"integer", `{"_rails":{"message":"Nw==","exp":null,"pur":"cookie.token"}}`, "7", "7"},
		{"other cookie", `{"_rails":{"message":"ImEi","exp":null,"pur":"cookie.other"}}`, "", ""},
		{"no purpose", `{"_rails":{"message":"ImEi","exp":null,"pur":null}}`, "", "a"},
		{"purpose of another type", `{"_rails":{"message":"ImEi","pur":["cookie.token"]}}`, "", ""},
		{"not expired", `{"_rails":{"message":"ImEi","exp":"2026-11-24T00:00:00.001Z","pur":"cookie.token"}}`, "a", "a"},
		{"expired", `{"_rails":{"message":"ImEi","exp":"2026-11-24T00:00:00.000Z","pur":"cookie.token"}}`, "", ""},
		{"expiry is no time", `{"_rails":{"message":"ImEi","exp":5,"pur":"cookie.token"}}`, "", ""},
		{"null", `{"_rails":{"message":"bnVsbA==","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"float", `{"_rails":{"message":"MS41","exp":null,"pur":"cookie.token"}}`, "", ""},
		{"no message", `{"_rails":{"exp":null,"pur":"cookie.token"}}`, "", ""},
		{"envelope is no map", `{"_rails":[]}`, "", ""},
		{"no envelope", `"a"`, "", "a"},
		{"no envelope, marshal", "\x04\x08i\x06", "", "1"},
		{"map without envelope", `{"a":1}`, "", ""},
	} {
		value := railsCookie(t, secret, tt.body)
		if got, err := strict(value, vectorsMade); got != tt.strict || (err == nil) != (tt.strict != "") {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
		if got, err := loose(value, vectorsMade); got != tt.loose || (err == nil) != (tt.loose != "") {
			t.Errorf("%s, any purpose: %q, %v", tt.name, got, err)
		}
	}
	for _, digest := range []Rails{{KeyDigest: "md5"}, {Digest: "md5"}} {
		digest.Secrets = []string{secret}
		if _, err := digest.Opener(); err == nil {
			t.Error("md5 was taken")
		}
	}
}

// TestCookiesOfOtherNames: a value that is bound to a cookie is bad in another.
func TestCookiesOfOtherNames(t *testing.T) {
	laravel, cookies := at(t, vectors(t, "laravel-13"), "cases.0"), at(t, vectors(t, "tower"), "cookies")
	key := must[[]byte](t)(parseLaravelKey(text(t, laravel, "app_key")))
	value, _ := UnescapePHP(text(t, laravel, "cookie_value_raw_on_wire"), vectorsMade)
	open := must[Opener](t)(OpenLaravel([][]byte{key}, "XSRF-TOKEN"))
	if got, err := open(value, vectorsMade); err != ErrBad {
		t.Errorf("laravel: %q, %v", got, err)
	}
	open = must[Opener](t)(OpenTowerPrivate([][]byte{unhex(t, text(t, cookies, "key_hex"))}, "other"))
	if got, err := open(text(t, cookies, "private"), vectorsMade); err != ErrBad {
		t.Errorf("tower: %q, %v", got, err)
	}
}

// TestOldCookies: times inside cookies count, by the time that is given.
func TestOldCookies(t *testing.T) {
	phoenix, store := vectors(t, "phoenix"), vectors(t, "gorilla-pgstore-hash-and-block")
	remember := must[Opener](t)(Plug{
		Secrets: []string{text(t, phoenix, "secret_key_base")}, Salt: text(t, phoenix, "remember_me_cookie_name") + "_cookie",
	}.RememberMe())
	sealed := must[Opener](t)(SecureCookie{
		Name:   text(t, store, "cookie_name"),
		Keys:   []SecureCookieKeys{{Hash: []byte(text(t, store, "keys.0")), Block: []byte(text(t, store, "keys.1"))}},
		MaxAge: 30 * 24 * time.Hour,
	}.Opener())
	for name, tt := range map[string]struct {
		open  Opener
		value string
	}{
		"remember me":  {remember, text(t, phoenix, "remember_me_cookie")},
		"securecookie": {sealed, text(t, store, "cookie_value")},
	} {
		if _, err := tt.open(tt.value, vectorsMade); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := tt.open(tt.value, vectorsMade.AddDate(0, 0, 90)); err != ErrBad {
			t.Errorf("%s after 90 days: %v", name, err)
		}
	}
}

// refuses tells whether a codec reads nothing of data, and says so properly.
func refuses(tb testing.TB, codec payload.Codec, data []byte) bool {
	tb.Helper()
	tree, err := codec(data)
	if _, ok := errors.AsType[*payload.Error](err); err != nil && (!ok || tree != nil) {
		tb.Fatalf("%v with %v", err, tree)
	}
	return err != nil
}

// TestSealedRow: pgstore seals the row as well as the cookie.
func TestSealedRow(t *testing.T) {
	store := vectors(t, "gorilla-pgstore-hash-and-block")
	keys := SecureCookieKeys{Hash: []byte(text(t, store, "keys.0")), Block: []byte(text(t, store, "keys.1"))}
	codec := must[payload.Codec](t)(SecureCookie{Name: text(t, store, "cookie_name"), Keys: []SecureCookieKeys{keys}, MaxAge: time.Second}.Codec())
	data := []byte(text(t, store, "row.data"))
	tree, err := codec(data)
	if err != nil || text(t, tree, "user_id") != text(t, store, "expect.user_id") {
		t.Errorf("%v, %v", tree, err)
	}
	for i := range data {
		if !refuses(t, codec, data[:i]) {
			t.Errorf("the first %d bytes suffice", i)
		}
	}
}

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
	} {
		if plain, ok := laravelDecrypt([][]byte{key}, []byte(base64.StdEncoding.EncodeToString([]byte(box)))); ok {
			t.Errorf("%s: %q", name, plain)
		}
	}
}

// TestCookieRS: cookies that cookie-rs' own tests have, and the key of a secret.
func TestCookieRS(t *testing.T) {
	upstream := at(t, vectors(t, "upstream"), "cookie_rs")
	key := must[[]byte](t)(deriveTowerKey(unhex(t, text(t, upstream, "master_hex"))))
	open := must[Opener](t)(OpenTowerSigned([][]byte{key}))
	if got, err := open(text(t, upstream, "signed"), vectorsMade); err != nil || got != text(t, upstream, "value") {
		t.Errorf("signed: %q, %v", got, err)
	}
	for name, value := range at(t, upstream, "private").(map[string]any) {
		open := must[Opener](t)(OpenTowerPrivate([][]byte{key}, name))
		if got, err := open(value.(string), vectorsMade); err != nil || got != text(t, upstream, "value") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := deriveTowerKey(make([]byte, 31)); err == nil {
		t.Error("a secret of 31 bytes was taken")
	}
}

// TestSplitTokens: an id that finds a row and a secret that proves it.
func TestSplitTokens(t *testing.T) {
	id, secret, err := Split("id.c2VjcmV0")
	if id != "id" || secret != "c2VjcmV0" || err != nil {
		t.Error(id, secret, err)
	}
	asText, asBytes := sha256.Sum256([]byte("c2VjcmV0")), sha256.Sum256([]byte("secret"))
	for name, got := range map[string]bool{
		"text": ProvesSHA256(secret, asText[:]), "bytes": ProvesSHA256Base64(secret, asBytes[:]),
		"not another": !ProvesSHA256(secret, asBytes[:]), "not other bytes": !ProvesSHA256Base64(secret, asText[:]),
		"not an empty column": !ProvesSHA256(secret, nil) && !ProvesSHA256Base64("", nil),
		"not another base64":  !ProvesSHA256Base64("c2VjcmV0\n", asBytes[:]),
	} {
		if !got {
			t.Error(name)
		}
	}
	for _, cookie := range []string{"", ".", "id", "id.", ".secret", "a.b.c", strings.Repeat("a", maxToken) + ".b", strings.Repeat("a", maxLookup+1) + ".b"} {
		if _, _, err := Split(cookie); err != ErrBad {
			t.Errorf("%.10q: %v", cookie, err)
		}
	}
}

// TestDeviseSalt: a new password ends the sessions of the old one.
func TestDeviseSalt(t *testing.T) {
	salt := text(t, vectors(t, "rails-7.2-json"), `ar_decoded."warden.user.user.key".1`)
	for password, want := range map[string]bool{
		salt + "0123456789012345678901234567890": true, salt: false, "": false,
		"$2a$12$zzzzzzzzzzzzzzzzzzzzzz0123456789012345678901234567890": false,
	} {
		if got := DeviseSaltMatches(salt, password); got != want {
			t.Errorf("%s: %v", password, got)
		}
	}
	if DeviseSaltMatches("", "") {
		t.Error("nothing matches nothing")
	}
}

// TestErrBadTokenSaysNothing: which check failed is not for the sender.
func TestErrBadTokenSaysNothing(t *testing.T) {
	open := must[Opener](t)(OpenExpress([]string{"s"}))
	_, unsigned := open("x", vectorsMade)
	_, forged := open("s:x.y", vectorsMade)
	if !reflect.DeepEqual(unsigned, forged) {
		t.Errorf("%v is not %v", unsigned, forged)
	}
}
