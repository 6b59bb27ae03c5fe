package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

func init() {
	caddy.RegisterModule(adminAPI{})
}

// adminAPI manages sessions for programs, under /session/<realm>/ on Caddy's
// admin listener. Nothing that it answers is of use as a cookie, except for the
// token of a session that it has just started. GET never changes anything.
type adminAPI struct{}

// CaddyModule returns the Caddy module information.
func (adminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "admin.api.session",
		New: func() caddy.Module { return new(adminAPI) },
	}
}

const (
	adminPath        = "/session/"
	adminListLimit   = 100
	adminBodyLimit   = 64 << 10
	adminContentType = "application/json"
)

// Routes returns the admin API's routes.
func (a *adminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: adminPath, Handler: caddy.AdminHandlerFunc(a.serve)}}
}

// adminCall is one request to a realm, and what follows the realm in its path.
type adminCall struct {
	*http.Request
	realm *Realm
	words []string
}

func (a *adminAPI) serve(w http.ResponseWriter, r *http.Request) error {
	call, err := a.parse(r)
	if err != nil {
		return apiError(http.StatusNotFound, err)
	}
	handlers := call.handlers()
	if handlers == nil {
		return apiError(http.StatusNotFound, errors.New("there is nothing of that name"))
	}
	handle := handlers[r.Method]
	if handle == nil {
		return apiError(http.StatusMethodNotAllowed, fmt.Errorf("%s is not for this", r.Method))
	}
	status, result, err := handle()
	if err != nil {
		return apiError(status, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if result == nil {
		w.WriteHeader(status)
		return nil
	}
	w.Header().Set("Content-Type", adminContentType)
	w.WriteHeader(status)
	return printJSON(w, result)
}

// parse finds the realm. The path is split before it is unescaped: a user id
// may contain a slash.
func (a *adminAPI) parse(r *http.Request) (*adminCall, error) {
	var words []string
	for word := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), adminPath), "/") {
		word, err := url.PathUnescape(word)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	// The configuration that runs, not the one that this endpoint was made
	// for: of that one the apps may still be on their way.
	app, err := caddy.ActiveContext().AppIfConfigured("session")
	if err != nil {
		return nil, err
	}
	realm := app.(*App).Realms[words[0]]
	if realm == nil {
		return nil, fmt.Errorf("no session realm is named %q", words[0])
	}
	return &adminCall{Request: r, realm: realm, words: words[1:]}, nil
}

// adminHandler answers with a status and a result, or an error.
type adminHandler func() (status int, result any, err error)

// handlers returns what the path offers, by method.
func (c *adminCall) handlers() map[string]adminHandler {
	switch {
	case len(c.words) == 1 && c.words[0] == "sessions":
		return map[string]adminHandler{http.MethodGet: c.list, http.MethodPost: c.create}
	case len(c.words) == 2 && c.words[0] == "sessions":
		return map[string]adminHandler{http.MethodGet: c.show, http.MethodDelete: c.revoke}
	case len(c.words) == 3 && c.words[0] == "users" && c.words[2] == "sessions":
		return map[string]adminHandler{http.MethodDelete: c.revokeUser}
	case len(c.words) == 1 && c.words[0] == "purge":
		return map[string]adminHandler{http.MethodPost: c.purge}
	case len(c.words) == 1 && c.words[0] == "health":
		return map[string]adminHandler{http.MethodGet: c.health}
	}
	return nil
}

func apiError(status int, err error) error {
	return caddy.APIError{HTTPStatus: status, Err: err}
}

// Interface guards
var (
	_ caddy.AdminRouter = (*adminAPI)(nil)
)
