package preset

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// Of Lucia there are patterns, not programs; the cookies follow from them.
func TestLucia(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	const token = "abcdefghijklmnopqrstuvwxyz234567"
	hash := sha256.Sum256([]byte(token))
	onEach(t, func(t *testing.T, db *testdb) {
		var end any = now.Add(time.Hour).Format("2006-01-02 15:04:05Z07:00")
		if db.dialect == sqltext.SQLite {
			end = now.Add(time.Hour).Unix()
		}
		if db.dialect == sqltext.MySQL {
			end = now.Add(time.Hour).Format("2006-01-02 15:04:05")
		}
		db.exec(`CREATE TABLE user_session (id varchar(255) PRIMARY KEY, user_id varchar(64), expires_at ` + by(db.dialect, "integer", "timestamptz", "datetime") + `)`)
		db.exec(`INSERT INTO user_session VALUES (?, 'u1', ?), (?, 'u2', ?)`, token, end, hex.EncodeToString(hash[:]), end)
		raw, hashed := db.open(format.Options{Name: "lucia"}), db.open(format.Options{Name: "lucia", Variant: "sha256"})
		db.is(raw, token, now, "u1")
		db.is(hashed, token, now, "u2")
		db.isNobody(hashed, hex.EncodeToString(hash[:]), now, format.ErrUnknown) // what the table holds is no cookie
		db.isNobody(raw, token, now.Add(time.Hour), format.ErrExpired)

		db.exec(`CREATE TABLE "session" (id varchar(64) PRIMARY KEY, user_id integer, secret_hash {blob}, created_at bigint)`)
		db.exec(`INSERT INTO "session" VALUES ('one', 5, ?, ?)`, hash[:], now.Unix())
		halves := db.open(format.Options{Name: "lucia", Variant: "secret"})
		db.is(halves, "one."+token, now.Add(time.Hour), "5")
		db.isNobody(halves, "one."+token, now.Add(24*time.Hour), format.ErrExpired)
		db.isNobody(halves, "one.wrong", now, format.ErrUnknown)
		db.isNobody(halves, "two."+token, now, format.ErrUnknown)
		db.isNobody(halves, "one", now, format.ErrMalformed)
		inBytes := db.open(format.Options{Name: "lucia", Variant: "secret", Token: []string{"split sha256_base64"}})
		db.is(inBytes, "one."+base64.StdEncoding.EncodeToString([]byte(token)), now, "5")
		db.isNobody(inBytes, "one."+token, now, format.ErrUnknown)
	})
}
