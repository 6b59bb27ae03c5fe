package preset

import (
	"strings"
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

// Nearly every packaged program has a user model of its own. The groups of
// auth_user, which may have been left behind, are other people's there.
func TestDjangoWithUsersOfItsOwn(t *testing.T) {
	tree := vectors(t, "django-5.2")
	onEach(t, func(t *testing.T, db *testdb) {
		djangoDB(t, db)
		alice := list(t, tree, "cases")[0]
		djangoSession(t, db, at(t, alice, "row"))
		db.exec(`INSERT INTO auth_user VALUES (1, '', 'old', '', '', '', ?)`, true)
		db.exec(`CREATE TABLE users_user (id integer PRIMARY KEY, password varchar(128), username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_active {bool})`)
		db.exec(`CREATE TABLE users_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer)`)
		db.exec(`INSERT INTO users_user_groups VALUES (1, 1, 3)`)
		db.exec(`INSERT INTO users_user VALUES (1, ?, 'alice', '', '', '', ?)`, text(t, alice, "user_row.password"), true)
		key := text(t, alice, "row.session_key")
		o := format.Options{Name: "django", Secret: []string{text(t, tree, "secret_key")}, Users: &format.Users{Table: "users_user"}}
		f := db.open(o)
		if s := db.is(f, key, inDjangoDays, "1", "username=alice"); len(s.Claims["groups"].Items()) > 0 {
			t.Errorf("groups of somebody else: %v", s.Claims["groups"])
		}
		if told := strings.Join(f.Describe(), "\n"); !strings.Contains(told, "groups: left out") {
			t.Error(told)
		}
		o.Users.Columns = map[string]string{"groups": "(SELECT " + db.dialect.List("g.name") + " FROM users_user_groups m JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = u.id)"}
		f = db.open(o)
		db.is(f, key, inDjangoDays, "1", "groups=nobody")
		if told := strings.Join(f.Describe(), "\n"); strings.Contains(told, "left out") {
			t.Error(told)
		}
		// The usual ones stay where the usual table is named, and without a schema.
		djangoUser(t, db, at(t, alice, "user_row"))
		db.is(db.open(format.Options{Name: "django", Secret: o.Secret, Schema: off, Users: &format.Users{Table: "auth_user"}}), key, inDjangoDays, "1", "groups=ops,staff")
	})
}

// The same holds for the other programs whose groups stand beside their users.
func TestGroupsOfAnotherTableAreLeftOut(t *testing.T) {
	for _, o := range []format.Options{{Name: "drupal", Cookie: "x"}, {Name: "joomla", Cookie: "x", TablePrefix: "j_"}} {
		usual := completed(t, o)
		o.Users = &format.Users{Table: "people"}
		f := completed(t, o)
		if told := strings.Join(f.Describe(), "\n"); !strings.Contains(told, "groups: left out") || strings.Contains(told, "claims: email, groups") {
			t.Errorf("%s: %s", o.Name, told)
		}
		if told := strings.Join(usual.Describe(), "\n"); !strings.Contains(told, "claims: email, groups") || strings.Contains(told, "left out") {
			t.Errorf("%s: %s", o.Name, told)
		}
	}
}
