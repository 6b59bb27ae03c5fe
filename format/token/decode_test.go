package token

import (
	"encoding/base64"
	"testing"
)

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
		{"spring without base64", "!", "", OpenSpring("")},
		{"spring with a dot at its end", base64.StdEncoding.EncodeToString([]byte("id.")), "id.", OpenSpring("")},
		{"rails without a number", "::x", "2::065ce4a4cbee2ef75d64e9ad4f03f6de5c5ddc63a89dff880c7b7d4a6eb13792", OpenActiveRecord},
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
