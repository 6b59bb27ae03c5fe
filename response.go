package caddysession

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/stream"
)

// held instead of a status holds an answer back: an error of ours will take its
// place.
const held = 0

// response filters what comes back from the upstream: headers and cookies that
// are this module's are not the upstream's to send, caches are told that the
// answer depends on the cookie, and our own cookies go out with the final
// answer. Nothing is buffered.
type response struct {
	caddyhttp.ResponseWriterWrapper
	names      *headers.Names
	realm      *Realm
	state      *requestState
	outermost  bool // of the filters around this request: it adds the cookies
	identity   bool // an identity went upstream
	noStore    bool // then the browser must not keep the answer
	everybodys bool // no session was asked for here
	wrote      bool // the final header is out
	discard    bool // the upstream's body is replaced
	heldBack   bool // the header is not out after all

	activity lookup.Activity // what is noted of the session
	use      stream.Use      // what passes
	underWay lookup.Stream   // the request, which ends with its session

	// final looks at the final answer before it goes out, and may replace it:
	// it returns the status to send.
	final func(status int) int
}

func newResponse(w http.ResponseWriter, names *headers.Names, realm *Realm, s *requestState) *response {
	rw := &s.scratch.response // one piece of memory for what nearly all requests need
	if rw.state != nil {
		rw = new(response)
	}
	*rw = response{
		ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w},
		names:                 names, realm: realm, state: s, outermost: !s.wrapped,
	}
	s.wrapped = true
	return rw
}

// WriteHeader implements http.ResponseWriter.
func (rw *response) WriteHeader(status int) {
	if rw.wrote {
		return
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		rw.filter(nil)
		rw.ResponseWriter.WriteHeader(status)
		return
	}
	rw.wrote = true
	if rw.final != nil {
		status = rw.final(status)
	}
	if rw.heldBack = status == held; rw.heldBack {
		return
	}
	rw.filter(nil)
	rw.tellCaches()
	rw.use.Answer(rw.Header())
	rw.state.bindAppCookies(rw.Header())
	if rw.outermost {
		rw.addCookies()
	}
	if rw.discard {
		rw.Header()["Content-Length"] = []string{"0"}
	}
	rw.ResponseWriter.WriteHeader(status)
	if rw.discard { // whatever becomes of the body that is dropped
		_ = http.NewResponseController(rw.ResponseWriter).Flush()
	}
}

// tellCaches says that the answer depends on the cookie, and whether it was
// made for one user.
func (rw *response) tellCaches() {
	if rw.everybodys && rw.state.first.realm == nil {
		return // nor elsewhere on the way
	}
	header := rw.Header()
	caches := &rw.state.scratch.caches
	*caches = [2]string{"private", "Cookie"} // no allocation in the usual case
	switch {
	case rw.identity && rw.noStore:
		headers.NoStore(header)
	case rw.identity && header["Cache-Control"] == nil:
		header["Cache-Control"] = caches[:1:1]
	case rw.identity:
		headers.MakePrivate(header)
	}
	if header["Vary"] == nil {
		header["Vary"] = caches[1:2:2]
		return
	}
	headers.AddVary(header)
}

// filter removes what is not the upstream's to send, trailers included. The
// Set-Cookie lines in ours stay, and those that an answer of ours has left there.
func (rw *response) filter(ours []string) {
	header := rw.Header()
	if rw.state.left != nil {
		ours = slices.Concat(ours, rw.state.left)
	}
	for key, values := range header {
		name := strings.TrimPrefix(key, http.TrailerPrefix)
		switch {
		case rw.names.Has(name), rw.identity && headers.IsTargetedCacheControl(name):
			delete(header, key)
		case strings.EqualFold(name, "Set-Cookie"):
			cookies.FilterSetCookies(header, key, ours, rw.isOurs)
		case name == "Clear-Site-Data":
			headers.KeepSiteData(header, values)
		case name == "Trailer":
			headers.FilterAnnounced(header, values, rw.names)
		}
	}
}

// isOurs reports whether a cookie is not the upstream's to set.
func (rw *response) isOurs(name, value string) bool {
	if rw.state.owners == rw.realm && rw.realm.isOwners(name) {
		return false
	}
	return rw.realm.isCredential(name, value)
}

// addCookies adds our own cookies. An app cookie is not expired when the app
// has just set it anew. What an answer of ours has left there is before, and
// sets nothing anew: browsers take the last line for a cookie.
func (rw *response) addCookies() {
	if len(rw.state.cookies) == 0 {
		return
	}
	header := rw.Header()
	upstream := header["Set-Cookie"]
	for _, line := range rw.state.cookies {
		renewed := slices.ContainsFunc(upstream, func(other string) bool {
			return cookies.Name(other) == cookies.Name(line) && !slices.Contains(rw.state.left, other)
		})
		if !renewed {
			header["Set-Cookie"] = append(header["Set-Cookie"], line)
		}
	}
	header["Cache-Control"] = []string{"no-store"}
}

// leave is called when the next handlers have returned an error: the answer is
// an error route's, which this filter is no part of. What the upstream has put
// into the header by then is filtered, and our own cookies are left there: a
// session that has been started has ended the one before.
func (rw *response) leave() {
	if rw.outermost {
		rw.state.wrapped = false
	}
	if rw.wrote && !rw.heldBack {
		return
	}
	rw.filter(nil)
	rw.addCookies()
	rw.state.left = append(rw.state.left, rw.state.cookies...)
	rw.state.cookies = nil
	rw.wrote = true
}

// finish ends the answer of a handler that returned without an error. Trailers
// are in the header by then. HTTP/3 may not have sent the header yet, so our
// own cookies must stay in it.
func (rw *response) finish() {
	rw.WriteHeader(http.StatusOK) // unless it is out already
	rw.filter(rw.state.cookies)
}

// Write implements http.ResponseWriter.
func (rw *response) Write(p []byte) (int, error) {
	rw.WriteHeader(http.StatusOK)
	if rw.discard {
		return len(p), nil
	}
	return rw.use.Write(rw.ResponseWriter, p)
}

// ReadFrom implements io.ReaderFrom, so that files are still sent by the kernel.
func (rw *response) ReadFrom(r io.Reader) (int64, error) {
	rw.WriteHeader(http.StatusOK)
	if rw.discard {
		return io.Copy(io.Discard, r)
	}
	return rw.use.Copy(&rw.ResponseWriterWrapper, r, rw)
}

// Hijack implements http.Hijacker. What the connection becomes is not an answer
// any more.
func (rw *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, early, err := http.NewResponseController(rw.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn = rw.use.Hijacked(conn, early, rw.wrote, rw.underWay.Leave)
	rw.wrote = true
	return conn, early, nil
}

// FlushError is what http.ResponseController calls. Without it the controller
// would flush the writer below, and the header with it, unfiltered.
func (rw *response) FlushError() error {
	rw.WriteHeader(http.StatusOK)
	if rw.discard {
		return nil // what there is goes out when the handler is done
	}
	return rw.use.Flush(rw.ResponseWriter)
}

// Flush implements http.Flusher for handlers that ask for it.
func (rw *response) Flush() { _ = rw.FlushError() }

// Interface guards
var (
	_ http.ResponseWriter = (*response)(nil)
	_ http.Flusher        = (*response)(nil)
	_ http.Hijacker       = (*response)(nil)
	_ io.ReaderFrom       = (*response)(nil)
)
