package lookup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// ownRealm is a realm of the module's own sessions with these settings besides the usual.
func ownRealm(t *testing.T, set func(*Settings)) *Realm {
	t.Helper()
	settings := Settings{
		Realm: "test", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: 10 * time.Second},
		Idle: time.Hour, Lifetime: 24 * time.Hour, CacheTTL: time.Hour, MaxPerUser: 50,
	}
	if set != nil {
		set(&settings)
	}
	return aloneRealm(t, settings, slog.DiscardHandler)
}

// login starts a session, and has it remembered.
func login(t *testing.T, r *Realm, user string, now time.Time) (format.Lookup, *store.Session) {
	t.Helper()
	l, s := logsIn(t, r, user, now)
	if _, err := r.Find(t.Context(), l, now); err != nil {
		t.Fatal(err)
	}
	return l, s
}

func (r *Realm) statusOf(l format.Lookup) string {
	_, err := r.Find(context.Background(), l, time.Now())
	return StatusOf(err)
}

// Sessions are in memory, and over at once, whoever ends them by whatever name.
func TestS2_WhateverEndsASessionItIsOverAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		end               func(*Realm, format.Lookup, string) (int64, error)
		count             int64
		one, another, bob string
	}{
		"by cookie": {func(r *Realm, l format.Lookup, _ string) (int64, error) { return 0, r.End(context.Background(), l) }, 0, "unknown", "ok", "ok"},
		"by id":     {func(r *Realm, _ format.Lookup, id string) (int64, error) { return r.EndID(context.Background(), id) }, 1, "unknown", "ok", "ok"},
		"by a wrong id": {func(r *Realm, _ format.Lookup, _ string) (int64, error) {
			return r.EndID(context.Background(), strings.Repeat("0", 32))
		}, 0, "ok", "ok", "ok"},
		"by user": {func(r *Realm, _ format.Lookup, _ string) (int64, error) {
			return r.EndUser(context.Background(), "alice")
		}, 2, "unknown", "unknown", "ok"},
		"by nobody":   {func(r *Realm, _ format.Lookup, _ string) (int64, error) { return r.EndUser(context.Background(), "") }, 0, "ok", "ok", "ok"},
		"everybody's": {func(r *Realm, _ format.Lookup, _ string) (int64, error) { return r.EndAll(context.Background()) }, 3, "unknown", "unknown", "unknown"},
		"the cookie's user's": {func(r *Realm, l format.Lookup, _ string) (int64, error) {
			return 0, r.EndUserOf(context.Background(), "", l)
		}, 0, "unknown", "unknown", "ok"},
		"a login that takes its place": {func(r *Realm, l format.Lookup, _ string) (int64, error) {
			_, _, err := r.Create(context.Background(), store.NewSession{Identity: store.Identity{User: "carol"}, Replaces: &l.Key}, time.Now())
			return 0, err
		}, 0, "unknown", "ok", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			realm, now := ownRealm(t, nil), time.Now()
			one, s := login(t, realm, "alice", now)
			another, _ := login(t, realm, "alice", now)
			bob, _ := login(t, realm, "bob", now)
			for _, l := range []format.Lookup{one, another, bob} { // a login has the user's others looked up again
				if status := realm.statusOf(l); status != StatusOK {
					t.Fatal(status)
				}
			}
			if n, err := c.end(realm, one, s.ID); n != c.count || err != nil {
				t.Errorf("%d have ended: %v", n, err)
			}
			if a, b, d := realm.statusOf(one), realm.statusOf(another), realm.statusOf(bob); a != c.one || b != c.another || d != c.bob {
				t.Errorf("%s %s %s, want %s %s %s", a, b, d, c.one, c.another, c.bob)
			}
		})
	}
}

func TestS2_TheOldestOfTooManyIsOverAtOnce(t *testing.T) {
	realm, now := ownRealm(t, func(s *Settings) { s.MaxPerUser = 2 }), time.Now()
	first, _ := login(t, realm, "alice", now)
	second, _ := login(t, realm, "alice", now.Add(time.Second))
	third, _ := login(t, realm, "alice", now.Add(2*time.Second))
	if a, b, c := realm.statusOf(first), realm.statusOf(second), realm.statusOf(third); a != "unknown" || b != "ok" || c != "ok" {
		t.Error(a, b, c)
	}
}

// failing is a backend whose database is away.
type failing struct{ backend }

