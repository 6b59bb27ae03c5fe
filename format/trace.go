package format

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/token"
	"github.com/seed-11312c3d/caddy-session/store"
)

// tracedStep is a token step with its words.
type tracedStep struct {
	says string
	open token.Opener
}

// Trace goes the way of a cookie from its value to an identity and returns what
// came out at each step, in lines for an administrator: lengths and hashes of
// what could log somebody in, never that itself. The last line is the verdict.
// It fails when the database cannot tell.
func (f *Foreign) Trace(ctx context.Context, db Database, cookie string, now time.Time) ([]string, error) {
	t := &trace{format: f}
	t.steps(cookie, now)
	l, err := f.Lookup(cookie, now)
	if err == nil {
		t.say("looked up: by %s, %s", f.o.KeyType, described(string(bound(l.Arg))))
		if err = t.row(ctx, db, l, now); err != nil {
			return t.lines, err
		}
		s, findErr := f.Find(ctx, db, l, now)
		if err = findErr; err == nil {
			t.say("verdict: ok, user %q until %s", s.User, s.Expires.UTC().Format(time.RFC3339))
			return t.lines, nil
		}
	}
	if !isReason(err) {
		return t.lines, err
	}
	t.say("verdict: %v", err)
	return t.lines, nil
}

func isReason(err error) bool {
	_, ok := errors.AsType[Reason](err)
	return ok
}

// trace collects lines.
type trace struct {
	format *Foreign
	lines  []string
}

func (t *trace) say(format string, args ...any) {
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// described tells texts apart and gives none away.
func described(text string) string {
	hash := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%d bytes, SHA-256 %x...", len(text), hash[:6])
}

func (t *trace) steps(value string, now time.Time) {
	t.say("cookie: %s", described(value))
	for _, step := range t.format.token.steps {
		next, err := step.open(value, now)
		if err != nil {
			t.say("token %s: refused: %v", step.says, err)
			return
		}
		value = next
		t.say("token %s: %s", step.says, described(value))
	}
	if t.format.token.proves == nil {
		return
	}
	id, secret, err := token.Split(value)
	if err != nil {
		t.say("token split: refused: %v", err)
		return
	}
	t.say("token split: id of %s; secret of %d bytes", described(id), len(secret))
}

// row reads the session's row once more, as Find does.
func (t *trace) row(ctx context.Context, db Database, l Lookup, now time.Time) error {
	f := t.format
	r := &result{columns: f.columns[:f.own], cells: make([]cell, f.own)}
	found, err := db.Find(ctx, f.find, l.Arg, destinations(r.cells)...)
	switch {
	case errors.Is(err, store.ErrBadValue) || err == nil && !found:
		t.say("row: none")
		return nil
	case err != nil:
		return err
	}
	t.say("row: found")
	t.columns(r)
	if !f.isAsked(r, l) {
		t.say("key: the row is another one's, or its proof does not fit")
		return nil
	}
	t.payload(r)
	if f.asks {
		t.user(ctx, db, r)
	}
	for _, c := range f.checks {
		if err := c.pass(r, now); err != nil {
			t.say("guard, %s: %v", c.says, err)
		} else {
			t.say("guard, %s: passed", c.says)
		}
	}
	return nil
}

func (t *trace) columns(r *result) {
	for i, c := range r.columns {
		v := r.cells[i].v
		switch {
		case v == nil:
			t.say("column %s: NULL", c.name)
		case isTime(c.name):
			if at, err := t.format.times.instant(v); err != nil {
				t.say("column %s: %T: %v", c.name, v, err)
			} else {
				t.say("column %s: %s", c.name, at.UTC().Format(time.RFC3339))
			}
		case c.name == colUser || c.name == colActive:
			t.say("column %s: %q", c.name, fmt.Sprint(v))
		default:
			t.say("column %s: %T of %d bytes", c.name, v, len(r.cells[i].bytes()))
		}
	}
}

// payload decodes it and tries the paths.
func (t *trace) payload(r *result) {
	f := t.format
	if f.decode != nil {
		data, _ := r.column(colPayload)
		tree, err := f.decode(data.bytes(), []byte(r.text(colKey)))
		if err != nil {
			t.say("payload, %s: %v", f.o.Codec, err)
			return
		}
		t.say("payload, %s: decoded", f.o.Codec)
		r.tree = tree
	}
	for _, from := range f.user {
		t.say("user at %s: %s", from.name, kindOf(from.value(r)))
	}
	for _, c := range f.claims {
		t.say("claim %s at %s: %s", c.name, c.from.name, kindOf(c.from.value(r)))
	}
}

// user asks for the user's row where that is a query of its own.
func (t *trace) user(ctx context.Context, db Database, r *result) {
	user := t.format.userOf(r)
	if user == "" {
		return
	}
	before := len(r.cells)
	if err := t.format.askUser(ctx, db, r, user); err != nil {
		t.say("user's row: %v", err)
		return
	}
	t.say("user's row: found")
	t.columns(&result{columns: r.columns[before:], cells: r.cells[before:]})
}

// kindOf says what stands somewhere. A user's id or name is no secret, but what
// stands at a path that was mistaken may be.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return fmt.Sprintf("%d fields", len(v))
	}
	text, ok := payload.TextOf(v)
	if !ok {
		return fmt.Sprintf("%T", v)
	}
	return fmt.Sprintf("%T of %d bytes", v, len(text))
}
