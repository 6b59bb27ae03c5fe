package lookup

import (
	"errors"
	"time"
)

const (
	defaultIdleTimeout = time.Hour
	defaultLifetime    = 24 * time.Hour
	defaultCacheTTL    = 5 * time.Second
	defaultRecheck     = time.Second
	foreignRecheck     = 5 * time.Second
	defaultMaxUnknown  = 20
	defaultMaxPerUser  = 50
	maxLifetime        = 10 * 365 * 24 * time.Hour
)

// Times are the times and bounds of a realm, where its configuration has them.
// They are the settings of the same names; what is 0, or nil, is to be the
// default.
type Times struct {
	Idle, Lifetime, MaxLifetime, StaleIfError *time.Duration

	MaxUnknown, MaxPerUser *int

	// CacheTTL and Recheck may be 0; nil is the default.
	CacheTTL, Recheck *time.Duration

	// Foreign: the sessions are another program's.
	Foreign bool
}

// Complete sets the defaults, refuses what cannot work, and returns CacheTTL
// and Recheck. Its errors name the option.
func (t Times) Complete() (cacheTTL, recheck time.Duration, err error) {
	if *t.Idle == 0 {
		*t.Idle = defaultIdleTimeout
		if *t.Lifetime > 0 {
			*t.Idle = min(*t.Idle, *t.Lifetime)
		}
	}
	if *t.Lifetime == 0 {
		*t.Lifetime = defaultLifetime
	}
	if *t.MaxLifetime == 0 {
		*t.MaxLifetime = *t.Lifetime
	}
	cacheTTL = min(defaultCacheTTL, *t.Idle)
	if t.CacheTTL != nil {
		cacheTTL = *t.CacheTTL
	}
	if recheck = defaultRecheck; t.Foreign {
		recheck = foreignRecheck
	}
	if t.Recheck != nil {
		recheck = *t.Recheck
	}
	if *t.MaxPerUser == 0 {
		*t.MaxPerUser = defaultMaxPerUser
	}
	if *t.MaxUnknown == 0 {
		*t.MaxUnknown = defaultMaxUnknown
	}
	switch {
	case *t.Idle < time.Second:
		return 0, 0, errors.New("idle_timeout must be at least 1s")
	case *t.Lifetime < *t.Idle:
		return 0, 0, errors.New("idle_timeout is longer than lifetime; lower the one or raise the other")
	case *t.Lifetime > maxLifetime:
		return 0, 0, errors.New("lifetime must be at most ten years: there is no session for ever")
	case *t.MaxLifetime < *t.Lifetime:
		return 0, 0, errors.New("lifetime is longer than max_lifetime; lower the one or raise the other")
	case *t.MaxLifetime > maxLifetime:
		return 0, 0, errors.New("max_lifetime must be at most ten years: there is no session for ever")
	case cacheTTL < 0:
		return 0, 0, errors.New("cache_ttl must not be negative; 0 asks the database on every request")
	case recheck != 0 && recheck < 100*time.Millisecond:
		return 0, 0, errors.New("recheck must be at least 100ms; 0 has sessions that ended elsewhere live on for cache_ttl")
	case *t.StaleIfError < 0:
		return 0, 0, errors.New("stale_if_error must not be negative; leave it out to answer with 503 when the database is away")
	case *t.StaleIfError > 0 && cacheTTL == 0:
		return 0, 0, errors.New("stale_if_error needs sessions in memory; raise cache_ttl above 0, or leave stale_if_error out")
	case *t.MaxUnknown < 0:
		return 0, 0, errors.New("max_unknown must be above 0")
	case *t.MaxPerUser < 0:
		return 0, 0, errors.New("max_per_user must be above 0")
	}
	return cacheTTL, recheck, nil
}
