package format_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
	"github.com/seed-11312c3d/caddy-session/store"
)

// expressTable is a [format.Database] with the row of one session. Its columns
// are asked for in the order of their names: expires_at, key, payload.
type expressTable struct {
	key, session string
	ends         time.Time
}

func (t expressTable) Find(_ context.Context, _ store.Query, key any, dest ...any) (bool, error) {
	if key != t.key {
		return false, nil
	}
	for i, value := range []any{t.ends, t.key, t.session} {
		if err := dest[i].(sql.Scanner).Scan(value); err != nil {
			return false, err
		}
	}
	return true, nil
}

// An operator names a program and its secret. From then on a cookie that the
// program set is a user.
func Example() {
	program, err := preset.Complete(format.Options{
		Name:    "express",
		Variant: "knex",
		Secret:  []string{"keyboard cat"},
		Claims:  map[string]string{"email": "user.email"},
	}, "postgres")
	if err != nil {
		fmt.Println(err)
		return
	}
	express, err := format.New(program, func(string) store.Query { return store.Query{} })
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	table := expressTable{
		key:     "abc",
		session: `{"cookie":{"path":"/"},"passport":{"user":42},"user":{"email":"alice@example.com"}}`,
		ends:    now.Add(time.Hour),
	}

	// The cookie's signature is checked, and the rest is what the row is found by.
	lookup, err := express.Lookup("s%3Aabc.BpxCrWRpvZMh%2Fwk%2Fdjl34N%2Bm%2BVQEU7K%2F5WenLwJCgFU", now)
	fmt.Println(lookup.Arg, err)

	// The row is asked for, and says who it is.
	session, err := express.Find(context.Background(), table, lookup, now)
	fmt.Println(session.User, session.Claims["email"], err)

	// An hour later it says that it is over, and why that is nobody.
	_, err = express.Find(context.Background(), table, lookup, now.Add(time.Hour))
	fmt.Println(err, errors.Is(err, format.ErrExpired))

	// A cookie that somebody made up costs no query.
	_, err = express.Lookup("s%3Aabd.BpxCrWRpvZMh%2Fwk%2Fdjl34N%2Bm%2BVQEU7K%2F5WenLwJCgFU", now)
	fmt.Println(err)

	// Output:
	// abc <nil>
	// 42 alice@example.com <nil>
	// session is expired true
	// session is malformed
}

// A configuration in a Caddyfile is read word by word; the same words are the
// fields of the JSON.
func ExampleOptions_Set() {
	o := format.Options{Name: "custom"}
	for _, line := range [][]string{
		{"cookie", "sid"},
		{"table", "app_sessions"},
		{"columns", "key", "id"},
		{"columns", "user_id", "person"},
		{"expires", "since"},
		{"max_age", "14d"},
	} {
		if err := o.Set(line[0], line[1:]...); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(o.Table, o.Columns["key"], o.MaxAge)
	fmt.Println(o.Set("lifetime", "soon"))
	fmt.Println(o.Set("tables", "x") != nil)

	// Output:
	// app_sessions id 14d
	// lifetime: "soon" is no time span; write it as 90m, 36h or 14d
	// true
}
