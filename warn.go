package caddysession

import (
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// warned is when an operator was told of something last, in Unix seconds:
// whoever sends requests must not fill the log.
type warned struct {
	malformed, stale, unavailable, redirect, flood atomic.Int64

	plain atomic.Bool
}

// warnMalformed logs what an operator can do about cookies that nothing can be
// made of, at most once a minute.
func (r *Realm) warnMalformed(err error) {
	if isDue(&r.warned.malformed, 60) {
		r.logger.Warn("a cookie is not of the kind that the realm is configured for", zap.Error(err))
	}
}

// warnStale logs that sessions are served which may have ended elsewhere, at
// most every five seconds.
func (r *Realm) warnStale(err error) {
	if isDue(&r.warned.stale, 5) {
		r.logger.Warn("serving sessions from memory, as stale_if_error says: the session database is unavailable", zap.Error(err))
	}
}

// warnPlain logs, at the first one, that a login over plain http is lost: a
// browser drops a Secure cookie that comes that way, except on its own machine.
func (r *Realm) warnPlain(req *http.Request) {
	origin := r.origin(req)
	if r.sessionCookie.Insecure || origin.Scheme == "https" || origin.IsLocal() || !r.warned.plain.CompareAndSwap(false, true) {
		return
	}
	r.logger.Warn("a login over plain http: browsers drop its cookie, which is Secure, so nobody stays logged in; serve the site by https; "+
		"where a balancer in front does, name it in `trusted_proxies`; for development only, write `insecure` into the realm's `cookie`",
		zap.String("host", origin.Host))
}

// isDue reports whether something was done last at least some seconds ago, and
// notes that it is done now.
func isDue(last *atomic.Int64, seconds int64) bool {
	now := time.Now().Unix()
	before := last.Load()
	return now-before >= seconds && last.CompareAndSwap(before, now)
}

// event reports what an operator should look at: in the log, and to the
// handlers of Caddy's events app under the name `session_<what>`. Fields never
// hold a token, a key or a value of an identity.
func (r *Realm) event(req *http.Request, what, message string, err error) {
	r.logger.Warn(message, zap.String("event", what), zap.Error(err),
		zap.String("client", clientAddress(req)), zap.String("uri", req.URL.Path))
	r.app.events.Emit(r.app.ctx, "session_"+what, map[string]any{
		"realm": r.name, "message": message, "error": err.Error(),
	})
}
