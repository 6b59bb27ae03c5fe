package lookup

import (
	"strings"
	"testing"
	"time"
)

// configured are times as a configuration has them; 0 is what it does not say.
type configured struct {
	idle, lifetime, maxLifetime, stale time.Duration
	maxUnknown, maxPerUser             int
	cacheTTL, recheck                  *time.Duration
	foreign                            bool
}

// complete returns what they are taken for, with the two that are returned.
func (c configured) complete() (configured, error) {
	ttl, recheck, err := Times{
		Idle: &c.idle, Lifetime: &c.lifetime, MaxLifetime: &c.maxLifetime, StaleIfError: &c.stale,
		MaxUnknown: &c.maxUnknown, MaxPerUser: &c.maxPerUser, CacheTTL: c.cacheTTL, Recheck: c.recheck, Foreign: c.foreign,
	}.Complete()
	c.cacheTTL, c.recheck = &ttl, &recheck
	return c, err
}

func TestTimes_WhatIsNotSaid(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		from, want   configured
		ttl, recheck time.Duration
	}{
		"nothing":           {configured{}, configured{idle: time.Hour, lifetime: day, maxLifetime: day, maxUnknown: 20, maxPerUser: 50}, 5 * time.Second, time.Second},
		"another program's": {configured{foreign: true}, configured{idle: time.Hour, lifetime: day, maxLifetime: day, maxUnknown: 20, maxPerUser: 50}, 5 * time.Second, 5 * time.Second},
		"a short lifetime":  {configured{lifetime: time.Minute}, configured{idle: time.Minute, lifetime: time.Minute, maxLifetime: time.Minute, maxUnknown: 20, maxPerUser: 50}, 5 * time.Second, time.Second},
		"a very short idle": {configured{idle: 2 * time.Second}, configured{idle: 2 * time.Second, lifetime: day, maxLifetime: day, maxUnknown: 20, maxPerUser: 50}, 2 * time.Second, time.Second},
		"everything": {
			configured{idle: day, lifetime: 2 * day, maxLifetime: 3 * day, stale: time.Minute, maxUnknown: 7, maxPerUser: 8, cacheTTL: new(time.Hour), recheck: new(time.Minute)},
			configured{idle: day, lifetime: 2 * day, maxLifetime: 3 * day, stale: time.Minute, maxUnknown: 7, maxPerUser: 8},
			time.Hour, time.Minute,
		},
		"no memory":      {configured{cacheTTL: new(time.Duration(0))}, configured{idle: time.Hour, lifetime: day, maxLifetime: day, maxUnknown: 20, maxPerUser: 50}, 0, time.Second},
		"never again":    {configured{recheck: new(time.Duration(0))}, configured{idle: time.Hour, lifetime: day, maxLifetime: day, maxUnknown: 20, maxPerUser: 50}, 5 * time.Second, 0},
		"the very least": {configured{idle: time.Second, lifetime: time.Second, recheck: new(100 * time.Millisecond)}, configured{idle: time.Second, lifetime: time.Second, maxLifetime: time.Second, maxUnknown: 20, maxPerUser: 50}, time.Second, 100 * time.Millisecond},
		"the very most":  {configured{lifetime: 3650 * day}, configured{idle: time.Hour, lifetime: 3650 * day, maxLifetime: 3650 * day, maxUnknown: 20, maxPerUser: 50}, 5 * time.Second, time.Second},
		"one bound":      {configured{maxUnknown: 1, maxPerUser: 1}, configured{idle: time.Hour, lifetime: day, maxLifetime: day, maxUnknown: 1, maxPerUser: 1}, 5 * time.Second, time.Second},
	} {
		got, err := c.from.complete()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ttl, recheck := *got.cacheTTL, *got.recheck
		got.cacheTTL, got.recheck, got.foreign = nil, nil, false
		if got != c.want || ttl != c.ttl || recheck != c.recheck {
			t.Errorf("%s: %+v, cache_ttl %v, recheck %v", name, got, ttl, recheck)
		}
	}
}

func TestTimes_WhatCannotBe(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		from configured
		says string
	}{
		{configured{idle: time.Second - 1}, "idle_timeout must be at least"},
		{configured{idle: -time.Second}, "idle_timeout must be at least"},
		{configured{lifetime: -time.Second}, "idle_timeout is longer than lifetime"},
		{configured{idle: time.Minute, lifetime: time.Minute - 1}, "idle_timeout is longer than lifetime"},
		{configured{lifetime: 3650*day + 1}, "lifetime must be at most ten years"},
		{configured{maxLifetime: day - 1}, "lifetime is longer than max_lifetime"},
		{configured{maxLifetime: 3650*day + 1}, "max_lifetime must be at most ten years"},
		{configured{cacheTTL: new(time.Duration(-1))}, "cache_ttl must not be negative"},
		{configured{recheck: new(100*time.Millisecond - 1)}, "recheck must be at least"},
		{configured{recheck: new(time.Duration(-1))}, "recheck must be at least"},
		{configured{stale: -1}, "stale_if_error must not be negative"},
		{configured{stale: 1, cacheTTL: new(time.Duration(0))}, "stale_if_error needs sessions in memory"},
		{configured{maxUnknown: -1}, "max_unknown must be above 0"},
		{configured{maxPerUser: -1}, "max_per_user must be above 0"},
	} {
		if _, err := c.from.complete(); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.from, err, c.says)
		}
	}
}

func TestD5_WhoseUserIDsAreFolded(t *testing.T) {
	for _, c := range []struct {
		word           string
		foreign, folds bool
		says           string
	}{
		{"", false, false, ""},
		{"", true, false, ""},
		{"lower", false, true, ""},
		{"lower", true, false, "another program's"},
		{"upper", false, false, `user_case is lower, not "upper"`},
		{"upper", true, false, `user_case is lower, not "upper"`},
	} {
		folds, err := FoldsUsers(c.word, c.foreign)
		if folds != c.folds || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q, foreign %v: %v %v", c.word, c.foreign, folds, err)
		}
	}
}
