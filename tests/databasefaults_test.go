//go:build unix

package tests

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// faultyServer is a database server that can be made to fail.
type faultyServer interface {
	URL() string
	Stop()
	Kill()
	Start()
	Freeze()
	Thaw()
}

func TestF1_F2_TheDatabaseGoesAwayInService(t *testing.T) { eachFaultyDatabase(t, goesAwayInService) }

func TestF2_TheDatabaseIsAway(t *testing.T) {
	eachFaultyDatabase(t, func(t *testing.T, database *faultyDatabase) {
		for name, tell := range map[string]func(*testing.T, *faultyDatabase){
			"StaleIfErrorServesWhoeverWasCached": staleIfError,
			"TheDatabaseIsDownAtStart":           isDownAtStart,
			"AnEmptyDatabaseComesLater":          comesLater,
			"AWrongURLRejectsTheConfiguration":   wrongURL,
		} {
			t.Run(name, func(t *testing.T) { tell(t, database.withTables(t, strings.ToLower(name))) })
		}
	})
}

func TestF3_ARestartOfTheDatabaseIsInvisible(t *testing.T) { eachFaultyDatabase(t, restartIsInvisible) }

// eachFaultyDatabase tells a story on one server of each kind.
func eachFaultyDatabase(t *testing.T, tell func(*testing.T, *faultyDatabase)) {
	for kind, begin := range map[string]func(*testing.T) faultyServer{
		"PostgreSQL": func(t *testing.T) faultyServer { return storetest.StartPostgres(t) },
		"MySQL":      func(t *testing.T) faultyServer { return storetest.StartMySQL(t) },
	} {
		t.Run(kind, func(t *testing.T) {
			server := &faultyDatabase{faultyServer: begin(t)}
			tell(t, server.withTables(t, "story"))
		})
	}
}

// faultyDatabase is a story's own tables on a server that can be made to fail.
type faultyDatabase struct {
	faultyServer
	prefix string
}

// store is the option `store` with further options.
func (d *faultyDatabase) store(options ...string) string {
	return d.URL() + " {\n table_prefix " + d.prefix + "\n" + strings.Join(options, "\n") + "\n}"
}

// withTables is the same server with tables of another name.
func (d *faultyDatabase) withTables(t *testing.T, prefix string) *faultyDatabase {
	t.Helper()
	other := &faultyDatabase{d.faultyServer, prefix}
	other.makeDurable(t)
	return other
}

// makeDurable has the server keep what it acknowledged even when it is killed.
func (d *faultyDatabase) makeDurable(t *testing.T) {
	t.Helper()
	if strings.HasPrefix(d.URL(), "mysql:") {
		execute(t, storetest.Open(t, d.URL()), "SET GLOBAL innodb_flush_log_at_trx_commit = 2")
	}
}

// faults are the ways in which a server goes away, and how it comes back.
var faults = map[string]struct{ begin, end func(*faultyDatabase) }{
	"stopped": {(*faultyDatabase).Stop, (*faultyDatabase).Start},
	"killed":  {(*faultyDatabase).Kill, (*faultyDatabase).Start},
	"frozen":  {(*faultyDatabase).Freeze, (*faultyDatabase).Thaw},
}

// awaitGone waits until the server does not answer, as a signal takes its time.
func (d *faultyDatabase) awaitGone(t *testing.T) {
	t.Helper()
	db := storetest.Open(t, d.URL())
	eventually(t, "the database is gone", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		return db.PingContext(ctx) != nil
	})
}

