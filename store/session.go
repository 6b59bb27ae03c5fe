package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// Session says who a browser is, and until when.
type Session struct {
	// ID is the public id: safe to show, useless as a cookie.
	ID string `json:"id"`
	// Key is what the session is found by. It is not for showing.
	Key Key `json:"-"`
	// User is the user id.
	User string `json:"user"`
	// Claims are what else is known of the user.
	Claims Claims `json:"claims"`
	// Created is when the session started.
	Created time.Time `json:"created"`
	// Seen is when the session was last used, as far as that has been written.
	Seen time.Time `json:"seen"`
	// Expires is when the session ends, however active it is.
	Expires time.Time `json:"expires"`
	// ClientAddr is the network address that the session was started from.
	ClientAddr string `json:"client_addr,omitempty"`
	// UserAgent is the browser that the session was started with.
	UserAgent string `json:"user_agent,omitempty"`

	claimsText string // of the row that it was made of; empty: of none
}

// ClaimsText returns the claims as the row has them that the session was made of, for
// [ParseClaims]; empty where it was made of none.
func (s *Session) ClaimsText() string { return s.claimsText }

// Row is a session as the database has it, of which a request first looks at what
// ends it. [Row.Session] makes the rest of it readable. Times are Unix milliseconds.
type Row struct {
	// Key is the SHA-256 of the token's random bytes.
	Key []byte
	// Realm is the population of sessions that this one belongs to.
	Realm string
	// Seen is when it was last used.
	Seen int64
	// Expires is when it ends at the latest.
	Expires int64

	user       string
	claims     string // a JSON object of strings and lists
	created    int64
	clientAddr string
	userAgent  string
	lifetime   int64 // its own, in milliseconds; 0: the realm's
}

// columns are where all columns of a row are read into, in their order.
func (r *Row) columns() []any {
	return append(r.hotColumns(), &r.clientAddr, &r.userAgent)
}

// hotColumns are those that a request needs.
func (r *Row) hotColumns() []any {
	return []any{&r.Key, &r.Realm, &r.user, &r.claims, &r.Seen, &r.Expires, &r.created}
}

// values are what the columns of a new row are set to, in the same order; those
// that only a new one needs come last.
func (r *Row) values() []any {
	return []any{r.Key, r.Realm, r.user, r.claims, r.Seen, r.Expires, r.created, r.clientAddr, r.userAgent, Key(r.Key).number(), r.lifetime}
}

// Session decodes the row. It fails when the row is not one that this package
// could have written. It does not check whether the session is alive.
func (r *Row) Session() (*Session, error) {
	if len(r.Key) != len(Key{}) {
		return nil, errors.New("reading a session: its key has not 32 bytes")
	}
	claims, err := ParseClaims(r.claims)
	if err != nil {
		return nil, err
	}
	key := Key(r.Key)
	return &Session{
		ID:         key.ID(),
		Key:        key,
		User:       r.user,
		Claims:     claims,
		Created:    time.UnixMilli(r.created).UTC(),
		Seen:       time.UnixMilli(r.Seen).UTC(),
		Expires:    time.UnixMilli(r.Expires).UTC(),
		ClientAddr: r.clientAddr,
		UserAgent:  r.userAgent,
		claimsText: r.claims,
	}, nil
}

var errClaims = errors.New("reading a session: its claims are no JSON object of strings and lists")

// ParseClaims reads claims as the database has them. It never says what is in
// them: errors end up in logs.
func ParseClaims(text string) (Claims, error) {
	// Go's decoder would replace what is not UTF-8 and change the identity.
	if !utf8.ValidString(text) {
		return nil, errors.New("reading a session: its claims are not valid UTF-8")
	}
	claims, plain := scanClaims(text)
	if !plain {
		// What Go's decoder would quietly make one of two is refused first.
		if _, err := payload.DecodeJSON([]byte(text)); err != nil {
			return nil, errClaims
		}
		claims = Claims{}
		if err := json.Unmarshal([]byte(text), &claims); err != nil || claims == nil {
			return nil, errClaims
		}
	}
	if c, ok := claims[groups]; ok && !c.list {
		// A text with a comma, written by hand, must not read as two groups.
		c.list = true
		claims[groups] = c
	}
	return claims, nil
}

// NewSession is what a session is made of.
type NewSession struct {
	// Identity is who the browser is.
	Identity
	// ClientAddr is the network address it comes from.
	ClientAddr string
	// UserAgent is what the browser calls itself.
	UserAgent string
	// Replaces is the session that this one takes the place of, or nil. It
	// ends in the same transaction.
	Replaces *Key
	// Lifetime is how long the session lives at most, if not as long as the realm's
	// sessions do; 0: as long. What the realm grants at most is the most,
	// see [Sessions.AtMost].
	Lifetime time.Duration
	// MaxPerUser is how many sessions the user may have in this realm: the
	// oldest ones end in the same transaction. 0 is no limit.
	MaxPerUser int
}

// row makes the row of a new session.
func (n NewSession) row(key Key, realm string, now time.Time, lifetime time.Duration) (*Row, error) {
	n.Identity = n.Normalized()
	if err := n.Check(); err != nil {
		return nil, fmt.Errorf("starting a session: %w", err)
	}
	claims, err := n.Claims.Text()
	if err != nil {
		return nil, fmt.Errorf("starting a session: %w", err)
	}
	return &Row{
		Key:        key[:],
		Realm:      realm,
		user:       n.User,
		claims:     claims,
		created:    now.UnixMilli(),
		Seen:       now.UnixMilli(),
		Expires:    now.Add(lifetime).UnixMilli(),
		clientAddr: printable(n.ClientAddr, maxClientAddr),
		userAgent:  printable(n.UserAgent, maxUserAgent),
		lifetime:   n.Lifetime.Milliseconds(),
	}, nil
}

const (
	maxClientAddr = 64  // bytes; the width of the column
	maxUserAgent  = 255 // bytes; likewise
)

// printable makes a text fit for a column and for somebody's terminal. What a
// client calls itself is no reason to refuse a login.
func printable(s string, limit int) string {
	clean := make([]byte, 0, min(len(s), limit))
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || flawOf("x"+s[i:i+size]+"x") != "" {
			continue
		}
		if len(clean)+size > limit {
			break
		}
		clean = append(clean, s[i:i+size]...)
	}
	return string(clean)
}
