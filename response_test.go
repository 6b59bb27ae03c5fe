package caddysession

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// wire is what a filter writes to. It notes each status.
type wire struct {
	*httptest.ResponseRecorder
	statuses []int
	hijacked error // why its connection cannot be had; nil: it can
}

func (w *wire) WriteHeader(status int) {
	w.statuses = append(w.statuses, status)
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.ResponseRecorder.WriteHeader(status)
	}
}

func (w *wire) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.hijacked != nil {
		return nil, nil, w.hijacked
	}
	conn, other := net.Pipe()
	_ = other.Close()
	return conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), nil
}

// filtered is the filter of a guard's answers, with what comes out of it.
func filtered(t *testing.T) (*response, *wire) {
	t.Helper()
	realm, _ := startedRealm(t, storetest.SQLite(t), caddy.Duration(time.Minute))
	names, err := headers.NewNames("Remote-User")
	if err != nil {
		t.Fatal(err)
	}
	recorder := &wire{ResponseRecorder: httptest.NewRecorder()}
	rw := newResponse(recorder, names, realm, new(requestState))
	rw.identity = true
	for name, value := range map[string]string{"Remote-User": "mallory", "Set-Cookie": "__Host-bench-session=x", "X-Theirs": "kept"} {
		rw.Header().Set(name, value)
	}
	return rw, recorder
}

// assertFiltered checks what went out: none of ours, and that it is for one user.
func assertFiltered(t *testing.T, what string, header http.Header) {
	t.Helper()
	if header.Get("Remote-User") != "" || header.Get("Set-Cookie") != "" || header.Get("X-Theirs") != "kept" {
		t.Errorf("%s: %v", what, header)
	}
	if header.Get("Cache-Control") != "private" || header.Get("Vary") != "Cookie" {
		t.Errorf("%s: what caches are told: %v", what, header)
	}
}

// Whatever a handler calls first, the header is filtered before it goes out.
func TestGuard_HoweverAHandlerAnswersItsHeaderIsFiltered(t *testing.T) {
	for what, answer := range map[string]func(*response) error{
		"WriteHeader": func(rw *response) error { rw.WriteHeader(http.StatusOK); return nil },
		"Write":       func(rw *response) error { _, err := rw.Write([]byte("body")); return err },
		"ReadFrom":    func(rw *response) error { _, err := rw.ReadFrom(strings.NewReader("body")); return err },
		"Flush":       func(rw *response) error { rw.Flush(); return nil },
		"FlushError":  func(rw *response) error { return rw.FlushError() },
		"nothing":     func(rw *response) error { rw.finish(); return nil },
	} {
		rw, recorder := filtered(t)
		if err := answer(rw); err != nil {
			t.Error(err)
		}
		if recorder.Flushed != strings.HasPrefix(what, "Flush") {
			t.Errorf("%s: flushed %v", what, recorder.Flushed)
		}
		if rw.finish(); !slices.Equal(recorder.statuses, []int{http.StatusOK}) {
			t.Errorf("%s: statuses %d", what, recorder.statuses)
		}
		assertFiltered(t, what, recorder.Result().Header)
	}
}

// An answer has one header, and a login page's is looked at once.
func TestGuard_TheHeaderGoesOutOnce(t *testing.T) {
	rw, recorder := filtered(t)
	var finals []int
	rw.final = func(status int) int { finals = append(finals, status); return status }
	rw.state.cookies = []string{"ours=1"}
	rw.WriteHeader(http.StatusEarlyHints)
	if rw.wrote {
		t.Error("103 is taken for the answer")
	}
	rw.WriteHeader(http.StatusCreated)
	rw.WriteHeader(http.StatusTeapot)
	if _, err := rw.Write([]byte("body")); err != nil {
		t.Fatal(err)
	}
	rw.finish()
	if !slices.Equal(recorder.statuses, []int{http.StatusEarlyHints, http.StatusCreated}) {
		t.Errorf("statuses %d", recorder.statuses)
	}
	if !slices.Equal(finals, []int{http.StatusCreated}) || recorder.Code != http.StatusCreated || recorder.Body.String() != "body" {
		t.Errorf("looked at %v, status %d, body %q", finals, recorder.Code, recorder.Body)
	}
	if lines := recorder.Result().Header["Set-Cookie"]; !slices.Equal(lines, []string{"ours=1"}) {
		t.Errorf("Set-Cookie %q", lines)
	}
}

// A header that is held back, or a body that is replaced, lets nothing of the page out.
func TestLogin_WhatIsReplacedDoesNotGoOut(t *testing.T) {
	rw, recorder := filtered(t)
	rw.final = func(int) int { rw.replaceBody(); return held }
	for _, answer := range []func() error{
		func() error { rw.WriteHeader(http.StatusOK); return nil },
		func() error { _, err := rw.Write([]byte("secret")); return err },
		func() error {
			n, err := rw.ReadFrom(strings.NewReader("secret"))
			if n != 6 {
				t.Errorf("%d bytes are read", n)
			}
			return err
		},
		rw.FlushError,
	} {
		if err := answer(); err != nil {
			t.Error(err)
		}
	}
	if recorder.Body.Len() > 0 || recorder.Flushed || len(recorder.statuses) > 0 {
		t.Errorf("body %q, flushed %v, statuses %d", recorder.Body, recorder.Flushed, recorder.statuses)
	}
	rw, recorder = filtered(t)
	rw.final = func(int) int { rw.replaceBody(); return http.StatusSeeOther }
	if n, err := rw.Write([]byte("secret")); n != 6 || err != nil {
		t.Error(n, err)
	}
	if rw.finish(); recorder.Code != http.StatusSeeOther || recorder.Body.Len() > 0 || recorder.Header().Get("Content-Length") != "0" || !recorder.Flushed {
		t.Errorf("status %d, body %q, flushed %v, %v", recorder.Code, recorder.Body, recorder.Flushed, recorder.Header())
	}
}

