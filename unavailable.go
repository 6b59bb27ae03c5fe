package caddysession

import (
	"context"
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// retryAfter is how many seconds a client should wait when the database is away.
const retryAfter = "5"

// errUnavailable is what error pages may show; the log has the details.
var errUnavailable = errors.New("the session database is unavailable")

// unavailable answers when nobody can know. The cause is logged, though not for
// each request: there may be many while a database is away.
func (r *Realm) unavailable(w http.ResponseWriter, req *http.Request, err error) error {
	if errors.Is(err, lookup.ErrFlood) {
		return r.tooMany(w, req, err)
	}
	r.warnUnavailable(err)
	w.Header()["Retry-After"] = []string{retryAfter}
	return answer(w, req, http.StatusServiceUnavailable, errUnavailable, "")
}

// clientIn is the network address that a request's lookups count for, where they
// are counted: Caddy's client_ip.
func (r *Realm) clientIn(ctx context.Context) string {
	if !r.run.BoundsClients() {
		return ""
	}
	addr, _ := caddyhttp.GetVar(ctx, caddyhttp.ClientIPVarKey).(string)
	return addr
}

// tooMany answers an address that floods. It is no 401: whether there is a session
// was not looked at, and a browser behind the same address may well have one.
func (r *Realm) tooMany(w http.ResponseWriter, req *http.Request, err error) error {
	if isDue(&r.warned.flood, 60) {
		r.logger.Warn("an address asks for too many sessions that do not exist and gets 429; "+
			"where it is that of a balancer, name it in `trusted_proxies`; max_unknown is the bound",
			zap.String("client", clientAddress(req)), zap.Int("max_unknown", r.MaxUnknown))
	}
	w.Header()["Retry-After"] = []string{"1"} // then it may ask for some more
	return answer(w, req, http.StatusTooManyRequests, err, "")
}
