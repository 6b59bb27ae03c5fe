package caddysession

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// browserHeaders are what a browser sends with a page.
func browserHeaders() http.Header {
	return http.Header{
		"Accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		"Accept-Encoding": {"gzip, deflate, br, zstd"}, "Accept-Language": {"en-US,en;q=0.5"},
		"Connection": {"keep-alive"}, "Priority": {"u=0, i"}, "Sec-Fetch-Dest": {"document"},
		"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Site": {"none"}, "Sec-Fetch-User": {"?1"},
		"Upgrade-Insecure-Requests": {"1"},
		"User-Agent":                {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
	}
}

// startedRealm is a realm with one session of alice, on an open database.
func startedRealm(b testing.TB, url string, cacheTTL caddy.Duration) (*Realm, string) {
	b.Helper()
	ctx, err := caddy.ProvisionContext(new(caddy.Config))
	if err != nil {
		b.Fatal(err)
	}
	app := new(App)
	if err := app.Provision(ctx); err != nil {
		b.Fatal(err)
	}
	realm := &Realm{Store: &StoreConfig{URL: url}, CacheTTL: &cacheTTL}
	if err := realm.provision(&app.shared, "bench"); err != nil {
		b.Fatal(err)
	}
	app.known(realm)
	b.Cleanup(realm.cleanup)
	if err := realm.run.StartNow(b.Context()); err != nil {
		b.Fatal(err)
	}
	token, _, err := realm.run.Create(b.Context(), store.NewSession{Identity: store.Identity{User: "alice", Claims: store.Claims{
		"email": store.Text("alice@example.com"), "name": store.Text("Alice"), "groups": store.List("admin", "ops"),
	}}}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	return realm, token
}

func startedGuard(b testing.TB, realm *Realm) *Guard {
	b.Helper()
	g := &Guard{Separator: ",", Optional: true, realm: realm, logger: caddy.Log()}
	if err := g.provisionHeaders(); err != nil {
		b.Fatal(err)
	}
	return g
}

// fourHeaders is what request_header does.
func fourHeaders(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	r.Header.Set("Remote-User", "alice")
	r.Header.Set("Remote-Email", "alice@example.com")
	r.Header.Set("Remote-Name", "Alice")
	r.Header.Set("Remote-Groups", "admin,ops")
	return next.ServeHTTP(w, r)
}

// benchRequests runs a handler with what Caddy sets up around a request, less
// what that costs.
func benchRequests(b *testing.B, realm *Realm, cookie string, serve func(http.ResponseWriter, *http.Request, caddyhttp.Handler) error) {
	b.Helper()
	w := httptest.NewRecorder()
	// Many at a time, since stopping the clock costs more than a request.
	var batch [1000]*http.Request
	next := len(batch)
	b.ReportAllocs()
	for b.Loop() {
		if next == len(batch) {
			b.StopTimer()
			for i := range batch {
				batch[i] = prepared(realm, w, cookie)
			}
			next = 0
			b.StartTimer()
		}
		clear(w.Header())
		if err := serve(w, batch[next], caddyhttp.HandlerFunc(answerOK)); err != nil {
			b.Fatal(err)
		}
		next++
	}
}

func answerOK(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// prepared is a browser's request, with what Caddy sets up around it.
func prepared(realm *Realm, w *httptest.ResponseRecorder, cookie string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = browserHeaders()
	if cookie != "" {
		r.Header["Cookie"] = []string{"theme=dark; " + realm.sessionCookie.Name + "=" + cookie}
	}
	clear(w.Header())
	return caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil)
}

// BenchmarkGuard is the whole guard for one request: a cached session, a query
// on each database, and requests that must cost nothing.
func BenchmarkGuard(b *testing.B) {
	b.Run("four constant headers", func(b *testing.B) { // without a guard, to compare with
		realm, token := startedRealm(b, storetest.SQLite(b), 0)
		benchRequests(b, realm, token, fourHeaders)
	})
	b.Run("hit", func(b *testing.B) {
		realm, token := startedRealm(b, storetest.SQLite(b), caddy.Duration(time.Hour))
		benchRequests(b, realm, token, startedGuard(b, realm).ServeHTTP)
	})
	b.Run("no cookie", func(b *testing.B) {
		realm, _ := startedRealm(b, storetest.SQLite(b), 0)
		benchRequests(b, realm, "", startedGuard(b, realm).ServeHTTP)
	})
	b.Run("forged", func(b *testing.B) {
		realm, token := startedRealm(b, storetest.SQLite(b), 0)
		benchRequests(b, realm, strings.Repeat("A", len(token)), startedGuard(b, realm).ServeHTTP)
	})
	for _, d := range storetest.Kinds {
		b.Run("query/"+d.Name, func(b *testing.B) {
			realm, token := startedRealm(b, d.Fresh(b), 0)
			benchRequests(b, realm, token, startedGuard(b, realm).ServeHTTP)
		})
	}
}

// BenchmarkAway is a request whose session is not in memory, while the database
// hangs.
func BenchmarkAway(b *testing.B) {
	server := storetest.StartPostgres(b)
	realm, token := startedRealm(b, server.URL(), 0)
	g := startedGuard(b, realm)
	refused := func(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
		var refusal caddyhttp.HandlerError
		if err := g.ServeHTTP(w, r, next); !errors.As(err, &refusal) || refusal.StatusCode != http.StatusServiceUnavailable {
			return fmt.Errorf("got %v, want 503", err)
		}
		return nil
	}
	server.Freeze()
	defer server.Thaw()
	w := httptest.NewRecorder()
	for range 100 { // more than it takes until the database is left alone
		if err := refused(w, prepared(realm, w, token), nil); err != nil {
			b.Fatal(err)
		}
	}
	benchRequests(b, realm, token, refused)
}

// BenchmarkPieces are the guard's own steps, without Caddy and a database.
func BenchmarkPieces(b *testing.B) {
	realm, token := startedRealm(b, storetest.SQLite(b), caddy.Duration(time.Hour))
	g := startedGuard(b, realm)
	now := time.Now()
	b.Run("strip", func(b *testing.B) {
		r := &http.Request{Method: http.MethodGet, Header: browserHeaders()}
		b.ReportAllocs()
		for b.Loop() {
			g.names.Strip(r)
		}
	})
	lines := []string{"theme=dark; " + realm.sessionCookie.Name + "=" + token}
	b.Run("cookie", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lastCookie(lines, realm)
		}
	})
	b.Run("mac", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := realm.run.Lookup(token, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	lookup, _ := realm.run.Lookup(token, now)
	b.Run("cache", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := realm.run.Find(b.Context(), lookup, now); err != nil {
				b.Fatal(err)
			}
		}
	})
	session, err := realm.run.Find(b.Context(), lookup, now)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("headers", func(b *testing.B) {
		header := make(http.Header)
		var space [8]string
		b.ReportAllocs()
		for b.Loop() {
			made, _ := g.prepare(nil, session)
			g.plan.Set(header, made.Values, space[:0])
		}
	})
}

// lastCookie reads the session's cookie.
func lastCookie(lines []string, realm *Realm) (last string) {
	for value := range cookies.Values(lines, realm.sessionCookie.Name) {
		last = value
	}
	return last
}
