//go:build unix

package tests

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

// sharedCache keeps answers for everybody, as RFC 9111 allows and no more
// carefully: it also keeps what says nothing of how long it is good for, and
// everything for ever.
type sharedCache struct {
	next http.RoundTripper

	mu   sync.Mutex
	kept map[string][]kept // by address
	hits int
}

type kept struct {
	request *http.Request
	answer  *http.Response
	body    []byte
}

// RoundTrip answers from memory where it may.
func (c *sharedCache) RoundTrip(r *http.Request) (*http.Response, error) {
	address := r.Host + r.URL.RequestURI()
	if r.Method == http.MethodGet {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, k := range c.kept[address] {
			if k.fits(r) {
				c.hits++
				answer := *k.answer
				answer.Body, answer.Request = io.NopCloser(bytes.NewReader(k.body)), r
				return &answer, nil
			}
		}
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !mayKeep(r, answer) {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	c.kept[address] = append(c.kept[address], kept{r, answer, body})
	stored := *answer
	stored.Body = io.NopCloser(bytes.NewReader(body))
	return &stored, nil
}

// served is how many answers came from memory.
func (c *sharedCache) served() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits
}

func mayKeep(r *http.Request, answer *http.Response) bool {
	said := strings.Join(answer.Header["Cache-Control"], ",")
	return !strings.Contains(said, "private") && !strings.Contains(said, "no-store") && r.Header.Get("Authorization") == "" &&
		!strings.Contains(r.Header.Get("Cache-Control"), "no-store") && answer.Header.Get("Set-Cookie") == ""
}

// fits: both requests have what the answer depends on in common.
func (k kept) fits(r *http.Request) bool {
	for name := range strings.SplitSeq(strings.Join(k.answer.Header["Vary"], ","), ",") {
		if name = strings.TrimSpace(name); name == "*" || strings.Join(r.Header.Values(name), ",") != strings.Join(k.request.Header.Values(name), ",") {
			return false
		}
	}
	return true
}

func storyOfACacheInFront(d *documented, block string) {
	d.run(block)
	cache := &sharedCache{kept: make(map[string][]kept)}
	d.putBalancer(func(way http.RoundTripper) http.RoundTripper {
		cache.next = way
		return cache
	})
	s := tale{inbox: docInbox, login: docLogin, bye: docRoot}
	s.then = func(d *documented, b *browser) {
		other := d.browser()
		logInAs(d, other, s.asksFor(), carol).assertLeads(d.t, 303, docInbox)
		// 1. Whatever the app says, a page for alice is not shown to carol.
		for _, said := range []string{"Cache-Control: max-age=600", "Cache-Control: public, max-age=600", "Cache-Control: s-maxage=600", "X-Says: nothing"} {
			d.app.answers(reply(200, "for one", said))
			assertID(d.t, s.visit(d, b, docInbox), alice)
			assertID(d.t, s.visit(d, other, docInbox), carol)
		}
		assertEqual(d.t, "answers from the cache", cache.served(), 0)
		// 2. One copy of a static file is enough for everybody.
		d.app.answers(reply(200, "for all", "Cache-Control: public, max-age=600"))
		file := onSite(docRoot, "/static/app.js")
		assertANON(d.t, s.visit(d, b, file))
		for _, who := range []*browser{other, b, d.browser()} {
			assertEqual(d.t, "the file", who.navigate(file).body, "for all")
		}
		d.app.untouched(d.t)
		assertEqual(d.t, "answers from the cache", cache.served(), 3)
		d.app.answers(reply(200, "ok"))
	}
	s.happens(d)
}
