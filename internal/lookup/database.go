package lookup

import (
	"errors"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/store"
)

// databases holds every open store by its settings, so that all realms with
// the same settings share one pool of connections, and a reload keeps it.
var databases = caddy.NewUsagePool()

// connections are shared further: by all databases that are the same server, though
// their tables or times differ, so that max_conns is what this process has of it.
var connections store.Connections

// closeDelay is how long a database that no configuration uses any more stays
// open for requests that are on their way to a guard of the old configuration.
const closeDelay = 5 * time.Second

// errClosed means that a request outlived its configuration by too long.
var errClosed = errors.Join(errors.New("the configuration of this request has been replaced"), store.ErrUnavailable)

// database is a store that is shared by realms and held by requests.
type database struct {
	*store.Store
	holds atomic.Int64 // requests that use it; far below zero: closed

	starting chan struct{} // closed when the first attempt to start has ended
	ended    sync.Once
}

// openDatabase takes the store with these settings out of the pool, or puts one
// in. It does not connect.
func openDatabase(settings store.Settings, log *slog.Logger) (*database, error) {
	value, _, err := databases.LoadOrNew(settings, func() (caddy.Destructor, error) {
		s, err := connections.New(settings, log)
		if err != nil {
			return nil, err
		}
		return &database{Store: s, starting: make(chan struct{})}, nil
	})
	if err != nil {
		return nil, err
	}
	return value.(*database), nil
}

// closeDatabase gives a store back to the pool.
func closeDatabase(settings store.Settings) error {
	_, err := databases.Delete(settings)
	return err
}

// startedOnce lets the requests go on that waited for the first attempt to
// start, however it ended.
func (d *database) startedOnce() { d.ended.Do(func() { close(d.starting) }) }

// await waits while the database is being started for the first time: Caddy
// starts apps in no fixed order, and a request may be early by milliseconds.
func (d *database) await(patience time.Duration) {
	if d.Ready() {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-d.starting:
	case <-timer.C:
	}
}

// hold keeps the database open until release is called. It fails when the
// database has been closed.
func (d *database) hold() error {
	if d.holds.Add(1) > 0 {
		return nil
	}
	d.holds.Add(-1)
	return errClosed
}

func (d *database) release() { d.holds.Add(-1) }

// Destruct closes the store when no configuration refers to it any more. The
// old configuration's requests may still be in flight then, so they are waited
// for, except when the whole process ends: Caddy has waited already.
func (d *database) Destruct() error {
	if caddy.Exiting() {
		return d.Close()
	}
	go d.closeWhenIdle()
	return nil
}

func (d *database) closeWhenIdle() {
	for {
		time.Sleep(closeDelay)
		if d.holds.CompareAndSwap(0, math.MinInt64/2) {
			_ = d.Close() // nobody is left who could do anything about an error
			return
		}
	}
}
