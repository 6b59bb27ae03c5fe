package preset

import (
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A table or column that is not there is found out when the realm starts.
func TestChecksFailWithoutTableOrColumn(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE s (k varchar(20) PRIMARY KEY, u varchar(20), e bigint)`)
		db.exec(`CREATE VIEW v AS SELECT u, e FROM s`)
		fails := func(change func(*format.Options)) {
			t.Helper()
			f := db.made(customWith(change))
			for _, q := range f.Queries() {
				stmt, err := db.raw.PrepareContext(t.Context(), queryText(q))
				if err != nil {
					return
				}
				_ = stmt.Close()
			}
			t.Errorf("%s prepares", queryText(f.Queries()[0]))
		}
		fails(func(o *format.Options) { o.Table = "nosuch" })
		fails(func(o *format.Options) { o.Table = "v" })
		fails(func(o *format.Options) { o.Columns["name"] = "nosuch" })
		fails(func(o *format.Options) { o.Users = &format.Users{Table: "nosuch"} })
		fails(func(o *format.Options) { o.Users = &format.Users{Table: "s", Key: "nosuch"} })
		fails(func(o *format.Options) { o.Table, o.Revocable = "v", true })
		db.open(customWith(func(o *format.Options) { o.Revocable = true }))
	})
}

// customWith is a custom table of the names that these tests have.
func customWith(change func(*format.Options)) format.Options {
	o := format.Options{Name: "custom", Cookie: "sid", Table: "s", Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}}
	change(&o)
	return o
}

// connect-pg-simple writes the wall clock of the database's sessions.
func TestLocalTimesAreThoseOfTheDatabase(t *testing.T) {
	raw := storetest.Postgres(t)
	db := openTestDB(t, sqltext.Postgres, raw)
	db.exec(`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET TimeZone = ''America/New_York'''; END $$`)
	s, err := store.New(store.Settings{URL: raw, MaxConns: 2}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.store = s
	stored := list(t, vectors(t, "express-session"), "stores")[0]
	login := list(t, stored, "cases")[0]
	db.exec(expressTables[0].ddl)
	db.exec(`INSERT INTO "session" VALUES (?, ?, '2026-11-23 20:17:27')`, text(t, login, "row.sid"), text(t, login, "row.sess"))
	f := db.open(format.Options{Name: "express", Secret: texts(t, stored, "secrets")})
	end := time.Date(2026, 11, 24, 1, 17, 27, 0, time.UTC)
	cookie := text(t, login, "cookie_value_raw_on_wire")
	db.is(f, cookie, end.Add(-time.Second), "42")
	db.isNobody(f, cookie, end, format.ErrExpired)
}

// A MySQL server that is not set to UTC: its TIMESTAMP columns are instants,
// unless a program wrote UTC without telling; its DATETIME columns are clocks.
func TestTimesOfAServerElsewhere(t *testing.T) {
	server := storetest.StartMySQL(t)
	db := openTestDB(t, sqltext.MySQL, server.URL())
	db.raw.SetMaxOpenConns(1)
	db.exec(`SET GLOBAL time_zone = '-05:00'`)
	db.exec(`SET time_zone = '-05:00'`)
	end := time.Date(2026, 11, 24, 1, 17, 27, 0, time.UTC)
	const cookie = "HNz76QfBI8Qe9_jk-6n-BulcBUzRadQMgyqexrce9ME"
	db.exec(`CREATE TABLE sessions (token char(43) PRIMARY KEY, data blob, expiry timestamp(6) null)`)
	db.exec(`INSERT INTO sessions VALUES (?, ?, ?)`, cookie, unbase64At(t, vectors(t, "scs-hash-false"), "row.data_base64"), end.Format("2006-01-02 15:04:05"))
	f := db.open(format.Options{Name: "scs", Guards: []string{off}})
	db.is(f, cookie, end.Add(-time.Second), "42")
	db.isNobody(f, cookie, end, format.ErrExpired)

	db.exec(`CREATE TABLE s (k varchar(20) PRIMARY KEY, u varchar(20), e datetime)`)
	db.exec(`INSERT INTO s VALUES ('a', 'alice', '2026-11-23 20:17:27')`)
	local := db.open(customWith(func(o *format.Options) { o.ExpiresUnit = "local" }))
	db.is(local, "a", end.Add(-time.Second), "alice")
	db.isNobody(local, "a", end, format.ErrExpired)

	// The server has made UTC of a TIMESTAMP already: taken for a clock's time, a
	// session would go on for five hours here.
	db.exec(`CREATE TABLE instants (k varchar(20) PRIMARY KEY, u varchar(20), e timestamp null)`)
	db.exec(`INSERT INTO instants VALUES ('a', 'alice', '2026-11-23 20:17:27')`)
	db.exec(`CREATE VIEW seen AS SELECT * FROM instants`)
	var schema string
	if err := db.raw.QueryRow("SELECT DATABASE()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ schema, table string }{{"", "instants"}, {schema, "instants"}, {"", schema + ".instants"}, {"", "seen"}} {
		local := db.open(customWith(func(o *format.Options) { o.ExpiresUnit, o.Table, o.Schema = "local", c.table, c.schema }))
		db.is(local, "a", end.Add(-time.Second), "alice")
		db.isNobody(local, "a", end, format.ErrExpired)
	}
}
