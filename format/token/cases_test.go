package token

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// vectorsMade is the time at which the cookies of the vectors were alive.
var vectorsMade = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// must unwraps what a configuration that is right makes.
func must[T any](tb testing.TB) func(T, error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// cookieCase is a cookie that a program made, and what its row is found by.
type cookieCase struct {
	name   string
	value  string // as on the wire
	want   string // empty: refused
	escape Opener // how the program escapes
	// open makes the opener with secrets of which the right one is nth.
	open func(secrets []string) (Opener, error)
	// secrets are the right one and, where the program had one, an older one.
	secrets []string
	// loose is for formats that have parts which nothing protects or reads.
	loose bool
}

func noEscape(value string, _ time.Time) (string, error) { return value, nil }

// setCookie finds a cookie in what a program sent.
func setCookie(tb testing.TB, tree any, path, name string) string {
	tb.Helper()
	for _, line := range texts(tb, tree, path) {
		if pair, _, _ := strings.Cut(line, ";"); strings.HasPrefix(pair, name+"=") {
			return pair[len(name)+1:]
		}
	}
	tb.Fatalf("no cookie %s at %s", name, path)
	return ""
}

func remixSignature(body, secret string) string {
	return base64.RawStdEncoding.EncodeToString(sum(sha256.New, []byte(secret), body))
}

func cookieCases(tb testing.TB) []cookieCase {
	tb.Helper()
	var cases []cookieCase
	for _, add := range []func(testing.TB) []cookieCase{
		expressCases, betterAuthCases, railsCases, plugCases, laravelCases, towerCases, gorillaCases,
	} {
		cases = append(cases, add(tb)...)
	}
	flask := vectors(tb, "flask-session")
	return append(cases, cookieCase{
		name: "flask", value: text(tb, flask, "signer_vector.signed"), want: text(tb, flask, "signer_vector.value"),
		escape: noEscape, secrets: []string{text(tb, flask, "SECRET_KEY")},
		open: func(s []string) (Opener, error) { return OpenItsDangerous(s, "flask-session") },
	}, cookieCase{
		name: "remix", value: "ImFiYyI%3D." + remixSignature("ImFiYyI=", "s3cret"), want: "abc",
		escape: UnescapeJS, secrets: []string{"s3cret"}, open: OpenRemix,
	})
}

func expressCases(tb testing.TB) (cases []cookieCase) {
	for _, store := range list(tb, vectors(tb, "express-session"), "stores") {
		for _, c := range list(tb, store, "cases") {
			want := text(tb, c, "sid")
			if name := text(tb, c, "name"); name == "wrong-secret" || name == "unsigned-sid" {
				want = ""
			}
			cases = append(cases, cookieCase{
				name: text(tb, store, "framework") + "/" + text(tb, c, "name"), value: text(tb, c, "cookie_value_raw_on_wire"),
				want: want, escape: UnescapeJS, secrets: texts(tb, store, "secrets"), open: OpenExpress,
			})
		}
	}
	return cases
}

func betterAuthCases(tb testing.TB) (cases []cookieCase) {
	for _, database := range vectors(tb, "better-auth").([]any) {
		for _, c := range list(tb, database, "cases") {
			cases = append(cases, cookieCase{
				name: "better-auth/" + text(tb, c, "name"), value: text(tb, c, "cookie_value_raw_on_wire"),
				want: optional(c, "token"), escape: UnescapeJS,
				secrets: []string{text(tb, database, "secret")}, open: OpenBetterAuth,
			})
		}
	}
	return cases
}

func railsCases(tb testing.TB) (cases []cookieCase) {
	for file, digest := range map[string]string{"rails-7.2-json": "sha256", "rails-6.1-marshal": "sha1"} {
		rails := vectors(tb, file)
		for cookie, want := range map[string]string{"session_id": "1", "plain": "hello", "session_token": "tok_ABC-123"} {
			cases = append(cases, cookieCase{
				name: file + "/" + cookie, value: setCookie(tb, rails, "set_cookie_rails8", cookie), want: want,
				escape: UnescapePHP, secrets: []string{text(tb, rails, "secret_key_base")},
				open: func(s []string) (Opener, error) {
					return Rails{Secrets: s, Cookie: cookie, KeyDigest: digest}.Opener()
				},
			})
		}
	}
	return cases
}

func plugCases(tb testing.TB) (cases []cookieCase) {
	phoenix := vectors(tb, "phoenix")
	token := string(unhex(tb, text(tb, phoenix, "user_token_hex")))
	for cookie, open := range map[string]func([]string) (Opener, error){
		"signed_cookie": func(s []string) (Opener, error) {
			return Plug{Secrets: s, Salt: text(tb, phoenix, "signing_salt")}.Signed()
		},
		"encrypted_cookie": func(s []string) (Opener, error) {
			return Plug{Secrets: s, Salt: text(tb, phoenix, "encryption_salt")}.Encrypted()
		},
		"remember_me_cookie": func(s []string) (Opener, error) {
			return Plug{Secrets: s, Salt: text(tb, phoenix, "remember_me_cookie_name") + "_cookie"}.RememberMe()
		},
	} {
		cases = append(cases, cookieCase{
			name: "phoenix/" + cookie, value: text(tb, phoenix, cookie), want: token, escape: noEscape,
			secrets: []string{text(tb, phoenix, "secret_key_base")}, open: open,
		})
	}
	return cases
}

func laravelKeys(secrets []string) ([][]byte, error) {
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		key, err := parseLaravelKey(secret)
		if err != nil {
			// The wrong secrets of the tests are no keys.
			sum := sha256.Sum256([]byte(secret))
			key = sum[:]
		}
		keys[i] = key
	}
	return keys, nil
}

