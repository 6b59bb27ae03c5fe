//go:build unix

package tests

import (
	"encoding/base64"
	"fmt"
	"testing"
)

// A flood of ids from one address gets 429, never a login page; whoever is known
// behind that address, and everybody elsewhere, is served.
func TestD9_AFloodOfMadeUpCookiesIsBounded(t *testing.T) {
	p := bodhiProgram(t, "sqlite")
	url := p.on(t)
	db := openProgramDB(t, url)
	db.exec(p.tables[0])
	p.fill(db)
	config := p.setup(t, url, nil)
	config.realm += "\nmax_unknown 2"
	config.global = trusting
	s := start(t, config)
	s.secretURL(url)
	s.secret(p.first)
	from := func(address string) string { return "X-Forwarded-For: " + address }
	known := func(address string) {
		t.Helper()
		assertStatus(t, s.get("/", p.line(p.first), from(address)), 200)
		assertID(t, s.app.one(t), p.good[p.first])
	}
	known("192.0.2.1")
	refused := 0
	for i := range 200 {
		id := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%016d", i))
		target := []string{"/", "/public"}[i%2]
		a := s.get(target, p.line(id), from("192.0.2.1"), "Accept: text/html", "Sec-Fetch-Mode: navigate")
		switch {
		case a.status == 429:
			refused++
			assertEqual(t, "Retry-After", a.value("Retry-After"), "1")
			assertEqual(t, "cookies", a.value("Set-Cookie"), "")
			s.app.untouched(t)
		case i > 100 && a.status != 401 && target == "/":
			t.Fatal(a.status)
		default:
			s.app.take()
		}
	}
	if refused < 100 {
		t.Errorf("only %d of 200 were refused", refused)
	}
	known("192.0.2.1")
	known("192.0.2.2")
	assertContains(t, s.log.String(), "max_unknown")
	if n := s.logged("warn", "max_unknown"); n > refused/10 {
		t.Errorf("%d warnings of %d refusals", n, refused)
	}
}
