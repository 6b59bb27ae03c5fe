//go:build unix

package tests

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// Rails 8's authentication generator: the signature is all that protects ids
// which can be counted through.
func TestForeignRailsAuthentication(t *testing.T) {
	for _, file := range []string{"rails-7.2-json", "rails-6.1-marshal"} {
		t.Run(file, func(t *testing.T) {
			onEach(t, func(t *testing.T, kind string) program {
				tree := vector(t, file)
				value := setBy(t, tree, "set_cookie_rails8", "session_id")
				return program{
					on: freshDB[kind],
					tables: []string{
						"CREATE TABLE sessions (id bigint PRIMARY KEY, user_id bigint NOT NULL, ip_address varchar(255), user_agent varchar(255), created_at " + clock[kind] + " NOT NULL, updated_at " + clock[kind] + " NOT NULL)",
						"CREATE TABLE users (id bigint PRIMARY KEY, email_address varchar(255), password_digest varchar(255))",
					},
					fill: func(db programDB) {
						began := in(-time.Hour).UTC().Format("2006-01-02 15:04:05.000000")
						db.exec("INSERT INTO sessions VALUES (1, 1, '192.0.2.1', 'vec/1', ?, ?), (2, 2, '192.0.2.2', 'vec/1', ?, ?)", began, began, began, began)
						db.exec("INSERT INTO users VALUES (1, 'alice@example.com', ''), (2, 'eve@example.com', '')")
					},
					realm:   "format rails {\n secret {secret1} {secret2}\n}",
					secrets: []string{"a secret_key_base that is newer", wordAt(t, tree, "secret_key_base")},
					cookie:  "session_id",
					good:    map[string]identity{value: {user: "1", email: "alice@example.com"}},
					first:   value,
					bad: map[string]string{
						"1": "malformed", "2": "malformed",
						setBy(t, tree, "set_cookie_rails8", "plain"):         "malformed", // signed for another cookie
						setBy(t, tree, "set_cookie_rails8", "session_token"): "malformed",
						setBy(t, tree, "set_cookie_rails8", "enc"):           "malformed",
					},
					changes: []change{
						{"the session is old", "UPDATE sessions SET created_at = '2026-01-01 00:00:00'", nil, "expired"},
						{"alice is deleted", "DELETE FROM users WHERE id = 1", nil, "inactive"},
					},
					otherSecrets: []string{"a secret_key_base that is newer", "another program's"}, wrongSecret: "malformed",
				}
			}, "sqlite", "postgres")
		})
	}
}

func TestForeignRailsToken(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		tree := vector(t, "rails-7.2-json")
		value := setBy(t, tree, "set_cookie_rails8", "session_token")
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE sessions (id bigint PRIMARY KEY, token varchar(255) NOT NULL UNIQUE, user_id bigint, created_at " + clock[kind] + ")",
				"CREATE TABLE users (id bigint PRIMARY KEY, email varchar(255))",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO sessions VALUES (1, 'tok_ABC-123', 1, ?)", in(-time.Hour).UTC().Format("2006-01-02 15:04:05"))
				db.exec("INSERT INTO users VALUES (1, 'alice@example.com')")
			},
			realm:   "format rails {\n variant token\n secret {secret1}\n}",
			secrets: []string{wordAt(t, tree, "secret_key_base")},
			cookie:  "session_token",
			good:    map[string]identity{value: {user: "1", email: "alice@example.com"}},
			first:   value,
			bad:     map[string]string{"tok_ABC-123": "malformed", setBy(t, tree, "set_cookie_rails8", "session_id"): "malformed"},
			changes: []change{{"the session is old", "UPDATE sessions SET created_at = '2026-01-01 00:00:00'", nil, "expired"}},

			otherSecrets: []string{"another program's"}, wrongSecret: "malformed",
		}
	}, "postgres", "mysql")
}

