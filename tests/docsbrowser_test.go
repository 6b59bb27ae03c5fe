//go:build unix

package tests

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser goes to pages as a browser does: it keeps cookies, and says with
// each request what it is for. It does not follow redirects by itself.
type browser struct {
	t      testing.TB
	client *http.Client
	lies   []string // header names and values
}

// page is what a browser got.
type page struct {
	status   int
	location string // absolute; empty where it leads nowhere else
	body     string
	header   http.Header
}

// claimsToBe has the browser send header lines with each request.
func (b *browser) claimsToBe(lines []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		b.lies = append(b.lies, name, value)
	}
}

func (b *browser) ask(method, address, body string, header ...string) *page {
	b.t.Helper()
	r := newRequest(b.t, method, address, strings.NewReader(body), append(header, b.lies...)...)
	response, text := do(b.t, b.client, r)
	p := &page{status: response.StatusCode, body: text, header: response.Header}
	if location, err := response.Location(); err == nil {
		p.location = location.String()
	}
	return p
}

// navigate is what a click on a link does.
func (b *browser) navigate(address string, header ...string) *page {
	b.t.Helper()
	return b.ask("GET", address, "", append(header, "Accept", "text/html", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none")...)
}

// fetch is what a script does.
func (b *browser) fetch(address string) *page {
	b.t.Helper()
	return b.ask("GET", address, "", "Accept", "*/*", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin")
}

// submit sends a form from a page of the same site. Fields are names and values.
func (b *browser) submit(address string, fields ...string) *page {
	b.t.Helper()
	return b.submitFrom("same-origin", address, fields...)
}

// submitFrom sends a form from a page of some site.
func (b *browser) submitFrom(site, address string, fields ...string) *page {
	b.t.Helper()
	form := make(url.Values)
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.ask("POST", address, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html",
		"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", site)
}

// cookies is the line that the browser would send to an address.
func (b *browser) cookies(address string) string {
	b.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	var pairs []string
	for _, cookie := range b.client.Jar.Cookies(u) {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

// assertLeads: the answer leads to an address with a status.
func (p *page) assertLeads(t testing.TB, status int, location string) {
	t.Helper()
	if p.status != status || p.location != location {
		t.Errorf("status %d to %q, want %d to %q", p.status, p.location, status, location)
	}
}
