package lookup

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// request is a request under way.
type request struct {
	stream Stream
	ended  atomic.Int32
	stays  bool // after its handler has returned
}

func (r *request) End()       { r.ended.Add(1) }
func (r *request) Over() bool { return !r.stays }

// underWay begins a request.
func underWay(r *Realm, key byte, user string) *request {
	q := new(request)
	q.stream.Begin(r, &Session{User: user}, format.Lookup{Key: store.Key{key, 1}}, q)
	return q
}

func TestS2_OnlyTheStreamsOfASessionEnd(t *testing.T) {
	realm := &Realm{streams: new(streams)}
	first, second, other, neighbour := underWay(realm, 1, "alice"), underWay(realm, 1, "alice"), underWay(realm, 2, "alice"), underWay(realm, 1+64, "alice")
	gone := underWay(realm, 1, "alice")
	gone.stream.Over()
	taken := underWay(realm, 1, "alice")
	taken.stays = true
	taken.stream.Over()
	realm.streams.end(store.Key{1, 1})
	for what, got := range map[string][2]int32{
		"the first": {first.ended.Load(), 1}, "the second": {second.ended.Load(), 1}, "what was taken over": {taken.ended.Load(), 1},
		"another session's": {other.ended.Load(), 0}, "one in the same list": {neighbour.ended.Load(), 0}, "what was over": {gone.ended.Load(), 0},
	} {
		if got[0] != got[1] {
			t.Errorf("%s was ended %d times, want %d", what, got[0], got[1])
		}
	}
}

// Of a session that has become another user's, nothing goes on.
func TestS2_AnotherUserEndsWhatIsUnderWay(t *testing.T) {
	realm := &Realm{streams: new(streams)}
	q := underWay(realm, 1, "alice")
	fresh := &Session{User: "alice"}
	realm.streams.changed(store.Key{1, 1}, fresh)
	if q.stream.session != fresh || q.ended.Load() != 0 {
		t.Error("a changed claim has ended it, or is not known")
	}
	realm.streams.changed(store.Key{1, 1}, &Session{User: "mallory"})
	if q.ended.Load() != 1 {
		t.Error("it goes on as mallory's")
	}
}

func TestS2_TheListsHoldWhatIsUnderWay(t *testing.T) {
	realm, other := &Realm{streams: new(streams)}, &Realm{}
	other.streams = realm.streams
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var open []*request
			for range 2000 {
				if i := len(open); i > 0 && rand.N(2) == 0 {
					i = rand.N(i)
					open[i].stream.Over()
					open[i].stream.Over() // twice is once
					open = append(open[:i], open[i+1:]...)
				} else {
					open = append(open, underWay(realm, byte(rand.N(256)), "alice"))
				}
			}
			for _, q := range open {
				q.stream.Over()
			}
		})
	}
	underWay(other, 3, "bob")
	all.Wait()
	if !realm.streams.isIdle(realm) || realm.streams.isIdle(other) {
		t.Error("something is left, or lost")
	}
	underWay(other, 3, "bob")
	underWay(other, 4, "carol")
	if list := realm.streams.sessions(other, nil); len(list) != 2 || len(realm.streams.sessions(realm, nil)) != 0 {
		t.Errorf("%d sessions, want bob's and carol's", len(list))
	}
	if list := realm.streams.sessions(other, func(s *Stream) bool { return s.session.User == "bob" }); len(list) != 1 || list[0].session.User != "bob" {
		t.Error("not bob's alone")
	}
}

// openRealm is a realm with one session of alice, as Caddy opens it.
func openRealm(t *testing.T, s Settings) (*Realm, format.Lookup, *Session) {
	t.Helper()
	s.Realm, s.Store.LookupTimeout, s.Idle, s.Lifetime, s.MaxPerUser = t.Name(), 10*time.Second, time.Hour, 24*time.Hour, 50
	if s.Store.URL == "" {
		s.Store.URL = storetest.SQLite(t)
	}
	realm, err := Open(s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.Close() })
	if err := realm.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, _ := logsIn(t, realm, "alice", time.Now())
	session, err := realm.Find(t.Context(), l, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return realm, l, session
}

// Whoever ends a session on this node ends what is under way, without any round.
func TestS2_EveryEndingHereEndsWhatIsUnderWay(t *testing.T) {
	for name, end := range map[string]func(*Realm, format.Lookup, *Session) error{
		"the cookie": func(r *Realm, l format.Lookup, _ *Session) error { return r.End(t.Context(), l) },
		"its public id": func(r *Realm, _ format.Lookup, s *Session) error {
			_, err := r.EndID(t.Context(), s.PublicID())
			return err
		},
		"its user": func(r *Realm, _ format.Lookup, _ *Session) error {
			_, err := r.EndUser(t.Context(), "alice")
			return err
		},
		"all": func(r *Realm, _ format.Lookup, _ *Session) error {
			_, err := r.EndAll(t.Context())
			return err
		},
		"one that replaces it": func(r *Realm, l format.Lookup, _ *Session) error {
			_, _, err := r.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}, Replaces: &l.Key}, time.Now())
			return err
		},
	} {
		for _, ttl := range []time.Duration{0, time.Hour} {
			t.Run(name+" "+ttl.String(), func(t *testing.T) {
				realm, l, session := openRealm(t, Settings{CacheTTL: ttl})
				q := new(request)
				q.stream.Begin(realm, session, l, q)
				defer q.stream.Over()
				if err := end(realm, l, session); err != nil {
					t.Fatal(err)
				}
				storetest.Eventually(t, "it is ended", func() bool { return q.ended.Load() > 0 })
				if ttl > 0 {
					late := new(request)
					late.stream.Begin(realm, session, l, late)
					late.stream.Over()
					if late.ended.Load() == 0 && name != "its user" && name != "all" {
						t.Error("who comes later, with what was found before, is not told")
					}
				}
			})
		}
	}
}

// A login ends no other session of its user, and asks for none that is not open.
func TestS2_ALoginLeavesWhatIsUnderWay(t *testing.T) {
	realm, l, session := openRealm(t, Settings{CacheTTL: time.Hour})
	q := new(request)
	q.stream.Begin(realm, session, l, q)
	defer q.stream.Over()
	if _, _, err := realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "it was asked for", func() bool { return session.checked.Load() > 0 })
	if q.ended.Load() != 0 {
		t.Error("it was ended")
	}
}

// The rounds go on for a configuration that was replaced, until nothing is left of it.
func TestS2_AReplacedRealmLooksAfterItsStreams(t *testing.T) {
	realm, l, session := openRealm(t, Settings{CacheTTL: time.Hour, Recheck: 100 * time.Millisecond})
	q := new(request)
	q.stream.Begin(realm, session, l, q)
	defer q.stream.Over()
	other, err := Open(Settings{Realm: realm.settings.Realm, Store: realm.settings.Store, Idle: time.Hour, Lifetime: 24 * time.Hour, Recheck: time.Hour}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := realm.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sessionsOf(other).Revoke(t.Context(), l.Key); err != nil { // by SQL, for all that realms know
		t.Fatal(err)
	}
	storetest.Eventually(t, "it is ended", func() bool { return q.ended.Load() > 0 })
}
