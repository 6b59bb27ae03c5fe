//go:build unix

package tests

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	caddy.RegisterModule(oddPage{})
	httpcaddyfile.RegisterHandlerDirective("odd_page", parseOddPage)
	httpcaddyfile.RegisterDirectiveOrder("odd_page", httpcaddyfile.Before, "respond")
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

// oddPage is a page that answers as no handler of Caddy's own does: `odd_page silent`
// leaves the answer to the server, `odd_page on` answers and goes on, and `odd_page 101`
// switches to no protocol at all and names Alice.
type oddPage struct {
	How string `json:"how"`
}

func (oddPage) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.odd_page",
		New: func() caddy.Module { return new(oddPage) },
	}
}

func parseOddPage(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	h.Next()
	odd := new(oddPage)
	if !h.Args(&odd.How) {
		return nil, h.ArgErr()
	}
	return odd, nil
}

func (odd *oddPage) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	switch odd.How {
	case "on":
		if _, err := w.Write([]byte("who are you?")); err != nil {
			return err
		}
		return next.ServeHTTP(w, r)
	case "101":
		w.Header().Set("Remote-User", "alice")
		w.WriteHeader(http.StatusSwitchingProtocols)
	}
	return nil
}
