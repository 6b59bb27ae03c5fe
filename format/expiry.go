package format

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// The ways in which a row says that it is over.
const (
	expiresAbsolute = "absolute"
	expiresSince    = "since"
	expiresNone     = "none"
)

// The ways in which a row's times are written.
const (
	unitTime   = "time"
	unitLocal  = "local"
	unitText   = "text"
	unitUnix   = "unix"
	unitUnixMs = "unix_ms"
	unitJulian = "julian"
)

// lifespan is when a session started, was used and ends, as far as its row
// tells.
type lifespan struct {
	created, seen, expires time.Time
}

func (l *lifespan) set(name string, t time.Time) {
	switch name {
	case colCreated:
		l.created = t
	case colSeen:
		l.seen = t
	case colExpires:
		l.expires = t
	}
}

// endOf finds when a session ends: the first of the limits that are set.
func (s *schedule) endOf(span lifespan) (time.Time, error) {
	var end time.Time
	limit := func(start time.Time, age Duration) error {
		if start.IsZero() {
			return errNoTime
		}
		if t := start.Add(time.Duration(age)); end.IsZero() || t.Before(end) {
			end = t
		}
		return nil
	}
	var err error
	switch s.mode {
	case expiresAbsolute:
		err = limit(span.expires, 0)
	case expiresSince:
		err = limit(span.seen, s.maxAge)
	case expiresNone:
		start := span.created
		if start.IsZero() {
			start = span.seen
		}
		err = limit(start, s.maxAge)
	}
	if err == nil && s.lifetime > 0 {
		err = limit(span.created, s.lifetime)
	}
	return end, err
}

// schedule is what a configuration says about the end of sessions.
type schedule struct {
	mode, unit       string
	maxAge, lifetime Duration
}

// errNoTime is a row without the time that its end depends on.
var errNoTime = errors.New("the row has no time")

// instant reads a column that holds a time. What is written as a date is read
// as one whatever the unit: the unit says what a number means.
func (s *schedule) instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, errNoTime
	case time.Time:
		return v, nil
	case int64:
		return s.number(float64(v), v)
	case float64:
		return s.number(v, int64(min(max(v, -1<<62), 1<<62)))
	case string:
		if number, ok := numeric(v); ok && s.unit != unitText {
			return s.number(number, int64(min(max(number, -1<<62), 1<<62)))
		}
		return parseTime(v)
	}
	return time.Time{}, errTime
}

var errTime = errors.New("a time is not written as expires_unit says")

// endOfTime is later than any session ends; programs write the largest number
// for never, which time.Time does not hold.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// number reads a number by the unit. A number that makes no sense in it is
// refused: milliseconds read as seconds would be a session for ever.
func (s *schedule) number(f float64, n int64) (time.Time, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return time.Time{}, errTime
	}
	switch s.unit {
	case unitUnix, unitTime, unitLocal:
		if f > float64(endOfTime.Unix()) || f < 0 {
			return time.Time{}, errTime
		}
		if f != math.Trunc(f) {
			return time.UnixMicro(int64(f * 1e6)), nil
		}
		return time.Unix(n, 0), nil
	case unitUnixMs:
		if f > float64(endOfTime.UnixMilli()) {
			return endOfTime, nil
		}
		return time.UnixMilli(max(n, 0)), nil
	case unitJulian:
		// Midnight of 1 January 1970 is day 2440587.5.
		ms := (f - 2440587.5) * 86400e3
		if ms < 0 || ms > float64(endOfTime.UnixMilli()) {
			return time.Time{}, errTime
		}
		return time.UnixMilli(int64(math.Round(ms))), nil
	}
	return time.Time{}, errTime
}

// numeric reads a number that a driver gives as text.
func numeric(text string) (float64, bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// timeLayouts are how databases and programs write times as text. What names
// no zone is UTC.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999 -0700 MST",
	"2006-01-02 15:04:05.999999999 -07:00", // Sequelize and Kysely on SQLite
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
}

func parseTime(text string) (time.Time, error) {
	if len(text) < len("2006-01-02 15:04:05") || len(text) > 64 {
		return time.Time{}, errTime
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errTime
}