func goesAwayInService(t *testing.T, database *faultyDatabase) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			s := start(t, setup{store: database.store("lookup_timeout 500ms"), realm: "cache_ttl 1h"})
			s.secretURL(database.URL())
			// 1. Alice is cached, Carol is not, Dora has logged out.
			uncached, ended := s.login(carol), s.login(identity{user: "dora"})
			assertStatus(t, s.logout(ended), 303)
			s.load(setup{realm: "cache_ttl 59m"})
			cached := s.login(alice)
			s.assertOK(s.get("/", cookie(cached)), alice)
			// 2. The database goes away.
			defer fault.end(database)
			fault.begin(database)
			database.awaitGone(t)
			html := "Accept: text/html"
			for range 3 {
				// Who is in the cache is served, who is not is denied, never demoted.
				s.assertOK(s.get("/", cookie(cached)), alice)
				s.assertOK(s.get("/public", cookie(cached)), alice)
				began := time.Now()
				s.assertDENY(s.get("/", cookie(uncached), html))
				s.assertDENY(s.get("/public", cookie(uncached), "Remote-User: mallory"))
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("two refusals took %v", took)
				}
				// Who has no token does not notice; nor does a forger.
				s.assertSTOP(s.get("/"))
				s.assertAnonymous(s.get("/public", "Remote-User: mallory"))
				s.assertSTOP(s.get("/", cookie(forged(uncached))))
			}
			// Nobody is logged in or out, and nobody's cookie changes.
			for _, text := range []string{request("GET", "/login"), requestWithBody("POST", "/logout", "", cookie(cached))} {
				a := s.raw(text)
				assertStatus(t, a, 503)
				assertEqual(t, "cookies", a.value("Set-Cookie"), "")
			}
			// 3. It comes back. Nothing needs a restart, and nothing is forgotten.
			fault.end(database)
			eventually(t, "Carol is served again", func() bool { return s.get("/", cookie(uncached)).status == 200 })
			s.app.take()
			s.assertOK(s.get("/", cookie(uncached)), carol)
			s.assertOK(s.get("/", cookie(cached)), alice)
			s.assertSTOP(s.get("/", cookie(ended)))
			assertStatus(t, s.logout(cached), 303)
			s.assertSTOP(s.get("/", cookie(cached)))
			s.assertOK(s.get("/", cookie(s.login(alice))), alice)
		})
	}
}

func staleIfError(t *testing.T, database *faultyDatabase) {
	s := start(t, setup{
		store: database.store("lookup_timeout 500ms"), realm: "cache_ttl 100ms\nstale_if_error 30m",
		site: guarded("header X-Status {http.session.status}"),
	})
	s.secretURL(database.URL())
	db := storetest.Open(t, database.URL())
	rows := database.prefix + "_sessions"
	// 1. Alice, Bob and Eve are known; Carol's session has not been looked up yet.
	eve := identity{user: "eve"}
	known, uncached, ended, ending := s.login(alice), s.login(carol), s.login(bob), s.login(eve)
	execute(t, db, "UPDATE "+rows+" SET expires = "+strconv.FormatInt(millis(time.Now().Add(2*time.Second)), 10)+" WHERE user_id = 'eve'")
	for token, who := range map[string]identity{known: alice, ended: bob, ending: eve} {
		s.assertOK(s.get("/", cookie(token)), who)
	}
	end := time.Now().Add(2 * time.Second)
	// 2. Bob logs out, and the database goes away.
	assertStatus(t, s.logout(ended), 303)
	defer database.Start()
	database.Kill()
	database.awaitGone(t)
	waitUntil(end)
	// 3. Alice is served, and it says how. Nobody else is: whoever was never
	// seen, has logged out, or is past their end.
	for range 3 {
		s.app.take()
		assertStatus(t, s.get("/", cookie(known)), 200)
		r := s.app.one(t)
		assertID(t, r, alice)
		assertEqual(t, "status", r.value("X-Status"), "stale")
		for _, token := range []string{uncached, ended, ending} {
			s.assertDENY(s.get("/", cookie(token)))
		}
		s.assertSTOP(s.get("/"))
	}
	if log := s.log.String(); !strings.Contains(log, "serving sessions from memory") {
		t.Error("the log does not say so")
	}
	// A logout that cannot be written is no logout.
	assertStatus(t, s.logout(known), 503)
	// 4. It comes back. Alice's session ends elsewhere, and this node hears of it.
	database.Start()
	eventually(t, "the database is asked again", func() bool {
		s.app.take()
		return s.get("/", cookie(known)).status == 200 && s.app.one(t).value("X-Status") == "ok"
	})
	execute(t, db, "DELETE FROM "+rows+" WHERE user_id = 'alice'")
	eventually(t, "the session is over", func() bool { return s.get("/", cookie(known)).status == 401 })
	s.app.take()
	// 5. When the database goes away again, it stays over.
	database.Kill()
	database.awaitGone(t)
	eventually(t, "nobody can know", func() bool { return s.get("/", cookie(known)).status == 503 })
	s.assertDENY(s.get("/", cookie(known)))
}

