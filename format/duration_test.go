package format

import (
	"encoding/json"
	"testing"
	"time"
)

func minutes(n int) Duration { return Duration(n) * Duration(time.Minute) }
func hours(n int) Duration   { return 60 * minutes(n) }

func TestDurations(t *testing.T) {
	for text, want := range map[string]Duration{"14d": hours(336), "1d12h": hours(36), "90m": minutes(90), "2h": hours(2)} {
		d, err := parseDuration(text)
		if err != nil || d != want {
			t.Errorf("%s: %v, %v", text, d, err)
		}
		if again, err := parseDuration(d.String()); err != nil || again != d {
			t.Errorf("%s is written %s", text, d)
		}
	}
	for _, bad := range []string{"", "d", "3", "99999999999d", "1w"} {
		if d, err := parseDuration(bad); err == nil {
			t.Errorf("%q is %v", bad, d)
		}
	}
	var d Duration
	if err := json.Unmarshal([]byte("3600000000000"), &d); err != nil || d != hours(1) {
		t.Error(d, err)
	}
}
