//go:build unix

package tests

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// startWithAdmin runs a Caddy whose admin API listens on a Unix socket.
func startWithAdmin(t *testing.T, config setup) *server {
	t.Helper()
	config.admin = "unix/{dir}/admin.sock"
	return start(t, config)
}

// api calls the admin API. The answer's body, if it is JSON, is in result.
func (s *server) api(method, target, body string, result any) *answer {
	s.t.Helper()
	text := method + " /session/" + target + " HTTP/1.1\r\nHost: \r\nContent-Type: application/json\r\n"
	if body != "" {
		text = requestWithBody(method, "/session/"+target, body, "Content-Type: application/json")
		text = strings.Replace(text, "Host: app.test", "Host: ", 1)
	} else {
		text += "\r\n"
	}
	c := dial(s.t, "unix", s.dir+"/admin.sock")
	defer c.Close()
	a, err := c.exchange(text)
	if err != nil {
		s.t.Fatal(err)
	}
	if result != nil {
		assertStatus(s.t, a, 200)
		if err := json.Unmarshal([]byte(a.body), result); err != nil {
			s.t.Fatalf("%v: %s", err, a.body)
		}
	}
	return a
}

// shown is a session as programs see it.
type shown struct {
	ID      string         `json:"id"`
	User    string         `json:"user"`
	Claims  map[string]any `json:"claims"`
	Created time.Time      `json:"created"`
	Seen    time.Time      `json:"seen"`
	Expires time.Time      `json:"expires"`
}

func TestAdmin_ListShowAndEnd(t *testing.T) {
	s := startWithAdmin(t, setup{realm: "cache_ttl 1h"})
	token, phone, other := s.login(alice), s.login(alice), s.login(carol)
	s.assertOK(s.get("/", cookie(token)), alice)
	s.assertOK(s.get("/", cookie(phone)), alice)
	// 1. A program lists them. It sees everything but what makes a cookie.
	var all, hers []shown
	a := s.api("GET", "default/sessions", "", &all)
	assertEqual(t, "sessions", len(all), 3)
	for _, secret := range []string{token, phone, other} {
		if strings.Contains(a.body, secret) {
			t.Error("the list holds a token")
		}
	}
	s.api("GET", "default/sessions?user=alice", "", &hers)
	assertEqual(t, "Alice's sessions", len(hers), 2)
	s.api("GET", "default/sessions?limit=1", "", &all)
	assertEqual(t, "limited", len(all), 1)
	for _, session := range hers {
		assertEqual(t, "user", session.User, "alice")
		assertEqual(t, "email", session.Claims["email"], any("alice@example.com"))
		groups, _ := json.Marshal(session.Claims["groups"])
		assertEqual(t, "groups", string(groups), `["admins","users"]`)
		assertEqual(t, "lifetime", session.Expires.Sub(session.Created), 24*time.Hour)
		s.assertSTOP(s.get("/", cookie(session.ID)))
		var one shown
		s.api("GET", "default/sessions/"+session.ID, "", &one)
		assertEqual(t, "id", one.ID, session.ID)
	}
	// 2. It ends one, though it is cached: at once on this node.
	assertStatus(t, s.api("DELETE", "default/sessions/"+hers[0].ID, "", nil), 204)
	assertStatus(t, s.api("DELETE", "default/sessions/"+hers[0].ID, "", nil), 404)
	assertStatus(t, s.api("GET", "default/sessions/"+hers[0].ID, "", nil), 404)
	statuses := []int{s.get("/", cookie(token)).status, s.get("/", cookie(phone)).status}
	if statuses[0]+statuses[1] != 200+401 {
		t.Errorf("statuses %v, want one 200 and one 401", statuses)
	}
	s.app.take()
	// 3. It ends all of a user's.
	a = s.api("DELETE", "default/users/alice/sessions", "", nil)
	if a.status != 200 && a.status != 204 {
		t.Errorf("status %d", a.status)
	}
	s.assertSTOP(s.get("/", cookie(token)))
	s.assertSTOP(s.get("/", cookie(phone)))
	s.assertOK(s.get("/", cookie(other)), carol)
}

