package caddysession

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/pages"
	"github.com/seed-11312c3d/caddy-session/store"
)

// answer makes an error of our own, which error routes may dress up. Where the
// server has none, a person gets a short page and a program a line of text:
// neither says why, nor who somebody is. login is where to log in; empty where
// that would not help.
func answer(w http.ResponseWriter, r *http.Request, status int, err error, login string) error {
	headers.NoStore(w.Header())
	server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || server == nil || server.Errors != nil && len(server.Errors.Routes) > 0 {
		return caddyhttp.Error(status, err)
	}
	pages.Error(w, status, navigation.IsPage(r) || navigation.IsForm(r), login)
	return nil
}

// retryAfter is how many seconds a client should wait when the database is away.
const retryAfter = "5"

// errUnavailable is what error pages may show; the log has the details.
var errUnavailable = errors.New("the session database is unavailable")

// unavailable answers when nobody can know. The cause is logged, though not for
// each request: there may be many while a database is away.
func (r *Realm) unavailable(w http.ResponseWriter, req *http.Request, err error) error {
	if isDue(&r.warned.unavailable, 5) {
		message := "the session database is unavailable"
		if errors.Is(err, store.ErrUnusable) {
			message = "the session database cannot be used as it is"
		}
		r.logger.Error(message, zap.Error(err))
	}
	w.Header()["Retry-After"] = []string{retryAfter}
	return answer(w, req, http.StatusServiceUnavailable, errUnavailable, "")
}
