package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// hangs are ways in which a server that answers lets each COMMIT wait.
var hangs = map[string]func(*testing.T) (server *storetest.Server, begin, end func()){
	"a backup of mysql": func(t *testing.T) (*storetest.Server, func(), func()) {
		s := storetest.StartMySQL(t)
		db := storetest.Open(t, s.URL())
		db.SetMaxOpenConns(1) // to which it belongs
		return s, func() { mustExec(t, db, "BACKUP STAGE START"); mustExec(t, db, "BACKUP STAGE BLOCK_COMMIT") },
			func() { mustExec(t, db, "BACKUP STAGE END") }
	},
	"postgres waits for a standby that is not there": func(t *testing.T) (*storetest.Server, func(), func()) {
		s := storetest.StartPostgres(t)
		return s, func() { waitsFor(t, s, "lost") }, func() { waitsFor(t, s, "") }
	},
	"postgres loses its standby": func(t *testing.T) (*storetest.Server, func(), func()) {
		pair := storetest.StartPair(t)
		waitsFor(t, pair.Primary, "standby")
		return pair.Primary, pair.Standby.Freeze, pair.Standby.Thaw
	},
}

// waitsFor has each COMMIT wait for a standby.
func waitsFor(t *testing.T, s *storetest.Server, standby string) {
	writing(t, s, "ALTER SYSTEM SET synchronous_standby_names = '"+standby+"'", "SELECT pg_reload_conf()")
	storetest.Eventually(t, "the server waits for "+standby, func() bool {
		var name string
		err := storetest.Open(t, s.URL()).QueryRow("SHOW synchronous_standby_names").Scan(&name)
		return err == nil && name == standby
	})
}

// While commits hang logins end in time, however many there are, lookups go on, and
// what has come of the logins is ended (F2, D5).
func TestF2_D5_CommitsThatHang(t *testing.T) {
	for name, prepare := range hangs {
		t.Run(name, func(t *testing.T) {
			server, begin, end := prepare(t)
			s, x := faulty(t, server)
			_, session := create(t, x, "alice", time.Now())
			fillPool(t, s, x, session.Key)
			begin()
			ended := hangingLogins(t, x, 20)
			lookups := 0
			for waiting := true; waiting; lookups++ {
				if found, err := tryFind(x, session.Key); found == nil || err != nil {
					t.Error("a lookup:", err)
				}
				select {
				case <-ended:
					waiting = false
				case <-time.After(10 * time.Millisecond):
				}
			}
			t.Log(lookups, "lookups")
			end()
			works(t, x)
			storetest.Eventually(t, "only the sessions that were answered are left", func() bool {
				n, err := x.Count(t.Context(), "", time.Now())
				return err == nil && n == 2
			})
		})
	}
}

// hangingLogins has many log in at once, and closes ended when all have failed.
func hangingLogins(t *testing.T, x *store.Sessions, n int) (ended chan struct{}) {
	var logins sync.WaitGroup
	for range n {
		logins.Go(func() {
			began := time.Now()
			err := tryCreate(t, x)
			took := time.Since(began)
			// Five times the timeout of lookups, and what a busy machine adds.
			if !errors.Is(err, store.ErrUnavailable) || took > 4*time.Second {
				t.Error(took, err)
			}
		})
	}
	ended = make(chan struct{})
	go func() {
		logins.Wait()
		close(ended)
	}()
	return ended
}