func TestAdmin_UsersWithOddNames(t *testing.T) {
	s := startWithAdmin(t, setup{})
	for _, user := range []string{"a/b", "a b", "爱丽丝", "a?b=c", "100%", "../x", "a@b.example"} {
		token := s.become(identity{user: user})
		var hers []shown
		s.api("GET", "default/sessions?user="+url.QueryEscape(user), "", &hers)
		if len(hers) != 1 || hers[0].User != user {
			t.Errorf("%q: %v", user, hers)
		}
		a := s.api("DELETE", "default/users/"+url.PathEscape(user)+"/sessions", "", nil)
		if a.status >= 300 {
			t.Errorf("%q: %v", user, a)
		}
		s.assertSTOP(s.get("/", cookie(token)))
	}
}

func TestAdmin_CreatePurgeHealth(t *testing.T) {
	s := startWithAdmin(t, setup{})
	// 1. A program starts a session and gets its token, once.
	a := s.api("POST", "default/sessions", `{"user": "dora", "claims": {"email": "d@example.com", "groups": ["a", "b"]}}`, nil)
	if a.status != 200 && a.status != 201 {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	var created struct {
		shown
		Token string `json:"token"`
	}
	if err := json.Unmarshal([]byte(a.body), &created); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	s.secret(created.Token)
	s.assertOK(s.get("/", cookie(created.Token)), identity{"dora", "d@example.com", "", []string{"a", "b"}})
	// 2. What cannot be sent upstream is refused, as at a login.
	for _, body := range []string{`{"user": ""}`, `{"user": " x"}`, `{"user": "a\nb"}`, `{"user": "x", "claims": {"email": "a\u200bb"}}`, `{"user": "x", "claims": {"email": 7}}`, `{"user": "x", "nonsense": 1}`, `{`, `[]`} {
		a := s.api("POST", "default/sessions", body, nil)
		assertStatus(t, a, 400)
	}
	var all []shown
	s.api("GET", "default/sessions", "", &all)
	assertEqual(t, "sessions", len(all), 1)
	// 3. Purging ends what has expired.
	db := s.database()
	execute(t, db, "UPDATE "+table+" SET created = created - 90000000, seen = seen - 90000000, expires = expires - 90000000")
	a = s.api("POST", "default/purge", "", nil)
	if a.status >= 300 {
		t.Errorf("purge: %v", a)
	}
	assertEqual(t, "rows", rows(t, db), 0)
	// 4. Health tells whether the database answers.
	assertStatus(t, s.api("GET", "default/health", "", nil), 200)
}

func TestAdmin_GETNeverChangesAnything(t *testing.T) {
	s := startWithAdmin(t, setup{})
	token := s.login(alice)
	var all []shown
	s.api("GET", "default/sessions", "", &all)
	for _, c := range []struct {
		method, target string
		status         int
	}{
		{"GET", "default/purge", 405},
		{"GET", "default/users/alice/sessions", 405},
		{"PUT", "default/sessions", 405},
		{"POST", "default/sessions/" + all[0].ID, 405},
		{"DELETE", "default/sessions", 405},
		{"POST", "default/health", 405},
		{"GET", "nowhere/sessions", 404},
		{"GET", "default/nonsense", 404},
		{"GET", "", 404},
		{"GET", "default/sessions/nonsense", 404},
		{"DELETE", "default/sessions/nonsense", 404},
		{"GET", "default/sessions?limit=many", 400},
		{"GET", "default/sessions?limit=-1", 400},
	} {
		a := s.api(c.method, c.target, "", nil)
		if a.status != c.status {
			t.Errorf("%s %s: status %d, want %d: %s", c.method, c.target, a.status, c.status, a.body)
		}
	}
	s.assertOK(s.get("/", cookie(token)), alice)
}

func TestAdmin_TheConfigurationShowsNoSecret(t *testing.T) {
	t.Setenv("ADMIN_DB_PASSWORD", "hush-hush")
	s := startWithAdmin(t, setup{store: "postgres://u:{env.ADMIN_DB_PASSWORD}@127.0.0.1:1/x"})
	s.secret("hush-hush")
	c := dial(t, "unix", s.dir+"/admin.sock")
	a, err := c.exchange("GET /config/ HTTP/1.1\r\nHost: \r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(a.body, "hush-hush") {
		t.Error("the configuration shows the password")
	}
	for _, target := range []string{"default/health", "default/sessions"} {
		a := s.api("GET", target, "", nil)
		assertStatus(t, a, 503)
		if strings.Contains(a.body, "hush-hush") {
			t.Errorf("%s: %s", target, a.body)
		}
	}
}
