package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// fixture is a started store on a fresh database, and a realm in it.
type fixture struct {
	url string
	*store.Store
	x   *store.Sessions
	now time.Time
}

func newFixture(t *testing.T, url string) *fixture {
	t.Helper()
	s, _ := newStore(t, store.Settings{URL: url})
	// A test that takes minutes would else find that the background has purged.
	if err := s.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &fixture{url, s, s.Sessions("main", idle, lifetime), time.Now().UTC().Truncate(time.Millisecond)}
}

// contract is what every database must do. A change to the store starts with a
// case here.
var contract = []struct {
	name string // the rule
	test func(*testing.T, *fixture)
}{
	{"a session is found as it was created", testRoundTrip},
	{"what is not there is no error", testNotFound},
	{"of many who look up at once each gets their own (S6)", testManyAtOnce},
	{"a new session replaces the old one at once (S1)", testReplace},
	{"an identity that cannot be carried makes no row (H6)", testRefused},
	{"what a client calls itself never prevents a login", testHostileClient},
	{"a realm cannot see or end the sessions of another (S5)", testRealms},
	{"a revoked session is gone (S2)", testRevoke},
	{"a public id ends exactly its session", testRevokeID},
	{"a user's sessions end, and nobody else's", testRevokeUser},
	{"all of a realm's sessions end", testRevokeAll},
	{"hostile texts come back byte for byte and match nothing else", testHostileUsers},
	{"activity is written in the background (S9)", testTouch},
	{"whoever was active is not idle before that is written", testTouchIsSeen},
	{"activity is written when the store closes", testTouchClose},
	{"activity is written once in an interval, whichever node notes it (S9)", testTouchInterval},
	{"activity of many sessions is written to each of them", testTouchMany},
	{"activity never brings a session back (S3)", testNoResurrection},
	{"activity never goes backwards", testTouchBackwards},
	{"what has ended is neither counted nor listed (S4)", testLiving},
	{"a lifetime of a session's own ends by what the realm grants at most (D10)", testOwnLifetime},
	{"a row from the future counts as of now, and ends (D10)", testFuture},
	{"lists are newest first and no longer than asked for", testListOrder},
	{"a user's oldest session ends when they start one too many", testMaxPerUser},
	{"a public id shows a session that lives, in its realm", testShow},
	{"purging deletes what has expired and nothing else", testPurge},
	{"purging works in batches", testPurgeBatches},
	{"purging ends although all sessions expire at one moment", testPurgeSameMoment},
	{"purging a realm deletes what is idle there, too, and nothing else (S5)", testPurgeIdle},
	{"purging a realm goes over all of the table, wherever its chunks end", testPurgeIdleChunks},
	{"a session is idle when every configuration of its realm says so", testPurgeLongestIdle},
	{"a session is not idle when its activity is still to be written", testPurgePending},
	{"tokens stay valid after a restart", testRestart},
	{"the version of the tables is the known one", testVersion},
	{"every operation of a closed store says that it is unavailable", testClosed},
}

func runContract(t *testing.T, fresh func(*testing.T) string) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) { c.test(t, newFixture(t, fresh(t))) })
	}
}

func TestContractSQLite(t *testing.T) {
	runContract(t, func(t *testing.T) string { return storetest.SQLite(t) })
}

func TestContractPostgres(t *testing.T) {
	runContract(t, func(t *testing.T) string { return storetest.Postgres(t) })
}

func TestContractMySQL(t *testing.T) {
	runContract(t, func(t *testing.T) string { return storetest.MySQL(t) })
}

// published is what can be seen of a session.
func published(s *store.Session) *store.Session {
	if s == nil {
		return nil
	}
	return &store.Session{
		ID: s.ID, Key: s.Key, User: s.User, Claims: s.Claims, Created: s.Created, Seen: s.Seen, Expires: s.Expires,
		ClientAddr: s.ClientAddr, UserAgent: s.UserAgent,
	}
}

func testRoundTrip(t *testing.T, f *fixture) {
	n := store.NewSession{
		Identity: store.Identity{User: "alice", Claims: store.Claims{
			"email":  store.Text(`a"l\i<ce>&@example.com`),
			"name":   store.Text("Алиса 🐇"),
			"groups": store.List("admin", "a,b"),
			"empty":  store.Text(""),
		}},
		ClientAddr: "2001:db8::1",
		UserAgent:  "Mozilla/5.0 (é)",
	}
	token, created, err := f.x.Create(t.Context(), n, f.now)
	if err != nil {
		t.Fatal(err)
	}
	said, ok := f.Keys().Verify("main", "", token)
	key := said.Key
	if !ok || key != created.Key || created.ID != key.ID() {
		t.Fatal("the token is not the session's")
	}
	want := &store.Session{
		ID: key.ID(), Key: key, User: "alice",
		Claims:  store.Claims{"email": n.Claims["email"], "name": n.Claims["name"], "groups": n.Claims["groups"]},
		Created: f.now, Seen: f.now, Expires: f.now.Add(lifetime),
		ClientAddr: n.ClientAddr, UserAgent: n.UserAgent,
	}
	if got, err := f.x.Show(t.Context(), key.ID(), f.now); !reflect.DeepEqual(published(got), want) || err != nil {
		t.Errorf("shown %+v, want %+v: %v", got, want, err)
	}
	hot := *want // a request needs no more
	hot.ClientAddr, hot.UserAgent = "", ""
	if got := find(t, f.x, key); !reflect.DeepEqual(published(got), &hot) {
		t.Errorf("found %+v, want %+v", got, hot)
	}
	if !reflect.DeepEqual(published(created), want) {
		t.Errorf("created %+v, want %+v", created, want)
	}
}

