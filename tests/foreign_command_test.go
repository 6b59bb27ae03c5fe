//go:build unix

package tests

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// commandFor runs `caddy session` on a program's realm.
func (p program) commandFor(t *testing.T, url string) func(words ...string) (out, said string, ok bool) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, config, "{\n\tsession {\n\t\tstore "+url+"\n\t\t"+p.setup(t, url, p.secrets).realm+"\n\t}\n}\n")
	return func(words ...string) (string, string, bool) {
		t.Helper()
		words = append(append([]string{"session"}, words...), "--config", config, "--adapter", "caddyfile")
		cmd := exec.Command("caddy", words...)
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		err := cmd.Run()
		for _, secret := range append([]string{url}, p.secrets...) {
			if strings.Contains(out.String()+said.String(), secret) {
				t.Errorf("%v shows a secret: %s%s", words, &out, &said)
			}
		}
		return out.String(), said.String(), err == nil
	}
}

// listed are the ids of a list as JSON, by user.
func listed(t *testing.T, out string) map[string][]string {
	t.Helper()
	var list []struct{ ID, User, Expires string }
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	ids := make(map[string][]string)
	for _, one := range list {
		ids[one.User] = append(ids[one.User], one.ID)
		if end, err := time.Parse(time.RFC3339Nano, one.Expires); err != nil || end.Before(time.Now()) {
			t.Errorf("%s: a session that ended is listed: %v", out, err)
		}
	}
	return ids
}

// moreTowerRows adds two sessions of user123's, of which the second has ended.
func moreTowerRows(t *testing.T, p program, stamp func(programDB, time.Time) any) program {
	fill := p.fill
	table := programDB{}.tableOf(p.tables[0])
	raw, err := hex.DecodeString(wordAt(t, named(t, at(t, vector(t, "tower"), "rows"), "user"), "hex"))
	if err != nil {
		t.Fatal(err)
	}
	p.fill = func(db programDB) {
		fill(db)
		for id, end := range map[string]time.Time{"gICAgICAgICAgICAgICAgA": in(2 * time.Hour), "kJCQkJCQkJCQkJCQkJCQkA": in(-time.Second)} {
			row := bytes.Clone(raw)
			for i := 3; i < 19; i++ { // the id, its bytes in the other order
				row[i] = map[byte]byte{'g': 0x80, 'k': 0x90}[id[0]]
			}
			db.exec("INSERT INTO "+table+" (id, data, expiry_date) VALUES (?, ?, ?)", id, row, stamp(db, end))
		}
	}
	return p
}

func TestForeignCommand_TowerAndBodhi(t *testing.T) {
	for name, made := range map[string]func() program{
		"tower sqlite, text": func() program { return moreTowerRows(t, towerProgram(t, "sqlite", towerText), towerText) },
		"tower sqlite, integer": func() program {
			return moreTowerRows(t, towerProgram(t, "sqlite", towerSeconds), towerSeconds)
		},
		"tower postgres": func() program {
			return moreTowerRows(t, towerProgram(t, "postgres", towerMoment).inSchema("tower_sessions"), towerMoment)
		},
		"tower mysql": func() program { return moreTowerRows(t, towerProgram(t, "mysql", towerMoment), towerMoment) },
		"bodhi sqlite": func() program {
			return withUserColumn(moreTowerRows(t, bodhiProgram(t, "sqlite"), towerText))
		},
		"bodhi postgres": func() program {
			return withUserColumn(moreTowerRows(t, bodhiProgram(t, "postgres"), towerMoment))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := made()
			url := p.on(t)
			db := openProgramDB(t, url)
			db.exec(p.tables[0])
			p.fill(db)
			before := p.count(db)
			bodhi := strings.HasPrefix(name, "bodhi")

			// 1. status says in words what the realm does, and that it writes nothing.
			run := p.commandFor(t, url)
			out, said, ok := run("status")
			if !ok {
				t.Fatal(said)
			}
			for _, want := range []string{p.cookie, "expiry", "writes: nothing", "tower", db.kind} {
				assertContains(t, out, want)
			}
			// 2. Only sessions that live are listed.
			user := []string{"list", "--user", "user123", "--json"}
			out, said, ok = run(user...)
			if !ok {
				t.Fatal(said)
			}
			hers := listed(t, out)["user123"]
			assertEqual(t, "sessions of user123", len(hers), 2)
			if out, said, ok = run("list", "--json"); bodhi && ok || !bodhi && !ok {
				t.Errorf("listing all: %v, %s", ok, said)
			} else if !bodhi {
				assertEqual(t, "sessions of 42", len(listed(t, out)["42"]), 1)
			} else {
				assertContains(t, said, "--user")
			}
			// 3. Without revocable nothing is deleted, and nothing ever made.
			if _, said, ok = run("revoke", "--user", "user123"); ok {
				t.Error("a session is revoked")
			}
			assertContains(t, said, "revocable")
			if name == "tower postgres" {
				for _, words := range [][]string{{"create", "--user", "eve"}, {"purge"}, {"migrate"}} {
					if _, said, ok = run(words...); ok || !strings.Contains(said, "another program's") {
						t.Errorf("%v: %v, %s", words, ok, said)
					}
				}
			}
			assertEqual(t, "rows", p.count(db), before)
			// 4. The ids are those that requests show, and no keys.
			s := p.start(t, url, nil)
			s.load(setup{realm: "cache_ttl 0\n" + p.realm, site: "session {\n header X-Id {http.session.id}\n}\nreverse_proxy {app}"})
			assertStatus(t, s.get("/", p.line(p.first)), 200)
			id := s.app.one(t).value("X-Id")
			if len(hers) == 2 && id != hers[0] && id != hers[1] {
				t.Errorf("the request's id is %q, those of the list are %q", id, hers)
			}
			// 5. With revocable one session ends, then all of the user's; others stay.
			q := p.revocable()
			run = q.commandFor(t, url)
			out, _, _ = run("status")
			assertContains(t, out, "writes: nothing but")
			if !bodhi { // whose rows are found by user only
				if out, said, ok = run("revoke", "--id", id, "--json"); !ok {
					t.Error(said)
				}
				assertContains(t, out, `"revoked": 1`)
				assertEqual(t, "rows", p.count(db), before-1)
				s.assertSTOP(s.get("/", p.line(p.first)))
			}
			if _, said, ok = run("revoke", "--user", "user123"); !ok {
				t.Error(said)
			}
			out, _, _ = run(user...)
			assertEqual(t, "sessions of user123", len(listed(t, out)["user123"]), 0)
			if !bodhi {
				assertStatus(t, s.get("/", p.line(towerInteger)), 200)
				s.app.take()
			}
		})
	}
}

