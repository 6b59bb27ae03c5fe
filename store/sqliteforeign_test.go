//go:build unix

package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// otherProgram is a program of another user, with a SQLite file of its own. It
// runs the statements that it is sent, and says how each went.
type otherProgram struct {
	testing.TB
	dir, path string
	in        *bufio.Writer
	out       *bufio.Scanner
	end       func()
}

const otherUser = 54321

const otherCode = `
import os, sqlite3, sys
os.umask(0o022)
db = None
for line in sys.stdin:
    line = line.strip()
    try:
        if line == "open":
            db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=1)
        elif line == "close":
            db.close()
        else:
            db.execute(line).fetchall()
        print("ok", flush=True)
    except Exception as e:
        print("failed:", e, flush=True)
`

func startOtherProgram(t *testing.T, mode string) *otherProgram {
	t.Helper()
	dir := t.TempDir()
	p := &otherProgram{TB: t, dir: dir, path: filepath.Join(dir, "program.db")}
	if os.Getuid() == 0 {
		if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o711), os.Chown(dir, otherUser, otherUser)); err != nil {
			t.Fatal(err)
		}
	}
	p.run()
	p.does("open", "PRAGMA journal_mode="+mode, "CREATE TABLE s (k text PRIMARY KEY, u text)", "INSERT INTO s VALUES ('a', 'alice')")
	return p
}

// python is one that other users may run as well, where there is one.
func python(t testing.TB) string {
	t.Helper()
	const shared = "/usr/bin/python3"
	if _, err := os.Stat(shared); err == nil {
		return shared
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		storetest.Lacking(t, "there is no python3")
	}
	return path
}

// run starts the program's process.
func (p *otherProgram) run() {
	p.Helper()
	cmd := exec.Command(python(p), "-c", otherCode, p.path)
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		p.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.Fatal(err)
	}
	p.in, p.out = bufio.NewWriter(in), bufio.NewScanner(out)
	p.end = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	p.Cleanup(p.end)
}

func (p *otherProgram) does(lines ...string) {
	p.Helper()
	for _, line := range lines {
		fmt.Fprintln(p.in, line)
		_ = p.in.Flush()
		if !p.out.Scan() || p.out.Text() != "ok" {
			p.Fatalf("the program's %q: %s", line, p.out.Text())
		}
	}
}

// files are those in the program's directory, with their owners.
func (p *otherProgram) files() map[string]uint32 {
	p.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.Fatal(err)
	}
	files := map[string]uint32{}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			files[entry.Name()] = info.Sys().(*syscall.Stat_t).Uid
		}
	}
	return files
}

// reads asks as a request does.
func (p *otherProgram) reads(s *store.Store, key, want string) {
	p.Helper()
	var user string
	if _, err := s.Find(p.Context(), s.Query("SELECT u FROM s WHERE k = ?"), key, &user); err != nil || user != want {
		p.Fatalf("%q, %v; want %q", user, err, want)
	}
}

func (p *otherProgram) store(access store.Access) *store.Store {
	p.Helper()
	s, _ := newStore(p, store.Settings{URL: "sqlite:" + p.path, Access: access, MaxConns: 2})
	if err := s.Start(p.Context()); err != nil {
		p.Fatal(err)
	}
	return s
}

// F1, F2: reading another program's file leaves nothing beside it, so that the
// program, whoever it runs as, goes on to write; and what is read is the truth,
// whether the program has the file open or not.
func TestSQLiteForeignFileIsLeftAlone(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE", "TRUNCATE", "PERSIST"} {
		t.Run(mode, func(t *testing.T) {
			p := startOtherProgram(t, mode)
			s := p.store(store.ForeignRead)
			// 1. While the program has it open.
			p.reads(s, "a", "alice")
			p.does("INSERT INTO s VALUES ('b', 'bob')")
			p.reads(s, "b", "bob")
			// 2. A program that opens it for each request: of what it has written
			// nothing is missed, and of what it has deleted nothing is left.
			for i := range 20 {
				user := fmt.Sprint("user", i)
				p.does("close", "open", "UPDATE s SET u = '"+user+"' WHERE k = 'a'", "close")
				p.reads(s, "a", user)
				p.reads(s, "a", user)
				p.does("open")
			}
			p.does("DELETE FROM s WHERE k = 'b'")
			p.reads(s, "b", "")
			// 3. Nobody has it open: a new process of ours reads it first.
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			p.does("close")
			before := p.files()
			s = p.store(store.ForeignRead)
			p.reads(s, "a", "user19")
			if got := p.files(); fmt.Sprint(got) != fmt.Sprint(before) {
				t.Errorf("beside the file there are %v; there were %v", got, before)
			}
			if _, inUse := before["program.db-wal"]; inUse {
				t.Error("somebody has the file open:", before)
			}
			for i := range 20 {
				user := fmt.Sprint("again", i)
				p.does("open", "UPDATE s SET u = '"+user+"' WHERE k = 'a'", "close")
				p.reads(s, "a", user)
				p.reads(s, "a", user)
			}
			// 4. The program goes on, and stops while we read.
			p.does("open", "INSERT INTO s VALUES ('c', 'carol')")
			p.reads(s, "c", "carol")
			p.end()
			p.reads(s, "c", "carol")
			p.run()
			p.does("open", "DELETE FROM s WHERE k = 'c'", "close")
			p.reads(s, "c", "")
			for name, owner := range p.files() {
				if os.Getuid() == 0 && owner != otherUser {
					t.Errorf("%s is of user %d", name, owner)
				}
			}
		})
	}
}

