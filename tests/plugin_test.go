//go:build unix

package tests

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	caddy.RegisterModule(rawHeader{})
	httpcaddyfile.RegisterHandlerDirective("raw_header", parseRawHeader)
	httpcaddyfile.RegisterDirectiveOrder("raw_header", httpcaddyfile.Before, "tracing")
}

// rawHeader is somebody else's plugin. It writes request headers without
// making their names canonical: `raw_header NAME VALUE`.
type rawHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (rawHeader) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.raw_header",
		New: func() caddy.Module { return new(rawHeader) },
	}
}

func parseRawHeader(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	h.Next()
	raw := new(rawHeader)
	if !h.Args(&raw.Name, &raw.Value) {
		return nil, h.ArgErr()
	}
	return raw, nil
}

func (raw *rawHeader) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	r.Header[raw.Name] = append(r.Header[raw.Name], raw.Value)
	return next.ServeHTTP(w, r)
}
