//go:build unix

package tests

import (
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// One session may have any number of streams: the database is asked for it once a
// round, and all of them end with it.
func TestS2_ACrowdOfStreamsOfOneSessionEndsWithIt(t *testing.T) {
	crowd := 1000
	if testing.Short() {
		crowd = 50
	}
	s := startEndless(t, setup{realm: "cache_ttl 1h\n\t\trecheck 100ms"})
	token := s.become(alice)
	events := kinds[2]
	var open []*client
	for range crowd {
		open = append(open, events.open(t, s, token))
	}
	carols := events.open(t, s, s.become(carol))
	execute(t, s.database(), "DELETE FROM "+table+" WHERE user_id = 'alice'")
	for _, c := range open {
		c.ends(t, events)
	}
	assertStaysOpen(t, "carol's", carols)
}

// Who asks for a crowd of WebSockets, at an app that never answers, and goes away,
// leaves nothing behind.
func TestS2_AFloodOfUpgradesThatNeverFinishLeavesNothing(t *testing.T) {
	const flood = 200
	s := start(t, setup{realm: "recheck 100ms"})
	arrived, gone := make(chan bool, flood), make(chan bool, flood)
	token, carols := s.login(alice), s.login(carol)
	before := runtime.NumGoroutine()
	s.app.answers(func(c net.Conn, r *message) {
		if r.value("Upgrade") == "" {
			reply(200, "ok")(c, r)
			return
		}
		arrived <- true
		_, _ = io.Copy(io.Discard, c) // until the guard's side hangs up
		gone <- true
	})
	var clients []*client
	for range flood {
		c := s.dial(t)
		c.send(t, request("GET", "/", append(webSocketLines, cookie(token))...))
		<-arrived
		clients = append(clients, c)
	}
	for range flood { // half-sent ones reach nobody
		c := s.dial(t)
		c.send(t, "GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+cookie(token)+"\r\n")
		clients = append(clients, c)
	}
	assertStatus(t, s.get("/", cookie(carols)), 200)
	// They have not begun, so they are let finish (S3), and what they would become ends.
	assertStatus(t, s.logout(token), 303)
	for _, c := range clients {
		c.Close()
	}
	for range flood {
		<-gone
	}
	eventually(t, "nothing is left", func() bool { return runtime.NumGoroutine() <= before+20 })
	assertStatus(t, s.get("/", cookie(carols)), 200)
}

// A row that was deleted and made again by hand is what it says from then on; nobody
// is taken for whom they were.
func TestS6_ARowThatIsMadeAgainByHandIsWhatItSays(t *testing.T) {
	for name, fresh := range freshDB {
		t.Run(name, func(t *testing.T) {
			s := start(t, setup{store: fresh(t), realm: "cache_ttl 1s\n\t\trecheck 100ms"})
			db := s.database()
			s.app.answers(echo(s.app))
			token := s.login(alice)
			who := func() string {
				a := s.get("/", cookie(token))
				if a.status != 200 {
					return ""
				}
				user, _, _ := strings.Cut(strings.TrimPrefix(a.body, "data: "), " ")
				return user
			}
			assertEqual(t, "user", who(), "alice")
			execute(t, db, "CREATE TABLE copy AS SELECT * FROM "+table)
			execute(t, db, "DELETE FROM "+table)
			eventually(t, "she is out", func() bool { return who() == "" })
			for _, user := range []string{"alice", "bob"} {
				execute(t, db, "UPDATE copy SET user_id = '"+user+"'")
				execute(t, db, "DELETE FROM "+table)
				execute(t, db, "INSERT INTO "+table+" SELECT * FROM copy")
				eventually(t, "the row counts again", func() bool { return who() == user })
				for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
					assertEqual(t, "user", who(), user)
				}
			}
		})
	}
}

// Rows whose numbers were exchanged are nobody's: what is found by the number is
// compared with the key.
func TestS6_RowsWithEachOthersNumbersAreNobodys(t *testing.T) {
	for name, fresh := range freshDB {
		t.Run(name, func(t *testing.T) {
			s := start(t, setup{store: fresh(t), realm: "cache_ttl 0"})
			db := s.database()
			alices, carols := s.login(alice), s.login(carol)
			var hers, others int64
			for user, n := range map[string]*int64{"alice": &hers, "carol": &others} {
				*n = number(t, db, "SELECT session_number FROM "+table+" WHERE user_id = '"+user+"'")
			}
			for _, step := range []struct {
				to, of int64
			}{{-1, hers}, {hers, others}, {others, -1}} {
				if execute(t, db, "UPDATE "+table+" SET session_number = "+strconv.FormatInt(step.to, 10)+" WHERE session_number = "+strconv.FormatInt(step.of, 10)) != 1 {
					t.Fatal(step)
				}
			}
			s.assertSTOP(s.get("/", cookie(alices)))
			s.assertSTOP(s.get("/", cookie(carols)))
		})
	}
}
