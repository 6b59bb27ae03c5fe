package caddysession

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"


	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// FuzzCookies asks of any Cookie header: is a cookie of ours only what stands
// there letter by letter, is nothing that resembles it passed on, and are all
// others passed on byte for byte and in order?
func FuzzCookies(f *testing.F) {
	f.Add("__Host-session=token; a=b")
	f.Add("a=b;__Host-session=one; c=d; __Host-session=two")
	f.Add("__HOST-SESSION=x; =__Host-session=y; \u00a0__Host-session=z; __Host-session")
	f.Add(" ;; a ; =b; __Host-session=\"q\"; __Host-session-app=m")
	cookie := &Cookie{}
	if err := cookie.provision(); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		found := readCookie([]string{line}, cookie.Name)
		if found.found && !strings.Contains(line, cookie.Name+"="+found.value) && !(found.value == "" && strings.Contains(line, cookie.Name)) {
			t.Errorf("%q is not in %q", found.value, line)
		}
		header := http.Header{"Cookie": {line}}
		cookie.removeFrom(header)
		var want, got []string
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.TrimLeft(pair, " \t"); pair != "" && !cookie.owns(cookieName(pair)) {
				want = append(want, pair)
			}
		}
		left := strings.Join(header["Cookie"], ";")
		for pair := range strings.SplitSeq(left, ";") {
			if name := cookieName(pair); cookie.owns(name) {
				t.Errorf("%q is passed on in %q", pair, left)
			}
			if pair = strings.TrimLeft(pair, " \t"); pair != "" {
				got = append(got, pair)
			}
		}
		if !slices.Equal(want, got) {
			t.Errorf("%q became %q", line, left)
		}
	})
}

// FuzzRedirect asks of any target that passes as safe: would a browser that
// resolves it against the site stay on the site?
func FuzzRedirect(f *testing.F) {
	for _, target := range []string{
		"/", "/app?x=1", "//evil", "/\\evil", "/\t/evil", "/%09/evil", "https:evil", "https://evil", "https://a@site", "\\\\evil",
		"https://app.example.com/x", "https://example.com.evil/", "https://evil/.example.com", "http://app.example.com", "javascript:alert(1)",
	} {
		f.Add(target)
	}
	hostOnly, domain := &Cookie{}, &Cookie{Domain: "example.com"}
	f.Fuzz(func(t *testing.T, target string) {
		for _, cookie := range []*Cookie{hostOnly, domain} {
			if !isSafeTarget(target, cookie) {
				continue
			}
			// A browser drops tabs and line ends anywhere, trims spaces and
			// control characters, and reads backslashes as slashes.
			seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(escapeTarget(target))
			base := &url.URL{Scheme: "https", Host: "app.example.com", Path: "/login"}
			u, err := base.Parse(seen)
			if err != nil {
				continue // and a browser stays where it is
			}
			host := u.Hostname()
			onSite := host == base.Host || cookie.Domain != "" && (host == cookie.Domain || strings.HasSuffix(host, "."+cookie.Domain))
			if !onSite || u.Scheme != "https" || u.User != nil {
				t.Errorf("%q leads to %q", target, u)
			}
		}
	})
}

// FuzzCaddyfile asks of any block: is it an error or a configuration that
// survives being written and read as JSON?
func FuzzCaddyfile(f *testing.F) {
	f.Add("session {\n optional\n redirect /login\n require groups a b\n header X-A {http.session.user} percent\n}")
	f.Add("session portal {\n headers none\n separator |\n forward_cookie\n app_cookies a b\n observe\n}")
	f.Add("session {\n store sqlite:x {\n max_conns 3\n migrate off\n }\n cookie s {\n insecure\n domain a.b\n }\n lifetime 2h\n}")
	f.Add("session_login {\n user {http.auth.user.id}\n claim groups a b\n redirect {query.x} /\n}")
	f.Add("session_logout {\n redirect /\n everywhere\n}")
	f.Fuzz(func(t *testing.T, block string) {
		tokens, err := caddyfile.Tokenize([]byte(block), "fuzz")
		if err != nil {
			return // no Caddyfile
		}
		for _, module := range []caddyfile.Unmarshaler{new(Guard), new(Login), new(Logout), new(MatchSession)} {
			if module.UnmarshalCaddyfile(caddyfile.NewDispenser(tokens)) == nil {
				if !bytes.HasPrefix(caddyconfig.JSON(module, nil), []byte("{")) {
					t.Errorf("%T has no JSON", module)
				}
			}
		}
		_, _ = parseRealm(caddyfile.NewDispenser(tokens), nil)
	})
}