// After an error another handler answers: what has been started goes out with that,
// and nothing of it twice.
func TestGuard_WhatIsLeftForAnErrorsAnswer(t *testing.T) {
	rw, recorder := filtered(t)
	rw.state.cookies = []string{"ours=1"}
	rw.leave()
	if rw.state.wrapped || len(rw.state.cookies) > 0 || !slices.Equal(rw.state.left, []string{"ours=1"}) {
		t.Errorf("wrapped %v, cookies %q, left %q", rw.state.wrapped, rw.state.cookies, rw.state.left)
	}
	rw.WriteHeader(http.StatusOK) // one that comes too late
	if len(recorder.statuses) > 0 {
		t.Error("it answers although it has left")
	}
	if lines := rw.Header()["Set-Cookie"]; !slices.Equal(lines, []string{"ours=1"}) || rw.Header().Get("Remote-User") != "" {
		t.Errorf("%v", rw.Header())
	}
	// What answers then is filtered by a guard of its own, which keeps ours.
	next := newResponse(recorder, rw.names, rw.realm, rw.state)
	next.finish()
	if lines := recorder.Result().Header["Set-Cookie"]; !slices.Equal(lines, []string{"ours=1"}) {
		t.Errorf("Set-Cookie %q", lines)
	}
	// An answer that is out already is left alone.
	rw, _ = filtered(t)
	rw.WriteHeader(http.StatusOK)
	rw.state.cookies = []string{"late=1"}
	if rw.leave(); len(rw.state.left) > 0 || rw.Header().Get("Set-Cookie") != "" {
		t.Errorf("left %q, %v", rw.state.left, rw.Header())
	}
}

// The innermost of several filters leaves the cookies to the outermost.
func TestGuard_TheOutermostFilterSetsTheCookies(t *testing.T) {
	outer, recorder := filtered(t)
	inner := newResponse(outer, outer.names, outer.realm, outer.state)
	if inner == outer || !outer.outermost || inner.outermost {
		t.Fatal("which one is the outermost?")
	}
	outer.state.cookies = []string{"ours=1"}
	inner.finish()
	outer.finish()
	if lines := recorder.Result().Header["Set-Cookie"]; !slices.Equal(lines, []string{"ours=1"}) {
		t.Errorf("Set-Cookie %q", lines)
	}
	outer, _ = filtered(t)
	newResponse(outer, outer.names, outer.realm, outer.state).leave()
	if !outer.state.wrapped {
		t.Error("the outer filter is still there")
	}
}

func TestGuard_WhatBecomesATunnelIsNoAnswerAnyMore(t *testing.T) {
	rw, recorder := filtered(t)
	conn, early, err := rw.Hijack()
	if err != nil || conn == nil || early == nil || !rw.wrote {
		t.Fatal(conn, early, err)
	}
	_ = conn.Close()
	if rw.WriteHeader(http.StatusOK); len(recorder.statuses) > 0 {
		t.Error("a header goes out")
	}
	rw, recorder = filtered(t)
	recorder.hijacked = io.ErrClosedPipe
	if _, _, err := rw.Hijack(); !errors.Is(err, io.ErrClosedPipe) || rw.wrote {
		t.Errorf("%v, wrote %v", err, rw.wrote)
	}
	// 101 is an answer, with all that belongs to one.
	rw, recorder = filtered(t)
	rw.state.cookies = []string{"ours=1"}
	if rw.WriteHeader(http.StatusSwitchingProtocols); !rw.wrote || recorder.Header().Get("Set-Cookie") != "ours=1" {
		t.Errorf("wrote %v, %v", rw.wrote, recorder.Header())
	}
}

// What caches are told, by what the app has said and who has seen the request.
func TestGuard_WhatCachesAreTold(t *testing.T) {
	for _, c := range []struct {
		identity, noStore, everybodys, asked bool
		control, vary                        string // the app's own
		wantControl, wantVary                string
	}{
		{identity: true, wantControl: "private", wantVary: "Cookie"},
		{identity: true, noStore: true, control: "public", wantControl: "no-store", wantVary: "Cookie"},
		{identity: true, control: "public, max-age=60", wantControl: "private, max-age=60", wantVary: "Cookie"},
		{noStore: true, wantVary: "Cookie"},
		{control: "public", vary: "Accept", wantControl: "public", wantVary: "Accept|Cookie"},
		{everybodys: true, control: "public", wantControl: "public"},
		{everybodys: true, asked: true, control: "public", wantControl: "public", wantVary: "Cookie"},
	} {
		rw, recorder := filtered(t)
		rw.identity, rw.noStore, rw.everybodys = c.identity, c.noStore, c.everybodys
		if c.asked {
			rw.state.first.realm = rw.realm
		}
		for name, value := range map[string]string{"Cache-Control": c.control, "Vary": c.vary} {
			if value != "" {
				rw.Header().Set(name, value)
			}
		}
		rw.WriteHeader(http.StatusOK)
		control, vary := recorder.Header().Get("Cache-Control"), strings.Join(recorder.Header()["Vary"], "|")
		if control != c.wantControl || vary != c.wantVary {
			t.Errorf("%+v: Cache-Control %q, Vary %q", c, control, vary)
		}
	}
}