func isDownAtStart(t *testing.T, database *faultyDatabase) {
	var token string
	t.Run("before", func(t *testing.T) {
		s := start(t, setup{store: database.store()})
		token = s.login(alice)
	})
	defer database.Start()
	database.Stop()
	// 1. Caddy starts all the same, and its other sites work.
	s := start(t, setup{store: database.store(), site: "handle /other {\n respond other\n}\n" + guarded()})
	s.secretURL(database.URL())
	s.secret(token)
	assertEqual(t, "other site", s.get("/other").body, "other")
	s.assertDENY(s.get("/", cookie(token)))
	s.assertDENY(s.get("/public", cookie(token)))
	s.assertSTOP(s.get("/"))
	s.assertAnonymous(s.get("/public"))
	s.assertSTOP(s.get("/", cookie("x")))
	assertStatus(t, s.get("/login"), 503)
	// 2. The database comes, and everything works.
	database.Start()
	eventually(t, "Alice is served", func() bool { return s.get("/", cookie(token)).status == 200 })
	s.app.take()
	s.assertOK(s.get("/", cookie(token)), alice)
	s.assertOK(s.get("/", cookie(s.login(carol))), carol)
}

func comesLater(t *testing.T, database *faultyDatabase) {
	defer database.Start()
	database.Stop()
	s := start(t, setup{store: database.store()})
	s.assertSTOP(s.get("/"))
	database.Start()
	eventually(t, "logins work", func() bool { return s.get("/login").status == 200 })
	s.assertOK(s.get("/", cookie(s.login(alice))), alice)
}

func restartIsInvisible(t *testing.T, database *faultyDatabase) {
	s := start(t, setup{store: database.store(), realm: "cache_ttl 0"})
	s.app.answers(func(c net.Conn, r *message) { reply(200, r.value("Remote-User"))(c, r) })
	token := s.login(alice)
	// 1. The pool is full of connections.
	crowd := func() {
		t.Helper()
		var browsers sync.WaitGroup
		for range 16 {
			browsers.Go(func() {
				if err := s.visitOnce(token, alice); err != nil {
					t.Error(err)
				}
			})
		}
		browsers.Wait()
		s.app.take()
	}
	crowd()
	for _, restart := range []func(){func() { database.Stop(); database.Start() }, func() { database.Kill(); database.Start() }} {
		// 2. All of them break at once.
		restart()
		// 3. Nobody notices.
		crowd()
	}
}

func wrongURL(t *testing.T, database *faultyDatabase) {
	good := start(t, setup{})
	token := good.login(alice)
	u, err := url.Parse(database.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/no_such_database"
	s := newServer(t, setup{store: u.String()})
	s.secretURL(database.URL())
	if err := s.tryLoad(setup{}); err == nil {
		t.Error("a database that does not exist is no error")
	} else if strings.Contains(err.Error(), u.String()) {
		t.Errorf("the error holds the URL: %v", err)
	}
	// The running configuration stays.
	good.assertOK(good.get("/", cookie(token)), alice)
	s.checkLog()
}
