package caddysession

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/internal/adminapi"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
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

// Routes returns the admin API's routes.
func (a *adminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: adminapi.Path, Handler: caddy.AdminHandlerFunc(a.serve)}}
}

func (*adminAPI) serve(w http.ResponseWriter, r *http.Request) error {
	err := adminapi.Serve(w, r, runningRealm)
	var refused *adminapi.Error
	if errors.As(err, &refused) {
		return caddy.APIError{HTTPStatus: refused.Status, Err: refused.Err}
	}
	return err
}

// runningRealm finds a realm of the configuration that runs, not of the one
// that the endpoint was made for: of that one the apps may still be on their way.
func runningRealm(name string) (*lookup.Realm, error) {
	running := caddy.ActiveContext()
	if running.Context == nil {
		// Caddy listens for its administrator before the first configuration runs, and
		// for a moment after the last: that there is no such session would be a lie.
		return nil, &adminapi.Error{Status: http.StatusServiceUnavailable, Err: errors.New("no configuration runs: Caddy is starting or stopping; ask again in a moment")}
	}
	app, err := running.AppIfConfigured("session")
	if err != nil {
		return nil, err
	}
	realm := app.(*App).Realms[name]
	if realm == nil {
		return nil, fmt.Errorf("no session realm is named %q", name)
	}
	return realm.run, nil
}

// Interface guard
var _ caddy.AdminRouter = (*adminAPI)(nil)
