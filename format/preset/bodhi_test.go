package preset

import (
	"encoding/hex"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestBodhi(t *testing.T) {
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE tower_sessions (id text PRIMARY KEY NOT NULL, data {blob} NOT NULL, expiry_date {timestamptz}, user_id text)`)
		for _, row := range list(t, vectors(t, "tower"), "rows") {
			raw, _ := hex.DecodeString(text(t, row, "hex"))
			db.exec(`INSERT INTO tower_sessions VALUES (?, ?, ?, ?)`, text(t, row, "id"), raw, text(t, row, "expiry"), map[string]any{"user": "user123", "anonymous": "user123", "empty": "user123"}[text(t, row, "name")])
		}
		f := db.open(format.Options{Name: "bodhi", Revocable: true})
		db.is(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, "user123")
		db.isNobody(f, "ICAgICAgICAgICAgICAgIA", beforeTower, format.ErrAnonymous) // a number is nobody to BodhiApp
		db.isNobody(f, "EBAQEBAQEBAQEBAQEBAQEA", beforeTower, format.ErrAnonymous) // the column is stale
		if n := len(db.sessionsOf(f, "user123", beforeTower)); n != 2 {
			t.Errorf("%d sessions by the column; want 2, without the expired one", n)
		}
		if n := db.revokeUser(f, "user123", beforeTower); n != 3 {
			t.Errorf("%d rows are gone; want all 3 of the column", n)
		}
		db.isNobody(f, "AAECAwQFBgcICQoLDA0ODw", beforeTower, format.ErrUnknown)
	}, sqltext.SQLite, sqltext.Postgres)
}
