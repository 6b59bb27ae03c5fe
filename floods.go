package caddysession

import (
	"context"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

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
