package format

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"regexp"
	"strconv"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
)

// What the column of a key holds.
const (
	keyPlain = "text"
	keyBytes = "bytes"
	keyInt   = "int"
	keyUUID  = "uuid"
)

var keyTypes = []string{keyPlain, keyBytes, keyInt, keyUUID}

var uuidText = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// bind makes of a key what the query's parameter takes. What the column could
// not hold is refused here: the database would fail over it, and a cookie must
// not make a database fail.
func bind(keyType, key string) (any, bool) {
	switch keyType {
	case keyBytes:
		return []byte(key), true
	case keyInt:
		n, err := strconv.ParseInt(key, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == key
	case keyUUID:
		return key, uuidText.MatchString(key)
	}
	return key, isASCII(key)
}

// isASCII: no program's keys are anything else, and MySQL cannot compare every
// text with a column of another character set.
func isASCII(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}

// bound is a parameter as the column should spell it.
func bound(arg any) []byte {
	switch arg := arg.(type) {
	case []byte:
		return arg
	case int64:
		return strconv.AppendInt(nil, arg, 10)
	case string:
		return []byte(arg)
	}
	return nil
}

// sameKey compares the key that came back with the one that was asked for, byte
// by byte: MySQL finds rows whose key differs in case, or by spaces at its end.
// PostgreSQL fills a char(n) with such spaces, which are no part of the key.
func (f *Foreign) sameKey(want []byte, column cell) bool {
	got := column.bytes()
	if f.dialect == sqltext.Postgres && len(got) > len(want) && !bytes.HasSuffix(want, []byte(" ")) {
		got = bytes.TrimRight(got, " ")
	}
	return len(want) > 0 && subtle.ConstantTimeCompare(want, got) == 1
}

// digest makes a key for memory: nothing that could be used as a cookie.
func digest(parts ...string) store.Key {
	h := sha256.New()
	for _, part := range parts {
		h.Write(strconv.AppendInt(nil, int64(len(part)), 10)) // ("ab", "c") is not ("a", "bc")
		h.Write([]byte{':'})
		h.Write([]byte(part))
	}
	return store.Key(h.Sum(nil))
}
