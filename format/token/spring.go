package token

import (
	"strings"
	"time"
)

// OpenSpring decodes a cookie of Spring Session: base64 of the id, which ends
// with a dot and the JVM's route where one is configured.
func OpenSpring(jvmRoute string) Opener {
	return func(value string, now time.Time) (string, error) {
		id, err := OpenBase64(value, now)
		if err != nil || !printable(id) {
			return "", ErrBad
		}
		if jvmRoute != "" {
			id = strings.TrimSuffix(id, "."+jvmRoute)
		}
		return id, nil
	}
}
