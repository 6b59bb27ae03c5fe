//go:build unix

package tests

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Whoever knows how long a realm's sessions may be idle purges those that were
// idle for longer: the running Caddy, and the command with a configuration.
func TestPurge_IdleSessions(t *testing.T) {
	s := startWithAdmin(t, setup{})
	db := s.database()
	config := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, config, "{\n\tsession {\n\t\tstore "+s.store+"\n\t\tidle_timeout 3h\n\t}\n}\n")
	command := func(words ...string) string {
		out, err := exec.Command("caddy", append([]string{"session", "purge", "--json"}, words...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	s.login(alice)
	// 1. Two hours without a request are too long here, but not for the
	// configuration, and nobody knows what goes for a URL or an environment.
	execute(t, db, "UPDATE "+table+" SET seen = seen - 7200000")
	assertContains(t, command("--config", config), `"purged": 0`)
	assertContains(t, command("--store", s.store), `"purged": 0`)
	t.Setenv("SESSION_DB_URL", s.store)
	assertContains(t, command(), `"purged": 0`)
	assertEqual(t, "rows", rows(t, db), 1)
	a := s.api("POST", "default/purge", "", nil)
	assertContains(t, a.body, `"purged": 1`)
	assertEqual(t, "rows", rows(t, db), 0)
	// 2. Four hours are too long for both.
	s.login(alice)
	execute(t, db, "UPDATE "+table+" SET seen = seen - 14400000")
	assertContains(t, command("--store", s.store), `"purged": 0`)
	assertContains(t, command("--config", config), `"purged": 1`)
	assertEqual(t, "rows", rows(t, db), 0)
}
