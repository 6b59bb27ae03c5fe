package caddysession

import (
	"bytes"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

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
