//go:build unix

package tests

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
	"github.com/seed-11312c3d/caddy-session/tests/history"
)

const (
	historyNodes   = 3
	historyClients = 8
	// historyRound is how long one database is used; a longer story has several.
	historyRound = 30 * time.Second
)

// Many clients on three nodes, while all goes wrong that can: afterwards what each of
// them saw is compared with what was promised.
func TestS2_S3_F1_WhatManyClientsSawCanBe(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short run")
	}
	lasts, err := time.ParseDuration(cmp.Or(os.Getenv("HISTORY"), "4s"))
	if err != nil {
		t.Fatal("HISTORY is a duration: ", err)
	}
	for _, kind := range []struct {
		name  string
		nodes func(*testing.T, int) sharedDatabase
	}{{"sqlite", sqliteNodes}, {"postgres", postgresNodes}, {"mysql", mysqlNodes}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			for round := 1; time.Duration(round-1)*historyRound < lasts; round++ {
				length := min(historyRound, lasts-time.Duration(round-1)*historyRound)
				t.Run(fmt.Sprint("round ", round), func(t *testing.T) { tellHistory(t, kind.nodes(t, historyNodes), length) })
			}
		})
	}
}

// tellHistory has clients work for a while, and checks their history.
func tellHistory(t *testing.T, d sharedDatabase, lasts time.Duration) {
	t.Helper()
	seed := rand.Uint64()
	t.Log("seed", seed)
	h := history.History{Bounds: historyBounds(t)}
	nodes := startNodes(t, d, h.Bounds)
	r := newRecorder()
	db := storetest.Open(t, d.admin)
	person := func(n int) *browsing {
		return &browsing{recorder: r, user: fmt.Sprint("user", n), nodes: nodes, db: db, rand: rand.New(rand.NewPCG(seed, uint64(n)))}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	all := []*browsing{person(0)}
	var busy sync.WaitGroup
	for n := range historyClients {
		client := person(n + 1)
		all = append(all, client)
		busy.Go(func() { client.browse(ctx) })
	}
	h.Faults = all[0].haunt(t, d, lasts)
	cancel()
	busy.Wait()
	for _, client := range all {
		busy.Go(client.conclude)
	}
	busy.Wait()
	r.finish(t, &h)
	for _, node := range nodes {
		node.secrets = append(node.secrets, storetest.Password)
		for _, token := range r.tokens {
			node.secret(token)
		}
		node.checkLogFile()
	}
}

// historyBounds are what the nodes are configured with.
func historyBounds(t *testing.T) history.Bounds {
	t.Helper()
	ttl, err := time.ParseDuration(cmp.Or(os.Getenv("TEST_CACHE_TTL"), "8s"))
	if err != nil {
		t.Fatal(err)
	}
	return history.Bounds{Recheck: 200 * time.Millisecond, LookupTimeout: 2 * time.Second, CacheTTL: ttl, Slack: 5 * time.Second}
}

func startNodes(t *testing.T, d sharedDatabase, b history.Bounds) (nodes []*process) {
	t.Helper()
	for _, url := range d.urls {
		node := startProcess(t, setup{
			store: fmt.Sprintf("%s {\n lookup_timeout %v\n}", url, b.LookupTimeout),
			realm: fmt.Sprintf("cache_ttl %v\n\t\trecheck %v", b.CacheTTL, b.Recheck),
			admin: "unix/{dir}/admin.sock", level: "INFO",
		})
		node.app.answers(echo(node.app))
		nodes = append(nodes, node)
	}
	return nodes
}

// finish waits until the streams of what has ended are over, closes the others, and
// says whether all that can be.
func (r *recorder) finish(t *testing.T, h *history.History) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline) && !r.snapshot(h).IsOver(); {
		wait(20 * time.Millisecond)
	}
	r.mu.Lock()
	streams := r.streams
	r.mu.Unlock()
	for _, s := range streams {
		r.over(s, true)
	}
	r.snapshot(h)
	problems := h.Check()
	for _, problem := range problems[:min(20, len(problems))] {
		t.Error(problem)
	}
	t.Logf("%d problems in %v with %s\n%s", len(problems), h.End.Round(time.Second), names(h.Faults), h.Summary())
}

// snapshot copies what has been written down so far into a history.
func (r *recorder) snapshot(h *history.History) *history.History {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.End = r.now()
	h.Events = h.Events[:0]
	for _, e := range r.events {
		h.Events = append(h.Events, *e)
	}
	return h
}
