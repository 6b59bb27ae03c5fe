package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func BenchmarkVerify(b *testing.B) {
	keys := started(b, storetest.SQLite(b)).Keys()
	token, _ := keys.Mint("default", "", time.Now())
	for name, cookie := range map[string]string{"good": token, "forged": strings.Repeat("A", store.TokenLen), "malformed": token[:60] + "%3D="} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				keys.Verify("default", "", cookie)
			}
		})
	}
}

var alice = store.Identity{User: "alice", Claims: store.Claims{
	"email": store.Text("alice@example.com"), "name": store.Text("Alice Liddell"), "groups": store.List("admin", "ops", "staff"),
}}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := alice.Check(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	for _, d := range storetest.Kinds {
		b.Run(d.Name, func(b *testing.B) { benchmarkFind(b, d.Fresh(b)) })
	}
}

func benchmarkFind(b *testing.B, url string) {
	s := started(b, url)
	x := s.Sessions("default", idle, lifetime)
	keys := fill(b, s, url, 10_000, time.Now().Add(lifetime))
	if s.Dialect() == "postgres" {
		mustExec(b, storetest.Open(b, url), "VACUUM ANALYZE caddy_session_sessions") // as the server does by itself after a while
	}
	lookup := func(i int) {
		if row, err := x.Find(keys[i%len(keys)]); row == nil || err != nil {
			b.Error(row, err)
		}
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			lookup(i)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(16) // 32 on two cores
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				lookup(i)
			}
		})
	})
}

func BenchmarkCreateAndRevoke(b *testing.B) {
	for _, d := range storetest.Kinds {
		b.Run(d.Name, func(b *testing.B) {
			x := started(b, d.Fresh(b)).Sessions("default", idle, lifetime)
			b.ReportAllocs()
			for b.Loop() {
				_, session, err := x.Create(b.Context(), store.NewSession{Identity: alice}, time.Now())
				if err == nil {
					_, err = x.Revoke(b.Context(), session.Key)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
