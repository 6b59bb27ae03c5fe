package caddysession

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
)

// FuzzRedirect asks of any target that passes as safe: would a browser that
// resolves it against the site stay on the site?
func FuzzRedirect(f *testing.F) {
	for _, target := range []string{
		"/", "/app?x=1", "//evil", "/\\evil", "/\t/evil", "/%09/evil", "https:evil", "https://evil", "https://a@site", "\\\\evil",
		"https://app.example.com/x", "https://example.com.evil/", "https://evil/.example.com", "http://app.example.com", "javascript:alert(1)",
	} {
		f.Add(target)
	}
	hostOnly, domain := &cookies.Cookie{}, &cookies.Cookie{Attributes: cookies.Attributes{Domain: "example.com"}}
	f.Fuzz(func(t *testing.T, target string) {
		for _, cookie := range []*cookies.Cookie{hostOnly, domain} {
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
