package preset

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

func TestSCS(t *testing.T) {
	tree := vectors(t, "scs-hash-false")
	end, err := time.Parse(time.RFC3339Nano, text(t, tree, "row.expiry_rfc3339"))
	if err != nil {
		t.Fatal(err)
	}
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		db.exec(`CREATE TABLE sessions (token varchar(43) PRIMARY KEY, data {blob} NOT NULL, expiry ` + by(db.dialect, "real", "timestamptz", "timestamp(6) null") + `)`)
		var stored any = end
		switch db.dialect {
		case sqltext.SQLite:
			stored = float64(end.UnixMilli())/86400e3 + 2440587.5
		case sqltext.MySQL:
			stored = end.UTC().Format("2006-01-02 15:04:05.000000")
		}
		db.exec(`INSERT INTO sessions VALUES (?, ?, ?)`, cookie, unbase64At(t, tree, "row.data_base64"), stored)
		f := db.open(format.Options{Name: "scs", Claims: map[string]string{"email": "Values.email"}})
		db.is(f, cookie, end.Add(-time.Minute), "42", "email=alice@example.com")
		db.isNobody(f, cookie, end.Add(time.Second), format.ErrExpired)
		db.isNobody(db.open(format.Options{Name: "scs", Variant: "hashed"}), cookie, end.Add(-time.Minute), format.ErrUnknown)
		db.exec(`UPDATE sessions SET data = ?`, unbase64At(t, vectors(t, "scs-custom-type"), "data_base64"))
		s, err := db.find(f, cookie, end.Add(-time.Minute))
		if err == nil && s.User != "42" || err != nil && reasonOf(err) == "" {
			t.Errorf("%v, %v", s, err)
		}
	})
}
