package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
)

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
