package token

import (
	"crypto/sha256"
	"net/http"
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

// TestRealCookies: cookies as a browser sends them, with their secrets.
func TestRealCookies(t *testing.T) {
	for _, c := range cookieCases(t) {
		t.Run(c.name, func(t *testing.T) {
			// Go's own parser stands before every opener.
			request := http.Request{Header: http.Header{"Cookie": {"x=" + c.value}}}
			cookie, err := request.Cookie("x")
			if err != nil || cookie.Value != c.value {
				t.Fatalf("net/http reads %v, %v", cookie, err)
			}
			open := Bounded(Chain(c.escape, must[Opener](t)(c.open(c.secrets))))
			got, err := open(cookie.Value, vectorsMade)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
		})
	}
}

// TestSecretsOfCookies: an old secret goes on working wherever it stands in
// the list, another one does not, and no secret is no configuration.
func TestSecretsOfCookies(t *testing.T) {
	for _, c := range cookieCases(t) {
		if c.want == "" {
			continue
		}
		value, _ := c.escape(c.value, vectorsMade)
		rotated := append([]string{"a new secret of its program"}, c.secrets...)
		if got, err := must[Opener](t)(c.open(rotated))(value, vectorsMade); err != nil || got != c.want {
			t.Errorf("%s: after a rotation %q, %v", c.name, got, err)
		}
		if got, err := must[Opener](t)(c.open([]string{"another secret"}))(value, vectorsMade); err != ErrBad || got != "" {
			t.Errorf("%s: by another secret %q, %v", c.name, got, err)
		}
		if _, err := c.open(nil); err == nil {
			t.Errorf("%s: no secret was taken", c.name)
		}
		if c.loose || strings.HasPrefix(c.name, "tower") {
			continue // these have keys of a fixed length
		}
		if _, err := c.open([]string{c.secrets[0], ""}); err == nil {
			t.Errorf("%s: an empty secret was taken", c.name)
		}
	}
}

// TestTamperedCookies: no cookie that differs in a byte, or is cut, is good.
func TestTamperedCookies(t *testing.T) {
	for _, c := range cookieCases(t) {
		if c.want == "" {
			continue
		}
		open := must[Opener](t)(c.open(c.secrets))
		value, _ := c.escape(c.value, vectorsMade)
		refused := func(what string, i int, changed string) {
			got, err := open(changed, vectorsMade)
			// A box of Laravel has empty fields, whose names nothing protects.
			if c.loose && got == c.want {
				return
			}
			if err != ErrBad || got != "" {
				t.Errorf("%s: %s %d: %q, %v", c.name, what, i, got, err)
			}
		}
		for i := range value {
			for _, flip := range []byte{1, 0x20, 0x80} {
				refused("changed at", i, value[:i]+string(rune(value[i]^flip))+value[i+1:])
			}
			refused("cut at", i, value[:i])
			refused("without its first", i+1, value[i+1:])
		}
		refused("line break", 0, value+"\n")
		refused("doubled", 0, value+value)
	}
}

func BenchmarkOpener(b *testing.B) {
	seen := map[string]bool{}
	for _, c := range cookieCases(b) {
		program, _, _ := strings.Cut(c.name, "@")
		if c.want == "" || seen[program] {
			continue
		}
		seen[program] = true
		b.Run(program, func(b *testing.B) {
			open := Bounded(Chain(c.escape, must[Opener](b)(c.open(c.secrets))))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := open(c.value, vectorsMade); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// FuzzOpeners: whatever a browser sends is a token or ErrBad, and a token
// only if it is the one that its program made.
func FuzzOpeners(f *testing.F) {
	type opener struct {
		cookieCase
		open Opener
	}
	var openers []opener
	good := map[string]bool{}
	for _, c := range cookieCases(f) {
		f.Add(c.value)
		good[c.want] = c.want != ""
		openers = append(openers, opener{c, Bounded(Chain(c.escape, must[Opener](f)(c.open(c.secrets))))})
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, o := range openers {
			got, err := o.open(value, vectorsMade)
			if err != nil && err != ErrBad || err == nil && !good[got] {
				t.Fatalf("%s: %q, %v", o.name, got, err)
			}
		}
	})
}
