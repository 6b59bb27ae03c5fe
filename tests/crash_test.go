//go:build unix

package tests

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestF6_KillMinus9LosesNoLoginAndNoLogout(t *testing.T) {
	p := startProcess(t, setup{realm: "cache_ttl 0"})
	var alive, ended []string
	for round := range 5 {
		for range 4 {
			// 1. A browser was told that it is logged in, and another one that it is logged out.
			alive = append(alive, p.login(alice))
			token := p.login(carol)
			a := p.logout(token)
			assertStatus(t, a, 303)
			assertExpired(t, a)
			ended = append(ended, token)
		}
		// 2. In that moment the process is killed, also in the midst of a login.
		if round%2 == 0 {
			p.dial(t).send(t, request("GET", "/login"))
		}
		p.restart()
		// 3. Both is still so.
		for _, token := range alive {
			p.assertOK(p.get("/", cookie(token)), alice)
		}
		for _, token := range ended {
			p.assertSTOP(p.get("/", cookie(token)))
		}
	}
	p.kill()
	db := p.database()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %s %v", verdict, err)
	}
	p.checkLogFile()
}

// checkLogFile looks for secrets in the log of a process.
func (p *process) checkLogFile() {
	p.t.Helper()
	log, err := os.ReadFile(filepath.Join(p.dir, "log"))
	if err != nil || len(log) == 0 {
		p.t.Errorf("the log of the process: %d bytes, %v", len(log), err)
	}
	for _, secret := range p.secrets {
		if bytes.Contains(log, []byte(secret)) {
			p.t.Errorf("F8: the log holds %s", secret)
		}
	}
}

func TestF6_AWriterNextDoorNeverBlocksALookup(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	other := s.database()
	execute(t, other, "BEGIN IMMEDIATE")
	execute(t, other, "UPDATE "+table+" SET user_agent = 'x'")
	// 1. Lookups go on.
	for range 50 {
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	// 2. A login and a logout wait for their turn, or say 503 and change nothing.
	s.page.answers(alice.loginPage())
	for _, text := range []string{
		request("GET", "/login"),
		requestWithBody("POST", "/logout", "", cookie(token)),
	} {
		a := s.raw(text)
		assertStatus(t, a, 503)
		assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	}
	execute(t, other, "ROLLBACK")
	// 3. When the writer is done, they work.
	s.assertOK(s.get("/", cookie(token)), alice)
	assertStatus(t, s.logout(token), 303)
	s.assertSTOP(s.get("/", cookie(token)))
}

func TestF6_TheDatabaseIsNotForEverybodysEyes(t *testing.T) {
	s := start(t, setup{})
	s.login(alice)
	info, err := os.Stat(strings.TrimPrefix(s.store, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		t.Errorf("the file's mode is %o; it holds the keys", mode)
	}
}
