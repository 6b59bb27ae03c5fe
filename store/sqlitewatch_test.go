package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// move moves a SQLite file away, or back.
func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// copyFile copies a SQLite file that nobody writes to.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A file that is deleted under a running store keeps nobody logged in. The log
// names it, nothing is made in its place, and all is well when it is back (D7).
func TestD7_ASQLiteFileThatIsDeleted(t *testing.T) {
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	s, log := newStore(t, store.Settings{URL: address})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := s.Sessions("main", idle, lifetime)
	_, session := create(t, x, "alice", time.Now())
	if _, err := s.Exec(t.Context(), s.Query("PRAGMA wal_checkpoint(TRUNCATE)")); err != nil {
		t.Fatal(err)
	}
	copyFile(t, path, path+".backup")
	lost := func() bool {
		_, err := tryFind(x, session.Key)
		return errors.Is(err, store.ErrUnusable) && errors.Is(err, store.ErrUnavailable) && strings.Contains(err.Error(), path) && strings.Contains(err.Error(), "deleted")
	}
	for range 2 {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		storetest.Eventually(t, "it is noticed", lost)
		if text := log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, path) {
			t.Error("the log:", text)
		}
		if _, _, err := x.Create(t.Context(), store.NewSession{Identity: store.Identity{User: "bob"}}, time.Now()); !errors.Is(err, store.ErrUnavailable) {
			t.Error("a login:", err)
		}
		if err := s.Start(t.Context()); err != nil || s.Ready() {
			t.Error("a reload:", err)
		}
		storetest.Eventually(t, "nothing is left in its place", func() bool {
			left, _ := filepath.Glob(path + "*")
			return len(left) == 1
		})
		copyFile(t, path+".backup", path)
		storetest.Eventually(t, "the session is found again", func() bool {
			found, err := tryFind(x, session.Key)
			return found != nil && err == nil
		})
		create(t, x, "carol", time.Now())
	}
}

// A file that was moved away and comes back has lost nothing: not the sessions
// that were still in its WAL, nor the ends of others (D7).
func TestD7_ASQLiteFileThatIsMovedAwayAndBack(t *testing.T) {
	address := storetest.SQLite(t)
	path := strings.TrimPrefix(address, "sqlite:")
	s := started(t, address)
	x := s.Sessions("main", idle, lifetime)
	_, ended := create(t, x, "alice", time.Now())
	if _, err := s.Exec(t.Context(), s.Query("PRAGMA wal_checkpoint(TRUNCATE)")); err != nil {
		t.Fatal(err)
	}
	if done, err := x.Revoke(t.Context(), ended.Key); !done || err != nil {
		t.Fatal(done, err)
	}
	_, session := create(t, x, "bob", time.Now())
	move(t, path, path+".away")
	storetest.Eventually(t, "nothing is left in its place", func() bool {
		left, _ := filepath.Glob(path + "*")
		return len(left) == 1 && !s.Ready()
	})
	move(t, path+".away", path)
	storetest.Eventually(t, "the session is found again", func() bool {
		found, err := tryFind(x, session.Key)
		return found != nil && err == nil
	})
	if found, err := tryFind(x, ended.Key); found != nil || err != nil {
		t.Error("a session that was ended is back:", found, err)
	}
}

// A file that is replaced is not read any further: what it has said may be
// another's. The right one is used at once, an empty one never (D7).
func TestD7_ASQLiteFileThatIsReplaced(t *testing.T) {
	address, other := storetest.SQLite(t), storetest.SQLite(t)
	path, replacement := strings.TrimPrefix(address, "sqlite:"), strings.TrimPrefix(other, "sqlite:")
	theirs := started(t, other)
	_, bob := create(t, theirs.Sessions("main", idle, lifetime), "bob", time.Now())
	if err := theirs.Close(); err != nil {
		t.Fatal(err)
	}
	s, log := newStore(t, store.Settings{URL: address})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := s.Sessions("main", idle, lifetime)
	_, alice := create(t, x, "alice", time.Now())
	// 1. Another database takes its place.
	move(t, replacement, path)
	storetest.Eventually(t, "the other one is used", func() bool {
		found, err := tryFind(x, bob.Key)
		return found != nil && err == nil
	})
	if found, err := tryFind(x, alice.Key); found != nil || err != nil {
		t.Error("alice is still logged in:", found, err)
	}
	create(t, x, "carol", time.Now())
	if text := log.String(); !strings.Contains(text, path) || !strings.Contains(text, "replaced") {
		t.Error("the log:", text)
	}
	// 2. An empty file.
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	move(t, empty, path)
	storetest.Eventually(t, "it is said", func() bool { return strings.Contains(log.String(), "in the file that came back") })
	if _, err := tryFind(x, bob.Key); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
	tables := 0
	if err := storetest.Open(t, address).QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); tables != 0 || err != nil {
		t.Error("tables were made:", tables, err)
	}
}

// Another program's file is watched, too, and its WAL is not removed with ours.
func TestD7_AnotherProgramsFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, "app.db"), filepath.Join(dir, "next.db")
	for file, user := range map[string]string{path: "alice", next: "bob"} {
		db := storetest.Open(t, "sqlite:"+file)
		mustExec(t, db, "PRAGMA journal_mode = WAL")
		mustExec(t, db, "CREATE TABLE theirs (id text, user_id text)")
		mustExec(t, db, "INSERT INTO theirs VALUES ('s1', '"+user+"')")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := newStore(t, store.Settings{URL: "sqlite:" + path, Access: store.ForeignRead})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	user := func() string {
		var user string
		_, err := s.Find(t.Context(), s.Query("SELECT user_id FROM theirs WHERE id = ?"), "s1", &user)
		return fmt.Sprint(user, err)
	}
	if user() != "alice<nil>" {
		t.Fatal(user())
	}
	move(t, next, path)
	storetest.Eventually(t, "the new file is read", func() bool { return user() == "bob<nil>" })
}
