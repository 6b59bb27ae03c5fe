package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// faulty is a store on a server of its own.
func faulty(t *testing.T, server *storetest.Server) (*store.Store, *store.Sessions) {
	t.Helper()
	s, _ := newStore(t, store.Settings{URL: server.URL(), LookupTimeout: 500 * time.Millisecond})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, s.Sessions("main", idle, lifetime)
}

func eachServer(t *testing.T, f func(*testing.T, *storetest.Server)) {
	for kind, start := range servers {
		t.Run(kind, func(t *testing.T) { f(t, start(t)) })
	}
}

// fillPool opens all connections of the pool.
func fillPool(t *testing.T, s *store.Store, x *store.Sessions, key store.Key) {
	t.Helper()
	var lookups sync.WaitGroup
	for range 64 {
		lookups.Go(func() {
			if found, err := tryFind(x, key); found == nil || err != nil {
				t.Error("not found:", err)
			}
		})
	}
	lookups.Wait()
}

// After a restart every pooled connection is broken. No lookup and no login
// notices (F3).
func TestF3_RestartIsInvisible(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		s, x := faulty(t, server)
		_, session := create(t, x, "alice", time.Now())
		for _, end := range []func(){server.Stop, server.Kill} {
			fillPool(t, s, x, session.Key)
			end()
			server.Start()
			fillPool(t, s, x, session.Key)
			end()
			server.Start()
			create(t, x, "bob", time.Now())
			end()
			server.Start()
			if ended, err := x.Revoke(t.Context(), store.Key{1}); ended || err != nil {
				t.Error(ended, err)
			}
		}
	})
}

// While the server is down, nobody knows: neither a session nor none (F2).
func TestF2_ServerDies(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		s, x := faulty(t, server)
		_, session := create(t, x, "alice", time.Now())
		server.Kill()
		if _, err := tryFind(x, session.Key); !errors.Is(err, store.ErrUnavailable) {
			t.Error("Find:", err)
		}
		if _, err := x.Revoke(t.Context(), session.Key); !errors.Is(err, store.ErrUnavailable) {
			t.Error("Revoke:", err)
		}
		server.Start()
		fillPool(t, s, x, session.Key)
	})
}

// A server that hangs costs a lookup its timeout, and is used again when it
// comes to (F2).
func TestF2_ServerHangs(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		s, x := faulty(t, server)
		_, session := create(t, x, "alice", time.Now())
		fillPool(t, s, x, session.Key)
		server.Freeze()
		var lookups sync.WaitGroup
		for range 32 {
			lookups.Go(func() {
				began := time.Now()
				_, err := tryFind(x, session.Key)
				if took := time.Since(began); !errors.Is(err, store.ErrUnavailable) || took > 2*time.Second {
					t.Error(took, err)
				}
			})
		}
		lookups.Wait()
		server.Thaw()
		storetest.Eventually(t, "the session is found again", func() bool {
			found, err := tryFind(x, session.Key)
			return found != nil && err == nil
		})
	})
}

// A server that hangs already at the start keeps Caddy's other sites from
// starting for a moment only, and a store from closing likewise.
func TestF2_ServerHangsAtStart(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		working, x := faulty(t, server)
		_, session := create(t, x, "alice", time.Now())
		fillPool(t, working, x, session.Key)
		server.Freeze()
		began := time.Now()
		s, _ := newStore(t, store.Settings{URL: server.URL()})
		if err := s.Start(t.Context()); err != nil || s.Ready() || time.Since(began) > 7*time.Second {
			t.Error(time.Since(began), err)
		}
		began = time.Now()
		if err := working.Close(); err != nil || time.Since(began) > 7*time.Second {
			t.Error(time.Since(began), err)
		}
		server.Thaw()
		storetest.Eventually(t, "the store is ready", s.Ready)
	})
}

// What could not be written while the server was away is written later.
func TestActivitySurvivesOutage(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		_, x := faulty(t, server)
		now := time.Now().Truncate(time.Millisecond)
		_, session := create(t, x, "alice", now)
		server.Stop()
		x.Touch(session.Key, now.Add(10*time.Minute))
		<-time.After(1500 * time.Millisecond) // at least one attempt fails
		server.Start()
		storetest.Eventually(t, "the activity is written", func() bool {
			written, err := x.Show(t.Context(), session.ID, now)
			return err == nil && written.Seen.Equal(now.Add(10*time.Minute))
		})
	})
}

// Notes that cannot be written keep a store from closing for a moment only:
// two seconds for them, and as long for the connections.
func TestActivityDoesNotHinderClosing(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		s, x := faulty(t, server)
		_, session := create(t, x, "alice", time.Now())
		server.Freeze()
		defer server.Thaw()
		x.Touch(session.Key, time.Now().Add(10*time.Minute))
		began := time.Now()
		err := s.Close()
		took := time.Since(began)
		if err != nil || took > 5*time.Second {
			t.Error(took, err)
		}
		t.Log("closed after", took)
	})
}

// Another process holds the lock for writing: lookups do not notice, and a
// store still starts (F6).
func TestF6_SQLiteLockedByAnother(t *testing.T) {
	url := storetest.SQLite(t)
	s := started(t, url)
	x := s.Sessions("main", idle, lifetime)
	_, session := create(t, x, "alice", time.Now())
	conn, err := storetest.Open(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 100 {
		if find(t, x, session.Key) == nil {
			t.Fatal("the session is not found")
		}
	}
	second := started(t, url)
	if find(t, second.Sessions("main", idle, lifetime), session.Key) == nil {
		t.Fatal("the session is not found by a second store")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Error("lookups waited for", took)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	create(t, x, "bob", time.Now())
}

// Logins that a freezing server leaves without an answer leave no session behind,
// and none that was answered is lost (D5).
func TestD5_LoginsWhileTheServerFreezes(t *testing.T) {
	eachServer(t, func(t *testing.T, server *storetest.Server) {
		_, x := faulty(t, server)
		var mu sync.Mutex
		var kept []string
		failed := 0
		enough := make(chan struct{})
		var logins sync.WaitGroup
		for range 8 {
			logins.Go(func() {
				for range 40 {
					_, session, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
					mu.Lock()
					if err != nil {
						failed++
					} else if kept = append(kept, session.ID); len(kept) == 20 {
						close(enough)
					}
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		<-enough
		server.Freeze()
		logins.Wait()
		server.Thaw()
		if failed == 0 {
			t.Fatal("no login failed")
		}
		storetest.Eventually(t, "only the sessions that were answered are left", func() bool {
			n, err := x.Count(t.Context(), "", time.Now())
			return err == nil && n == int64(len(kept))
		})
		for _, id := range kept {
			if s, err := x.Show(t.Context(), id, time.Now()); s == nil || err != nil {
				t.Error(s, err)
			}
		}
	})
}
