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
