package preset

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// indexed are the tables of programs that have an index for their key, with
// what their users are found by.
var indexed = map[string]struct {
	o      format.Options
	tables []string
}{
	"tower":   {format.Options{Name: "tower", Schema: off, Table: "ts"}, []string{`ts (id varchar(22) PRIMARY KEY, data {blob}, expiry_date {moment})`}},
	"bodhi":   {format.Options{Name: "bodhi"}, []string{`tower_sessions (id text PRIMARY KEY, data {blob}, expiry_date {moment}, user_id text)`}},
	"authly":  {format.Options{Name: "authly"}, []string{`authkestra_kv ("key" varchar(255) PRIMARY KEY, value {longtext}, expires_at {moment})`}},
	"laravel": {format.Options{Name: "laravel", InsecureUnsigned: true}, []string{`sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload {longtext}, last_activity integer)`, `users (id bigint PRIMARY KEY, name text, email text)`}},
	"django": {format.Options{Name: "django", InsecureUnsigned: true}, []string{
		`django_session (session_key varchar(40) PRIMARY KEY, session_data {longtext}, expire_date {moment})`,
		`auth_user (id integer PRIMARY KEY, password text, username text, first_name text, last_name text, email text, is_active {bool})`,
		`auth_group (id integer PRIMARY KEY, name text)`, `auth_user_groups (id integer PRIMARY KEY, user_id integer, group_id integer, UNIQUE (user_id, group_id))`,
	}},
	"express":     {format.Options{Name: "express", Variant: "knex", InsecureUnsigned: true}, []string{`sessions (sid varchar(255) PRIMARY KEY, sess {json}, expired {moment})`}},
	"authjs":      {format.Options{Name: "authjs", Variant: "prisma"}, []string{`"Session" (id text PRIMARY KEY, "sessionToken" text UNIQUE, "userId" text, expires {datetime})`, `"User" (id text PRIMARY KEY, name text, email text)`}},
	"better_auth": {format.Options{Name: "better_auth", InsecureUnsigned: true}, []string{`"session" (id text PRIMARY KEY, token text UNIQUE, "userId" text, "expiresAt" {moment}, "createdAt" {moment})`, `"user" (id text PRIMARY KEY, name text, email text)`}},
	"rails":       {format.Options{Name: "rails", Secret: []string{"x"}}, []string{`sessions (id bigint PRIMARY KEY, user_id bigint, created_at {datetime})`, `users (id bigint PRIMARY KEY, email_address text)`}},
	"drupal": {format.Options{Name: "drupal", Cookie: "x"}, []string{
		`sessions (uid integer, sid varchar(128) PRIMARY KEY, "timestamp" bigint, "session" {blob})`,
		`users_field_data (uid integer, langcode varchar(12), name text, mail text, status smallint, default_langcode smallint, PRIMARY KEY (uid, langcode))`,
		`user__roles (entity_id integer, deleted smallint, delta integer, roles_target_id text, PRIMARY KEY (entity_id, deleted, delta))`,
	}},
	"spring": {format.Options{Name: "spring"}, []string{`spring_session (primary_id char(36) PRIMARY KEY, session_id char(36) UNIQUE, creation_time bigint, last_access_time bigint, expiry_time bigint, principal_name varchar(100))`}},
	"lucia":  {format.Options{Name: "lucia"}, []string{`user_session (id text PRIMARY KEY, user_id text, expires_at {moment})`}},
	"moodle": {format.Options{Name: "moodle"}, []string{
		`mdl_sessions (id bigint PRIMARY KEY, sid varchar(128) UNIQUE, userid bigint, timecreated bigint, timemodified bigint)`,
		`mdl_user (id bigint PRIMARY KEY, username text, email text, firstname text, lastname text, deleted smallint, suspended smallint)`, `mdl_config (id bigint PRIMARY KEY, name varchar(255) UNIQUE, value text)`,
	}},
	"joomla": {format.Options{Name: "joomla", Cookie: "x", TablePrefix: "j_"}, []string{
		`j_session (session_id {blob} PRIMARY KEY, guest smallint, "time" integer, userid integer)`,
		`j_users (id integer PRIMARY KEY, name text, username text, email text, block smallint)`, `j_usergroups (id integer PRIMARY KEY, title text)`,
		`j_user_usergroup_map (user_id integer, group_id integer, PRIMARY KEY (user_id, group_id))`,
	}},
	"grafana": {format.Options{Name: "grafana", Secret: []string{"x"}}, []string{
		`user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)`,
		`"user" (id integer PRIMARY KEY, login text, email text, name text, is_disabled {bool})`,
	}},
	"scs": {format.Options{Name: "scs"}, []string{`sessions (token text PRIMARY KEY, data {blob}, expiry {moment})`}},
}

