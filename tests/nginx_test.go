//go:build unix

package tests

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// startNginx runs nginx as a shared cache in front of what listens on a Unix
// socket, and returns its own. It keeps every answer that it may, for ten
// minutes, by this key. Without nginx the test is skipped; with REQUIRE_NGINX=1
// it fails.
func startNginx(t testing.TB, upstream, key string) (socket string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; !exists(program) {
			if os.Getenv("REQUIRE_NGINX") == "1" {
				t.Fatal("nginx is not installed, and REQUIRE_NGINX=1 wants its tests run")
			}
			storetest.Skip(t, "nginx is not installed")
		}
	}
	dir := shortDir(t)
	socket = dir + "/nginx.sock"
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // or it could not use the test's sockets
	}
	temporary := ""
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += what + "_temp_path " + dir + "/" + what + ";\n"
	}
	write(t, dir+"/nginx.conf", fmt.Sprintf(`%sdaemon off;
master_process off;
pid %[2]s/pid;
error_log %[2]s/error.log;
events {}
http {
	access_log off;
	%[3]s
	proxy_cache_path %[2]s/cache keys_zone=all:1m;
	server {
		listen unix:%[4]s;
		location / {
			proxy_pass http://unix:%[5]s:;
			proxy_set_header Host $http_host;
			proxy_cache all;
			proxy_cache_valid any 10m;
			proxy_cache_key %[6]s;
		}
	}
}
`, user, dir, temporary, socket, upstream, key))
	cmd := exec.Command(program, "-c", dir+"/nginx.conf", "-p", dir, "-e", dir+"/error.log")
	cmd.Stderr = os.Stderr
	storetest.Program(t, cmd)
	eventually(t, "nginx listens", func() bool {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
	return socket
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pageOf says whose page it is, and how long it is good.
func pageOf(said string) answerFunc {
	return func(c net.Conn, r *message) { reply(200, "page of "+r.value("Remote-User"), said)(c, r) }
}

const plainKey = "$host$request_uri"

// freshness is what an app may say of its pages.
var freshness = []string{"X-Says: nothing", "Cache-Control: max-age=600", "Cache-Control: public, max-age=600", "Cache-Control: s-maxage=600"}

func TestNginx_ACacheInFrontKeepsPagesApart(t *testing.T) {
	s := start(t, setup{site: guarded("redirect /login", "public /static/*")})
	hers, his := s.become(alice), s.become(carol)
	front := *s
	front.address = startNginx(t, s.address, plainKey)
	for i, said := range freshness {
		s.app.answers(pageOf(said))
		page := fmt.Sprint("/page", i)
		for range 2 {
			assertEqual(t, "nobody's page", front.get(page, wantsPage).value("Location"), "/login?return_to=%2F"+page[1:])
			assertEqual(t, "alice's page, "+said, front.get(page, cookie(hers)).body, "page of alice")
			assertEqual(t, "carol's page, "+said, front.get(page, cookie(his)).body, "page of carol")
		}
		assertEqual(t, "requests to the app", len(s.app.take()), 4)
	}
	// What is public is kept for all who have no cookie.
	s.app.answers(pageOf("Cache-Control: public, max-age=600"))
	for range 3 {
		assertEqual(t, "the file", front.get("/static/app.js").body, "page of ")
	}
	assertEqual(t, "requests to the app", len(s.app.take()), 1)
}

// Behind the guard a cache serves one user's page to another, unless it knows
// the user: that is what the documentation warns of.
func TestNginx_ACacheBehindMustKnowTheUser(t *testing.T) {
	for what, c := range map[string]struct{ key, said, carols string }{
		"a plain key":             {plainKey, "Cache-Control: max-age=600", "page of alice"},
		"a key with the user":     {plainKey + "$http_remote_user", "Cache-Control: max-age=600", "page of carol"},
		"the app names the user":  {plainKey, "Cache-Control: max-age=600\r\nVary: Remote-User", "page of carol"},
		"the app says it is hers": {plainKey, "Cache-Control: private, max-age=600", "page of carol"},
	} {
		t.Run(what, func(t *testing.T) {
			s := newServer(t, setup{})
			cache := startNginx(t, strings.TrimPrefix(s.app.address, "unix/"), c.key)
			s.load(setup{site: strings.ReplaceAll(guarded(), "{app}", "unix/"+cache)})
			t.Cleanup(func() { stopCaddy(s) })
			s.app.answers(pageOf(c.said))
			hers, his := s.become(alice), s.become(carol)
			assertEqual(t, "alice's page", s.get("/page", cookie(hers)).body, "page of alice")
			// What the request says makes no difference to nginx.
			assertEqual(t, "carol's page", s.get("/page", cookie(his), "Cache-Control: no-store, no-cache", "Authorization: Bearer x").body, c.carols)
		})
	}
}
