package tests

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// What an operator is warned of when a configuration is loaded, and what not.
func TestRoutes_WarningsAtLoad(t *testing.T) {
	const (
		open  = "and this route leads to it without one"
		cache = "a cache behind the guard"
		twice = "both call their cookie"
	)
	staff := "session staff {\n\t\tstore {session}\n\t}"
	for name, c := range map[string]struct {
		site, global string
		want         string // empty: nothing
		route        string // that is named
	}{
		"all is guarded": {site: "session\n\treverse_proxy {app}"},
		"a path around the guard": {
			site: "handle /health {\n\t\treverse_proxy {app}\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}",
			want: open, route: `path [\"/health\"]`,
		},
		"a path that is stripped":     {site: "handle /health {\n\t\tsession {\n\t\t\tstrip_only\n\t\t}\n\t\treverse_proxy {app}\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"another upstream":            {site: "handle /health {\n\t\treverse_proxy {page}\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"a login page":                {site: "handle /login {\n\t\tsession_login\n\t\treverse_proxy {app}\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"a guard with a matcher":      {site: "session /admin/*\n\treverse_proxy {app}"},
		"a guard in a route before":   {site: "route {\n\t\tsession\n\t}\n\treverse_proxy {app}"},
		"an error's route":            {site: "session\n\treverse_proxy {app}\n\thandle_errors {\n\t\treverse_proxy {app}\n\t}", want: open},
		"a realm of another name":     {global: staff, site: "handle /a {\n\t\tsession staff\n\t\trespond ok\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"a cookie for two realms":     {global: strings.Replace(staff, "{session}", "{session}\n\t\tcookie __Host-session", 1), site: "handle /a {\n\t\tsession staff\n\t\trespond ok\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}", want: twice},
		"two realms, two cookies":     {global: strings.Replace(staff, "{session}", "{session}\n\t\tcookie staff", 1), site: "handle /a {\n\t\tsession staff\n\t\trespond ok\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"two realms, one only strips": {global: strings.Replace(staff, "{session}", "{session}\n\t\tcookie __Host-session", 1), site: "handle /a {\n\t\tsession staff {\n\t\t\tstrip_only\n\t\t}\n\t\trespond ok\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"a cache behind":              {site: "route {\n\t\tsession\n\t\tcache\n\t\treverse_proxy {app}\n\t}", want: cache},
		"a cache in front":            {site: "route {\n\t\tcache\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
		"a cache of what is nobody's": {site: "route /static/* {\n\t\tcache\n\t\treverse_proxy {page}\n\t}\n\thandle {\n\t\tsession\n\t\treverse_proxy {app}\n\t}"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, setup{})
			s.load(setup{site: c.site, global: strings.ReplaceAll(c.global, "{session}", s.store)})
			t.Cleanup(func() { stopCaddy(s) })
			var warnings []string
			for line := range strings.SplitSeq(s.log.String(), "\n") {
				if strings.Contains(line, open) || strings.Contains(line, cache) || strings.Contains(line, twice) {
					warnings = append(warnings, line)
				}
			}
			switch {
			case c.want == "" && warnings != nil:
				t.Errorf("warned: %q", warnings)
			case c.want != "" && (len(warnings) != 1 || !strings.Contains(warnings[0], c.want) || !strings.Contains(warnings[0], c.route) ||
				!strings.Contains(warnings[0], `"level":"warn"`)):
				t.Errorf("warned: %q, want one that says %q of %q", warnings, c.want, c.route)
			}
		})
	}
}

// cacheModule stands in for the handler of github.com/caddyserver/cache-handler,
// by its name alone.
type cacheModule struct{}

func init() {
	caddy.RegisterModule(cacheModule{})
	httpcaddyfile.RegisterHandlerDirective("cache", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		return cacheModule{}, nil
	})
}

// CaddyModule returns the Caddy module information.
func (cacheModule) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.cache", New: func() caddy.Module { return new(cacheModule) }}
}

func (cacheModule) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	return next.ServeHTTP(w, r)
}