func (failing) show(context.Context, string, time.Time) (*store.Session, error) {
	return nil, store.ErrUnavailable
}
func (failing) end(context.Context, format.Lookup) error       { return store.ErrUnavailable }
func (failing) endUser(context.Context, string) (int64, error) { return 0, store.ErrUnavailable }

func (failing) endAll(context.Context) (int64, error) { return 0, store.ErrUnavailable }

// An end that fails is said to, and afterwards the database is asked: for all that is
// known the session may be over.
func TestF1_AnEndThatFailsIsNoSuccess(t *testing.T) {
	for name, end := range map[string]func(*Realm, format.Lookup, string) error{
		"by cookie": func(r *Realm, l format.Lookup, _ string) error { return r.End(context.Background(), l) },
		"by id": func(r *Realm, _ format.Lookup, id string) error {
			_, err := r.EndID(context.Background(), id)
			return err
		},
		"by user": func(r *Realm, _ format.Lookup, _ string) error {
			_, err := r.EndUser(context.Background(), "alice")
			return err
		},
		"everybody's":         func(r *Realm, _ format.Lookup, _ string) error { _, err := r.EndAll(context.Background()); return err },
		"the cookie's user's": func(r *Realm, l format.Lookup, _ string) error { return r.EndUserOf(context.Background(), "", l) },
	} {
		t.Run(name, func(t *testing.T) {
			realm := ownRealm(t, nil)
			l, s := login(t, realm, "alice", time.Now())
			source := &counting{finder: realm.cache.source}
			realm.cache.source = source
			realm.backend = failing{realm.backend}
			if err := end(realm, l, s.ID); !errors.Is(err, store.ErrUnavailable) {
				t.Error(err)
			}
			if status := realm.statusOf(l); status != StatusOK {
				t.Error(status)
			}
			if name != "by id" && source.asked.Load() == 0 { // of an id nothing was begun
				t.Error("it is served from memory")
			}
		})
	}
}

// Nor is one that a login was to replace, or an administrator to end: it lives on here
// as it does in the database.
func TestF1_WhatWasNotEndedIsServed(t *testing.T) {
	realm := ownRealm(t, nil)
	l, s := login(t, realm, "alice", time.Now())
	nobody := store.NewSession{Identity: store.Identity{User: "al\nice"}, Replaces: &l.Key}
	if _, _, err := realm.Create(t.Context(), nobody, time.Now()); !errors.Is(err, store.ErrInvalidIdentity) {
		t.Fatal(err)
	}
	if status := realm.statusOf(l); status != StatusOK {
		t.Errorf("after a login that was refused: %s", status)
	}
	const keep = "CREATE TRIGGER keep BEFORE DELETE ON caddy_session_sessions BEGIN SELECT RAISE(ABORT, 'no'); END"
	if _, err := storetest.Open(t, realm.settings.Store.URL).Exec(keep); err != nil {
		t.Fatal(err)
	}
	if n, err := realm.EndID(t.Context(), s.ID); n != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("%d have ended: %v", n, err)
	}
	if status := realm.statusOf(l); status != StatusOK {
		t.Errorf("after an end that failed: %s", status)
	}
}

