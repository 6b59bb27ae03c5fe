//go:build unix

package tests

import (
	"strings"
	"testing"
	"time"
)

func TestForeignLaravel(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		tree := vector(t, "laravel-13")
		p := program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload " + longText[kind] + " NOT NULL, last_activity integer NOT NULL)",
				"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(255), email varchar(255))",
			},
			fill: func(db programDB) {
				for _, c := range at(t, tree, "cases").([]any) {
					db.exec("INSERT INTO sessions VALUES (?, ?, ?, ?)", wordAt(t, c, "row.id"), at(t, c, "row.user_id"), wordAt(t, c, "row.payload"), in(-time.Hour).Unix())
				}
				db.exec("INSERT INTO users VALUES (7, 'Alice', 'alice@example.com'), (8, 'Eve', 'eve@example.com')")
			},
			realm:  "format laravel {\n secret {secret1}\n secret {secret2}\n}",
			cookie: "laravel-session",
			good:   map[string]identity{},
			bad:    map[string]string{},
			changes: []change{
				{"the session is idle", "UPDATE sessions SET last_activity = ?", []any{in(-121 * time.Minute).Unix()}, "expired"},
				{"the user logs out of the session", "UPDATE sessions SET user_id = NULL", nil, "anonymous"},
				{"alice is deleted", "DELETE FROM users WHERE id = 7", nil, "inactive"},
			},
			otherSecrets: []string{"base64:" + strings.Repeat("A", 43) + "=", "base64:" + strings.Repeat("B", 42) + "A="}, wrongSecret: "malformed",
		}
		for _, c := range at(t, tree, "cases").([]any) {
			value := wordAt(t, c, "cookie_value_raw_on_wire")
			assertEqual(t, "cookie", wordAt(t, c, "cookie_name"), p.cookie)
			p.bad["A"+value[1:]] = "malformed"
			p.bad[wordAt(t, c, "row.id")] = "malformed"
			if at(t, c, "expect") == nil {
				p.bad[value] = "anonymous"
				continue
			}
			p.good[value] = identity{user: "7", email: "alice@example.com", name: "Alice"}
			p.first = value
			p.secrets = []string{wordAt(t, c, "app_key")}
		}
		p.secrets = append(p.secrets, wordsAt(t, named(t, at(t, tree, "cases"), "previous-key"), "app_previous_keys")[0])
		return p
	}, "mysql", "sqlite", "postgres")
}

// The cookie is encrypted for its name: under another one it is nobody's.
func TestForeignLaravelCookieOfAnotherName(t *testing.T) {
	tree := vector(t, "laravel-13")
	c := named(t, at(t, tree, "cases"), "default-cbc-php")
	p := program{
		realm: "format laravel {\n secret {secret1}\n cookie my_app_session\n}", cookie: "my_app_session",
		good: map[string]identity{wordAt(t, c, "cookie_value_raw_on_wire"): alice},
	}
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	db.exec("CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload text NOT NULL, last_activity integer NOT NULL)")
	db.exec("CREATE TABLE users (id bigint PRIMARY KEY, name varchar(255), email varchar(255))")
	s := p.start(t, url, []string{wordAt(t, c, "app_key")})
	p.isNobody(t, s, wordAt(t, c, "cookie_value_raw_on_wire"), "malformed")
}

// Another guard's user is in the payload only, which may be encrypted, too.
func TestForeignLaravelUserOfAnotherGuard(t *testing.T) {
	tree := vector(t, "laravel-13")
	for name, codec := range map[string]string{"default-cbc-php": "base64_php", "encrypted-payload": "laravel_encrypted"} {
		t.Run(codec, func(t *testing.T) {
			c := named(t, at(t, tree, "cases"), name)
			value := wordAt(t, c, "cookie_value_raw_on_wire")
			program{
				on: freshDB["mysql"],
				tables: []string{
					"CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload longtext NOT NULL, last_activity integer NOT NULL)",
					"CREATE TABLE users (id bigint PRIMARY KEY, name varchar(255), email varchar(255))",
				},
				fill: func(db programDB) {
					db.exec("INSERT INTO sessions VALUES (?, NULL, ?, ?)", wordAt(t, c, "row.id"), wordAt(t, c, "row.payload"), in(-time.Hour).Unix())
					db.exec("INSERT INTO users VALUES (7, 'Alice', 'alice@example.com')")
				},
				realm: "format laravel {\n secret {secret1}\n codec " + codec + "\n user " + wordAt(t, tree, "login_session_key") +
					"\n columns user_id off\n}",
				secrets: []string{wordAt(t, c, "app_key")},
				cookie:  "laravel-session",
				good:    map[string]identity{value: {user: "7", email: "alice@example.com", name: "Alice"}},
				first:   value,
				changes: []change{
					{"the payload is cut off", "UPDATE sessions SET payload = LEFT(payload, 40)", nil, "undecodable"},
					{"the payload is plain text", "UPDATE sessions SET payload = 'a:0:{}'", nil, "undecodable"},
				},
			}.test(t)
		})
	}
}

