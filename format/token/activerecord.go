package token

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// OpenActiveRecord makes the key of activerecord-session_store: "2::" and the
// hash of the cookie. A cookie that looks like such a key is refused, or a
// leaked key would do as a cookie (CVE-2019-16782).
func OpenActiveRecord(value string, _ time.Time) (string, error) {
	digits := strings.TrimLeft(value, "0123456789")
	if len(digits) < len(value) && strings.HasPrefix(digits, "::") {
		return "", ErrBad
	}
	sum := sha256.Sum256([]byte(value))
	return "2::" + hex.EncodeToString(sum[:]), nil
}
