package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

var inDjangoDays = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func djangoDB(t *testing.T, db *testdb) {
	t.Helper()
	db.exec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data {longtext} NOT NULL, expire_date {moment})`)
	db.exec(`CREATE TABLE auth_user (id integer PRIMARY KEY, password varchar(128), username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_active {bool})`)
	db.exec(`CREATE TABLE auth_group (id integer PRIMARY KEY, name varchar(150))`)
	db.exec(`CREATE TABLE auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer)`)
	db.exec(`INSERT INTO auth_group VALUES (1, 'ops'), (2, 'staff'), (3, 'nobody')`)
	db.exec(`INSERT INTO auth_user_groups VALUES (1, 1, 1), (2, 1, 2), (3, 3, 3)`)
}

func djangoSession(t *testing.T, db *testdb, row any) {
	t.Helper()
	db.exec(`INSERT INTO django_session VALUES (?, ?, ?)`, text(t, row, "session_key"), text(t, row, "session_data"), text(t, row, "expire_date"))
}

func djangoUser(t *testing.T, db *testdb, user any) {
	t.Helper()
	active, _ := at(t, user, "is_active").(bool)
	db.exec(`DELETE FROM auth_user WHERE id = ?`, at(t, user, "id"))
	db.exec(`INSERT INTO auth_user VALUES (?, ?, ?, ?, ?, ?, ?)`, at(t, user, "id"), text(t, user, "password"), text(t, user, "username"),
		text(t, user, "first_name"), text(t, user, "last_name"), text(t, user, "email"), active)
}

func TestDjango(t *testing.T) {
	tree := vectors(t, "django-5.2")
	onEach(t, func(t *testing.T, db *testdb) {
		djangoDB(t, db)
		for _, c := range list(t, tree, "cases") {
			djangoSession(t, db, at(t, c, "row"))
			if user, ok := payload.Find(c, "user_row"); ok {
				djangoUser(t, db, user)
			}
		}
		f := db.open(format.Options{Name: "django", Secret: append([]string{text(t, tree, "secret_key")}, texts(t, tree, "secret_key_fallbacks")...)})
		reasons := map[string]format.Reason{
			"anonymous-uncompressed": format.ErrAnonymous,
			"expired":                format.ErrExpired,
			"user-deactivated":       format.ErrInactive,
			"tampered-signature":     format.ErrUndecodable,
			"pickle-serializer":      format.ErrUndecodable,
		}
		for _, c := range list(t, tree, "cases") {
			name, key := text(t, c, "name"), text(t, c, "row.session_key")
			if reason, ok := reasons[name]; ok {
				t.Log(name)
				db.isNobody(f, key, inDjangoDays, reason)
				continue
			}
			t.Log(name)
			db.is(f, key, inDjangoDays, text(t, c, "expect.user_id"), "username="+text(t, c, "expect.username"))
		}
		alice := text(t, list(t, tree, "cases")[0], "row.session_key")
		db.is(f, alice, inDjangoDays, "1", "name=Alice Liddell", "email=alice@example.com", "groups=ops,staff")
		db.isNobody(f, alice, time.Date(2026, 12, 7, 1, 6, 0, 0, time.UTC), format.ErrExpired)
		db.exec(`UPDATE auth_user SET password = 'pbkdf2_sha256$1$another$one' WHERE id = 1`)
		db.isNobody(f, alice, inDjangoDays, format.ErrInactive)
		unguarded := db.open(format.Options{Name: "django", InsecureUnsigned: true})
		db.is(unguarded, alice, inDjangoDays, "1")
		db.exec(`DELETE FROM auth_user WHERE id = 1`)
		db.isNobody(unguarded, alice, inDjangoDays, format.ErrInactive)
		db.is(db.open(format.Options{Name: "django", InsecureUnsigned: true, Users: &format.Users{Table: "off"}}), alice, inDjangoDays, "1")
		db.exec(`DELETE FROM django_session`)
		db.isNobody(f, alice, inDjangoDays, format.ErrUnknown)
		db.isNobody(f, "UPPER000000000000000000000000000", inDjangoDays, format.ErrMalformed)
	})
}

// Django up to 3.0 wrote other rows, which 3.1 and 3.2 still read.
func TestDjangoLegacy(t *testing.T) {
	tree := vectors(t, "django-3.2-legacy")
	onEach(t, func(t *testing.T, db *testdb) {
		djangoDB(t, db)
		db.exec(`INSERT INTO auth_user VALUES (1, ?, 'alice', '', '', '', ?)`, text(t, tree, "password_field"), true)
		f := db.open(format.Options{Name: "django", Secret: []string{text(t, tree, "secret_key")}})
		for _, form := range []string{"legacy", "new"} {
			key := "0123456789abcdef0123456789" + form[:3]
			db.exec(`INSERT INTO django_session VALUES (?, ?, '2026-12-07 01:05:59.786866')`, key, text(t, tree, form+"_session_data"))
			db.is(f, key, inDjangoDays, "1", "name=alice")
		}
	}, sqltext.SQLite)
}