func testNotFound(t *testing.T, f *fixture) {
	if s := find(t, f.x, store.Key{1}); s != nil {
		t.Error("found", s)
	}
	if ended, err := f.x.Revoke(t.Context(), store.Key{1}); ended || err != nil {
		t.Error(ended, err)
	}
	if list, err := f.x.List(t.Context(), "nobody", 10, f.now); len(list) > 0 || err != nil {
		t.Error(list, err)
	}
}

func testReplace(t *testing.T, f *fixture) {
	_, old := create(t, f.x, "alice", f.now)
	_, fresh, err := f.x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}, Replaces: &old.Key}, f.now)
	if err != nil {
		t.Fatal(err)
	}
	if find(t, f.x, old.Key) != nil || find(t, f.x, fresh.Key) == nil {
		t.Error("the old session must be gone, the new one be there")
	}
}

func testRefused(t *testing.T, f *fixture) {
	_, old := create(t, f.x, "alice", f.now)
	for _, user := range []string{"", "admin ", "a\x00b", strings.Repeat("a", 256)} {
		n := store.NewSession{Identity: store.Identity{User: user}, Replaces: &old.Key}
		if _, _, err := f.x.Create(t.Context(), n, f.now); !errors.Is(err, store.ErrInvalidIdentity) {
			t.Errorf("%q: %v", user, err)
		}
	}
	if n, err := f.x.Count(t.Context(), "", f.now); n != 1 || err != nil {
		t.Error("the session before must be the only one:", n, err)
	}
}

func testHostileClient(t *testing.T, f *fixture) {
	n := store.NewSession{
		Identity:   store.Identity{User: "alice"},
		ClientAddr: strings.Repeat("é", 64),
		UserAgent:  "a\x00b\xffc\nd\u202e" + strings.Repeat("🐇", 300),
	}
	_, s, err := f.x.Create(t.Context(), n, f.now)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = f.x.Show(t.Context(), s.ID, f.now); err != nil {
		t.Fatal(err)
	}
	if s.ClientAddr != strings.Repeat("é", 32) || s.UserAgent != "abcd"+strings.Repeat("🐇", 62) {
		t.Errorf("%q %q", s.ClientAddr, s.UserAgent)
	}
}

func testHostileUsers(t *testing.T, f *fixture) {
	users := []string{
		"alice", "Alice", "ALICE", "alıce", "àlice", "a\u0300lice", "'; DROP TABLE caddy_session_sessions; --",
		`"`, "`", `\`, `\'`, "?", "$1", "{sessions}", "{env.HOME}", "%", "_", "a b", "🐇", "ß", "ss", strings.Repeat("é", 127),
	}
	keys := make(map[string]store.Key)
	for _, user := range users {
		_, s := create(t, f.x, user, f.now)
		keys[user] = s.Key
	}
	for _, user := range users {
		if s := find(t, f.x, keys[user]); s == nil || s.User != user {
			t.Errorf("%q was found as %+v", user, s)
		}
		if n, err := f.x.Count(t.Context(), user, f.now); n != 1 || err != nil {
			t.Errorf("%q has %d sessions: %v", user, n, err)
		}
	}
	for _, user := range []string{"alice ", " alice", "alice\x00", "alice\t", "aLICE", "alic", "\xff", "al%", "alic_"} {
		if n, err := f.x.RevokeUser(t.Context(), user); n != 0 || err != nil {
			t.Errorf("%q matched %d others: %v", user, n, err)
		}
		if list, err := f.x.List(t.Context(), user, 0, f.now); len(list) != 0 || err != nil {
			t.Errorf("%q matched %d others: %v", user, len(list), err)
		}
	}
}

func testPurge(t *testing.T, f *fixture) {
	_, alive := create(t, f.x, "alice", f.now)
	_, idler := create(t, f.x, "alice", f.now.Add(-idle)) // may still be of interest to somebody
	_, dead := create(t, f.Sessions("other", idle, lifetime), "alice", f.now.Add(-lifetime))
	for _, want := range []int64{1, 0} {
		if n, err := f.Purge(t.Context(), f.now); n != want || err != nil {
			t.Error(n, err)
		}
	}
	if find(t, f.x, alive.Key) == nil || find(t, f.x, idler.Key) == nil || find(t, f.x, dead.Key) != nil {
		t.Error("exactly what has expired must be gone")
	}
}

func testRestart(t *testing.T, f *fixture) {
	token, s := create(t, f.x, "alice", f.now)
	f = f.reopened(t)
	if said, ok := f.Keys().Verify("main", "", token); !ok || said.Key != s.Key {
		t.Error("the token is no longer valid")
	}
}

func testVersion(t *testing.T, f *fixture) {
	have, known, err := f.SchemaVersion(t.Context())
	if have != known || known < 1 || err != nil {
		t.Error(have, known, err)
	}
	if want, _, _ := strings.Cut(f.url, ":"); f.Dialect() != want {
		t.Error("the dialect is", f.Dialect())
	}
}

func testClosed(t *testing.T, f *fixture) {
	_, s := create(t, f.x, "alice", f.now)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, findErr := f.x.Find(s.Key)
	_, _, createErr := f.x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, f.now)
	_, revokeErr := f.x.Revoke(t.Context(), s.Key)
	_, listErr := f.x.List(t.Context(), "", 1, f.now)
	_, purgeErr := f.Purge(t.Context(), f.now)
	for i, err := range []error{findErr, createErr, revokeErr, listErr, purgeErr} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Error(i, err)
		}
	}
	if f.Ready() || f.Keys() != nil || f.Start(t.Context()) == nil {
		t.Error("a closed store must not come back")
	}
}
