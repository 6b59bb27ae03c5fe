package format_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// FuzzOptions: whatever an operator writes is an error or a format that can be
// used; it never panics, and never lets in what has no key.
func FuzzOptions(f *testing.F) {
	for _, text := range []string{
		"django\nsecret x", "custom\ncookie c\ntable t\ncolumns key k\ncolumns user_id u\ncolumns expires_at e",
		"custom\ncookie c\nquery SELECT k AS key, u AS user_id, e AS expires_at FROM t WHERE k = ?", "rails\nsecret x\nmax_age 3d",
		"express\nvariant knex\nsecret a b\nuser passport.user|json.id\nrequire \"a.b\".c 1 2\nclaims email user.email",
		"lucia\nvariant secret\ntoken strip x\ntoken split sha256_base64", "drupal\ncookie c\nusers off\ntable_prefix p_", "moodle\ntoken match [a-z",
		"laravel\nsecret 0123456789abcdef\ncodec laravel_encrypted\nuser login_web", "tower\nsecret hex:00\ntoken tower_private",
	} {
		f.Add(text, "cookie")
	}
	f.Fuzz(func(t *testing.T, text, cookie string) {
		lines := strings.Split(text, "\n")
		o := format.Options{Name: lines[0]}
		for _, line := range lines[1:] {
			word, rest, _ := strings.Cut(line, " ")
			args := strings.Fields(rest)
			if word == "query" || word == "user_query" {
				args = []string{rest}
			}
			if o.Set(word, args...) != nil {
				return
			}
		}
		for _, kind := range []string{"sqlite", "postgres", "mysql"} {
			f, err := open(o, kind)
			if err != nil {
				continue
			}
			_ = f.Describe()
			_ = f.Queries()
			l, err := f.Lookup(cookie, time.Unix(1795397178, 0))
			if err != nil && reasonOf(err) != format.ErrMalformed {
				t.Fatalf("%v", err)
			}
			if err == nil && len(format.Bound(l.Arg)) == 0 {
				t.Fatal("an empty key is asked for")
			}
		}
	})
}

// oneRow is a database with one row, of the values that drivers give.
type oneRow []any

func (r oneRow) Find(_ context.Context, _ store.Query, _ any, dest ...any) (bool, error) {
	for i, d := range dest {
		if err := d.(sql.Scanner).Scan(r[i%len(r)]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// FuzzRow: whatever stands in a row is a session that is fit for a header, or
// nobody.
func FuzzRow(f *testing.F) {
	formats := fuzzFormats(f)
	for i := range formats {
		f.Add(uint8(i), "key", []byte(`{"passport":{"user":42}}`), int64(1795483046), 1.5, "2030-01-01 00:00:00", true)
	}
	f.Add(uint8(0), "AAECAwQFBgcICQoLDA0ODw", []byte("\x93\xc4\x10"), int64(-1), 1e300, "[1,{}", false)
	f.Fuzz(func(t *testing.T, which uint8, key string, payload []byte, n int64, x float64, s string, b bool) {
		read := formats[int(which)%len(formats)]
		now := time.Unix(1795397178, 0)
		values := map[string]any{"key": key, "payload": payload, "expires_at": n, "last_seen": s, "created_at": x, "active": b}
		var row oneRow
		for i, name := range read.ResultNames() {
			v, ok := values[name]
			if !ok {
				v = []any{s, n, x, payload, b, nil, now}[i%7]
			}
			row = append(row, v)
		}
		session, err := read.Find(t.Context(), row, format.Lookup{Arg: key, Proof: []byte(s)}, now)
		switch {
		case err != nil && (session != nil || reasonOf(err) == ""):
			t.Fatalf("%v, %v", session, err)
		case err != nil:
			return
		}
		if bad := (store.Identity{User: session.User, Claims: session.Claims}).Check(); bad != nil || !now.Before(session.Expires) {
			t.Fatalf("%+v: %v", session, bad)
		}
	})
}

func fuzzFormats(tb testing.TB) []*format.Foreign {
	var formats []*format.Foreign
	for _, o := range []format.Options{
		{Name: "tower"},
		{Name: "authly"},
		{Name: "authly", Variant: "l3"},
		{Name: "django", Secret: []string{"x"}},
		{Name: "laravel", InsecureUnsigned: true},
		{Name: "express", Secret: []string{"x"}},
		{Name: "rails", Variant: "activerecord", Cookie: "x", MaxAge: format.Duration(time.Hour)},
		{Name: "drupal", Cookie: "x"},
		{Name: "lucia", Variant: "secret"},
		{Name: "moodle"},
		{Name: "grafana", Secret: []string{"x"}},
		{Name: "scs"},
		{Name: "spring"},
	} {
		f, err := open(o, "sqlite")
		if err != nil {
			tb.Fatal(err)
		}
		formats = append(formats, f)
	}
	return formats
}

// A row that is not even of the types that a database has.
func TestRowOfStrangeValues(t *testing.T) {
	f, err := open(format.Options{Name: "spring"}, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []oneRow{{nil}, {struct{}{}}, {[]int{1}}, {complex(1, 2)}, {errors.New("x")}} {
		if s, err := f.Find(t.Context(), row, format.Lookup{Arg: "x"}, time.Now()); s != nil || reasonOf(err) == "" {
			t.Errorf("%v: %v, %v", row, s, err)
		}
	}
}
