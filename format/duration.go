package format

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time span as configurations write it: 90m, 36h, 14d.
type Duration time.Duration

var days = regexp.MustCompile(`([0-9]+)d`)

// parseDuration reads a time span; d stands for 24 hours.
func parseDuration(text string) (Duration, error) {
	hours := days.ReplaceAllStringFunc(text, func(d string) string {
		n, err := strconv.Atoi(strings.TrimSuffix(d, "d"))
		if err != nil || n > 100*365 {
			return d // which the library then refuses
		}
		return strconv.Itoa(24*n) + "h"
	})
	d, err := time.ParseDuration(hours)
	if err != nil {
		return 0, fmt.Errorf("%q is no time span; write it as 90m, 36h or 14d", text)
	}
	return Duration(d), nil
}

// String writes a time span with days where it has whole ones.
func (d Duration) String() string {
	const day = 24 * Duration(time.Hour)
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// MarshalText writes a time span into JSON.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a text, or a number of nanoseconds as Caddy writes it.
func (d *Duration) UnmarshalJSON(data []byte) error {
	text := string(data)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		*d = Duration(n)
		return nil
	}
	unquoted, err := strconv.Unquote(text)
	if err != nil {
		return errors.New("a time span is a text such as 36h")
	}
	*d, err = parseDuration(unquoted)
	return err
}
