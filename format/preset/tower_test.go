package preset

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// beforeTower is before the rows of the vectors end, but for the one that has
// ended.
var beforeTower = time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)

// towerDB makes the table of tower-sessions-sqlx-store and fills it.
func towerDB(t *testing.T, db *testdb) {
	t.Helper()
	table := towerName(db)
	if db.dialect == sqltext.Postgres {
		db.exec(`CREATE SCHEMA tower_sessions`)
	}
	db.exec(`CREATE TABLE ` + table + ` (id varchar(22) PRIMARY KEY NOT NULL, data {blob} NOT NULL, expiry_date {timestamptz})`)
	for _, row := range list(t, vectors(t, "tower"), "rows") {
		towerInsert(t, db, text(t, row, "id"), text(t, row, "hex"), text(t, row, "expiry"))
	}
}

// towerOptions are those of a test, which on PostgreSQL are the preset's own.
func towerOptions(db *testdb) format.Options {
	if db.dialect == sqltext.Postgres {
		return format.Options{Name: "tower"}
	}
	return format.Options{Name: "tower", Table: towerName(db), Schema: off}
}

func towerName(db *testdb) string {
	if db.dialect == sqltext.Postgres {
		return "tower_sessions.session"
	}
	return "session"
}

func towerInsert(t *testing.T, db *testdb, id, blob, expiry string) {
	t.Helper()
	raw, err := hex.DecodeString(blob)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, expiry)
	if err != nil {
		t.Fatal(err)
	}
	var end any = expiry // text in SQLite
	if db.dialect != sqltext.SQLite {
		end = at.UTC().Truncate(time.Microsecond)
	}
	if db.dialect == sqltext.MySQL {
		end = at.UTC().Format("2006-01-02 15:04:05.999999")
	}
	db.exec(`INSERT INTO `+towerName(db)+` (id, data, expiry_date) VALUES (?, ?, ?)`, id, raw, end)
}

func TestTower(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		towerDB(t, db)
		o := towerOptions(db)
		f := db.open(o)
		s := db.is(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, "user123")
		if want := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC); s.Expires.UTC().Truncate(time.Second) != want {
			t.Errorf("it ends at %v; want %v", s.Expires, want)
		}
		db.is(f, "ICAgICAgICAgICAgICAgIA", beforeTower, "42")
		db.isNobody(f, "AAECAwQFBgcICQoLDA0ODw", time.Date(2030, 1, 2, 3, 4, 6, 0, time.UTC), format.ErrExpired)
		db.isNobody(f, "_____________________w", beforeTower, format.ErrExpired)
		db.isNobody(f, "EBAQEBAQEBAQEBAQEBAQEA", beforeTower, format.ErrAnonymous)
		db.isNobody(f, "AAAAAAAAAAAAAAAAAAAAAA", beforeTower, format.ErrUnknown)
		db.isNobody(f, "aAECAwQFBgcICQoLDA0ODw", beforeTower, format.ErrUnknown) // case counts
		for _, bad := range []string{"", "AAECAwQFBgcICQoLDA0ODx", "AAECAwQFBgcICQoLDA0OD", "AAECAwQFBgcICQoLDA0ODw ", "AAECAwQFBgcICQoL\nDA0ODw"} {
			db.isNobody(f, bad, beforeTower, format.ErrMalformed)
		}
		o.Variant = "axum_login"
		db.is(db.open(o), "MDAwMDAwMDAwMDAwMDAwMA", beforeTower, "42")
	})
}

func TestTowerSignedAndPrivateCookies(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		towerDB(t, db)
		cookies := at(t, vectors(t, "tower"), "cookies")
		for _, kind := range []string{"signed", "private"} {
			f := db.open(format.Options{
				Name: "tower", Table: towerName(db),
				Secret: []string{"a secret of the time before, 32 long", "hex:" + text(t, cookies, "key_hex")},
				Token:  []string{"tower_" + kind},
			})
			good := text(t, cookies, kind)
			db.is(f, good, beforeTower, "user123")
			db.isNobody(f, text(t, cookies, "id"), beforeTower, format.ErrMalformed)
			db.isNobody(f, "A"+good[1:], beforeTower, format.ErrMalformed)
		}
	}, sqltext.SQLite)
}

// A row under one id with the data of another is a row that somebody put there.
func TestTowerRefusesABlobOfAnotherID(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		towerDB(t, db)
		const stolen = "ZmZmZmZmZmZmZmZmZmZmZg"
		row := list(t, vectors(t, "tower"), "rows")[0]
		towerInsert(t, db, stolen, text(t, row, "hex"), text(t, row, "expiry"))
		f := db.open(towerOptions(db))
		db.isNobody(f, stolen, beforeTower, format.ErrUndecodable)
		for i, blob := range []string{"", "93", text(t, row, "hex") + "00", strings.Repeat("91", 5000)} {
			id := "AAAAAAAAAAAAAAAAAAAA" + string(rune('A'+i)) + "A"
			towerInsert(t, db, id, blob, text(t, row, "expiry"))
			db.isNobody(f, id, beforeTower, format.ErrUndecodable)
		}
	}, sqltext.SQLite)
}

// rusqlite-store and libsql-store write whole seconds into the same column.
func TestTowerIntegerExpiry(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE tower_sessions (id text primary key not null, data blob not null, expiry_date integer not null)`)
		row := list(t, vectors(t, "tower"), "rows")[0]
		raw, _ := hex.DecodeString(text(t, row, "hex"))
		end := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
		db.exec(`INSERT INTO tower_sessions VALUES (?, ?, ?)`, text(t, row, "id"), raw, end.Unix())
		f := db.open(format.Options{Name: "tower"})
		db.is(f, text(t, row, "id"), end.Add(-time.Second), "user123")
		db.isNobody(f, text(t, row, "id"), end, format.ErrExpired)
		db.exec(`UPDATE tower_sessions SET expiry_date = ?`, end.UnixMilli())
		db.isNobody(f, text(t, row, "id"), beforeTower, format.ErrUndecodable) // milliseconds are not for ever
		db.exec(`UPDATE tower_sessions SET expiry_date = ?`, "2030-01-02T03:04:05.123456789Z")
		db.is(f, text(t, row, "id"), end, "user123")
	}, sqltext.SQLite)
}
