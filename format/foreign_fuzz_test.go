package format

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

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
		o := Options{Name: lines[0]}
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
			format, err := New(o, kind, noQuery)
			if err != nil {
				continue
			}
			_ = format.Describe()
			_ = format.Checks()
			l, err := format.Lookup(cookie, time.Unix(1795397178, 0))
			if err != nil && reasonOf(err) != ErrMalformed {
				t.Fatalf("%v", err)
			}
			if err == nil && len(bound(l.Arg)) == 0 {
				t.Fatal("an empty key is asked for")
			}
		}
	})
}

// oneRow is a database with one row, of the values that drivers give.
type oneRow []any

func (r oneRow) Find(_ context.Context, _ store.Query, _ any, dest ...any) (bool, error) {
	for i, d := range dest {
		if err := d.(*cell).Scan(r[i%len(r)]); err != nil {
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
		format := formats[int(which)%len(formats)]
		now := time.Unix(1795397178, 0)
		values := map[string]any{colKey: key, colPayload: payload, colExpires: n, colSeen: s, colCreated: x, colActive: b}
		row := make(oneRow, 0, len(format.columns))
		for i, c := range format.columns {
			v, ok := values[c.name]
			if !ok {
				v = []any{s, n, x, payload, b, nil, now}[i%7]
			}
			row = append(row, v)
		}
		session, err := format.Find(t.Context(), row, Lookup{Arg: key, Proof: []byte(s)}, now)
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

func fuzzFormats(tb testing.TB) []*Foreign {
	var formats []*Foreign
	for _, o := range []Options{
		{Name: "tower"},
		{Name: "authly"},
		{Name: "authly", Variant: "l3"},
		{Name: "django", Secret: []string{"x"}},
		{Name: "laravel", InsecureUnsigned: true},
		{Name: "express", Secret: []string{"x"}},
		{Name: "rails", Variant: "activerecord", Cookie: "x", MaxAge: hours(1)},
		{Name: "drupal", Cookie: "x"},
		{Name: "lucia", Variant: "secret"},
		{Name: "moodle"},
		{Name: "grafana", Secret: []string{"x"}},
		{Name: "scs"},
		{Name: "spring"},
	} {
		f, err := New(o, "sqlite", noQuery)
		if err != nil {
			tb.Fatal(err)
		}
		formats = append(formats, f)
	}
	return formats
}

// A row that is not even of the types that a database has.
func TestRowOfStrangeValues(t *testing.T) {
	f, err := New(Options{Name: "spring"}, "sqlite", noQuery)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []oneRow{{nil}, {struct{}{}}, {[]int{1}}, {complex(1, 2)}, {errors.New("x")}} {
		if s, err := f.Find(t.Context(), row, Lookup{Arg: "x"}, time.Now()); s != nil || reasonOf(err) == "" {
			t.Errorf("%v: %v, %v", row, s, err)
		}
	}
}
