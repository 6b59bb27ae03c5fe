package preset

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
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
