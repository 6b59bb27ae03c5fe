package adminapi_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/internal/adminapi"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// startedAPI answers requests to a realm called staff.
func startedAPI(t *testing.T) func(method, path, body string) (int, string) {
	t.Helper()
	realm, err := lookup.New(lookup.Settings{
		Realm: "staff", Store: store.Settings{URL: storetest.SQLite(t), LookupTimeout: 10 * time.Second},
		Idle: time.Hour, Lifetime: 24 * time.Hour, MaxPerUser: 10,
	}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = realm.CloseNow() })
	if err := realm.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	find := func(name string) (*lookup.Realm, error) {
		if name != "staff" {
			return nil, errors.New("no such realm")
		}
		return realm, nil
	}
	return func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		err := adminapi.Serve(w, httptest.NewRequest(method, path, strings.NewReader(body)), find)
		var refused *adminapi.Error
		switch {
		case errors.As(err, &refused):
			return refused.Status, err.Error()
		case err != nil:
			t.Fatal(err)
		}
		return w.Code, w.Body.String()
	}
}

func TestServe_ASessionFromBirthToEnd(t *testing.T) {
	call := startedAPI(t)
	status, body := call("POST", "/session/staff/sessions", `{"user":"a/b","claims":{"groups":"x, y"}}`)
	var session struct{ ID, Token, User string }
	if err := json.Unmarshal([]byte(body), &session); err != nil || status != http.StatusCreated || session.Token == "" || session.User != "a/b" {
		t.Fatal(status, body, err)
	}
	for _, c := range []struct {
		method, path string
		status       int
		has          string
	}{
		{"GET", "/session/staff/sessions", http.StatusOK, session.ID},
		{"GET", "/session/staff/sessions?user=other", http.StatusOK, "[]"},
		{"GET", "/session/staff/sessions?limit=0", http.StatusBadRequest, "limit must be a number above 0"},
		{"GET", "/session/staff/sessions/" + session.ID, http.StatusOK, `"user": "a/b"`},
		{"DELETE", "/session/staff/users/a%2Fb/sessions", http.StatusOK, `"revoked": 1`},
		{"GET", "/session/staff/sessions/" + session.ID, http.StatusNotFound, "no session has that id"},
		{"DELETE", "/session/staff/sessions/" + session.ID, http.StatusNotFound, "no session has that id"},
		{"POST", "/session/staff/purge", http.StatusOK, `"purged": 0`},
		{"GET", "/session/staff/health", http.StatusOK, `"database": "sqlite"`},
		{"PUT", "/session/staff/health", http.StatusMethodNotAllowed, "PUT is not for this"},
		{"GET", "/session/staff/other", http.StatusNotFound, "nothing of that name"},
		{"GET", "/session/other/sessions", http.StatusNotFound, "no such realm"},
	} {
		if status, body := call(c.method, c.path, ""); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s %s: %d %s, want %d and %q in it", c.method, c.path, status, body, c.status, c.has)
		}
	}
}
