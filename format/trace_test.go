package format_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// asked is a database that answers with one row, or an error.
type asked struct {
	row []any
	err error
}

func (a asked) Find(_ context.Context, _ store.Query, _ any, dest ...any) (bool, error) {
	for i, to := range dest {
		if a.row != nil {
			if err := to.(interface{ Scan(any) error }).Scan(a.row[i]); err != nil {
				return false, err
			}
		}
	}
	return a.row != nil, a.err
}

// What an administrator is told shows where a cookie is lost, and nothing that
// would let anybody in.
func TestTrace(t *testing.T) {
	f, err := open(customWith(func(o *format.Options) {
		o.Token = []string{"strip s:", "split sha256"}
		o.Columns["proof"], o.Columns["active"] = "p", "a"
	}), "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	// In the order of their names: active, expires_at, key, proof, user_id.
	const proof = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" // of "secret"
	row := func(active, proof any) []any { return []any{active, "2026-12-01 00:00:00", "id", proof, "alice"} }
	for what, c := range map[string]struct {
		cookie string
		db     asked
		says   []string
	}{
		"good":         {"s:id.secret", asked{row: row(int64(1), proof)}, []string{"token strip s:: 9 bytes", "token split: id of 2 bytes", "column user_id: \"alice\"", "guard, the user or session is active: passed", "verdict: ok, user \"alice\" until 2026-12-01"}},
		"refused":      {"x:id.secret", asked{}, []string{"token strip s:: refused", "verdict: session is malformed"}},
		"no halves":    {"s:id", asked{}, []string{"token split: refused", "verdict: session is malformed"}},
		"unknown":      {"s:id.secret", asked{}, []string{"row: none", "verdict: session is unknown"}},
		"another's":    {"s:id.wrong", asked{row: row(int64(1), proof)}, []string{"its proof does not fit", "verdict: session is unknown"}},
		"deactivated":  {"s:id.secret", asked{row: row(int64(0), proof)}, []string{"guard, the user or session is active: session is inactive", "verdict: session is inactive"}},
		"unreadable":   {"s:id.secret", asked{err: store.ErrBadValue}, []string{"row: none", "verdict: session is malformed"}},
		"without rows": {"s:id.secret", asked{row: []any{nil, nil, "id", proof, nil}}, []string{"column expires_at: NULL", "verdict: session is expired"}},
	} {
		lines, err := f.Trace(t.Context(), c.db, c.cookie, now)
		told := strings.Join(lines, "\n")
		for _, part := range c.says {
			if !strings.Contains(told, part) {
				t.Errorf("%s: %q is not in\n%s, %v", what, part, told, err)
			}
		}
		if strings.Contains(told, "secret;") || strings.Contains(told, ".secret") || strings.Contains(told, proof) {
			t.Errorf("%s: it gives something away:\n%s", what, told)
		}
	}
	if _, err := f.Trace(t.Context(), asked{err: store.ErrUnavailable}, "s:id.secret", now); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}