// The gem activerecord-session_store with Devise.
func TestForeignRailsActiveRecord(t *testing.T) {
	for _, file := range []string{"rails-7.2-json", "rails-6.1-marshal"} {
		t.Run(file, func(t *testing.T) {
			onEach(t, func(t *testing.T, kind string) program {
				tree := vector(t, file)
				value := setBy(t, tree, "set_cookie_arsession", "_myapp_session")
				return program{
					on: freshDB[kind],
					tables: []string{
						"CREATE TABLE sessions (id bigint PRIMARY KEY, session_id varchar(255) NOT NULL UNIQUE, data " + longText[kind] + ", created_at " + clock[kind] + ", updated_at " + clock[kind] + ")",
						"CREATE TABLE users (id bigint PRIMARY KEY, email varchar(255), encrypted_password varchar(255))",
					},
					fill: func(db programDB) {
						seen := in(-time.Hour).UTC().Format("2006-01-02 15:04:05.000000")
						db.exec("INSERT INTO sessions VALUES (1, ?, ?, ?, ?)", wordAt(t, tree, "ar_session_row.session_id"), wordAt(t, tree, "ar_session_row.data"), seen, seen)
						db.exec("INSERT INTO users VALUES (1, 'alice@example.com', '$2a$12$abcdefghijklmnopqrstuvABCDEF')")
					},
					realm: `format rails {
						variant activerecord
						cookie  _myapp_session
						max_age 2d
						guards  devise_salt
						users users {
							key_type int
							email    email
							password encrypted_password
						}
					}`,
					cookie: "_myapp_session",
					good:   map[string]identity{value: {user: "1", email: "alice@example.com"}},
					first:  value,
					bad:    map[string]string{wordAt(t, tree, "ar_session_row.session_id"): "malformed", strings.Repeat("a", 32): "unknown"},
					changes: []change{
						{"the session is idle", "UPDATE sessions SET updated_at = '2026-01-01 00:00:00'", nil, "expired"},
						{"alice changes her password", "UPDATE users SET encrypted_password = '$2a$12$changedchangedchangedcABCDEF'", nil, "inactive"},
						{"alice is deleted", "DELETE FROM users", nil, "inactive"},
						{"the payload is cut off", "UPDATE sessions SET data = 'BAh7CUki'", nil, "undecodable"},
					},
				}
			}, "mysql", "sqlite")
		})
	}
}

func TestForeignGrafana(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		tree := vector(t, "grafana")
		value, hash := wordAt(t, tree, "cookie_value"), wordAt(t, tree, "row.auth_token")
		user := map[string]string{"sqlite": "`user`", "mysql": "`user`", "postgres": `"user"`}[kind]
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)",
				"CREATE TABLE " + user + " (id integer PRIMARY KEY, login varchar(190), email varchar(190), name varchar(255), is_disabled bool)",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO user_auth_token VALUES (1, 1, ?, ?, ?, ?, 0)", hash, wordAt(t, tree, "row.prev_auth_token"), in(-time.Hour).Unix(), in(-time.Minute).Unix())
				db.exec("INSERT INTO "+user+" VALUES (1, 'admin', 'admin@localhost', 'The Admin', ?)", false)
			},
			realm:   "format grafana {\n secret {secret1}\n}",
			secrets: []string{wordAt(t, tree, "secret_key")},
			cookie:  "grafana_session",
			good:    map[string]identity{value: {user: "1", email: "admin@localhost", name: "The Admin"}},
			first:   value,
			claims:  map[string]string{"username": "admin"},
			bad:     map[string]string{hash: "unknown", "short": "malformed"},
			changes: []change{
				{"the session is revoked", "UPDATE user_auth_token SET revoked_at = 5", nil, "inactive"},
				{"the session is idle", "UPDATE user_auth_token SET rotated_at = ?", []any{in(-8 * 24 * time.Hour).Unix()}, "expired"},
				{"the session is too old", "UPDATE user_auth_token SET created_at = ?", []any{in(-31 * 24 * time.Hour).Unix()}, "expired"},
				{"the admin is disabled", "UPDATE " + user + " SET is_disabled = ?", []any{true}, "inactive"},
				{"the token is rotated twice", "UPDATE user_auth_token SET auth_token = 'next', prev_auth_token = 'last'", nil, "unknown"},
			},
			otherSecrets: []string{"another program's"}, wrongSecret: "unknown",
		}
	}, "sqlite", "mysql", "postgres")
}

