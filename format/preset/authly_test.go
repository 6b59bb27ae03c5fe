package preset

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
)

const authlyID = "6f1c2a34-5b67-4c89-9def-0123456789ab"

var authlyEnd = time.Date(2026, 2, 8, 12, 34, 56, 789e6, time.UTC)

func authlyDoc(id, user string) string {
	return `{"id":"` + id + `","identity":{"provider_id":"github","external_id":"` + user + `","email":"user@example.com","username":"rust_dev",` +
		`"attributes":{"access_token":"secret"}},"expires_at":"2026-02-08T12:34:56.789Z"}`
}

// authlyStamp is how sqlx writes chrono's times.
func authlyStamp(db *testdb, t time.Time) any {
	return by[any](db.dialect, t.Format("2006-01-02T15:04:05.999+00:00"), t, t.Format("2006-01-02 15:04:05"))
}

func TestAuthlyLayouts(t *testing.T) {
	before := authlyEnd.Add(-time.Hour)
	onEach(t, func(t *testing.T, db *testdb) {
		layouts := []struct{ variant, table, ddl string }{
			{"l1", "authly_sessions", `(id varchar(128) PRIMARY KEY, data {longtext} NOT NULL, expires_at {moment} NOT NULL)`},
			{"l2", "authly_sessions", `(id varchar(128) PRIMARY KEY, provider_id varchar(255), external_id varchar(255), email varchar(255), username varchar(255), claims {longtext}, expires_at {moment} NOT NULL)`},
			{"l3", "authkestra_sessions", `(id varchar(128) PRIMARY KEY, provider_id varchar(255), external_id varchar(255), email varchar(255), name varchar(255), claims {longtext}, expires_at {moment} NOT NULL)`},
			{"l4", "authkestra_kv", `("key" varchar(255) PRIMARY KEY, index_key varchar(255), value {longtext} NOT NULL, expires_at {moment} NOT NULL)`},
		}
		for _, l := range layouts {
			db.exec(`CREATE TABLE ` + l.table + ` ` + l.ddl)
			insert := func(id, user string, end time.Time) {
				switch l.variant {
				case "l1":
					db.exec(`INSERT INTO authly_sessions VALUES (?, ?, ?)`, id, authlyDoc(id, user), authlyStamp(db, end))
				case "l4":
					db.exec(`INSERT INTO authkestra_kv VALUES (?, NULL, ?, ?)`, id, authlyDoc(id, user), authlyStamp(db, end))
				default:
					db.exec(`INSERT INTO `+l.table+` VALUES (?, 'github', ?, 'user@example.com', 'rust_dev', '{}', ?)`, id, user, authlyStamp(db, end))
				}
			}
			insert(authlyID, "user_888", authlyEnd)
			f := db.open(format.Options{Name: "authly", Variant: l.variant, Revocable: true})
			s := db.is(f, authlyID, before, "user_888", "email=user@example.com", "name=rust_dev", "provider=github")
			if len(s.Claims) != 3 {
				t.Errorf("%s: claims %v: tokens must not become headers", l.variant, s.Claims)
			}
			db.isNobody(f, authlyID, authlyEnd, format.ErrExpired)
			db.isNobody(f, strings.ToUpper(authlyID), before, format.ErrMalformed)
			db.isNobody(f, strings.Replace(authlyID, "6", "7", 1), before, format.ErrUnknown)

			second := strings.Replace(authlyID, "6", "8", 1)
			insert(second, "user_888", authlyEnd)
			insert(strings.Replace(authlyID, "6", "9", 1), "user_888", before.Add(-time.Hour)) // expired
			insert(strings.Replace(authlyID, "6", "a", 1), "someone", authlyEnd)
			if n := len(db.sessionsOf(f, "user_888", before)); n != 2 {
				t.Errorf("%s: %d sessions; want the 2 that live", l.variant, n)
			}
			if ids := db.sessionsOf(f, "user_888", before); !slices.Contains(ids, s.ID) {
				t.Errorf("%s: the list does not show the id that requests show", l.variant)
			}
			if n := db.revokeUser(f, "user_888", before); n < 2 {
				t.Errorf("%s: %d rows are gone", l.variant, n)
			}
			db.isNobody(f, second, before, format.ErrUnknown)
			if n := len(db.sessionsOf(f, "someone", before)); n != 1 {
				t.Errorf("%s: somebody else lost a session", l.variant)
			}
			db.exec(`DROP TABLE ` + l.table)
		}
	})
}

// A document under another id than its own was put there by somebody.
func TestAuthlyRefusesADocumentOfAnotherID(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE authkestra_kv ("key" varchar(255) PRIMARY KEY, value {longtext}, expires_at {moment})`)
		db.exec(`INSERT INTO authkestra_kv VALUES (?, ?, ?)`, authlyID, authlyDoc(strings.Replace(authlyID, "6", "7", 1), "victim"), authlyStamp(db, authlyEnd))
		db.isNobody(db.open(format.Options{Name: "authly"}), authlyID, authlyEnd.Add(-time.Hour), format.ErrUndecodable)
	}, sqltext.SQLite)
}

func TestBodhi(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE tower_sessions (id text PRIMARY KEY NOT NULL, data {blob} NOT NULL, expiry_date {timestamptz}, user_id text)`)
		for _, row := range list(t, vectors(t, "tower"), "rows") {
			raw, _ := hex.DecodeString(text(t, row, "hex"))
			db.exec(`INSERT INTO tower_sessions VALUES (?, ?, ?, ?)`, text(t, row, "id"), raw, text(t, row, "expiry"), map[string]any{"user": "user123", "anonymous": "user123", "empty": "user123"}[text(t, row, "name")])
		}
		f := db.open(format.Options{Name: "bodhi", Revocable: true})
		db.is(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, "user123")
		db.isNobody(f, "ICAgICAgICAgICAgICAgIA", beforeTower, format.ErrAnonymous) // a number is nobody to BodhiApp
		db.isNobody(f, "EBAQEBAQEBAQEBAQEBAQEA", beforeTower, format.ErrAnonymous) // the column is stale
		if n := len(db.sessionsOf(f, "user123", beforeTower)); n != 2 {
			t.Errorf("%d sessions by the column; want 2, without the expired one", n)
		}
		if n := db.revokeUser(f, "user123", beforeTower); n != 3 {
			t.Errorf("%d rows are gone; want all 3 of the column", n)
		}
		db.isNobody(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, format.ErrUnknown)
	}, sqltext.SQLite, sqltext.Postgres)
}

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
