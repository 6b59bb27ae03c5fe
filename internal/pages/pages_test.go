package pages_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/internal/pages"
)

func TestError_IsAPageForPeopleAndALineForPrograms(t *testing.T) {
	w := httptest.NewRecorder()
	pages.Error(w, http.StatusForbidden, true, `/login?return_to="><script>`)
	if page := w.Body.String(); w.Code != http.StatusForbidden || !strings.Contains(page, "<h1>This is not for you</h1>") ||
		!strings.Contains(page, ">Log in</a>") || strings.Contains(page, "<script>") {
		t.Errorf("%d %s", w.Code, page)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Error(csp)
	}

	w = httptest.NewRecorder()
	pages.Error(w, http.StatusTeapot, false, "/login")
	if w.Body.String() != "I'm a teapot.\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%q %v", w.Body, w.Header())
	}
}

func TestLogout_AsksWithAButton(t *testing.T) {
	w := httptest.NewRecorder()
	pages.Logout(w)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<form method="post"><button>`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	// Chromium would stay on the page where the redirect leads to another host.
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "form-action") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Error(csp)
	}
}

func TestOtherSite_TellsNobodyThatTheyAreLoggedIn(t *testing.T) {
	w := httptest.NewRecorder()
	pages.OtherSite(w, true)
	if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "logged in") || !strings.Contains(w.Body.String(), "another site") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
