package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestJoomla(t *testing.T) {
	now := time.Unix(1795397178, 0)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE j_session (session_id ` + by(db.dialect, "blob", "bytea", "varbinary(192)") + ` PRIMARY KEY, guest smallint, "time" integer, userid integer)`)
		db.exec(`CREATE TABLE j_users (id integer PRIMARY KEY, name varchar(400), username varchar(150), email varchar(100), block smallint)`)
		db.exec(`CREATE TABLE j_user_usergroup_map (user_id integer, group_id integer)`)
		db.exec(`CREATE TABLE j_usergroups (id integer PRIMARY KEY, title varchar(100))`)
		db.exec(`INSERT INTO j_users VALUES (2, 'Alice', 'alice', 'alice@example.com', 0), (3, 'Bob', 'bob', '', 1)`)
		db.exec(`INSERT INTO j_usergroups VALUES (8, 'Super Users, all'), (2, 'Registered')`)
		db.exec(`INSERT INTO j_user_usergroup_map VALUES (2, 8), (3, 2)`)
		ids := []string{"aaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccc"}
		for i, row := range [][2]int{{0, 2}, {0, 3}, {1, 0}} {
			var id any = []byte(ids[i])
			if db.dialect == sqltext.SQLite {
				id = ids[i]
			}
			db.exec(`INSERT INTO j_session VALUES (?, ?, ?, ?)`, id, row[0], now.Unix(), row[1])
		}
		f := db.open(format.Options{Name: "joomla", Cookie: "0123456789abcdef0123456789abcdef", TablePrefix: "j_"})
		s := db.is(f, ids[0], now, "2", "name=Alice", "username=alice", "groups=Super Users, all")
		if items := s.Claims["groups"].Items(); len(items) != 1 {
			t.Errorf("one group with a comma in it became %q", items)
		}
		db.isNobody(f, ids[0], now.Add(15*time.Minute), format.ErrExpired)
		db.isNobody(f, ids[1], now, format.ErrInactive)
		db.isNobody(f, ids[2], now, format.ErrAnonymous)
		guests := db.open(format.Options{Name: "joomla", Cookie: "x", TablePrefix: "j_", MaxAge: 1 * hour, Users: &format.Users{Table: off}, Require: []format.Condition{{Of: "guest", Values: []string{"off"}}}})
		db.is(guests, ids[1], now.Add(30*time.Minute), "3")
	})
}
