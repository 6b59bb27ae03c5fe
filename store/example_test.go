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

// opened is a store in a file of a directory of its own.
func opened(dir string) *store.Store {
	s, err := store.New(store.Settings{URL: "sqlite:" + filepath.Join(dir, "session.db")}, slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.StartNow(context.Background()) // makes the file and its tables
	}
	if err != nil {
		panic(err)
	}
	return s
}

// The life of a session: it is started, found by what its cookie carries, and
// ended.
func Example() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	s := opened(dir)
	defer s.Close()
	ctx, now := context.Background(), time.Now()
	sessions := s.Sessions("default", time.Hour, 24*time.Hour)

	// A login: the token is for the cookie, and nobody sees it again.
	token, session, err := sessions.Create(ctx, store.NewSession{Identity: store.Identity{
		User: "alice", Claims: store.Claims{"groups": store.List("admins", "staff")},
	}}, now)
	fmt.Println(session.User, session.Claims["groups"].Items(), err)

	// A request: a cookie that this realm did not make is known by its MAC.
	_, ours := s.Keys().Verify("default", token)
	_, theirs := s.Keys().Verify("other", token)
	fmt.Println(ours, theirs)
	row, err := sessions.Find(session.Key)
	fmt.Println(row.User, err)

	// A logout: the row is gone. No row is no error.
	ended, err := sessions.Revoke(ctx, session.Key)
	fmt.Println(ended, err)
	row, err = sessions.Find(session.Key)
	fmt.Println(row, err)
	// Output:
	// alice [admins staff] <nil>
	// true false
	// alice <nil>
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
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	s := opened(dir)
	defer s.Close()
	ctx, now := context.Background(), time.Now()
	sessions := s.Sessions("default", time.Hour, 24*time.Hour)
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
