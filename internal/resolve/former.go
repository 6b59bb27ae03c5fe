package resolve

import (
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
)

// A realm's default cookie once had the same name in every realm. Browsers that
// have logged in then stay logged in: what the realm has made is still read there,
// where there is no cookie of the present name. The name itself is not the realm's
// any more.

// readFormer looks at the cookie's former name, under which tokens of the first
// form are from before it was another's. What else stands there is not this realm's.
func (res *Result) readFormer(lines []string, now time.Time) {
	if res.from.Cookie.Former == "" {
		return
	}
	for value := range cookies.Values(lines, res.from.Cookie.Former) {
		res.take(res.from.Realm.LookupFormer(value, now))
	}
	if res.Status == string(format.ErrMalformed) {
		res.Status, res.Err = StatusNone, nil
	}
}

// formerTokens adds what stands under the cookie's former name, beside the present
// one too: a session that was left alive there would come back after a logout. It
// reports whether all that stands there is this realm's.
func (res *Result) formerTokens(lines []string, now time.Time) bool {
	if res.from.Cookie.Former == "" {
		return false
	}
	n, ours := 0, 0
	for value := range cookies.Values(lines, res.from.Cookie.Former) {
		n++
		if 1+len(res.others) >= maxTokens {
			continue
		}
		token, err := res.from.Realm.LookupFormer(value, now)
		if res.take(token, err); err == nil {
			ours++
		}
	}
	return n > 0 && n == ours
}