func TestForeignDrupal(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		tree := vector(t, "drupal")
		value := wordAt(t, tree, "cookie_value")
		quoted := func(name string) string {
			return map[bool]string{true: "`" + name + "`", false: `"` + name + `"`}[kind == "mysql"]
		}
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE d_sessions (uid integer NOT NULL, sid varchar(128) PRIMARY KEY, hostname varchar(128), " + quoted("timestamp") + " bigint NOT NULL, " + quoted("session") + " " + blob[kind] + ")",
				"CREATE TABLE d_users_field_data (uid integer, langcode varchar(12), name varchar(60), mail varchar(254), status smallint, default_langcode smallint, PRIMARY KEY (uid, langcode))",
				"CREATE TABLE d_user__roles (entity_id integer, deleted smallint, delta integer, roles_target_id varchar(255))",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO d_sessions VALUES (?, ?, '192.0.2.1', ?, ?)", at(t, tree, "row.uid"), wordAt(t, tree, "row.sid"), in(-time.Hour).Unix(), []byte(wordAt(t, tree, "row.session")))
				db.exec("INSERT INTO d_users_field_data VALUES (5, 'de', 'alice_de', 'de@example.com', 1, 0), (5, 'en', 'alice', 'alice@example.com', 1, 1), (6, 'en', 'eve', '', 1, 1)")
				db.exec("INSERT INTO d_user__roles VALUES (5, 0, 0, 'editor'), (5, 0, 1, 'reviewer'), (5, 1, 2, 'gone'), (6, 0, 0, 'administrator')")
			},
			realm:  "format drupal {\n table_prefix d_\n cookie " + wordAt(t, tree, "cookie_name_https") + "\n}",
			cookie: wordAt(t, tree, "cookie_name_https"),
			good:   map[string]identity{value: {"5", "alice@example.com", "alice", []string{"editor", "reviewer"}}},
			first:  value,
			bad:    map[string]string{wordAt(t, tree, "row.sid"): "unknown", "short": "malformed"},
			changes: []change{
				{"the session is old", "UPDATE d_sessions SET " + quoted("timestamp") + " = ?", []any{in(-56 * time.Hour).Unix()}, "expired"},
				{"alice is blocked", "UPDATE d_users_field_data SET status = 0 WHERE uid = 5", nil, "inactive"},
				{"alice is deleted", "DELETE FROM d_users_field_data WHERE uid = 5", nil, "inactive"},
				{"the column says another user", "UPDATE d_sessions SET uid = 6", nil, "inactive"},
				{"the user logs out of the session", "UPDATE d_sessions SET uid = 0, " + quoted("session") + " = ?", []any{[]byte("_sf2_attributes|a:0:{}")}, "anonymous"},
				{"the payload is cut off", "UPDATE d_sessions SET " + quoted("session") + " = ?", []any{[]byte("_sf2_attributes|a:1:{")}, "undecodable"},
			},
		}
	}, "mysql", "sqlite", "postgres")
}