// withUserColumn leaves user_id as BodhiApp writes it, only for the sessions of
// user123 and, stale, for one in which nobody is logged in any more.
func withUserColumn(p program) program {
	fill := p.fill
	p.fill = func(db programDB) {
		fill(db)
		db.exec("UPDATE tower_sessions SET user_id = NULL")
		db.exec("UPDATE tower_sessions SET user_id = 'user123' WHERE id IN ('" + towerUser + "', 'gICAgICAgICAgICAgICAgA', 'kJCQkJCQkJCQkJCQkJCQkA')")
		db.exec("UPDATE tower_sessions SET user_id = 'user124' WHERE id = '" + towerAnonymous + "'")
	}
	return p
}

func TestForeignCommand_Authly(t *testing.T) {
	for _, c := range []struct{ variant, kind string }{{"l1", "sqlite"}, {"l2", "mysql"}, {"l3", "postgres"}, {"l4", "postgres"}, {"l4", "mysql"}} {
		t.Run(c.variant+" "+c.kind, func(t *testing.T) {
			p := authlyProgram(c.variant, c.kind).revocable()
			url := p.on(t)
			db := openProgramDB(t, url)
			db.exec(p.tables[0])
			p.fill(db)
			run := p.commandFor(t, url)
			out, said, ok := run("list", "--user", "user_888", "--json")
			if !ok {
				t.Fatal(said)
			}
			assertEqual(t, "sessions of user_888", len(listed(t, out)["user_888"]), 1) // another one has ended
			assertEqual(t, "sessions of others", len(listed(t, out)["user_7"]), 0)
			if strings.Contains(out, authlyUser) || strings.Contains(out, "the-providers-own") {
				t.Errorf("the list holds a cookie or a token: %s", out)
			}
			// A name that differs in case or by a space is another user's.
			for _, other := range map[string][]string{"mysql": {"USER_888", "user_888 "}, "postgres": {"user%"}}[c.kind] {
				if out, said, ok = run("revoke", "--user", other, "--json"); !ok || !strings.Contains(out, `"revoked": 0`) {
					t.Errorf("revoking %q: %s%s", other, out, said)
				}
			}
			if _, said, ok = run("revoke", "--user", "user_888", "--json"); !ok {
				t.Error(said)
			}
			if out, _, _ = run("list", "--user", "user_888", "--json"); strings.Contains(out, "user_888") {
				t.Errorf("it is still there: %s", out)
			}
			out, _, _ = run("list", "--user", "user_7", "--json")
			assertEqual(t, "sessions of others", len(listed(t, out)["user_7"]), 1)
		})
	}
}

// What the command line cannot do, it says.
func TestForeignCommand_OtherPrograms(t *testing.T) {
	p := springProgram(t, "sqlite")
	url := p.on(t)
	run := p.commandFor(t, url)
	if _, said, ok := run("status"); ok || said == "" {
		t.Errorf("a database that is not there: %s", said)
	}
	db := openProgramDB(t, url)
	db.exec("CREATE TABLE unrelated (id integer)")
	_, said, ok := run("status")
	assertEqual(t, "without the table", ok, false)
	assertContains(t, said, "check that the table")
	db.exec(p.tables[0])
	p.fill(db)
	out, said, ok := run("status")
	if !ok {
		t.Fatal(said)
	}
	for _, want := range []string{"spring", "SESSION", "SPRING_SESSION", "EXPIRY", "writes: nothing"} {
		if !strings.Contains(strings.ToUpper(out), strings.ToUpper(want)) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if _, said, ok = run("list"); ok || said == "" {
		t.Errorf("listing: %v, %s", ok, said)
	}
	out, said, ok = run("status", "--json")
	if !ok || !json.Valid([]byte(out)) {
		t.Errorf("%s%s", out, said)
	}
}
