package caddysession

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/internal/pages"
)

// answer makes an error of our own, which error routes may dress up. Where the
// server has none, a person gets a short page and a program a line of text:
// neither says why, nor who somebody is. login is where to log in; empty where
// that would not help.
func answer(w http.ResponseWriter, r *http.Request, status int, err error, login string) error {
	headers.NoStore(w.Header())
	server, _ := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if server == nil || server.Errors != nil && len(server.Errors.Routes) > 0 {
		return caddyhttp.Error(status, err)
	}
	person := navigation.IsPage(r) || navigation.IsForm(r)
	if errors.Is(err, errLoginElsewhere) || errors.Is(err, errLogoutElsewhere) {
		pages.OtherSite(w, person)
		return nil
	}
	pages.Error(w, status, person, login)
	return nil
}

// Why a form is refused that stands somewhere else.
var (
	errLoginElsewhere  = errors.New("a login from another site")
	errLogoutElsewhere = errors.New("a logout from another origin")
)

// refuse answers a request that must not go on, and tells whoever reads the log.
func (r *Realm) refuse(w http.ResponseWriter, req *http.Request, status int, err error, login string) error {
	r.notice(req, "a request was refused", err.Error(), zap.Int("status", status))
	return answer(w, req, status, err, login)
}
