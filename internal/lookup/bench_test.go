package lookup

import (
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// BenchmarkStorm is many clients with different sessions that no cache knows.
func BenchmarkStorm(b *testing.B) {
	const sessions, clients = 500, 64
	for _, d := range storetest.Kinds {
		b.Run(d.Name, func(b *testing.B) {
			realm, _ := startedRealm(b, d.Fresh(b), time.Hour)
			var lookups [sessions]format.Lookup
			for i := range lookups {
				_, session, err := sessionsOf(realm).Create(b.Context(), store.NewSession{Identity: store.Identity{User: strconv.Itoa(i)}}, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				lookups[i].Key = session.Key
			}
			var asked atomic.Int64
			b.SetParallelism(clients / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := asked.Add(1) % sessions
					if n == 0 {
						realm.cache.live.InvalidateAll()
					}
					if _, err := realm.Find(b.Context(), lookups[n], time.Now()); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkStreams is what an ordinary request pays for being known while it is under
// way, and what a round costs with ten thousand that stay.
func BenchmarkStreams(b *testing.B) {
	realm := &Realm{streams: new(streams)}
	key := func(i int) format.Lookup {
		return format.Lookup{Key: store.Key{byte(i), byte(i >> 8), byte(i >> 16)}}
	}
	session := new(Session)
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		q := new(request)
		for i := range b.N {
			q.stream.Begin(realm, session, key(i), q)
			q.stream.Over()
		}
	})
	for i := range 10_000 {
		q := new(request)
		q.stream.Begin(realm, &Session{User: "alice"}, key(i), q)
	}
	b.Run("10000 in a round", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(realm.streams.sessions(realm, nil)) != 10_000 {
				b.Fatal("some are lost")
			}
		}
	})
}
