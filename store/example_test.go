//go:build !nosqlite

package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// opened is a store in a file of its own, the sessions of a realm, and what ends
// both.
func opened() (s *store.Store, sessions *store.Sessions, end func()) {
	dir, err := os.MkdirTemp("", "example")
	if err == nil {
		s, err = store.New(store.Settings{URL: "sqlite:" + filepath.Join(dir, "session.db")}, slog.New(slog.DiscardHandler))
	}
	if err == nil {
		err = s.StartNow(context.Background()) // makes the file and its tables
	}
	if err != nil {
		panic(err)
	}
	return s, s.Sessions("default", time.Hour, 24*time.Hour), func() {
		s.Close()
		os.RemoveAll(dir)
	}
}

// The life of a session: it is started, found by what its cookie carries, and
// ended.
func Example() {
	s, sessions, end := opened()
	defer end()
	ctx, now := context.Background(), time.Now()

	// A login: the token is for the cookie, and nobody sees it again.
	token, session, err := sessions.Create(ctx, store.NewSession{Identity: store.Identity{
		User: "alice", Claims: store.Claims{"groups": store.List("admins", "staff")},
	}}, now)
	fmt.Println(session.User, session.Claims["groups"].Items(), err)

	// A request: a cookie that this realm did not make is known by its MAC.
	_, ours := s.Keys().Verify("default", "", token)
	_, theirs := s.Keys().Verify("other", "", token)
	fmt.Println(ours, theirs)
	row, err := sessions.Find(session.Key)
	fmt.Println(row.Realm, err)

	// A logout: the row is gone. No row is no error.
	ended, err := sessions.Revoke(ctx, session.Key)
	fmt.Println(ended, err)
	row, err = sessions.Find(session.Key)
	fmt.Println(row, err)
	// Output:
	// alice [admins staff] <nil>
	// true false
	// default <nil>
	// true <nil>
	// <nil> <nil>
}

// What must not become a header never becomes a session.
func ExampleIdentity_Check() {
	for _, id := range []store.Identity{
		{User: "alice"}, {User: "al\nice"}, {User: "admin "}, {User: "alice", Claims: store.Claims{"email": store.Text("a\x00b")}},
	} {
		fmt.Println(id.Check())
	}
	// Output:
	// <nil>
	// the user id contains control or format characters: this identity cannot be carried safely
	// the user id has white space at an end: this identity cannot be carried safely
	// the claim email contains control or format characters: this identity cannot be carried safely
}

// A user's sessions, and the end of all of them.
func ExampleSessions_RevokeUser() {
	_, sessions, end := opened()
	defer end()
	ctx, now := context.Background(), time.Now()
	for range 3 {
		if _, _, err := sessions.Create(ctx, store.NewSession{Identity: store.Identity{User: "alice"}}, now); err != nil {
			fmt.Println(err)
		}
	}
	live, err := sessions.Count(ctx, "alice", now)
	fmt.Println(live, err)
	fmt.Println(sessions.RevokeUser(ctx, "alice"))
	// Output:
	// 3 <nil>
	// 3 <nil>
}

// A store is made of settings, started, and closed. What cannot work is an error
// before any database is asked.
func ExampleNew() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	_, err := store.New(store.Settings{URL: "sqlite:session.db", Migrate: "maybe"}, slog.Default())
	fmt.Println(err)

	s, err := store.New(store.Settings{URL: "sqlite:" + filepath.Join(dir, "session.db")}, slog.New(slog.DiscardHandler))
	fmt.Println(err, s.Dialect(), s.Ready())
	defer s.Close()
	// Output:
	// migrate must be on or off
	// <nil> sqlite false
}

// A start makes the tables. A database that is merely away would be no error: the
// store would not be ready yet, and go on trying.
func ExampleStore_Start() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	s, err := store.New(store.Settings{URL: "sqlite:" + filepath.Join(dir, "session.db")}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	err = s.Start(context.Background())
	fmt.Println(err, s.Ready())

	have, known, err := s.SchemaVersion(context.Background())
	fmt.Println(have == known, err)
	// Output:
	// <nil> true
	// true <nil>
}

// A login, and another one in the same browser: the session before ends in the
// same moment.
func ExampleSessions_Create() {
	_, sessions, end := opened()
	defer end()
	ctx, now := context.Background(), time.Now()
	alice := store.Identity{User: "alice", Claims: store.Claims{"email": store.Text("alice@example.com")}}

	token, before, err := sessions.Create(ctx, store.NewSession{Identity: alice, ClientAddr: "192.0.2.7"}, now)
	fmt.Println(len(token) == store.TokenLen, before.User, before.Claims["email"], before.Expires.Sub(before.Created), err)

	_, after, err := sessions.Create(ctx, store.NewSession{Identity: alice, Replaces: &before.Key}, now)
	fmt.Println(after.ID != before.ID, err)
	live, err := sessions.Count(ctx, "alice", now)
	fmt.Println(live, err)
	// Output:
	// true alice alice@example.com 24h0m0s <nil>
	// true <nil>
	// 1 <nil>
}

// A request: the cookie's key, the row, and whether it still holds. Of a cookie
// that is made up nobody asks the database.
func ExampleSessions_Find() {
	s, sessions, end := opened()
	defer end()
	now := time.Now()
	token, _, _ := sessions.Create(context.Background(), store.NewSession{Identity: store.Identity{User: "alice"}}, now)

	for _, cookie := range []string{token, "made-up"} {
		said, ok := s.Keys().Verify("default", "", cookie)
		if !ok {
			fmt.Println("nobody")
			continue
		}
		row, err := sessions.Find(said.Key)
		if err != nil || row == nil {
			fmt.Println(row, err) // 503, or nobody
			continue
		}
		fmt.Println(row.Realm, now.UnixMilli() < row.Expires, now.UnixMilli()-row.Seen < time.Hour.Milliseconds())
		session, err := row.Session()
		fmt.Println(session.User, err)
	}
	// Output:
	// default true true
	// alice <nil>
	// nobody
}

// A logout. Ending what has ended already is no error.
func ExampleSessions_Revoke() {
	_, sessions, end := opened()
	defer end()
	ctx := context.Background()
	_, session, _ := sessions.Create(ctx, store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())

	fmt.Println(sessions.Revoke(ctx, session.Key))
	fmt.Println(sessions.Revoke(ctx, session.Key))
	row, err := sessions.Find(session.Key)
	fmt.Println(row == nil, err)
	// Output:
	// true <nil>
	// false <nil>
	// true <nil>
}