func TestForeignMoodle(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		sid := func(letter string) string { return strings.Repeat(letter, 26) }
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE mdl_sessions (id bigint PRIMARY KEY, state bigint, sid varchar(128) UNIQUE, userid bigint, timecreated bigint, timemodified bigint)",
				"CREATE TABLE mdl_user (id bigint PRIMARY KEY, username varchar(100), email varchar(100), firstname varchar(100), lastname varchar(100), deleted smallint, suspended smallint)",
				"CREATE TABLE mdl_config (id bigint PRIMARY KEY, name varchar(255), value " + longText[kind] + ")",
			},
			fill: func(db programDB) {
				now := in(-time.Hour).Unix()
				for i, row := range []struct {
					letter string
					user   int
					seen   int64
				}{{"a", 2, now}, {"b", 3, now}, {"c", 4, now}, {"d", 0, now}, {"e", 1, now}, {"f", 9, now}, {"g", 2, now - 8*3600}} {
					db.exec("INSERT INTO mdl_sessions VALUES (?, 0, ?, ?, ?, ?)", i, sid(row.letter), row.user, now, row.seen)
				}
				db.exec("INSERT INTO mdl_user VALUES (2, 'alice', 'alice@example.com', 'Alice', 'Liddell', 0, 0), (3, 'bob', '', 'B', 'B', 0, 1), (4, 'carol', '', 'C', 'C', 1, 0), (1, 'guest', '', 'G', 'G', 0, 0), (9, 'visitor', '', 'V', 'V', 0, 0)")
				db.exec("INSERT INTO mdl_config VALUES (1, 'siteguest', '9')")
			},
			realm:  "format moodle",
			cookie: "MoodleSession",
			good:   map[string]identity{sid("a"): {user: "2", email: "alice@example.com", name: "Alice Liddell"}},
			first:  sid("a"),
			claims: map[string]string{"username": "alice"},
			bad: map[string]string{
				sid("b"): "inactive", sid("c"): "inactive", sid("d"): "anonymous", sid("e"): "inactive", sid("f"): "inactive", sid("g"): "expired", sid("z"): "unknown", "a": "malformed",
			},
			changes: []change{
				{"alice is suspended", "UPDATE mdl_user SET suspended = 1 WHERE id = 2", nil, "inactive"},
				{"alice is deleted", "UPDATE mdl_user SET deleted = 1 WHERE id = 2", nil, "inactive"},
				{"the session is idle", "UPDATE mdl_sessions SET timemodified = ?", []any{in(-8*time.Hour - time.Second).Unix()}, "expired"},
			},
		}
	}, "postgres", "mysql", "sqlite")
}

func TestForeignJoomla(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		id := func(letter string) string { return strings.Repeat(letter, 26) }
		stamp := map[bool]string{true: "`time`", false: `"time"`}[kind == "mysql"]
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE j_session (session_id " + map[string]string{"sqlite": "text", "postgres": "bytea", "mysql": "varbinary(192)"}[kind] + " PRIMARY KEY, guest smallint, " + stamp + " integer, userid integer)",
				"CREATE TABLE j_users (id integer PRIMARY KEY, name varchar(400), username varchar(150), email varchar(100), block smallint)",
				"CREATE TABLE j_usergroups (id integer PRIMARY KEY, title varchar(100))",
				"CREATE TABLE j_user_usergroup_map (user_id integer, group_id integer)",
			},
			fill: func(db programDB) {
				for _, row := range []struct {
					letter      string
					guest, user int
					seen        time.Duration
				}{{"a", 0, 2, -time.Minute}, {"b", 0, 3, -time.Minute}, {"c", 1, 0, -time.Minute}, {"d", 0, 2, -16 * time.Minute}, {"e", 1, 2, -time.Minute}} {
					var key any = id(row.letter)
					if kind != "sqlite" {
						key = []byte(id(row.letter))
					}
					db.exec("INSERT INTO j_session VALUES (?, ?, ?, ?)", key, row.guest, in(row.seen).Unix(), row.user)
				}
				db.exec("INSERT INTO j_users VALUES (2, 'Alice', 'alice', 'alice@example.com', 0), (3, 'Bob', 'bob', '', 1)")
				db.exec("INSERT INTO j_usergroups VALUES (8, 'Super Users'), (2, 'Registered')")
				db.exec("INSERT INTO j_user_usergroup_map VALUES (2, 2), (2, 8), (3, 2)")
			},
			realm:  "format joomla {\n cookie 0123456789abcdef0123456789abcdef\n table_prefix j_\n}",
			cookie: "0123456789abcdef0123456789abcdef",
			good:   map[string]identity{id("a"): {"2", "alice@example.com", "Alice", []string{"Registered", "Super Users"}}},
			first:  id("a"),
			claims: map[string]string{"username": "alice"},
			bad:    map[string]string{id("b"): "inactive", id("c"): "anonymous", id("d"): "expired", id("e"): "inactive", id("z"): "unknown", "a": "malformed"},
			changes: []change{
				{"alice is blocked", "UPDATE j_users SET block = 1", nil, "inactive"},
				{"the session is idle", "UPDATE j_session SET " + stamp + " = ?", []any{in(-15*time.Minute - time.Second).Unix()}, "expired"},
			},
		}
	}, "mysql", "postgres", "sqlite")
}
