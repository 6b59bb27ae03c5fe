package format

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	want := time.Date(2026, 11, 24, 1, 17, 26, 0, time.UTC)
	cases := []struct {
		unit string
		v    any
	}{
		{"time", want},
		{"time", "2026-11-24 01:17:26"},
		{"time", "2026-11-24T01:17:26Z"},
		{"time", "2026-11-24 01:17:26+00"},
		{"time", "2026-11-23 20:17:26.000000-05:00"},
		{"time", "2026-11-24 01:17:26.000 +00:00"},
		{"time", want.Unix()},
		{"text", "2026-11-24T01:17:26.000Z"},
		{"unix", want.Unix()},
		{"unix", float64(want.Unix())},
		{"unix", "1795483046"},
		{"unix", "1795483046.000000"},
		{"unix_ms", want.UnixMilli()},
		{"unix_ms", float64(want.UnixMilli())},
		{"unix_ms", "1795483046000"},
		{"unix_ms", "2026-11-24 01:17:26"},
		{"julian", 2461368.553773148},
		{"julian", "2461368.553773148"},
	}
	for _, c := range cases {
		s := schedule{unit: c.unit}
		got, err := s.instant(c.v)
		if err != nil || !got.Round(time.Second).Equal(want) {
			t.Errorf("%s %v: %v, %v", c.unit, c.v, got, err)
		}
	}
	for _, c := range []struct {
		unit string
		v    any
	}{{"unix", want.UnixMilli()}, {"time", want.UnixMilli()}, {"text", want.Unix()}, {"time", "tomorrow"}, {"time", true}, {"unix", ""}, {"unix", int64(-1)}, {"julian", 1e300}} {
		s := schedule{unit: c.unit}
		if got, err := s.instant(c.v); err == nil {
			t.Errorf("%s %v is %v", c.unit, c.v, got)
		}
	}
}
