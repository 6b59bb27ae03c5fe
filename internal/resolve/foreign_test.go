package resolve_test

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// springRealm is a realm of Spring's sessions, of which it tries three cookies:
// a1 and a2 are alice's, b is bob's, old is over.
func springRealm(t *testing.T) (resolve.Source, *sql.DB) {
	t.Helper()
	url := storetest.SQLite(t)
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	statements := []string{"CREATE TABLE SPRING_SESSION (PRIMARY_ID TEXT, SESSION_ID TEXT PRIMARY KEY, CREATION_TIME INTEGER, LAST_ACCESS_TIME INTEGER, MAX_INACTIVE_INTERVAL INTEGER, EXPIRY_TIME INTEGER, PRINCIPAL_NAME TEXT)"}
	now := time.Now()
	for id, user := range map[string]string{"a1": "alice", "a2": "alice", "b": "bob", "old": "alice"} {
		end := now.Add(time.Hour)
		if id == "old" {
			end = now.Add(-time.Hour)
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO SPRING_SESSION VALUES ('%[1]s', '%[1]s', %[2]d, %[2]d, 3600, %[3]d, '%[4]s')", id, now.UnixMilli(), end.UnixMilli(), user))
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	realm, err := lookup.New(lookup.Settings{
		Realm: "test", Format: "spring", Store: store.Settings{URL: url, Access: store.ForeignRead, LookupTimeout: 10 * time.Second},
	}, &format.Options{Name: "spring"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	if err := realm.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	cookie, err := cookies.New(cookies.Attributes{Name: "SESSION", Chunked: true})
	if err != nil {
		t.Fatal(err)
	}
	return resolve.Source{Realm: realm, Cookie: cookie, Foreign: true}, db
}

// spring writes a Cookie line of these sessions' ids.
func spring(ids ...string) string {
	var pairs []string
	for _, id := range ids {
		pairs = append(pairs, "SESSION="+base64.StdEncoding.EncodeToString([]byte(id)))
	}
	return strings.Join(pairs, "; ")
}

func TestC1_Foreign_WhichOfThreeCookiesCounts(t *testing.T) {
	from, db := springRealm(t)
	junk := strings.Repeat("SESSION=!; ", 100)
	cases := []struct{ name, line, status, user string }{
		{"none", "a=b", resolve.StatusNone, ""},
		{"one", spring("a1"), lookup.StatusOK, "alice"},
		{"one that is over", spring("old"), "expired", ""},
		{"unknown, then one", spring("x", "a1"), lookup.StatusOK, "alice"},
		{"one, then unknown", spring("a1", "x", "y"), lookup.StatusOK, "alice"},
		{"over, then one", spring("old", "a1"), lookup.StatusOK, "alice"},
		{"two of one user", spring("a1", "a2"), lookup.StatusOK, "alice"},
		{"two users", spring("a1", "b"), resolve.StatusAmbiguous, ""},
		{"two users, one unknown", spring("x", "a1", "b"), resolve.StatusAmbiguous, ""},
		{"two users, then the first again", spring("a1", "b", "a2"), resolve.StatusAmbiguous, ""},
		{"three that are unknown", spring("x", "y", "z"), "unknown", ""},
		{"the third", spring("x", "y", "b"), lookup.StatusOK, "bob"},
		{"the fourth is not tried", spring("x", "y", "z", "b"), "unknown", ""},
		{"the same again is no other", spring("x", "x", "y", "y", "b"), lookup.StatusOK, "bob"},
		{"the hundredth value", strings.Repeat("SESSION=!; ", 99) + spring("b"), lookup.StatusOK, "bob"},
		{"one more is not looked at", junk + spring("b"), "malformed", ""},
		{"chunks", "SESSION.0=a; SESSION.1=b", "malformed", ""},
		{"chunks beside a value", "SESSION.0=a; " + spring("b"), lookup.StatusOK, "bob"},
	}
	for _, c := range cases {
		var res resolve.Result
		res.Read(t.Context(), from, []string{c.line}, time.Now())
		user := ""
		if res.Session != nil {
			user = res.Session.User
		}
		if res.Status != c.status || user != c.user {
			t.Errorf("%s: %s, user %q", c.name, res.Status, user)
		}
		if c.name == "chunks" && (res.Err == nil || !strings.Contains(res.Err.Error(), "chunks")) {
			t.Errorf("%s: %v", c.name, res.Err)
		}
	}
	for name, c := range map[string]struct {
		line   string
		tokens int
	}{"all end": {spring("a1", "a2", "b", "x", "a1"), 4}, "the hundredth": {strings.Repeat("SESSION=!; ", 99) + spring("b"), 1}, "one more": {junk + spring("b"), 0}} {
		if had, err := from.Tokens([]string{c.line}, time.Now()); len(had.Tokens) != c.tokens || err != nil {
			t.Errorf("%s: %d, %v", name, len(had.Tokens), err)
		}
	}
	// Whose the cookies are cannot be asked: nobody is served as the one that is known.
	if _, err := db.Exec("DROP TABLE SPRING_SESSION"); err != nil {
		t.Fatal(err)
	}
	var res resolve.Result
	res.Read(t.Context(), from, []string{spring("a1", "b")}, time.Now())
	if res.Status != lookup.StatusUnavailable || res.Session != nil || res.Err == nil {
		t.Errorf("without a table: %s, %v, %v", res.Status, res.Session, res.Err)
	}
}

// A login or logout behind a crowd ends what counts, and only so many.
func TestC1_HowManySessionsOneLogoutEnds(t *testing.T) {
	from, tokens := started(t, "alice")
	var line strings.Builder
	for range 200 {
		line.WriteString("__Host-session=junk; ")
	}
	line.WriteString("__Host-session=" + tokens[0])
	if had, err := from.Tokens([]string{line.String()}, time.Now()); len(had.Tokens) != 1 || had.Repeated || err != nil {
		t.Errorf("behind junk: %+v, %v", had, err)
	}
	keys := make(map[store.Key]bool)
	for range 60 {
		token, _, err := from.Realm.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		line.WriteString("; __Host-session=" + token)
	}
	had, err := from.Tokens([]string{line.String()}, time.Now())
	for _, token := range had.Tokens {
		keys[token.Key] = true
	}
	if len(keys) != 50 || len(had.Tokens) != 50 || !had.Repeated || err != nil {
		t.Errorf("%d sessions, %d tokens, repeated %v, %v", len(keys), len(had.Tokens), had.Repeated, err)
	}
}

func TestStarted(t *testing.T) {
	from, tokens := started(t, "alice")
	token, err := from.Realm.Lookup(tokens[0], time.Now())
	if err != nil {
		t.Fatal(err)
	}
	session := lookup.NewSession(&store.Session{User: "alice"})
	if res := resolve.Started(session, token); res.Status != lookup.StatusOK || res.Session != session || res.Token.Key != token.Key {
		t.Errorf("%+v", res)
	}
}
