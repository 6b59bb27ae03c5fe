package storetest

import (
	"os"
	"path/filepath"
	"sync"
)

// template is the data directory of a server that has never run. It is made once in a
// process and copied for each server: that takes a tenth of the time.
type template struct {
	mu  sync.Mutex
	dir string // empty: it has not been made yet
}

var postgresTemplate, mysqlTemplate template

// copyTo fills a server's data directory. Fill makes the one that is copied, which is
// given to the account that will run the server.
func (t *template) copyTo(s *Server, data string, fill func(maker *Server, data string)) {
	s.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dir == "" {
		t.dir = t.make(s, fill)
	}
	if err := os.CopyFS(data, os.DirFS(filepath.Join(t.dir, "data"))); err != nil {
		s.tb.Fatal("copying the files of a server: ", err)
	}
	if err := os.Chmod(data, 0o700); err != nil { // PostgreSQL insists
		s.tb.Fatal(err)
	}
	s.user.own(s.tb, data)
}

func (t *template) make(s *Server, fill func(*Server, string)) (dir string) {
	dir, made := tempDir(s.tb), false
	defer func() {
		if !made { // the test has failed
			_ = os.RemoveAll(dir)
		}
	}()
	s.user.own(s.tb, dir)
	fill(&Server{tb: s.tb, dir: dir, user: s.user}, filepath.Join(dir, "data"))
	made = true
	return dir
}

func (t *template) remove() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dir != "" {
		_ = os.RemoveAll(t.dir)
		t.dir = ""
	}
}
