package preset

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

func TestTowerAdmin(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		towerDB(t, db)
		o := towerOptions(db)
		o.Revocable = true
		f := db.open(o)
		s := db.is(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, "user123")
		if ids := db.sessionsOf(f, "user123", beforeTower); len(ids) != 1 || ids[0] != s.ID {
			t.Errorf("sessions %v; want %s", ids, s.ID)
		}
		if n := db.revokeUser(f, "user123", beforeTower); n != 1 {
			t.Errorf("%d rows are gone", n)
		}
		db.isNobody(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, format.ErrUnknown)
		db.is(f, "ICAgICAgICAgICAgICAgIA", beforeTower, "42")
		readOnly := db.open(towerOptions(db))
		if a := readOnly.Admin(); a.Revoke != nil || a.RevokeUser != nil {
			t.Error("without revocable nothing may be deleted")
		}
	})
}

// sessionsOf lists a user's sessions as the command line does.
func (db *testdb) sessionsOf(f *format.Foreign, user string, now time.Time) (ids []string) {
	db.Helper()
	db.each(f, user, func(r *format.AdminRow) {
		if s, err := r.Session(now); err == nil && s.User == user {
			ids = append(ids, s.ID)
		}
	})
	return ids
}

// revokeUser ends a user's sessions as the command line does.
func (db *testdb) revokeUser(f *format.Foreign, user string, now time.Time) (n int64) {
	db.Helper()
	a := f.Admin()
	if a.RevokeUser != nil {
		return db.delete(*a.RevokeUser, user)
	}
	var keys []any
	db.each(f, user, func(r *format.AdminRow) {
		if s, err := r.Session(now); err == nil && s.User == user {
			keys = append(keys, r.Key())
		}
	})
	for _, key := range keys {
		n += db.delete(*a.Revoke, key)
	}
	return n
}

func (db *testdb) each(f *format.Foreign, user string, each func(*format.AdminRow)) {
	db.Helper()
	a := f.Admin()
	var args []any
	if a.ByUser {
		args = append(args, user)
	}
	var rows *sql.Rows
	rows, err := db.raw.QueryContext(db.Context(), queryText(a.List), args...)
	if err != nil {
		db.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		r := a.Row()
		if err := rows.Scan(r.Columns()...); err != nil {
			db.Fatal(err)
		}
		each(r)
	}
	if err := rows.Err(); err != nil {
		db.Fatal(err)
	}
}

func (db *testdb) delete(q store.Query, arg any) int64 {
	db.Helper()
	res, err := db.raw.ExecContext(db.Context(), queryText(q), arg)
	if err != nil {
		db.Fatal(err)
	}
	n, _ := res.RowsAffected()
	return n
}

// queryText is the statement of a query.
func queryText(q store.Query) string {
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(q), "{"), "}")
}
