package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
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