// Grafana rotates tokens; the one before is good for a while.
func TestForeignGrafanaTokenBeforeTheLast(t *testing.T) {
	tree := vector(t, "grafana")
	p := program{realm: "format grafana {\n secret {secret1}\n}", cookie: "grafana_session"}
	p.first = wordAt(t, tree, "cookie_value")
	p.good = map[string]identity{p.first: {user: "1", email: "admin@localhost"}}
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	db.exec("CREATE TABLE user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)")
	db.exec("CREATE TABLE user (id integer PRIMARY KEY, login varchar(190), email varchar(190), name varchar(255), is_disabled bool)")
	db.exec("INSERT INTO user_auth_token VALUES (1, 1, 'rotated', ?, ?, ?, NULL)", wordAt(t, tree, "row.auth_token"), in(-time.Hour).Unix(), in(0).Unix())
	db.exec("INSERT INTO user VALUES (1, 'admin', 'admin@localhost', '', 0)")
	s := p.start(t, url, []string{wordAt(t, tree, "secret_key")})
	p.isGood(t, s, p.first, p.good[p.first])
}

func springTable(kind string) string {
	if kind == "postgres" {
		return "spring_session"
	}
	return "SPRING_SESSION"
}

func springProgram(t *testing.T, kind string) program {
	tree := vector(t, "spring-session-jdbc")
	value := wordAt(t, tree, "cookie_value")
	table := springTable(kind)
	return program{
		on:     freshDB[kind],
		tables: []string{"CREATE TABLE " + table + " (PRIMARY_ID CHAR(36) NOT NULL PRIMARY KEY, SESSION_ID CHAR(36) NOT NULL UNIQUE, CREATION_TIME BIGINT NOT NULL, LAST_ACCESS_TIME BIGINT NOT NULL, MAX_INACTIVE_INTERVAL INT NOT NULL, EXPIRY_TIME BIGINT NOT NULL, PRINCIPAL_NAME VARCHAR(100))"},
		fill: func(db programDB) {
			now := in(0).UnixMilli()
			db.exec("INSERT INTO "+table+" VALUES (?, ?, ?, ?, 1800, ?, ?)", wordAt(t, tree, "row.PRIMARY_ID"), wordAt(t, tree, "row.SESSION_ID"), now, now, in(time.Hour).UnixMilli(), wordAt(t, tree, "row.PRINCIPAL_NAME"))
		},
		realm:  "format spring",
		cookie: wordAt(t, tree, "cookie_name"),
		good:   map[string]identity{value: {user: "alice"}},
		first:  value,
		bad:    map[string]string{wordAt(t, tree, "row.SESSION_ID"): "malformed", wordAt(t, tree, "row.PRIMARY_ID"): "malformed", "YWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtZWVlZWVlZWVlZWVl": "unknown"},
		changes: []change{
			{"the session ends", "UPDATE " + table + " SET EXPIRY_TIME = ?", []any{in(-time.Second).UnixMilli()}, "expired"},
			{"nobody has logged in", "UPDATE " + table + " SET PRINCIPAL_NAME = NULL", nil, "anonymous"},
		},
	}
}

func TestForeignSpring(t *testing.T) { onEach(t, springProgram, "postgres", "mysql", "sqlite") }

// scsRow is what scs' own codec writes.
func scsRow(t testing.TB, deadline time.Time) []byte {
	var b bytes.Buffer
	row := struct {
		Deadline time.Time
		Values   map[string]any
	}{deadline, map[string]any{"authenticatedUserID": 7, "name": "Zoë"}}
	if err := gob.NewEncoder(&b).Encode(row); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestForeignSCS(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		const value = "HNz76QfBI8Qe9_jk-6n-BulcBUzRadQMgyqexrce9ME"
		expiry := func(db programDB, end time.Time) any {
			if kind == "sqlite" {
				return float64(end.UnixMilli())/86400e3 + 2440587.5 // a julian day
			}
			return db.moment(end)
		}
		return program{
			on:     freshDB[kind],
			tables: []string{"CREATE TABLE sessions (token varchar(43) PRIMARY KEY, data " + blob[kind] + " NOT NULL, expiry " + map[string]string{"sqlite": "real", "postgres": "timestamptz", "mysql": "timestamp(6)"}[kind] + " NOT NULL)"},
			fill: func(db programDB) {
				db.exec("INSERT INTO sessions VALUES (?, ?, ?)", value, scsRow(t, in(time.Hour)), expiry(db, in(time.Hour)))
			},
			realm:  "format scs {\n claims name Values.name\n}",
			cookie: "session",
			good:   map[string]identity{value: {user: "7", name: "Zoë"}},
			first:  value,
			bad:    map[string]string{strings.Repeat("A", 43): "unknown", strings.Repeat("A", 42): "malformed"},
			changes: []change{
				{"the session ends", "UPDATE sessions SET expiry = ?", []any{map[bool]any{true: 2461000.5, false: "2026-01-01 00:00:00"}[kind == "sqlite"]}, "expired"},
				{"the deadline passes", "UPDATE sessions SET data = ?", []any{scsRow(t, in(-time.Second))}, "expired"},
				{"the payload is cut off", "UPDATE sessions SET data = ?", []any{scsRow(t, in(time.Hour))[:100]}, "undecodable"},
				{"the payload is JSON", "UPDATE sessions SET data = ?", []any{[]byte(`{"userID":7}`)}, "undecodable"},
			},
		}
	}, "postgres", "sqlite", "mysql")
}

