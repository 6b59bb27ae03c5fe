package caddysession

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/store"
)

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

// warnUnavailable logs why sessions cannot be looked up, at most every five
// seconds: there may be many requests while a database is away.
func (r *Realm) warnUnavailable(err error) {
	if !isDue(&r.warned.unavailable, 5) {
		return
	}
	message := "the session database is unavailable"
	if errors.Is(err, store.ErrUnusable) {
		message = "the session database cannot be used as it is"
	}
	r.logger.Error(message, zap.Error(err))
}

// warnLost logs that a login is lost, or what comes after it, at most once a minute.
func (r *Realm) warnLost(req *http.Request) {
	origin := r.origin(req)
	if why := navigation.WhyLost(origin, r.site(), req.Header.Get("X-Forwarded-Proto")); why != "" && isDue(&r.warned.lost, 60) {
		r.logger.Warn(why, zap.String("host", origin.Host), zap.String("sender", req.RemoteAddr))
	}
}

// noticing has a logger write of each message no more than somebody can read.
func noticing(logger *zap.Logger) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, time.Minute, 20, 1000)
	}))
}

// notice logs what happened to a request and is no fault, such as a refusal: the
// first twenty of a kind in a minute, then one of a thousand. Of the address only
// the path is told, since queries may hold secrets.
func (r *Realm) notice(req *http.Request, message, why string, fields ...zap.Field) {
	if entry := r.notices.Check(zap.InfoLevel, message); entry != nil {
		entry.Write(append(fields, zap.String("why", why), zap.String("method", req.Method), zap.String("host", req.Host),
			zap.String("path", originalURL(req).Path), zap.String("client", clientAddress(req)))...)
	}
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
	r.shared.events.Emit(r.shared.ctx, "session_"+what, map[string]any{
		"realm": r.name, "message": message, "error": err.Error(),
	})
}
