package caddysession

import (
	"errors"
	"time"

	"github.com/caddyserver/caddy/v2"
)

const (
	defaultIdleTimeout = time.Hour
	defaultLifetime    = 24 * time.Hour
	defaultCacheTTL    = 5 * time.Second
	defaultMaxUnknown  = 20
	defaultMaxPerUser  = 50
	maxLifetime        = 10 * 365 * 24 * time.Hour
)

// provisionTimes completes the realm's times and numbers, and refuses those that
// cannot work.
func (r *Realm) provisionTimes() error {
	if r.IdleTimeout == 0 {
		r.IdleTimeout = caddy.Duration(defaultIdleTimeout)
		if r.Lifetime > 0 {
			r.IdleTimeout = min(r.IdleTimeout, r.Lifetime)
		}
	}
	if r.Lifetime == 0 {
		r.Lifetime = caddy.Duration(defaultLifetime)
	}
	if r.MaxLifetime == 0 {
		r.MaxLifetime = r.Lifetime
	}
	if r.CacheTTL == nil {
		ttl := min(caddy.Duration(defaultCacheTTL), r.IdleTimeout)
		r.CacheTTL = &ttl
	}
	if r.MaxPerUser == 0 {
		r.MaxPerUser = defaultMaxPerUser
	}
	if r.MaxUnknown == 0 {
		r.MaxUnknown = defaultMaxUnknown
	}
	switch {
	case r.IdleTimeout < caddy.Duration(time.Second):
		return errors.New("idle_timeout must be at least 1s")
	case r.Lifetime < r.IdleTimeout:
		return errors.New("idle_timeout is longer than lifetime; lower the one or raise the other")
	case time.Duration(r.Lifetime) > maxLifetime:
		return errors.New("lifetime must be at most ten years: there is no session for ever")
	case r.MaxLifetime < r.Lifetime:
		return errors.New("lifetime is longer than max_lifetime; lower the one or raise the other")
	case time.Duration(r.MaxLifetime) > maxLifetime:
		return errors.New("max_lifetime must be at most ten years: there is no session for ever")
	case *r.CacheTTL < 0:
		return errors.New("cache_ttl must not be negative; 0 asks the database on every request")
	case r.StaleIfError < 0:
		return errors.New("stale_if_error must not be negative; leave it out to answer with 503 when the database is away")
	case r.StaleIfError > 0 && *r.CacheTTL == 0:
		return errors.New("stale_if_error needs sessions in memory; raise cache_ttl above 0, or leave stale_if_error out")
	case r.MaxUnknown < 0:
		return errors.New("max_unknown must be above 0")
	case r.MaxPerUser < 0:
		return errors.New("max_per_user must be above 0")
	}
	return nil
}