func laravelCases(tb testing.TB) (cases []cookieCase) {
	for _, c := range list(tb, vectors(tb, "laravel-13"), "cases") {
		secrets := []string{text(tb, c, "app_key")}
		if v, ok := payload.Find(c, "app_previous_keys"); ok {
			previous, _ := payload.ListOf(v)
			secrets = append(secrets, previous...)
		}
		cases = append(cases, cookieCase{
			name: "laravel/" + text(tb, c, "name"), value: text(tb, c, "cookie_value_raw_on_wire"),
			want: text(tb, c, "session_id"), escape: UnescapePHP, secrets: secrets, loose: true,
			open: func(s []string) (Opener, error) {
				keys, err := laravelKeys(s)
				if err != nil {
					return nil, err
				}
				return OpenLaravel(keys, text(tb, c, "cookie_name"))
			},
		})
	}
	return cases
}

// towerKeys makes keys of secrets: the vectors' is a key itself.
func towerKeys(secrets []string) [][]byte {
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		sum := sha256.Sum256([]byte(secret))
		keys[i] = append(sum[:], sum[:]...)
		if len(secret) == 64 {
			keys[i] = []byte(secret)
		}
	}
	return keys
}

func towerCases(tb testing.TB) []cookieCase {
	cookies := at(tb, vectors(tb, "tower"), "cookies")
	secrets := []string{string(unhex(tb, text(tb, cookies, "key_hex")))}
	return []cookieCase{
		{
			name: "tower signed", value: text(tb, cookies, "signed"), want: text(tb, cookies, "id"), escape: UnescapeJS, secrets: secrets,
			open: func(s []string) (Opener, error) { return OpenTowerSigned(towerKeys(s)) },
		},
		{
			name: "tower private", value: text(tb, cookies, "private"), want: text(tb, cookies, "id"), escape: UnescapeJS, secrets: secrets,
			open: func(s []string) (Opener, error) { return OpenTowerPrivate(towerKeys(s), text(tb, cookies, "name")) },
		},
	}
}

func gorillaCases(tb testing.TB) []cookieCase {
	store, kratos := vectors(tb, "gorilla-pgstore-hash-and-block"), vectors(tb, "kratos")
	return []cookieCase{
		{
			name: "pgstore", value: text(tb, store, "cookie_value"), want: text(tb, store, "row.key"), escape: noEscape,
			secrets: []string{text(tb, store, "keys.0")},
			open: func(s []string) (Opener, error) {
				sealed := SecureCookie{Name: text(tb, store, "cookie_name"), MaxAge: 30 * 24 * time.Hour}
				for _, secret := range s {
					keys := SecureCookieKeys{Hash: []byte(secret), Block: []byte(text(tb, store, "keys.1"))}
					sealed.Keys = append(sealed.Keys, keys)
				}
				return sealed.Opener()
			},
		},
		{
			name: "kratos", value: text(tb, kratos, "cookie_value"), want: text(tb, kratos, "expect.session_token"), escape: noEscape,
			secrets: texts(tb, kratos, `"secrets.cookie"`),
			open: func(s []string) (Opener, error) {
				sealed := SecureCookie{Name: text(tb, kratos, "cookie_name"), Field: "session_token"}
				for _, secret := range s {
					block := sha256.Sum256([]byte(secret))
					sealed.Keys = append(sealed.Keys, SecureCookieKeys{Hash: []byte(secret), Block: block[:]})
				}
				return sealed.Opener()
			},
		},
	}
}
