//go:build unix

package tests

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

func TestConfig_ARealmThatIsConfiguredNowhereStillWorks(t *testing.T) {
	// 1. In the database that the environment names.
	dir := t.TempDir()
	t.Setenv("SESSION_DB_URL", "sqlite:"+dir+"/named.db")
	s := start(t, setup{bare: true})
	token := s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	if _, err := os.Stat(filepath.Join(dir, "named.db")); err != nil {
		t.Error(err)
	}
	// 2. Or else in Caddy's data directory.
	t.Setenv("SESSION_DB_URL", "")
	t.Setenv("XDG_DATA_HOME", dir)
	s.reload()
	s.assertSTOP(s.get("/", cookie(token)))
	s.assertOK(s.get("/", cookie(s.login(alice))), alice)
	if _, err := os.Stat(filepath.Join(caddy.AppDataDir(), "session.db")); err != nil {
		t.Error(err)
	}
}

func TestConfig_JSONHasTheSameNames(t *testing.T) {
	s := newServer(t, setup{})
	text := s.expand(`{
		"admin": {"disabled": true, "config": {"persist": false}},
		"logging": {"logs": {"default": {"level": "DEBUG", "writer": {"output": "capture", "name": "{dir}"}}}},
		"storage": {"module": "file_system", "root": "{dir}/storage"},
		"apps": {
			"session": {"realms": {"default": {
				"store": {"url": "{store}", "max_conns": 3, "lookup_timeout": "1s", "table_prefix": "mine", "migrate": "on"},
				"format": "native",
				"cookie": {"name": "__Host-session", "same_site": "lax", "path": "/"},
				"idle_timeout": "1h", "lifetime": "24h", "cache_ttl": "5s", "max_per_user": 3
			}}},
			"http": {"servers": {"main": {
				"listen": ["unix/{socket}"],
				"routes": [
					{"match": [{"path": ["/login"]}], "terminal": true, "handle": [
						{"handler": "session_login", "realm": "default", "user": "alice",
							"claim": [{"name": "email", "values": ["alice@example.com"]}, {"name": "groups", "values": ["admins", "users"]}]},
						{"handler": "static_response"}]},
					{"match": [{"path": ["/logout"]}], "terminal": true, "handle": [
						{"handler": "session_logout", "redirect": "/bye", "everywhere": true}]},
					{"handle": [
						{"handler": "session", "require": [{"claim": "groups", "values": ["admins"]}],
							"headers": "remote", "header": [{"name": "X-Id", "value": "{http.session.id}", "encoding": "percent"}], "separator": ","}]},
					{"match": [{"session": {"require": [{"claim": "groups", "values": ["admins"]}]}}], "handle": [
						{"handler": "reverse_proxy", "upstreams": [{"dial": "{app}"}]}]}
				]}}}
		}}`)
	if err := caddy.Load([]byte(text), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopCaddy(s) })
	token := s.newToken(s.get("/login"))
	a := s.get("/", cookie(token))
	assertStatus(t, a, 200)
	got := s.app.one(t)
	assertLines(t, got, []string{"Remote-User: alice", "Remote-Email: alice@example.com", "Remote-Groups: admins,users"})
	assertEqual(t, "X-Id", len(got.value("X-Id")) > 8, true)
	assertEqual(t, "rows", number(t, s.database(), "SELECT count(*) FROM mine_sessions"), 1)
	assertStatus(t, s.logout(token), 303)
	s.assertSTOP(s.get("/", cookie(token)))
}

func TestConfig_AnErrorRouteWithAGuardOfItsOwn(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session
			reverse_proxy unix/{dir}/nobody-listens
		}
		handle_errors {
			session {
				optional
			}
			reverse_proxy {app}
		}`})
	token := s.login(alice)
	s.assertOK(s.get("/", append(mallory.lines(remoteSet), cookie(token))...), alice)
	s.assertAnonymous(s.get("/", mallory.lines(remoteSet)...))
}

func TestConfig_AnEncodedAnswerIsWhole(t *testing.T) {
	s := start(t, setup{site: "encode gzip\n" + guarded()})
	token := s.login(alice)
	text := make([]byte, 100_000)
	for i := range text {
		text[i] = "abc\n"[i%4]
	}
	s.app.answers(reply(200, string(text), "Content-Type: text/plain", "Cache-Control: public"))
	a := s.get("/", cookie(token), "Accept-Encoding: gzip")
	assertStatus(t, a, 200)
	assertEqual(t, "Content-Encoding", a.value("Content-Encoding"), "gzip")
	assertContains(t, a.value("Cache-Control"), "private")
	assertContains(t, a.value("Vary"), "Cookie")
	if len(a.body) == 0 || len(a.body) > len(text)/2 {
		t.Errorf("%d bytes", len(a.body))
	}
	a = s.get("/", cookie(token))
	assertEqual(t, "body", a.body, string(text))
}
