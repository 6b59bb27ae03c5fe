package caddysession

import (
	"errors"
	"net/http"

	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// retryAfter is how many seconds a client should wait when the database is away.
const retryAfter = "5"

// errUnavailable is what error pages may show; the log has the details.
var errUnavailable = errors.New("the session database is unavailable")

// unavailable answers when nobody can know. The cause is logged, though not for
// each request: there may be many while a database is away.
func (r *Realm) unavailable(w http.ResponseWriter, req *http.Request, err error) error {
	if errors.Is(err, lookup.ErrFlood) {
		return r.tooMany(w, req, err)
	}
	r.warnUnavailable(err)
	w.Header()["Retry-After"] = []string{retryAfter}
	return answer(w, req, http.StatusServiceUnavailable, errUnavailable, "")
}