// F2: a file in WAL mode without its index, as a crash or a copy leaves it, is
// not repaired here: the program does that.
func TestSQLiteForeignFileAfterACrash(t *testing.T) {
	p := startOtherProgram(t, "WAL")
	p.end()
	if err := os.Remove(p.path + "-shm"); err != nil {
		t.Fatal(err)
	}
	s := p.store(store.ForeignRead)
	var user string
	if _, err := s.Find(t.Context(), s.Query("SELECT u FROM s WHERE k = ?"), "a", &user); !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(user, err)
	}
	if _, err := os.Stat(p.path + "-shm"); err == nil {
		t.Error("the index has been made")
	}
	p.run()
	p.does("open", "INSERT INTO s VALUES ('b', 'bob')")
	storetest.Eventually(t, "the file is read", s.Ready)
	p.reads(s, "b", "bob")
}

// F2: a file that Caddy may not see, or that the program has not made anything
// in yet, is one that cannot be reached: it is tried again, and Caddy starts.
func TestSQLiteForeignFileThatCannotBeReadYet(t *testing.T) {
	for name, hide := range map[string]func(path string) error{
		"empty":        func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"out of sight": func(path string) error { return os.Symlink(path, path) }, // root may see every directory
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "later.db")
			if err := hide(path); err != nil {
				t.Fatal(err)
			}
			s, log := newStore(t, store.Settings{URL: "sqlite:" + path, Access: store.ForeignRead})
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			var user string
			if _, err := s.Find(t.Context(), s.Query("SELECT u FROM s WHERE k = ?"), "a", &user); !errors.Is(err, store.ErrUnavailable) {
				t.Error(err)
			}
			if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "the other program's database") {
				t.Error(log)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			makes := `import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript("CREATE TABLE s (k text, u text); INSERT INTO s VALUES ('a', 'alice')")`
			if out, err := exec.Command(python(t), "-c", makes, path).CombinedOutput(); err != nil {
				t.Fatal(string(out), err)
			}
			storetest.Eventually(t, "the file is read", func() bool {
				found, err := s.Find(t.Context(), s.Query("SELECT u FROM s WHERE k = ?"), "a", &user)
				return found && err == nil && user == "alice"
			})
		})
	}
}

// A path that leads nowhere is an error at once, and nothing is made there.
func TestSQLiteForeignFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere.db")
	s, _ := newStore(t, store.Settings{URL: "sqlite:" + path, Access: store.ForeignRead})
	if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "check the path") {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file has been made")
	}
}

// F2: ending a session of another program leaves nothing beside its file, and
// what reads it sees the end at once.
func TestSQLiteForeignFileIsWrittenToAsAWhole(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE"} {
		t.Run(mode, func(t *testing.T) {
			p := startOtherProgram(t, mode)
			p.does("INSERT INTO s VALUES ('b', 'bob')")
			reader := p.store(store.ForeignRead)
			p.reads(reader, "a", "alice")
			writer := p.store(store.ForeignWrite)
			ends := func(key string) {
				t.Helper()
				query := writer.Query("DELETE FROM s WHERE k = ?")
				if err := writer.Check(t.Context(), query); err != nil {
					t.Fatal(err)
				}
				if n, err := writer.Exec(t.Context(), query, key); n != 1 || err != nil {
					t.Fatal(n, err)
				}
				p.reads(reader, key, "")
			}
			ends("a")
			p.does("INSERT INTO s VALUES ('c', 'carol')")
			p.reads(reader, "c", "carol")
			p.does("close")
			ends("b")
			p.does("open", "INSERT INTO s VALUES ('d', 'dave')", "close")
			p.reads(reader, "d", "dave")
			if err := errors.Join(reader.Close(), writer.Close()); err != nil {
				t.Fatal(err)
			}
			before := p.files()
			writer = p.store(store.ForeignWrite)
			reader = p.store(store.ForeignRead)
			ends("c")
			if got := p.files(); len(got) > len(before) {
				t.Errorf("beside the file there are %v; there were %v", got, before)
			}
			p.does("open", "INSERT INTO s VALUES ('e', 'eve')")
			p.reads(reader, "e", "eve")
		})
	}
}