// The row that scs itself wrote; the deadline in it has a time of its own.
func TestForeignSCSVector(t *testing.T) {
	tree := vector(t, "scs-hash-false")
	value := wordAt(t, tree, "cookie_value")
	program{
		on:     freshDB["postgres"],
		tables: []string{"CREATE TABLE sessions (token text PRIMARY KEY, data bytea NOT NULL, expiry timestamptz NOT NULL)"},
		fill: func(db programDB) {
			db.exec("INSERT INTO sessions VALUES (?, ?, ?)", wordAt(t, tree, "row.token"), bytesAt(t, tree, "row.data_base64"), db.moment(in(time.Hour)))
		},
		realm:  "format scs {\n guards off\n claims email Values.email\n}",
		cookie: "session",
		good:   map[string]identity{value: {user: "42", email: "alice@example.com"}},
		first:  value,
	}.test(t)
}

// Gitea, read with the words of custom.
func TestForeignCustomGitea(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		tree := vector(t, "gitea")
		value := wordAt(t, tree, "cookie_value")
		quoted := func(name string) string {
			return map[bool]string{true: "`" + name + "`", false: `"` + name + `"`}[kind == "mysql"]
		}
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE " + quoted("session") + " (" + quoted("key") + " char(16) PRIMARY KEY, data " + blob[kind] + ", expiry bigint)",
				"CREATE TABLE " + quoted("user") + " (id bigint PRIMARY KEY, name varchar(255), email varchar(255), is_active bool, prohibit_login bool)",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO "+quoted("session")+" VALUES (?, ?, ?)", wordAt(t, tree, "row.key"), bytesAt(t, tree, "row.data_base64"), in(-time.Hour).Unix())
				db.exec("INSERT INTO "+quoted("user")+" VALUES (3, 'alice', 'alice@example.com', ?, ?)", true, false)
			},
			realm: `format custom {
				cookie       i_like_gitea
				token        match [0-9a-f]{16}
				table        session
				columns {
					key       key
					payload   data
					last_seen expiry
				}
				expires      since
				expires_unit unix
				max_age      1d
				codec        gob
				user         uid
				users user {
					key_type int
					email    email
					username name
					active   ` + "`(u.is_active AND NOT u.prohibit_login)`" + `
				}
				claims {
					username username
				}
			}`,
			cookie: "i_like_gitea",
			good:   map[string]identity{value: {user: "3", email: "alice@example.com"}},
			first:  value,
			claims: map[string]string{"username": "alice"},
			bad:    map[string]string{"0123456789abcdee": "unknown", "x": "malformed"},
			changes: []change{
				{"alice may not log in", "UPDATE " + quoted("user") + " SET prohibit_login = ?", []any{true}, "inactive"},
				{"the session is idle", "UPDATE " + quoted("session") + " SET expiry = ?", []any{in(-25 * time.Hour).Unix()}, "expired"},
			},
		}
	}, "mysql", "sqlite", "postgres")
}

