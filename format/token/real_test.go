package token

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

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
