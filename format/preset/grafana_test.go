package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
)

func TestGrafana(t *testing.T) {
	tree := vectors(t, "grafana")
	now := time.Unix(1795397178, 0)
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)`)
		db.exec(`CREATE TABLE "user" (id integer PRIMARY KEY, login varchar(190), email varchar(190), name varchar(255), is_disabled {bool})`)
		db.exec(`INSERT INTO "user" VALUES (1, 'admin', 'admin@localhost', '', ?)`, false)
		hash := text(t, tree, "row.auth_token")
		db.exec(`INSERT INTO user_auth_token VALUES (1, 1, ?, ?, ?, ?, 0)`, hash, text(t, tree, "row.prev_auth_token"), now.Unix(), now.Unix())
		f := db.open(format.Options{Name: "grafana", Secret: []string{text(t, tree, "secret_key")}, Revocable: true})
		first := db.is(f, cookie, now, "1", "username=admin", "email=admin@localhost")
		db.exec(`UPDATE user_auth_token SET auth_token = 'rotated', rotated_at = ?`, now.Add(6*24*time.Hour).Unix())
		db.is(f, cookie, now.Add(12*24*time.Hour), "1")
		db.isNobody(f, cookie, now.Add(13*24*time.Hour), format.ErrExpired)
		db.exec(`UPDATE user_auth_token SET rotated_at = ?`, now.Add(29*24*time.Hour).Unix())
		if s := db.is(f, cookie, now.Add(29*24*time.Hour), "1"); !s.Expires.Equal(now.Add(30 * 24 * time.Hour)) {
			t.Errorf("it ends at %v", s.Expires)
		}
		db.isNobody(f, cookie, now.Add(30*24*time.Hour), format.ErrExpired)
		db.isNobody(f, hash, now, format.ErrUnknown)
		db.exec(`UPDATE user_auth_token SET revoked_at = 5`)
		db.isNobody(f, cookie, now, format.ErrInactive)
		db.exec(`UPDATE user_auth_token SET revoked_at = NULL`)
		db.is(f, cookie, now, "1")
		db.exec(`UPDATE "user" SET is_disabled = ?`, true)
		db.isNobody(f, cookie, now, format.ErrInactive)
		if first.Key.ID() == first.ID {
			t.Error("the public id comes from the cookie")
		}
	})
}
