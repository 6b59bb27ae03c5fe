package store

import (
	"context"
	"log/slog"
	"sync"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// Connections are those of one process to database servers. Stores made by the same
// Connections share them where they differ in nothing that a connection depends on:
// MaxConns is then what all of them have at most. The zero value is ready to use, by
// many at the same time.
type Connections struct {
	mu   sync.Mutex
	open map[connKey]*sharedPool
}

// connKey is all that a pool depends on.
type connKey struct {
	url      string
	maxConns int
	access   Access
	schema   string // empty where statements say it
}

type sharedPool struct {
	pool
	users int // guarded by Connections.mu
}

// New is [New] for stores that share connections.
func (c *Connections) New(s Settings, log *slog.Logger) (*Store, error) {
	store, err := New(s, log)
	if err != nil {
		return nil, err
	}
	store.conns = c
	return store, nil
}

// connect opens a pool, or takes part in one that is open. A file has its own.
func (c *Connections) connect(ctx context.Context, d *dialect, s Settings) (pool, error) {
	if c == nil || d.embedded {
		return d.open(ctx, s)
	}
	key := connKey{s.URL, s.MaxConns, s.Access, s.Schema}
	if a, err := address.Parse(s.URL); err == nil && s.Access == Own && (a.Database != "" || d.numbered) {
		key.schema = ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	shared, ok := c.open[key]
	if !ok {
		p, err := d.open(ctx, s) // which does not wait for the server
		if err != nil {
			return nil, err
		}
		if c.open == nil {
			c.open = make(map[connKey]*sharedPool)
		}
		shared = &sharedPool{pool: p}
		c.open[key] = shared
	}
	shared.users++
	return &poolShare{pool: shared.pool, leave: func() error { return c.leave(key, shared) }}, nil
}

// leave closes a pool that nobody uses any more.
func (c *Connections) leave(key connKey, shared *sharedPool) error {
	c.mu.Lock()
	shared.users--
	last := shared.users == 0
	if last {
		delete(c.open, key)
	}
	c.mu.Unlock()
	if last {
		return shared.pool.close()
	}
	return nil
}

// poolShare is a store's part in a pool.
type poolShare struct {
	pool
	leave func() error
}

func (p *poolShare) close() error { return p.leave() }

// bare is the pool itself, whoever shares it.
func bare(p pool) pool {
	if share, ok := p.(*poolShare); ok {
		return share.pool
	}
	return p
}
