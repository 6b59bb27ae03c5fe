package format

import (
	"log/slog"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A table or column that is not there is found out when the realm starts.
func TestChecksFailWithoutTableOrColumn(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE s (k varchar(20) PRIMARY KEY, u varchar(20), e bigint)`)
		db.exec(`CREATE VIEW v AS SELECT u, e FROM s`)
		fails := func(change func(*Options)) {
			t.Helper()
			f, err := New(customWith(change), string(db.dialect), db.store.Query)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range f.Checks() {
				stmt, err := db.raw.PrepareContext(t.Context(), queryText(q))
				if err != nil {
					return
				}
				_ = stmt.Close()
			}
			t.Errorf("%s prepares", queryText(f.find))
		}
		fails(func(o *Options) { o.Table = "nosuch" })
		fails(func(o *Options) { o.Table = "v" })
		fails(func(o *Options) { o.Columns["name"] = "nosuch" })
		fails(func(o *Options) { o.Users = &Users{Table: "nosuch"} })
		fails(func(o *Options) { o.Users = &Users{Table: "s", Key: "nosuch"} })
		fails(func(o *Options) { o.Table, o.Revocable = "v", true })
		db.prepare(mustNew(t, customWith(func(o *Options) { o.Revocable = true }), db))
	})
}

func mustNew(t *testing.T, o Options, db *testdb) *Foreign {
	t.Helper()
	f, err := New(o, string(db.dialect), db.store.Query)
	if err != nil {
		t.Fatal(err)
	}
	return f
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
	f := db.open(Options{Name: "express", Secret: texts(t, stored, "secrets")})
	end := time.Date(2026, 11, 24, 1, 17, 27, 0, time.UTC)
	cookie := text(t, login, "cookie_value_raw_on_wire")
	db.is(f, cookie, end.Add(-time.Second), "42")
	db.isNobody(f, cookie, end, ErrExpired)
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
	f := db.open(Options{Name: "scs", Guards: []string{off}})
	db.is(f, cookie, end.Add(-time.Second), "42")
	db.isNobody(f, cookie, end, ErrExpired)

	db.exec(`CREATE TABLE s (k varchar(20) PRIMARY KEY, u varchar(20), e datetime)`)
	db.exec(`INSERT INTO s VALUES ('a', 'alice', '2026-11-23 20:17:27')`)
	local := db.open(customWith(func(o *Options) { o.ExpiresUnit = "local" }))
	db.is(local, "a", end.Add(-time.Second), "alice")
	db.isNobody(local, "a", end, ErrExpired)
}

// BenchmarkForeign is what a lookup costs besides the database.
func BenchmarkForeign(b *testing.B) {
	stored := list(b, vectors(b, "express-session"), "stores")[0]
	login := list(b, stored, "cases")[0]
	f, err := New(Options{Name: "express", Variant: "knex", Secret: texts(b, stored, "secrets")}, "sqlite", noQuery)
	if err != nil {
		b.Fatal(err)
	}
	cookie, now := text(b, login, "cookie_value_raw_on_wire"), time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	row := oneRow{now.Add(time.Hour), text(b, login, "row.sid"), []byte(text(b, login, "row.sess"))}
	b.Run("lookup", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Lookup(cookie, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("row", func(b *testing.B) {
		l, err := f.Lookup(cookie, now)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Find(b.Context(), row, l, now); err != nil {
				b.Fatal(err)
			}
		}
	})
}
