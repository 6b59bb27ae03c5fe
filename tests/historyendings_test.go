//go:build unix

package tests

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seed-11312c3d/caddy-session/tests/history"
)

// ending is a way to end sessions, on a node unless it is SQL. It returns a status:
// of SQL 200 or 0.
type ending struct {
	means string
	all   bool // of the user's
	end   func(b *browsing, node int, s browserSession) int
}

var endings = []ending{
	{"logout", false, func(b *browsing, node int, s browserSession) int {
		return b.exchange(node, requestWithBody("POST", "/logout", "", cookie(s.token), "Sec-Fetch-Site: same-origin")).status
	}},
	{"the admin API", false, endByID},
	{"the admin API for a user", true, func(b *browsing, node int, _ browserSession) int {
		return b.admin(node, "DELETE", "users/"+b.user+"/sessions").status
	}},
	{history.SQL, true, func(b *browsing, _ int, _ browserSession) int {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		for ctx.Err() == nil { // an administrator whose connection was cut does it again
			if _, err := b.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE user_id = '"+b.user+"'"); err == nil {
				return 200
			}
			<-time.After(20 * time.Millisecond)
		}
		return 0
	}},
}

// admin calls a node's admin API.
func (b *browsing) admin(node int, method, target string) *answer {
	return exchange("unix", b.nodes[node].dir+"/admin.sock", method+" /session/default/"+target+" HTTP/1.1\r\nHost: \r\n\r\n")
}

// endByID looks for the session among the user's, as a program would.
func endByID(b *browsing, node int, s browserSession) int {
	a := b.admin(node, "GET", "sessions?user="+b.user)
	if a.status != 200 {
		return a.status
	}
	var hers []shown
	_ = json.Unmarshal([]byte(a.body), &hers)
	for _, session := range hers {
		if session.Claims["email"] == s.email {
			return b.admin(node, "DELETE", "sessions/"+session.ID).status
		}
	}
	return 404 // an earlier attempt that failed has ended it after all
}

// end ends the session at a place among the living, or all of them.
func (b *browsing) end(how ending, node, place int) {
	goes := []browserSession{b.live[place]}
	if how.all {
		goes = append([]browserSession(nil), b.live...)
	}
	at := node
	if how.means == history.SQL {
		at = history.NoNode
	}
	began := b.now()
	status := how.end(b, node, goes[0])
	done := b.now()
	for _, s := range goes {
		b.note(&history.Event{Kind: history.End, Session: s.number, Node: at, Begin: began, Done: done, Status: status, Means: how.means})
	}
	if status < 200 || status >= 400 { // nobody knows; it is tried again later
		for i := range b.live {
			b.live[i].unsure = b.live[i].unsure || how.all || i == place
		}
		return
	}
	b.ended = append(b.ended, goes...)
	if how.all {
		b.live = nil
	} else {
		b.live = append(b.live[:place:place], b.live[place+1:]...)
	}
	b.pursue(goes, node)
}

// pursue asks for what has ended until all nodes refuse it, which is how late they are.
// Where that takes longer than it may under any circumstances it gives up.
func (b *browsing) pursue(goes []browserSession, first int) {
	deadline := time.Now().Add(20 * time.Second)
	for n := range b.nodes {
		for _, s := range goes {
			for b.ask((first+n)%len(b.nodes), s) == 200 && time.Now().Before(deadline) {
				<-time.After(5 * time.Millisecond)
			}
		}
	}
}
