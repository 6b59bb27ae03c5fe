//go:build !race

package caddysession

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// Allocations are exact, so they can be a test, unlike times.
func TestBudget_AllocationsOfTheGuard(t *testing.T) {
	realm, token := startedRealm(t, storetest.SQLite(t), caddy.Duration(time.Hour))
	g := startedGuard(t, realm)
	for _, c := range []struct {
		name, cookie string
		budget       float64
	}{
		// One for what the request's handlers share, one for the placeholders.
		{"no cookie", "", 2},
		{"a forged cookie", strings.Repeat("A", len(token)), 2},
		// Two more are Go's: four headers are more than its map has room for.
		{"a cached session", token, 4},
	} {
		if n := allocations(t, g, c.cookie); n > c.budget {
			t.Errorf("%s costs %v allocations, more than %v", c.name, n, c.budget)
		}
	}
}

func TestBudget_AllocationsOfALookup(t *testing.T) {
	budgets := map[string]float64{"sqlite": 30, "postgres": 50, "mysql": 66}
	for _, k := range storetest.Kinds {
		t.Run(k.Name, func(t *testing.T) {
			realm, token := startedRealm(t, k.Fresh(t), 0)
			if n := allocations(t, startedGuard(t, realm), token); n > budgets[k.Name] {
				t.Errorf("a lookup costs %v allocations, more than %v", n, budgets[k.Name])
			}
		})
	}
}

// allocations returns what the guard's own are for a request.
func allocations(t *testing.T, g *Guard, cookie string) float64 {
	t.Helper()
	w := httptest.NewRecorder()
	bare := testing.AllocsPerRun(200, func() { prepared(g.realm, w, cookie) })
	guarded := testing.AllocsPerRun(200, func() {
		if err := g.ServeHTTP(w, prepared(g.realm, w, cookie), caddyhttp.HandlerFunc(answerOK)); err != nil {
			t.Fatal(err)
		}
	})
	return guarded - bare
}

func TestBudget_PiecesAllocateNothing(t *testing.T) {
	realm, token := startedRealm(t, storetest.SQLite(t), caddy.Duration(time.Hour))
	g := startedGuard(t, realm)
	r := &http.Request{Method: http.MethodGet, Header: browserHeaders()}
	lines := []string{"theme=dark; " + realm.sessionCookie.Name + "=" + token}
	lookup, err := realm.run.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	session, err := realm.run.Find(t.Context(), lookup, now)
	if err != nil {
		t.Fatal(err)
	}
	header, space := make(http.Header), [8]string{}
	for name, piece := range map[string]func(){
		"strip":  func() { g.names.Strip(r) },
		"cookie": func() { lastCookie(lines, realm) },
		"MAC":    func() { _, _ = realm.run.Lookup(token, now) },
		"cache":  func() { _, _ = realm.run.Find(t.Context(), lookup, now) },
		"headers": func() {
			made, _ := g.prepare(nil, session)
			g.plan.Set(header, made.Values, space[:0])
		},
	} {
		if n := testing.AllocsPerRun(200, piece); n > 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
