package lookup

import (
	"database/sql"
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

// program is another program's database, with a realm over it.
type program struct {
	*Realm
	url string
	db  *sql.DB
	log *storetest.Log
}

// execute changes the program's database.
func (p *program) execute(t *testing.T, text string, args ...any) {
	t.Helper()
	if _, err := p.db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatal(err)
	}
}

// opened is a realm over a new SQLite database in which these statements were run;
// it is not started.
func opened(t *testing.T, options format.Options, statements ...string) *program {
	t.Helper()
	p := &program{url: storetest.SQLite(t), log: new(storetest.Log)}
	p.db = storetest.Open(t, p.url)
	for _, statement := range statements {
		p.execute(t, statement)
	}
	var err error
	p.Realm, err = New(Settings{
		Realm: "test", Format: options.Name, CacheTTL: time.Hour,
		Store: store.Settings{URL: p.url, LookupTimeout: 10 * time.Second, Access: store.ForeignRead},
	}, &options, slog.New(slog.NewTextHandler(p.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.CloseNow(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// authlyTable is a table of authly's, with columns or with documents, and sessions of
// alice and bob; one of alice's is over.
func authlyTable(variant string) []string {
	statements := []string{"CREATE TABLE authly_sessions (id TEXT PRIMARY KEY, provider_id TEXT, external_id TEXT, email TEXT, username TEXT, expires_at TEXT)"}
	insert := func(id, user string, end time.Time) string {
		return fmt.Sprintf("INSERT INTO authly_sessions VALUES ('%s', 'github', '%s', 'a@b', 'A', '%s')", id, user, end.UTC().Format(time.RFC3339))
	}
	if variant == "l1" {
		statements = []string{"CREATE TABLE authly_sessions (id TEXT PRIMARY KEY, data TEXT, expires_at TEXT)"}
		insert = func(id, user string, end time.Time) string {
			at := end.UTC().Format(time.RFC3339)
			return fmt.Sprintf(`INSERT INTO authly_sessions VALUES ('%[1]s', '{"id":"%[1]s","identity":{"external_id":"%[2]s"},"expires_at":"%[3]s"}', '%[3]s')`, id, user, at)
		}
	}
	end := time.Now().Add(time.Hour)
	return append(statements,
		insert(authlyID(1), "alice", end), insert(authlyID(2), "alice", end), insert(authlyID(3), "bob", end),
		insert(authlyID(4), "alice", time.Now().Add(-time.Hour)))
}

func authlyID(n int) string { return fmt.Sprintf("6f1c2a34-5b67-4c89-9def-%012d", n) }

// usersOf returns whose sessions these are, in the order of their names.
func usersOf(list []*store.Session) (users []string) {
	for _, s := range list {
		users = append(users, s.User)
	}
	slices.Sort(users)
	return users
}

func (p *program) found(t *testing.T, id int) string {
	t.Helper()
	l, err := p.Lookup(authlyID(id), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Find(t.Context(), l, time.Now())
	if err != nil {
		return StatusOf(err)
	}
	return s.User
}

// rows counts those that are left in the program's table.
func (p *program) rows(t *testing.T) (n int) {
	t.Helper()
	if err := p.db.QueryRowContext(t.Context(), "SELECT count(*) FROM authly_sessions").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestForeign_ListingShowsTheLiving(t *testing.T) {
	for variant, byUser := range map[string]bool{"l1": false, "l2": true} {
		t.Run(variant, func(t *testing.T) {
			p := opened(t, format.Options{Name: "authly", Variant: variant}, authlyTable(variant)...)
			if err := p.StartNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			list, err := p.List(t.Context(), "alice", 100, now)
			if got := usersOf(list); !slices.Equal(got, []string{"alice", "alice"}) || err != nil {
				t.Errorf("alice's: %v %v", got, err)
			}
			if short, err := p.List(t.Context(), "alice", 1, now); len(short) != 1 || err != nil {
				t.Errorf("of one: %v %v", short, err)
			}
			if n, err := p.Count(t.Context(), "alice", now); n != 2 || err != nil {
				t.Errorf("alice has %d: %v", n, err)
			}
			all, err := p.List(t.Context(), "", 100, now)
			n, countErr := p.Count(t.Context(), "", now)
			shown, showErr := p.Show(t.Context(), list[0].ID, now)
			if byUser {
				if len(all) > 0 || n != 0 || shown != nil || !errors.Is(err, ErrOneUser) || !errors.Is(countErr, ErrOneUser) || !errors.Is(showErr, ErrOneUser) {
					t.Errorf("without a user: %v %v, %d %v, %v %v", all, err, n, countErr, shown, showErr)
				}
				return
			}
			if got := usersOf(all); !slices.Equal(got, []string{"alice", "alice", "bob"}) || err != nil || n != 3 || countErr != nil {
				t.Errorf("everybody's: %v %v, %d %v", got, err, n, countErr)
			}
			if shown == nil || shown.ID != list[0].ID || showErr != nil {
				t.Errorf("shown: %v %v", shown, showErr)
			}
			if shown, err := p.Show(t.Context(), "nobody's", now); shown != nil || err != nil {
				t.Errorf("nobody's: %v %v", shown, err)
			}
		})
	}
}

// A row that cannot be read hides no other.
func TestF1_Foreign_AListLeavesOutWhatCannotBeRead(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l1"}, authlyTable("l1")...)
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.execute(t, "UPDATE authly_sessions SET data = 'x' WHERE id = ?", authlyID(1))
	if list, err := p.List(t.Context(), "", 100, time.Now()); len(list) != 2 || err != nil {
		t.Errorf("%v %v", usersOf(list), err)
	}
	p.execute(t, "DROP TABLE authly_sessions")
	if list, err := p.List(t.Context(), "", 100, time.Now()); len(list) != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("%v %v", usersOf(list), err)
	}
}

func TestS2_Foreign_WhatAnAdministratorEndsIsOverAtOnce(t *testing.T) {
	for _, c := range []struct {
		name, variant, says string
		end                 func(*testing.T, *program) (int64, error)
		ended               int64
		left                map[int]string
	}{
		{"one", "l1", "", func(t *testing.T, p *program) (int64, error) { return p.EndID(t.Context(), p.idOf(t, 1)) }, 1, map[int]string{1: "unknown", 2: "alice", 3: "bob"}},
		{"nobody's", "l1", "", func(t *testing.T, p *program) (int64, error) { return p.EndID(t.Context(), "x") }, 0, map[int]string{1: "alice", 2: "alice", 3: "bob"}},
		{"a user's", "l1", "", func(t *testing.T, p *program) (int64, error) { return p.EndUser(t.Context(), "alice") }, 2, map[int]string{1: "unknown", 2: "unknown", 3: "bob"}},
		{"a user's, by column", "l2", "", func(t *testing.T, p *program) (int64, error) { return p.EndUser(t.Context(), "alice") }, 2, map[int]string{1: "unknown", 2: "unknown", 3: "bob"}},
		{"all", "l1", "", func(t *testing.T, p *program) (int64, error) { return p.EndAll(t.Context()) }, 3, map[int]string{1: "unknown", 2: "unknown", 3: "unknown"}},
		{"all, by column", "l2", "add --user", func(t *testing.T, p *program) (int64, error) { return p.EndAll(t.Context()) }, 0, map[int]string{1: "alice", 2: "alice", 3: "bob"}},
		{"one, by column", "l2", "add --user", func(t *testing.T, p *program) (int64, error) { return p.EndID(t.Context(), "x") }, 0, map[int]string{1: "alice", 2: "alice", 3: "bob"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := opened(t, format.Options{Name: "authly", Variant: c.variant, Revocable: true}, authlyTable(c.variant)...)
			if err := p.StartNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			for id := range 3 {
				p.found(t, id+1) // all are in memory
			}
			n, err := c.end(t, p)
			if n != c.ended || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%d have ended: %v", n, err)
			}
			for id, want := range c.left {
				if got := p.found(t, id); got != want {
					t.Errorf("session %d: %s, want %s", id, got, want)
				}
			}
			if n := p.rows(t); n != 4-int(c.ended) {
				t.Errorf("%d rows are left", n)
			}
		})
	}
}

// idOf is the public id of a session.
func (p *program) idOf(t *testing.T, id int) string {
	t.Helper()
	l, err := p.Lookup(authlyID(id), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.Find(t.Context(), l, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s.PublicID()
}

// Under the id of a session that was ended here the program may start another one.
func TestForeign_AnIDThatWasEndedMayComeToLife(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l2", Revocable: true}, authlyTable("l2")...)
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := p.Lookup(authlyID(1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.End(t.Context(), l); err != nil || p.found(t, 1) != "unknown" {
		t.Fatal(err)
	}
	p.execute(t, "UPDATE authly_sessions SET id = ? WHERE id = ?", authlyID(1), authlyID(3))
	if user := p.found(t, 1); user != "bob" {
		t.Errorf("it is %s", user)
	}
}

// Without `revocable` nothing of the program's is ever deleted, whoever asks.
func TestForeign_WhatIsNotOffered(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l1"}, authlyTable("l1")...)
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := p.Lookup(authlyID(1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	refused := map[string]error{
		"can create": p.CanCreate(), "can end": p.CanEnd(), "can end a user": p.CanEndUser(),
		"end": p.End(ctx, l), "end, asked for by nobody": p.backend.end(ctx, l), "end of the user": p.EndUserOf(ctx, "", l),
	}
	_, _, refused["create"] = p.Create(ctx, store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
	for name, count := range map[string]func() (int64, error){
		"purge":        func() (int64, error) { return p.Purge(ctx, time.Now()) },
		"expired":      func() (int64, error) { return p.PurgeExpired(ctx, time.Now()) },
		"end an id":    func() (int64, error) { return p.EndID(ctx, p.idOf(t, 1)) },
		"end a user's": func() (int64, error) { return p.EndUser(ctx, "alice") },
		"end all":      func() (int64, error) { return p.EndAll(ctx) },
		"add columns":  func() (int64, error) { return p.AddColumns(ctx) },
	} {
		n, err := count()
		if n != 0 {
			t.Errorf("%s: %d", name, n)
		}
		refused[name] = err
	}
	for name, err := range refused {
		if !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"can end", "end an id", "end a user's", "end all"} {
		if !strings.Contains(refused[name].Error(), "revocable") {
			t.Errorf("%s: %v: no remedy", name, refused[name])
		}
	}
	if n := p.rows(t); n != 4 || p.found(t, 1) != "alice" {
		t.Errorf("%d rows are left", n)
	}
	if has, err := p.HasSessions(ctx); !has || err != nil {
		t.Error(has, err)
	}
	if r := opened(t, format.Options{Name: "authly", Variant: "l1", Revocable: true}, authlyTable("l1")...); r.CanEnd() != nil || r.CanEndUser() == nil {
		t.Error("revocable: one can be ended, by its cookie; a user's cannot")
	}
	unlisted := opened(t, format.Options{Name: "custom", Cookie: "sid", Table: "authly_sessions", Columns: map[string]string{"key": "id", "user_id": "external_id", "expires_at": "expires_at"}}, authlyTable("l2")...)
	if err := unlisted.StartNow(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := unlisted.List(ctx, "alice", 1, time.Now()); !errors.Is(err, ErrNotListed) {
		t.Error(err)
	}
	if _, err := unlisted.EndID(ctx, "x"); !errors.Is(err, ErrNotListed) {
		t.Error(err)
	}
}

// The cookies of the module's own are signed with what is made of the program's
// secret, where that is long enough for nobody to guess.
func TestS13_Foreign_AShortSecretSignsNothing(t *testing.T) {
	for secret, signs := range map[string]bool{"": false, strings.Repeat("s", minSecret-1): false, strings.Repeat("s", minSecret): true} {
		options := format.Options{Name: "express", Table: "t", InsecureUnsigned: secret == ""}
		if secret != "" {
			options.Secret = []string{secret, strings.Repeat("an older one ", 3)}
		}
		p := opened(t, options)
		if got := p.CompanionKeys() != nil; got != signs {
			t.Errorf("%d bytes: signs %v", len(secret), got)
		}
		if !signs {
			continue
		}
		options.Secret = options.Secret[:1]
		token, _ := opened(t, options).CompanionKeys().Mint("test", "", time.Now())
		if _, ok := p.CompanionKeys().Verify("test", "", token); !ok {
			t.Error("it is not the present secret that signs")
		}
	}
}

func TestForeign_WhatTheBackendIs(t *testing.T) {
	p := opened(t, format.Options{Name: "custom", Cookie: "sid", CookieElse: "old", Credentials: []string{"remember*"}, Table: "t", Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}},
		"CREATE TABLE t (k TEXT PRIMARY KEY, u TEXT, e TEXT)")
	if p.ProgramCookie() != "sid" || p.ProgramCookieElse() != "old" || p.Tries() != 1 || !p.IsCredential("remember_me") || p.IsCredential("sid2") {
		t.Errorf("%s %s, %d tries", p.ProgramCookie(), p.ProgramCookieElse(), p.Tries())
	}
	if p.IsToken("sid", true) || p.IsToken("sid", false) || p.UserID("Alice") != "Alice" {
		t.Error("it takes another program's for its own")
	}
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	state, err := p.State(t.Context())
	if state.Database != "sqlite" || len(state.Foreign) == 0 || state.Schema != 0 || err != nil {
		t.Errorf("%+v %v", state, err)
	}
	lines, err := p.Trace(t.Context(), "x", time.Now())
	if err != nil || len(lines) == 0 || !strings.Contains(lines[len(lines)-1], "unknown") {
		t.Errorf("%v %v", lines, err)
	}
	p.execute(t, "DROP TABLE t")
	if _, err := p.Trace(t.Context(), "x", time.Now()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without its table: %v", err)
	}
	if opened(t, format.Options{Name: "spring"}).Tries() < 2 {
		t.Error("Spring tries several")
	}
}