// A lookup finds its row, and its user's, by an index wherever the program has
// made one.
func TestLookupsUseIndexes(t *testing.T) {
	for _, name := range Names() {
		if _, ok := indexed[name]; !ok && name != "custom" {
			t.Errorf("%s is not tested", name)
		}
	}
	onEach(t, func(t *testing.T, db *testdb) {
		db.raw.SetMaxOpenConns(1)
		if db.dialect == sqltext.Postgres {
			db.exec(`SET enable_seqscan = off`) // for a few rows an index is not worth it
		}
		for _, name := range Names() {
			made, ok := indexed[name]
			if !ok {
				continue
			}
			for _, table := range made.tables {
				db.exec(`CREATE TABLE ` + table)
			}
			f := db.open(made.o)
			queries := f.Queries()
			db.usesIndex(name, queryText(queries[0]), db.aKey(made.o))
			if len(queries) > 1 && f.Admin() == nil {
				db.usesIndex(name, queryText(queries[1]), int64(1)) // the user's own query
			}
			for _, table := range made.tables {
				db.exec(`DROP TABLE ` + strings.Fields(table)[0])
			}
		}
	}, sqltext.SQLite, sqltext.Postgres)
}

// aKey is a key of the type that a program's column has.
func (db *testdb) aKey(o format.Options) any {
	program, err := Complete(o, string(db.dialect))
	if err != nil {
		db.Fatal(err)
	}
	switch program.Options.KeyType {
	case "int":
		return int64(1)
	case "bytes":
		return []byte("1")
	}
	return "1"
}

func (db *testdb) usesIndex(name, query string, arg any) {
	db.Helper()
	if plan := db.plan(query, arg); scans(plan) {
		db.Errorf("%s: %s\n%s", name, query, strings.Join(plan, "\n"))
	}
}

// plan is how the database would run a query.
func (db *testdb) plan(query string, arg any) (lines []string) {
	db.Helper()
	rows, err := db.raw.QueryContext(db.Context(), by(db.dialect, "EXPLAIN QUERY PLAN ", "EXPLAIN ", "EXPLAIN ")+query, arg)
	if err != nil {
		db.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			db.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(*cells[len(cells)-1].(*any)))
	}
	return lines
}

// scans tells whether a whole table is read. A row that is made of the
// parameter is none.
func scans(plan []string) bool {
	for _, line := range plan {
		whole := strings.Contains(line, "SCAN ") || strings.Contains(line, "Seq Scan ")
		if whole && !strings.Contains(line, "CONSTANT ROW") && !strings.HasSuffix(line, "SCAN p") {
			return true
		}
	}
	return false
}

// The test above must see what it looks for: Auth.js' adapter for pg makes no
// index on sessionToken.
func TestScansAreSeen(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.raw.SetMaxOpenConns(1)
		if db.dialect == sqltext.Postgres {
			db.exec(`SET enable_seqscan = off`)
		}
		db.exec(`CREATE TABLE sessions (id integer PRIMARY KEY, "userId" integer, expires {moment}, "sessionToken" varchar(255))`)
		db.exec(`CREATE TABLE users (id integer PRIMARY KEY, name text, email text)`)
		f := db.open(format.Options{Name: "authjs", Variant: "pg"})
		if plan := db.plan(queryText(f.Queries()[0]), "x"); !scans(plan) {
			t.Error(plan)
		}
	}, sqltext.SQLite, sqltext.Postgres)
}
