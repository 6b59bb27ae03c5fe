package format_test

import (
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/vectortest"
)

// BenchmarkForeign is what a lookup costs besides the database.
func BenchmarkForeign(b *testing.B) {
	stored := vectortest.List(b, vectortest.Load(b, "express-session"), "stores")[0]
	login := vectortest.List(b, stored, "cases")[0]
	f, err := open(format.Options{Name: "express", Variant: "knex", Secret: vectortest.Texts(b, stored, "secrets")}, "sqlite")
	if err != nil {
		b.Fatal(err)
	}
	cookie, now := vectortest.Text(b, login, "cookie_value_raw_on_wire"), time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	row := oneRow{now.Add(time.Hour), vectortest.Text(b, login, "row.sid"), []byte(vectortest.Text(b, login, "row.sess"))}
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
