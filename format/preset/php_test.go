package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestDrupal(t *testing.T) {
	tree := vectors(t, "drupal")
	cookie, seen := text(t, tree, "cookie_value"), time.Unix(1795397178, 0)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE d_sessions (uid integer NOT NULL, sid varchar(128) PRIMARY KEY, hostname varchar(128), "timestamp" bigint NOT NULL, "session" {blob})`)
		db.exec(`CREATE TABLE d_users_field_data (uid integer, langcode varchar(12), name varchar(60), mail varchar(254), status smallint, default_langcode smallint, PRIMARY KEY (uid, langcode))`)
		db.exec(`CREATE TABLE d_user__roles (entity_id integer, deleted smallint, delta integer, roles_target_id varchar(255))`)
		db.exec(`INSERT INTO d_users_field_data VALUES (5, 'de', 'alice_de', 'de@example.com', 1, 0), (5, 'en', 'alice', 'alice@example.com', 1, 1), (6, 'en', 'bob', '', 1, 1)`)
		db.exec(`INSERT INTO d_user__roles VALUES (5, 0, 0, 'editor'), (5, 1, 1, 'gone'), (6, 0, 0, 'administrator')`)
		db.exec(`INSERT INTO d_sessions VALUES (?, ?, '', ?, ?)`, at(t, tree, "row.uid"), text(t, tree, "row.sid"), seen.Unix(), []byte(text(t, tree, "row.session")))
		f := db.open(format.Options{Name: "drupal", Cookie: text(t, tree, "cookie_name_https"), TablePrefix: "d_"})
		db.is(f, cookie, seen.Add(time.Hour), "5", "name=alice", "email=alice@example.com", "groups=editor")
		db.isNobody(f, cookie, seen.Add(56*time.Hour), format.ErrExpired)
		db.isNobody(f, text(t, tree, "row.sid"), seen, format.ErrUnknown)
		db.exec(`UPDATE d_users_field_data SET status = 0 WHERE uid = 5`)
		db.isNobody(f, cookie, seen, format.ErrInactive)
		db.exec(`UPDATE d_sessions SET uid = 6`) // the column says bob, the session alice
		db.isNobody(f, cookie, seen, format.ErrInactive)
		db.exec(`UPDATE d_sessions SET uid = 0, "session" = ?`, []byte("_sf2_attributes|a:0:{}"))
		db.isNobody(f, cookie, seen, format.ErrAnonymous)
		db.exec(`UPDATE d_sessions SET "session" = ?`, []byte("_sf2_attributes|a:1:{"))
		db.isNobody(f, cookie, seen, format.ErrUndecodable)
	})
}

func TestMoodle(t *testing.T) {
	now := time.Unix(1795397178, 0)
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE mdl_sessions (id bigint PRIMARY KEY, state bigint, sid varchar(128) UNIQUE, userid bigint, timecreated bigint, timemodified bigint)`)
		db.exec(`CREATE TABLE mdl_user (id bigint PRIMARY KEY, username varchar(100), email varchar(100), firstname varchar(100), lastname varchar(100), deleted smallint, suspended smallint)`)
		db.exec(`CREATE TABLE mdl_config (id bigint PRIMARY KEY, name varchar(255), value {longtext})`)
		db.exec(`INSERT INTO mdl_config VALUES (1, 'siteguest', '9')`)
		db.exec(`INSERT INTO mdl_user VALUES (2, 'alice', 'alice@example.com', 'Alice', 'Liddell', 0, 0), (3, 'bob', '', 'B', 'B', 0, 1), (4, 'carol', '', 'C', 'C', 1, 0), (1, 'guest', '', 'G', 'G', 0, 0), (9, 'visitor', '', 'V', 'V', 0, 0)`)
		db.exec(`INSERT INTO mdl_sessions VALUES (1, 0, 'aaaaaaaaaaaaaaaaaaaaaaaaaa', 2, ?, ?), (2, 0, 'bbbbbbbbbbbbbbbbbbbbbbbbbb', 3, ?, ?), (3, 0, 'cccccccccccccccccccccccccc', 4, ?, ?), (4, 0, 'dddddddddddddddddddddddddd', 0, ?, ?), (5, 0, 'eeeeeeeeeeeeeeeeeeeeeeeeee', 1, ?, ?), (6, 0, 'ffffffffffffffffffffffffff', 9, ?, ?)`,
			now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix(), now.Unix())
		f := db.open(format.Options{Name: "moodle"})
		db.is(f, "aaaaaaaaaaaaaaaaaaaaaaaaaa", now, "2", "name=Alice Liddell", "username=alice", "email=alice@example.com")
		db.isNobody(f, "aaaaaaaaaaaaaaaaaaaaaaaaaa", now.Add(8*time.Hour), format.ErrExpired)
		db.isNobody(f, "bbbbbbbbbbbbbbbbbbbbbbbbbb", now, format.ErrInactive)  // suspended
		db.isNobody(f, "cccccccccccccccccccccccccc", now, format.ErrInactive)  // deleted
		db.isNobody(f, "dddddddddddddddddddddddddd", now, format.ErrAnonymous) // nobody
		db.isNobody(f, "eeeeeeeeeeeeeeeeeeeeeeeeee", now, format.ErrInactive)  // guest
		db.isNobody(f, "ffffffffffffffffffffffffff", now, format.ErrInactive)  // the site's own guest
		db.isNobody(f, "AAAAAAAAAAAAAAAAAAAAAAAAAA", now, format.ErrUnknown)
	})
}

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
