//go:build unix

package tests

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/seed-11312c3d/caddy-session/tests/history"
)

// recorder is what all clients write their histories into.
type recorder struct {
	began time.Time

	mu       sync.Mutex
	events   []*history.Event
	sessions int
	tokens   map[int]string
	streams  []*openStream
}

func newRecorder() *recorder { return &recorder{began: time.Now(), tokens: make(map[int]string)} }

func (r *recorder) now() time.Duration { return time.Since(r.began) }

// note writes down what is over.
func (r *recorder) note(e *history.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// browserSession is a session as its browser knows it.
type browserSession struct {
	number int
	email  string
	token  string
	unsure bool // an ending failed that may have happened
}

// browsing is one person with several browsers.
type browsing struct {
	*recorder
	user  string
	nodes []*process
	db    *sql.DB // an administrator's
	rand  *rand.Rand
	live  []browserSession
	ended []browserSession
}

// exchange sends a request on a connection of its own. The status is 0 where there was
// no answer.
func exchange(network, address, text string) *answer {
	conn, err := net.Dial(network, address)
	if err != nil {
		return noAnswer(err)
	}
	defer conn.Close()
	a, err := newClient(conn).exchange(text)
	if err != nil {
		return noAnswer(err)
	}
	return a
}

// noAnswer is what a client has instead of an answer, with the reason as its body.
func noAnswer(err error) *answer { return &answer{message: message{body: err.Error()}} }

func (b *browsing) exchange(node int, text string) *answer {
	return exchange(b.nodes[node].network, b.nodes[node].address, text)
}

// login starts a session whose identity no other has, and reports whether it could.
func (b *browsing) login(node int) bool {
	b.mu.Lock()
	b.sessions++
	s := browserSession{number: b.sessions, email: fmt.Sprintf("s%d@example.com", b.sessions)}
	b.mu.Unlock()
	e := &history.Event{Kind: history.Login, Node: node, Who: b.user + " " + s.email, Begin: b.now()}
	a := b.exchange(node, request("GET", "/become?"+url.Values{"user": {b.user}, "email": {s.email}}.Encode()))
	e.Done, e.Status = b.now(), a.status
	for _, line := range a.values("Set-Cookie") {
		if value, found := strings.CutPrefix(line, cookieName+"="); found && a.status == 200 {
			s.token, _, _ = strings.Cut(value, ";")
			e.Session = s.number
			b.live = append(b.live, s)
			b.mu.Lock()
			b.tokens[s.number] = s.token
			b.mu.Unlock()
		}
	}
	b.note(e)
	return e.Session != 0
}

// ask sends a request as a session and returns its status.
func (b *browsing) ask(node int, s browserSession) int {
	e := &history.Event{Kind: history.Request, Session: s.number, Node: node, Begin: b.now()}
	a := b.exchange(node, request("GET", "/", cookie(s.token)))
	e.Done, e.Status, e.Who = b.now(), a.status, told(a.body)
	if e.Status == 0 {
		e.Error = a.body
	}
	b.note(e)
	return e.Status
}

// told is whom the app was told, in what it answers.
func told(text string) string {
	_, text, _ = strings.Cut(text, "data: ")
	who, _, _ := strings.Cut(text, "|")
	return who
}

// browse does this and that until the time is over.
func (b *browsing) browse(ctx context.Context) {
	for ctx.Err() == nil {
		node := b.rand.IntN(len(b.nodes))
		switch n := b.rand.IntN(100); {
		case len(b.live) == 0 || len(b.live) < 3 && n < 10:
			b.login(node)
		case n < 15:
			b.end(endings[b.rand.IntN(len(endings))], node, b.rand.IntN(len(b.live)))
		case n < 25:
			b.open(node, b.live[b.rand.IntN(len(b.live))])
		case n < 40 && len(b.ended) > 0:
			b.ask(node, b.ended[max(0, len(b.ended)-1-b.rand.IntN(4))])
		default:
			b.ask(node, b.live[b.rand.IntN(len(b.live))])
		}
		<-time.After(time.Duration(b.rand.IntN(20)) * time.Millisecond)
	}
}

// conclude ends what may have ended, and asks all nodes for all sessions once more.
func (b *browsing) conclude() {
	for place := len(b.live) - 1; place >= 0; place-- {
		if b.live[place].unsure {
			b.end(endings[0], 0, place)
		}
	}
	for _, s := range append(b.live, b.ended...) {
		for n := range b.nodes {
			b.ask(n, s)
		}
	}
}
