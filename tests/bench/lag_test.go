//go:build bench

package bench

import (
	"bufio"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

var endings = flag.Int("endings", 100, "how many sessions Lag ends in each way")

const (
	lagWorkers = 8
	lagPoll    = 10 * time.Millisecond // between two requests of a session at a node
)

// lags are how long after an ending something went on, in one way at one place.
type lags struct {
	mu    sync.Mutex
	times []time.Duration
}

func (l *lags) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, d)
}

func (l *lags) String() string {
	slices.Sort(l.times)
	a := answers{times: l.times}
	return fmt.Sprintf("%.0f / %.0f", milliseconds(a.percentile(50)), milliseconds(a.percentile(99)))
}

// ended is what was seen of the endings of one kind: at the node that the logout was
// sent to, and at the other. SQL is sent to neither.
type ended struct{ answers, streams [2]lags }

// TestLag ends sessions that are in use at two nodes, each with an open event stream
// there, and reports for how long they are served and the streams go on.
func TestLag(t *testing.T) {
	app, caddy := streamingApp(t), buildCaddy(t)
	fmt.Print("\n| ms until the last, p50 / p99 | answer here | stream here | answer elsewhere | stream elsewhere |\n|---|---|---|---|---|\n")
	for _, name := range chosen(t) {
		t.Run(name, func(t *testing.T) {
			r := &realm{name: "lag", url: fresh[name](t), options: quiet}
			r.open(t, func(s *store.Store) { r.tokens = fillTokens(t, s, r, 2**endings); r.token = alice(t, s, r.name) })
			directives := "route /logout {\nsession_logout lag\n}\nsession lag\nreverse_proxy " + app + " {\nflush_interval -1\n}"
			for node := range 2 {
				start(t, caddy, fmt.Sprint("node ", node), config("off", []*realm{r}, site(firstPort+node, "route {\n"+directives+"\n}")))
				waitFor(t, firstPort+node, r.token)
			}
			db := storetest.Open(t, r.url)
			byLogout, bySQL := new(ended), new(ended)
			byLogout.see(t, r.tokens[:*endings], logOut)
			bySQL.see(t, r.tokens[*endings:], func(t *testing.T, token string) { deleteRow(t, db, kind(r.url), r.keys[token]) })
			fmt.Printf("| %s, a logout | %s | %s | %s | %s |\n", name, &byLogout.answers[0], &byLogout.streams[0], &byLogout.answers[1], &byLogout.streams[1])
			bySQL.answers[0].times = append(bySQL.answers[0].times, bySQL.answers[1].times...)
			bySQL.streams[0].times = append(bySQL.streams[0].times, bySQL.streams[1].times...)
			fmt.Printf("| %s, SQL | | | %s | %s |\n", name, &bySQL.answers[0], &bySQL.streams[0])
		})
	}
}

// see ends each session once it is in use at both nodes.
func (e *ended) see(t *testing.T, tokens []string, end func(t *testing.T, token string)) {
	t.Helper()
	next := make(chan string, len(tokens))
	for _, token := range tokens {
		next <- token
	}
	close(next)
	var workers sync.WaitGroup
	for range lagWorkers {
		workers.Go(func() {
			for token := range next {
				e.seeOne(t, token, end)
			}
		})
	}
	workers.Wait()
}

func (e *ended) seeOne(t *testing.T, token string, end func(t *testing.T, token string)) {
	var lasts [2][2]time.Time // answers and streams, by node
	var watching, inUse sync.WaitGroup
	for node := range 2 {
		watching.Add(2)
		inUse.Add(2)
		go func() { defer watching.Done(); lasts[0][node] = lastAnswer(t, firstPort+node, token, inUse.Done) }()
		go func() { defer watching.Done(); lasts[1][node] = streamEnd(t, firstPort+node, token, inUse.Done) }()
	}
	inUse.Wait()
	time.Sleep(rand.N(1500 * time.Millisecond)) // at any moment of a round
	end(t, token)
	at := time.Now()
	watching.Wait()
	for node := range 2 {
		e.answers[node].add(max(0, lasts[0][node].Sub(at)))
		e.streams[node].add(max(0, lasts[1][node].Sub(at)))
	}
}

// lastAnswer asks again and again, and returns when the last request was sent that
// was answered with 200. It calls served after the first ones.
func lastAnswer(t *testing.T, port int, token string, served func()) (last time.Time) {
	served = sync.OnceFunc(served)
	defer served()
	c, err := dial(port)
	if err != nil {
		t.Error(err)
		return last
	}
	defer c.conn.Close()
	for n := 0; ; n++ {
		sent := time.Now()
		status, err := c.get(token)
		if status != http.StatusOK || err != nil { // an answer may be cut in the middle
			return last
		}
		if n == 3000 {
			t.Error("a session is served for ever")
			return last
		}
		if last = sent; n == 2 {
			served()
		}
		time.Sleep(lagPoll)
	}
}

// streamEnd opens an event stream, and returns when it was over.
func streamEnd(t *testing.T, port int, token string, open func()) (end time.Time) {
	open = sync.OnceFunc(open)
	defer open()
	c, err := dial(port)
	if err != nil {
		t.Error(err)
		return end
	}
	defer c.conn.Close()
	_ = c.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := fmt.Fprintf(c.conn, "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=%s\r\n\r\n", token); err != nil {
		t.Error(err)
		return end
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Error(err)
		return end
	}
	body := bufio.NewReader(answer.Body)
	if line, err := body.ReadString('\n'); err != nil || line != ": hi\n" {
		t.Error("the stream begins with ", line, err)
		return end
	}
	open()
	if _, err := io.Copy(io.Discard, body); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("a stream goes on")
	}
	return time.Now()
}

func logOut(t *testing.T, token string) {
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/logout", firstPort), nil)
	request.Header.Set("Cookie", "session="+token)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Error("a logout is answered with ", answer.Status)
	}
}

// deleteRow ends a session as an administrator may.
func deleteRow(t *testing.T, db *sql.DB, kind string, key store.Key) {
	parameter := "?"
	if kind == "postgres" {
		parameter = "$1"
	}
	result, err := db.ExecContext(t.Context(), "DELETE FROM "+table+" WHERE session_key = "+parameter, key[:])
	if err != nil {
		t.Error(err)
		return
	}
	if n, _ := result.RowsAffected(); n != 1 {
		t.Error(n, "rows are deleted")
	}
}
