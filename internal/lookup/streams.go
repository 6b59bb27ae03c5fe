package lookup

import (
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// registries holds the streams of every realm by its name: a reload that changes a
// realm's settings leaves them, and what ends under the new ones ends them, too.
var registries = caddy.NewUsagePool()

// Ender ends a request under way, or what that has become, from outside.
type Ender interface {
	// End ends it, unless its answer has not begun. It does not wait.
	End()
	// Over says that the handler has returned, and reports whether that is the end
	// of it: what has been taken over is closed later.
	Over() bool
}

// Stream is a request under way, for as long as it goes on: with the session that
// it was let through for, it ends. The zero value is none.
type Stream struct {
	lookup format.Lookup
	ender  Ender
	realm  *Realm // nil: it is none, or has left

	session    *Session // whose claims are those that the database said last
	prev, next *Stream
}

// streams are the requests under way, by the keys of their sessions. They know
// each other without any memory of their own, and are in many lists, so that an
// ordinary request does not feel it.
type streams [64]streamList

type streamList struct {
	mu    sync.Mutex
	first *Stream
	_     [48]byte // so that two processors do not share a line of memory
}

// of is the list with the streams of a session.
func (all *streams) of(key store.Key) *streamList { return &all[key[0]%byte(len(all))] }

// Destruct implements caddy.Destructor.
func (*streams) Destruct() error { return nil }

// openStreams takes a realm's streams out of the pool, or puts some in.
func openStreams(realm string) *streams {
	value, _, _ := registries.LoadOrNew(realm, func() (caddy.Destructor, error) { return new(streams), nil })
	return value.(*streams)
}

// Begin has a request end with its session, until [Stream.Leave] is called.
func (s *Stream) Begin(r *Realm, session *Session, l format.Lookup, ender Ender) {
	s.lookup, s.ender, s.realm, s.session = l, ender, r, session
	list := r.streams.of(l.Key)
	list.mu.Lock()
	if s.next = list.first; s.next != nil {
		s.next.prev = s
	}
	list.first = s
	list.mu.Unlock()
	if r.cache != nil && r.cache.hasEnded(ending{key: l.Key}, session) {
		ender.End() // while it was on its way here
	}
}

// Over notes that the handler has returned.
func (s *Stream) Over() {
	if s.ender.Over() {
		s.Leave()
	}
}

// Leave notes that the request is over.
func (s *Stream) Leave() {
	if s.realm == nil {
		return
	}
	list := s.realm.streams.of(s.lookup.Key)
	list.mu.Lock()
	defer list.mu.Unlock()
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		list.first = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	}
	s.prev, s.next, s.realm = nil, nil, nil
}

// each visits all streams, list by list. Visitors must neither wait nor end them.
func (all *streams) each(visit func(list int, s *Stream)) {
	for i := range all {
		list := &all[i]
		list.mu.Lock()
		for s := list.first; s != nil; s = s.next {
			visit(i, s)
		}
		list.mu.Unlock()
	}
}

// end ends the streams of a session. It waits for none, and holds no list while it
// talks to them.
func (all *streams) end(key store.Key) {
	all.endIf(key, func(*Stream) bool { return true })
}

// changed has the streams of a session know what the database says of it now. Who
// has become another user is not who was let through.
func (all *streams) changed(key store.Key, fresh *Session) {
	all.endIf(key, func(s *Stream) bool {
		if s.session.User == fresh.User {
			s.session = fresh
		}
		return s.session != fresh
	})
}

func (all *streams) endIf(key store.Key, ends func(*Stream) bool) {
	var enders []Ender
	list := all.of(key)
	list.mu.Lock()
	for s := list.first; s != nil; s = s.next {
		if s.lookup.Key == key && ends(s) {
			enders = append(enders, s.ender)
		}
	}
	list.mu.Unlock()
	for _, ender := range enders {
		ender.End()
	}
}

// sessions are those with streams that were opened under a realm's settings, each
// once, and of those only the ones that are wanted.
func (all *streams) sessions(r *Realm, wanted func(*Stream) bool) []inUse {
	var list []inUse
	known, within := make(map[store.Key]bool), 0 // a key is in one list only
	all.each(func(i int, s *Stream) {
		if s.realm != r || wanted != nil && !wanted(s) {
			return
		}
		if i != within {
			clear(known)
			within = i
		}
		if !known[s.lookup.Key] {
			known[s.lookup.Key] = true
			list = append(list, inUse{s.lookup, s.session})
		}
	})
	return list
}

// hurry asks at once for sessions of which some may have ended.
func (all *streams) hurry(wanted func(*Stream) bool) {
	owners := make(map[*Realm]bool)
	all.each(func(_ int, s *Stream) {
		if wanted == nil || wanted(s) {
			owners[s.realm] = true
		}
	})
	for realm := range owners {
		list := all.sessions(realm, wanted)
		go realm.again.askNow(list)
	}
}

// isIdle reports whether no stream is left that was opened under a realm's settings.
func (all *streams) isIdle(r *Realm) bool {
	for i := range all {
		if all[i].has(r) {
			return false
		}
	}
	return true
}

// has reports whether a stream is in the list that was opened under a realm's settings.
func (list *streamList) has(r *Realm) bool {
	list.mu.Lock()
	defer list.mu.Unlock()
	for s := list.first; s != nil; s = s.next {
		if s.realm == r {
			return true
		}
	}
	return false
}

// streamsEvery is how often the database is asked at least for sessions with open
// streams.
const streamsEvery = time.Second
