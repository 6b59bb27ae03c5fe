//go:build unix

package tests

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestF5_AHundredReloadsUnderLoad(t *testing.T) {
	s := start(t, setup{})
	tokens, people := []string{s.login(alice), s.login(carol)}, []identity{alice, carol}
	s.app.answers(func(c net.Conn, r *message) { reply(200, r.value("Remote-User"))(c, r) })
	for range 3 {
		s.reload()
	}
	s.settle(tokens[0])
	goroutines, files := runtime.NumGoroutine(), openFiles(t)

	// 1. Browsers come and go all the time.
	var served atomic.Int64
	done := make(chan bool)
	var browsers sync.WaitGroup
	for i := range 4 {
		browsers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				who := (i + n) % 2
				if err := s.visitOnce(tokens[who], people[who]); err != nil {
					t.Errorf("after %d answers: %v", served.Load(), err)
					return
				}
				served.Add(1)
				s.app.take()
			}
		})
	}
	// 2. The configuration is loaded a hundred times, with other settings every other time.
	for i := range 100 {
		config := s.config
		config.site = guarded(fmt.Sprintf("header X-Reload %d", i))
		if i%2 == 1 {
			config.realm = "cache_ttl 1s"
		}
		s.load(config)
	}
	close(done)
	browsers.Wait()
	if served.Load() == 0 {
		t.Error("nothing was served meanwhile")
	}
	// 3. Nobody was logged out, and nothing is left behind.
	for i, token := range tokens {
		if err := s.visitOnce(token, people[i]); err != nil {
			t.Error(err)
		}
	}
	s.load(setup{})
	s.settle(tokens[0])
	eventually(t, fmt.Sprintf("files are closed, %d were open", files), func() bool { return openFiles(t) <= files+2 })
	defer func() {
		if t.Failed() {
			var stacks bytes.Buffer
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Logf("%d goroutines, %d before:\n%.8000s", runtime.NumGoroutine(), goroutines, stacks.String())
		}
	}()
	eventually(t, fmt.Sprintf("goroutines end, there were %d", goroutines), func() bool {
		return runtime.NumGoroutine() <= goroutines+5
	})
}

// settle hangs up on the upstreams, so that no connection of a former
// configuration counts.
func (s *server) settle(token string) {
	s.t.Helper()
	assertStatus(s.t, s.get("/", cookie(token)), 200)
	s.app.take()
	s.app.dropConns()
	s.page.dropConns()
}

// visitOnce asks for a page on a connection of its own.
func (s *server) visitOnce(token string, who identity) error {
	a, err := s.ask(request("GET", "/", cookie(token)))
	switch {
	case err != nil:
		return err
	case a.status != 200 || a.body != who.user:
		return fmt.Errorf("%s got\n%v", who.user, a)
	case a.value("Set-Cookie") != "":
		return fmt.Errorf("%s got the cookie %q", who.user, a.value("Set-Cookie"))
	}
	return nil
}

// openFiles counts the open files of this process, or is 0 where that cannot be known.
func openFiles(t testing.TB) int {
	t.Helper()
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		if entries, err := os.ReadDir(dir); err == nil {
			return len(entries)
		}
	}
	return 0
}

func TestF5_ARejectedReloadChangesNothing(t *testing.T) {
	// Caddy cannot listen again on a Unix socket that a rejected configuration had, too.
	s := startTCP(t, setup{})
	token := s.login(alice)
	for name, bad := range map[string]setup{
		"unknown realm":       {site: guarded() + "handle /x {\n session nowhere\n}"},
		"bad cookie":          {realm: "cookie __Host-x {\n insecure\n}"},
		"another app's error": {sites: "http://other.test {\n bind unix/{dir}/no/such/dir.sock\n respond x\n}"},
		"no place for a file": {global: "session other {\n store sqlite:/dev/null/x.db\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			bad.listen = s.config.listen
			if err := s.tryLoad(bad); err == nil {
				t.Error("no error")
			}
			s.assertOK(s.get("/", cookie(token)), alice)
			s.assertSTOP(s.get("/"))
		})
	}
	// The running configuration can still be replaced.
	s.reload()
	s.assertOK(s.get("/", cookie(token)), alice)
	assertStatus(t, s.logout(token), 303)
	s.assertSTOP(s.get("/", cookie(token)))
}

func TestF5_ARequestInFlightSurvivesAReloadWithOtherSettings(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	token := s.login(alice)
	arrived, release := make(chan bool), make(chan bool)
	s.app.answers(func(c net.Conn, r *message) {
		arrived <- true
		<-release
		reply(200, "late")(c, r)
	})
	c := s.dial(t)
	c.send(t, request("GET", "/", cookie(token)))
	<-arrived
	loaded := make(chan error)
	go func() { loaded <- s.tryLoad(setup{realm: "cache_ttl 1s\nidle_timeout 30m"}) }()
	close(release)
	a, err := c.readAnswer(true)
	if err != nil {
		t.Fatal(err)
	}
	assertEqual(t, "body", a.body, "late")
	if err := <-loaded; err != nil {
		t.Fatal(err)
	}
	s.app.answers(reply(200, "ok"))
	s.app.take()
	s.assertOK(s.get("/", cookie(token)), alice)
}

// A request that is held up somewhere until its configuration is gone, and its
// database closed, finds nobody: nothing starts, nothing ends, and it is told so.
func TestF5_WhatOutlivesItsConfigurationByTooLongIsDENY(t *testing.T) {
	const site = `
	@held query held=1
	forward_auth @held {page} {
		uri /held
	}`
	// The server does not wait for what is still under way.
	s := start(t, setup{site: site + guarded(), global: "grace_period 1ms"})
	token := s.login(alice)
	assertStatus(t, s.logout(s.become(bob)), 303)
	arrived, release := make(chan bool, 8), make(chan bool)
	s.page.answers(func(c net.Conn, r *message) {
		arrived <- true
		<-release
		reply(200, "go on")(c, r)
	})
	var held []*client
	for _, text := range []string{
		request("GET", "/login?held=1", cookie(token)), request("GET", carol.becoming()+"&held=1", cookie(token)),
		requestWithBody("POST", "/logout?held=1", "", cookie(token)), request("GET", "/?held=1", cookie(token)),
	} {
		c := s.dial(t)
		c.send(t, text)
		<-arrived
		held = append(held, c)
	}
	before := s.store
	s.store = "sqlite:" + s.dir + "/other.db"
	s.load(setup{})
	eventually(t, "the database is closed", func() bool {
		_, err := os.Stat(s.dir + "/session.db-wal")
		return errors.Is(err, fs.ErrNotExist)
	})
	close(release)
	for _, c := range held {
		a, err := c.readAnswer(true)
		if err != nil {
			t.Fatal(err)
		}
		s.assertDENY(a)
	}
	assertEqual(t, "rows", rows(t, storetest.Open(t, before)), 1)
}
