//go:build !nopostgres

package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// hintChannel is where nodes tell each other that a session has ended somewhere,
// without saying which. An administrator may do so too: NOTIFY caddy_session.
const hintChannel = "caddy_session"

const (
	hintEnded = "ended " // and who says so
	hintPing  = "ping "

	// hintConns is how many connections there are at least where one of them listens.
	hintConns = 4
	// hintEvery is how often a node tells the others at most. The server commits
	// transactions that tell something one after the other, so endings do not do it
	// themselves.
	hintEvery = 250 * time.Millisecond
	hintTime  = 2 * time.Second // for telling, and for what was told to come
	pingEvery = 30 * time.Second
	// hintRetry is how soon listening is tried again; each time it fails this doubles.
	hintRetry, hintRetryMost = time.Second, 10 * time.Minute
)

// pgHints make the next round come early on nodes that hear of an ending. Nothing
// depends on them: a pooler may answer well to LISTEN and deliver nothing, a replica
// refuses it. So a node believes that it hears only when it has heard itself, over
// another connection. It listens while somebody asks whether it has heard anything.
type pgHints struct {
	pool  *pgPool
	conns int    // at most
	name  string // by which its own are known
	heard atomic.Int64
	works atomic.Bool
	mute  atomic.Bool  // the server knows nothing of the kind
	asked atomic.Int64 // when, in Unix milliseconds

	ctx    context.Context // until the pool is closed
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu        sync.Mutex
	listening bool
	telling   bool
	more      bool // to tell
}

func newHints(p *pgPool, conns int) *pgHints {
	h := &pgHints{pool: p, conns: conns, name: newHolder()}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// close ends both, when what there is to tell has been told.
func (h *pgHints) close() {
	h.mu.Lock()
	h.cancel()
	h.mu.Unlock()
	h.tasks.Wait()
}

// version counts what others have told, while that comes here.
func (h *pgHints) version() (int64, bool) {
	h.asked.Store(time.Now().UnixMilli())
	works := h.works.Load()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.listening && h.ctx.Err() == nil && h.conns >= hintConns {
		h.listening = true
		h.tasks.Go(h.listen)
	}
	return h.heard.Load(), works
}

// tell has the other nodes told that a session has ended. It does not wait.
func (h *pgHints) tell() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.more = true
	if !h.telling && h.ctx.Err() == nil && !h.mute.Load() {
		h.telling = true
		h.tasks.Go(h.tellAll)
	}
}

func (h *pgHints) tellAll() {
	for h.takeMore() {
		err := h.send(hintEnded)
		if _, isAnswer := errors.AsType[*pgconn.PgError](err); isAnswer && hasCode(err, "42", "0A") {
			h.mute.Store(true) // the function is not there, or not for us
		}
		select {
		case <-time.After(hintEvery):
		case <-h.ctx.Done():
		}
	}
}

// takeMore reports whether there is something to tell; where not, telling is over.
func (h *pgHints) takeMore() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.telling = h.more && !h.mute.Load()
	h.more = false
	return h.telling
}

func (h *pgHints) send(what string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.ctx), hintTime)
	defer cancel()
	// A standby that is waited for must not hold what nothing depends on.
	_, err := h.pool.exec(ctx, `SELECT pg_catalog.set_config('synchronous_commit', 'off', true), pg_catalog.pg_notify($1, $2)`, hintChannel, what+h.name)
	return err
}

// listen listens, again and again, until nobody asks any more.
func (h *pgHints) listen() {
	for pause := hintRetry; ; pause = min(2*pause, hintRetryMost) {
		if c, err := h.open(); err == nil {
			h.attend(c)
		}
		if h.works.Swap(false) {
			pause = hintRetry
		}
		if !h.goesOn() {
			return
		}
		select {
		case <-time.After(pause):
		case <-h.ctx.Done():
		}
	}
}

// goesOn reports whether to listen again; where not, listening is over.
func (h *pgHints) goesOn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listening = h.isAsked()
	return h.listening
}

// isAsked reports whether somebody wants to hear.
func (h *pgHints) isAsked() bool {
	return h.ctx.Err() == nil && time.Now().UnixMilli()-h.asked.Load() < rests.after.Milliseconds()
}

// attend notes what is told on a connection that listens, until that fails or is old,
// or nobody asks any more, and closes it.
func (h *pgHints) attend(c *pgxpool.Conn) {
	defer c.Release()
	defer func() { // nobody else is to have a connection that listens
		ctx, cancel := context.WithTimeout(context.Background(), hintTime)
		defer cancel()
		_ = c.Conn().Close(ctx)
	}()
	began := time.Now()
	var pinged time.Time
	for awaited := false; h.isAsked() && time.Since(began) < connAges.most; {
		switch {
		case awaited && time.Since(pinged) > hintTime:
			return
		case !awaited && time.Since(pinged) > pingEvery:
			pinged, awaited = time.Now(), true
			if h.send(hintPing) != nil {
				return
			}
		}
		said, err := h.next(c)
		switch {
		case err != nil:
			return
		case said == nil:
		case said.Payload == hintPing+h.name:
			awaited = false
			h.works.Store(true)
		case said.Payload != hintEnded+h.name && !strings.HasPrefix(said.Payload, hintPing):
			h.heard.Add(1)
		}
	}
}

// open takes a connection and listens on it.
func (h *pgHints) open() (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(h.ctx, connectPatience)
	defer cancel()
	c, err := h.pool.conns.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var pid uint32
	err = c.Conn().QueryRow(ctx, `SELECT pg_catalog.pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol).Scan(&pid)
	if err == nil && pid != c.Conn().PgConn().PID() {
		err = errPooler // whose other clients would go on hearing
	}
	if err == nil {
		_, err = c.Exec(ctx, `LISTEN `+hintChannel)
	}
	if err != nil {
		c.Release()
		return nil, err
	}
	return c, nil
}

var (
	errPooler  = errors.New("the connection leads to a pooler")
	errNoHints = errors.New("what other nodes tell is not heard here")
)

// next waits for what is told next; after a while for nothing, which is nil.
func (h *pgHints) next(c *pgxpool.Conn) (*pgconn.Notification, error) {
	ctx, cancel := context.WithTimeout(h.ctx, time.Second)
	defer cancel()
	said, err := c.Conn().WaitForNotification(ctx)
	if pgconn.Timeout(err) && h.ctx.Err() == nil {
		return nil, nil
	}
	return said, err
}
