//go:build unix

package tests

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
	"github.com/seed-11312c3d/caddy-session/tests/history"
)

// sharedDatabase is a database that several nodes work on, and what can go wrong with it.
type sharedDatabase struct {
	urls  []string // one for each node
	admin string   // how an administrator reaches it, whatever is cut
	fail  []mishap
	once  *mishap // happens once, in the midst
}

// mishap is something that goes wrong for a while: with a node that is chosen, or with
// all of them.
type mishap struct {
	name     string
	all      bool
	database bool
	restart  bool
	cause    func(node *process, n int, lasts time.Duration)
}

func wait(lasts time.Duration) { <-time.After(lasts) }

// nodeFails are the mishaps of a node.
var nodeFails = []mishap{
	{name: "a node is frozen", cause: func(node *process, _ int, lasts time.Duration) {
		_ = node.cmd.Process.Signal(syscall.SIGSTOP)
		wait(lasts)
		_ = node.cmd.Process.Signal(syscall.SIGCONT)
	}},
	{name: "a node is killed and starts again", restart: true, cause: func(node *process, _ int, _ time.Duration) { node.restart() }},
}

// sqliteNodes share a file.
func sqliteNodes(t *testing.T, n int) sharedDatabase {
	url := storetest.SQLite(t)
	d := sharedDatabase{admin: url, fail: nodeFails}
	for range n {
		d.urls = append(d.urls, url)
	}
	return d
}

// mysqlNodes reach a MariaDB server each by an address of its own.
func mysqlNodes(t *testing.T, n int) sharedDatabase {
	server := storetest.StartMySQLOnLoopback(t)
	d := sharedDatabase{admin: server.URL()}
	var ways []*storetest.Forwarder
	for range n {
		way := storetest.Forward(t, server)
		ways = append(ways, way)
		d.urls = append(d.urls, way.URL())
	}
	d.fail = append(nodeFails[:len(nodeFails):len(nodeFails)],
		cutting(func(n int) { ways[n].Cut() }),
		freezing(func() *storetest.Server { return server }),
		mishap{name: "the database is killed and starts again", all: true, database: true, cause: func(_ *process, _ int, lasts time.Duration) {
			server.Kill()
			wait(lasts)
			server.Start()
		}})
	return d
}

// postgresNodes reach a primary and its standby each by addresses of their own. What is
// acknowledged is on both, so that nothing of it is lost when the standby takes over.
func postgresNodes(t *testing.T, n int) sharedDatabase {
	pair := storetest.StartPair(t)
	db := storetest.Open(t, pair.Primary.URL())
	execute(t, db, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
	execute(t, db, "SELECT pg_reload_conf()")
	storetest.Eventually(t, "the standby is synchronous", func() bool {
		return number(t, db, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1
	})
	d := sharedDatabase{admin: pair.URL()}
	var ways [][2]*storetest.Forwarder
	for range n {
		way := [2]*storetest.Forwarder{storetest.Forward(t, pair.Primary), storetest.Forward(t, pair.Standby)}
		ways = append(ways, way)
		d.urls = append(d.urls, pair.Primary.Through([]string{way[0].Address(), way[1].Address()}, "target_session_attrs=read-write"))
	}
	primary := pair.Primary
	d.fail = append(nodeFails[:len(nodeFails):len(nodeFails)],
		cutting(func(n int) { ways[n][0].Cut(); ways[n][1].Cut() }),
		freezing(func() *storetest.Server { return primary }))
	fall := map[string]func(){"frozen": pair.Primary.Freeze, "killed": pair.Primary.Kill}
	how := []string{"frozen", "killed"}[rand.IntN(2)]
	d.once = &mishap{name: "the primary is " + how + " and its standby is promoted", all: true, database: true, cause: func(*process, int, time.Duration) {
		fall[how]()
		pair.Promote()
		primary = pair.Standby
	}}
	return d
}

func cutting(cut func(n int)) mishap {
	return mishap{name: "a node's connections are cut", database: true, cause: func(_ *process, n int, _ time.Duration) { cut(n) }}
}

func freezing(server func() *storetest.Server) mishap {
	return mishap{name: "the database is frozen", all: true, database: true, cause: func(_ *process, _ int, lasts time.Duration) {
		server().Freeze()
		wait(lasts)
		server().Thaw()
	}}
}

// strike lets one mishap happen, and waits until all nodes serve whom they have never
// seen.
func (b *browsing) strike(t *testing.T, m mishap) history.Fault {
	t.Helper()
	n := b.rand.IntN(len(b.nodes))
	f := history.Fault{Name: m.name, Node: n, Database: m.database, Restart: m.restart, Begin: b.now()}
	if m.all {
		f.Node = history.NoNode
	}
	m.cause(b.nodes[n], n, time.Duration(200+b.rand.IntN(3000))*time.Millisecond)
	began := b.now()
	eventually(t, "all nodes serve after "+m.name, b.allServe)
	f.End = b.now()
	if took := f.End - began; took > 20*time.Second {
		t.Errorf("%s: all is well only %v later", m.name, took)
	}
	return f
}

// allServe reports whether a login on each node is known to all others. Each time it
// is somebody else who logs in, since max_per_user ends the oldest of many sessions.
func (b *browsing) allServe() bool {
	b.user = fmt.Sprint("guest", b.rand.Uint64())
	for n := range b.nodes {
		if !b.login(n) {
			return false
		}
		for other := range b.nodes {
			if b.ask(other, b.live[len(b.live)-1]) != 200 {
				return false
			}
		}
	}
	return true
}

// haunt lets one mishap happen after the other, with quiet between them.
func (b *browsing) haunt(t *testing.T, d sharedDatabase, lasts time.Duration) (faults []history.Fault) {
	t.Helper()
	order := b.rand.Perm(len(d.fail))
	for i := 0; b.now() < lasts || d.once != nil; i++ {
		wait(time.Duration(500+b.rand.IntN(1500)) * time.Millisecond)
		if d.once != nil && i == 1 {
			faults = append(faults, b.strike(t, *d.once))
			d.once = nil
			continue
		}
		faults = append(faults, b.strike(t, d.fail[order[i%len(order)]]))
	}
	return faults
}

// names lists what has gone wrong.
func names(faults []history.Fault) string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}