// Where the database cannot say, nobody says that there is none, or that it is over.
func TestF1_WithoutItsTableARealmSaysNothing(t *testing.T) {
	realm := ownRealm(t, func(s *Settings) { s.CacheTTL = 0 })
	l, s := login(t, realm, "alice", time.Now())
	if _, err := storetest.Open(t, realm.settings.Store.URL).Exec("DROP TABLE caddy_session_sessions"); err != nil {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.Now()
	for name, ask := range map[string]func() error{
		"find":         func() error { _, err := realm.Find(ctx, l, now); return err },
		"any":          func() error { _, err := realm.HasSessions(ctx); return err },
		"list":         func() error { _, err := realm.List(ctx, "alice", 10, now); return err },
		"show":         func() error { _, err := realm.Show(ctx, s.ID, now); return err },
		"count":        func() error { _, err := realm.Count(ctx, "alice", now); return err },
		"end":          func() error { return realm.End(ctx, l) },
		"end by id":    func() error { _, err := realm.EndID(ctx, s.ID); return err },
		"end the row":  func() error { _, err := realm.backend.endID(ctx, s.ID); return err },
		"end a user's": func() error { _, err := realm.EndUser(ctx, "alice"); return err },
		"end all":      func() error { _, err := realm.EndAll(ctx); return err },
		"purge":        func() error { _, err := realm.Purge(ctx, now); return err },
		"expired":      func() error { _, err := realm.PurgeExpired(ctx, now); return err },
		"login": func() error {
			_, _, err := realm.Create(ctx, store.NewSession{Identity: store.Identity{User: "bob"}}, now)
			return err
		},
	} {
		if err := ask(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A logout whose cookie is of nobody ends nothing, and is none that failed.
func TestS2_ALogoutOfNobody(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l1", Revocable: true}, authlyTable("l1")...)
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := func(id int) format.Lookup {
		l, err := p.Lookup(authlyID(id), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	p.found(t, 2)
	asked := &counting{finder: p.cache.source}
	p.cache.source = asked
	for i, c := range []struct {
		id, left int
	}{{9, 4}, {4, 3}, {1, 2}, {1, 2}} { // one that is not there, one that is over, a living one, and again
		if err := p.End(t.Context(), at(c.id)); err != nil {
			t.Errorf("%d: %v", i, err)
		}
		if n := p.rows(t); n != c.left {
			t.Errorf("%d: %d rows are left, want %d", i, n, c.left)
		}
	}
	// The row may have had another token, under which it is in memory too.
	before := asked.asked.Load()
	if p.found(t, 2) != "alice" || asked.asked.Load() == before {
		t.Error("alice's other session was not looked up again")
	}
	if err := p.EndUserOf(t.Context(), "", at(9)); err != nil {
		t.Error(err)
	}
	if err := p.EndUserOf(t.Context(), "", at(2)); err != nil || p.rows(t) != 1 {
		t.Errorf("%d rows are left: %v", p.rows(t), err)
	}
	p.execute(t, "DROP TABLE authly_sessions")
	for name, err := range map[string]error{"one": p.End(t.Context(), at(3)), "a user's": p.EndUserOf(t.Context(), "", at(3))} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// While nobody can know whose a cookie is, nothing is ended by it.
func TestF1_AnEndThatNobodyCanProveEndsNothing(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l1", Revocable: true}, authlyTable("l1")...)
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := p.Lookup(authlyID(1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.finder = answers(func(format.Lookup) (*Session, error) { return nil, store.ErrUnavailable })
	for name, err := range map[string]error{"one": p.End(t.Context(), l), "a user's": p.EndUserOf(t.Context(), "", l)} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, reason := range []format.Reason{format.ErrUnknown, format.ErrMalformed} {
		p.finder = answers(func(format.Lookup) (*Session, error) { return nil, reason })
		if err := p.End(t.Context(), l); err != nil {
			t.Errorf("%v: %v", reason, err)
		}
	}
	if n := p.rows(t); n != 4 {
		t.Errorf("%d rows are left", n)
	}
}

func TestD5_AFoldedRealmFoldsWhoeverIsNamed(t *testing.T) {
	realm, now := ownRealm(t, func(s *Settings) { s.FoldUsers = true }), time.Now()
	_, s := login(t, realm, "Alice", now)
	if s.User != "alice" || realm.UserID("ALICE") != "alice" {
		t.Errorf("%q", s.User)
	}
	// One from before.
	_, old, err := sessionsOf(realm).Create(t.Context(), store.NewSession{Identity: store.Identity{User: "Alice"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := realm.List(t.Context(), "ALICE", 10, now); len(list) != 1 || list[0].ID != s.ID || err != nil {
		t.Errorf("%v %v", list, err)
	}
	if list, err := realm.List(t.Context(), "", 10, now); len(list) != 1 || err != nil {
		t.Errorf("the one from before is listed: %v %v", list, err)
	}
	if shown, err := realm.Show(t.Context(), old.ID, now); shown != nil || err != nil {
		t.Errorf("the one from before is shown: %v %v", shown, err)
	}
	if shown, err := realm.Show(t.Context(), strings.Repeat("0", 32), now); shown != nil || err != nil {
		t.Errorf("one that is not there is shown: %v %v", shown, err)
	}
	if shown, err := realm.Show(t.Context(), s.ID, now); shown == nil || shown.User != "alice" || err != nil {
		t.Errorf("%v %v", shown, err)
	}
	if n, err := realm.Count(t.Context(), "aLICE", now); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := realm.EndUser(t.Context(), "ALICE"); n != 1 || err != nil {
		t.Errorf("%d have ended: %v", n, err)
	}
	as := ownRealm(t, nil)
	if _, s := login(t, as, "Alice", now); s.User != "Alice" || as.UserID("Alice") != "Alice" {
		t.Errorf("not folded, it is %q", s.User)
	}
	if list, err := as.List(t.Context(), "Alice", 10, now); len(list) != 1 || err != nil {
		t.Errorf("%v %v", list, err)
	}
}

func TestRealm_WhatIsPurged(t *testing.T) {
	realm, now := ownRealm(t, nil), time.Now()
	if has, err := realm.HasSessions(t.Context()); has || err != nil {
		t.Error(has, err)
	}
	for _, began := range []time.Duration{0, -2 * time.Hour, -48 * time.Hour} { // alive, idle, over
		if _, _, err := realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, now.Add(began)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		purge func() (int64, error)
		want  int64
	}{
		{"expired", func() (int64, error) { return realm.PurgeExpired(t.Context(), now) }, 1},
		{"again", func() (int64, error) { return realm.PurgeExpired(t.Context(), now) }, 0},
		{"idle, too", func() (int64, error) { return realm.Purge(t.Context(), now) }, 1},
		{"again", func() (int64, error) { return realm.Purge(t.Context(), now) }, 0},
	} {
		if n, err := c.purge(); n != c.want || err != nil {
			t.Errorf("%s: %d %v", c.name, n, err)
		}
	}
	if has, err := realm.HasSessions(t.Context()); !has || err != nil {
		t.Error(has, err)
	}
}

func TestC2_WhatIsATokenOfARealm(t *testing.T) {
	realm, other := ownRealm(t, nil), ownRealm(t, nil)
	token, _, err := realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	notYet := ownRealmNotStarted(t)
	for name, c := range map[string]struct {
		realm *Realm
		value string
		name  bool
		want  bool
	}{
		"its own":                            {realm, token, false, true},
		"its own, by name":                   {realm, token, true, true},
		"another's":                          {other, token, true, false},
		"none":                               {realm, "junk", true, false},
		"before the keys are there":          {notYet, token, false, false},
		"before the keys are there, by name": {notYet, token, true, true},
		"none, before":                       {notYet, "junk", true, false},
	} {
		if got := c.realm.IsToken(c.value, c.name); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if notYet.CompanionKeys() != nil || realm.CompanionKeys() == nil {
		t.Error("the keys for companions are those of the store")
	}
	if realm.ProgramCookie() != "" || realm.ProgramCookieElse() != "" || realm.Tries() != 1 || realm.IsCredential("x") {
		t.Error("the module's own sessions have another program's cookies")
	}
	if realm.CanCreate() != nil || realm.CanEnd() != nil || realm.CanEndUser() != nil {
		t.Error("the module's own sessions start and end here")
	}
	if n, err := realm.AddColumns(t.Context()); n != 0 || !errors.Is(err, ErrForeign) {
		t.Errorf("%d %v", n, err)
	}
}

// ownRealmNotStarted is one whose database was not reached yet.
func ownRealmNotStarted(t *testing.T) *Realm {
	t.Helper()
	realm, err := New(Settings{Realm: "test", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: time.Millisecond}}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	return realm
}

func TestRealm_ATraceEndsWithAVerdict(t *testing.T) {
	realm, now := ownRealm(t, func(s *Settings) { s.CacheTTL = 0 }), time.Now()
	token, s, err := realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	verdict := func(value string, now time.Time) string {
		lines, err := realm.Trace(t.Context(), value, now)
		if err != nil || len(lines) == 0 {
			t.Fatal(lines, err)
		}
		return lines[len(lines)-1]
	}
	for want, got := range map[string]string{
		`verdict: ok, user "alice" until ` + s.Expires.UTC().Format(time.RFC3339): verdict(token, now),
		"verdict: session is expired":                                       verdict(token, now.Add(2*time.Hour)),
		"verdict: session is malformed: its MAC is of no key of this realm": verdict("junk", now),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	lines, err := realm.Trace(t.Context(), token, now)
	if !slices.Contains(lines, "MAC: of this realm") || !slices.Contains(lines, fmt.Sprintf("cookie: %d bytes; a token has %d", len(token), len(token))) || err != nil {
		t.Errorf("%v %v", lines, err)
	}
	if text := strings.Join(lines, " "); strings.Contains(text, token) {
		t.Errorf("the token is shown: %s", text)
	}
	state, err := realm.State(t.Context())
	if state.Database != "sqlite" || state.Schema == 0 || state.Schema != state.SchemaKnown || len(state.Foreign) != 0 || err != nil {
		t.Errorf("%+v %v", state, err)
	}
	execute := storetest.Open(t, realm.settings.Store.URL)
	if _, err := execute.Exec("DROP TABLE caddy_session_sessions"); err != nil {
		t.Fatal(err)
	}
	if _, err := realm.Trace(t.Context(), token, now); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without a table: %v", err)
	}
}