// Phoenix with phx.gen.auth, read with the words of custom.
func TestForeignCustomPhoenix(t *testing.T) {
	tree := vector(t, "phoenix")
	for field, step := range map[string]string{"signed_cookie": "plug " + wordAt(t, tree, "signing_salt"), "encrypted_cookie": "plug_crypt " + wordAt(t, tree, "encryption_salt")} {
		t.Run(field, func(t *testing.T) {
			value := wordAt(t, tree, field)
			token, err := hex.DecodeString(wordAt(t, tree, "row_token_hex"))
			if err != nil {
				t.Fatal(err)
			}
			program{
				on: freshDB["postgres"],
				tables: []string{
					"CREATE TABLE users_tokens (id bigint PRIMARY KEY, user_id bigint NOT NULL, token bytea UNIQUE, context varchar(255), inserted_at timestamp(0))",
					"CREATE TABLE users (id bigint PRIMARY KEY, email varchar(160))",
				},
				fill: func(db programDB) {
					db.exec("INSERT INTO users_tokens VALUES (1, ?, ?, ?, ?)", wordAt(t, tree, "row_user_id"), token, wordAt(t, tree, "row_context"), in(-time.Hour).UTC().Format("2006-01-02 15:04:05"))
					db.exec("INSERT INTO users VALUES (42, 'alice@example.com')")
				},
				realm: `format custom {
					cookie   ` + wordAt(t, tree, "cookie_name") + `
					token    ` + step + `
					secret   {secret1} {secret2}
					key_type bytes
					table    users_tokens
					columns {
						key        token
						user_id    user_id
						created_at inserted_at
						context    context
					}
					users users {
						email email
					}
					expires  none
					max_age  14d
					require  context session
				}`,
				secrets: []string{"a newer secret", wordAt(t, tree, "secret_key_base")},
				cookie:  wordAt(t, tree, "cookie_name"),
				good:    map[string]identity{value: {user: "42", email: "alice@example.com"}},
				first:   value,
				bad:     map[string]string{value[1:]: "malformed", wordAt(t, tree, "remember_me_cookie"): "malformed"},
				changes: []change{
					{"the token is for something else", "UPDATE users_tokens SET context = 'reset_password'", nil, "inactive"},
					{"the session is old", "UPDATE users_tokens SET inserted_at = '2026-01-01 00:00:00'", nil, "expired"},
					{"alice is deleted", "DELETE FROM users", nil, "inactive"},
				},
				otherSecrets: []string{"a newer secret", "another program's"}, wrongSecret: "malformed",
			}.test(t)
		})
	}
}

// A query of the operator's own.
func TestForeignCustomQuery(t *testing.T) {
	onEach(t, func(t *testing.T, kind string) program {
		key := map[bool]string{true: "``key``", false: `"key"`}[kind == "mysql"]
		query := "SELECT s.sid AS " + key + `, u.id AS user_id, u.mail AS email, s.ends AS expires_at FROM app_sessions s JOIN people u ON u.id = s.person WHERE s.sid = ? AND u.enabled`
		quote := "`" + query + "`"
		if kind == "mysql" {
			quote = `"` + strings.ReplaceAll(query, "``", "`") + `"`
		}
		return program{
			on: freshDB[kind],
			tables: []string{
				"CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, person integer, ends " + instant[kind] + ")",
				"CREATE TABLE people (id integer PRIMARY KEY, mail varchar(100), enabled bool)",
			},
			fill: func(db programDB) {
				db.exec("INSERT INTO app_sessions VALUES ('SID-1', 7, ?), ('SID-2', 8, ?)", db.moment(in(time.Hour)), db.moment(in(-time.Second)))
				db.exec("INSERT INTO people VALUES (7, 'alice@example.com', ?), (8, 'bob@example.com', ?)", true, true)
			},
			realm:  "format custom {\n cookie sid\n query " + quote + "\n}",
			cookie: "sid",
			good:   map[string]identity{"SID-1": {user: "7", email: "alice@example.com"}},
			first:  "SID-1",
			bad:    map[string]string{"SID-2": "expired", "sid-1": "unknown", "SID-3": "unknown", "x' OR '1'='1": "unknown"},
			changes: []change{
				{"alice is deactivated", "UPDATE people SET enabled = ?", []any{false}, "unknown"},
				{"the session ends", "UPDATE app_sessions SET ends = '2026-01-01 00:00:00'", nil, "expired"},
				{"the session has no end", "UPDATE app_sessions SET ends = NULL", nil, "expired"},
			},
		}
	}, "sqlite", "postgres", "mysql")
}
