//go:build !nopostgres

package store

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// hostPatience bounds one attempt to connect where there are several hosts: the
	// next may be the primary by now.
	hostPatience = 2 * time.Second
	// grudge is how long a host that was silent stays behind the others at least.
	grudge = 5 * time.Second
)

// pgHost is one of the hosts that a URL names.
type pgHost struct {
	name string
	port uint16
}

// pgHosts has those tried first that answer. The driver tries hosts in the order of
// the URL: one that says nothing, since it is frozen or behind a broken network,
// would cost each new connection its whole time.
type pgHosts struct {
	mu     sync.Mutex
	silent map[pgHost]time.Time // since when
	used   pgHost               // by the newest connection
}

// hostsOf returns nil where there is nothing to choose among.
func hostsOf(c *pgconn.Config) *pgHosts {
	for _, f := range c.Fallbacks { // which may be the same host without TLS
		if f.Host != c.Host || f.Port != c.Port {
			return &pgHosts{silent: make(map[pgHost]time.Time)}
		}
	}
	return nil
}

// configure puts the hosts in order for one new connection, and has it noted which
// of them answers.
func (h *pgHosts) configure(c *pgconn.Config) {
	h.order(c)
	addresses := h.watchNames(c)
	dial, after := c.DialFunc, c.AfterConnect
	var tried pgHost
	c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		host := addresses[address]
		tried = host
		context.AfterFunc(ctx, func() { // which ends with the attempt
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				h.isSilent(host)
			}
		})
		return dial(ctx, network, address)
	}
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		h.answers(tried)
		if after == nil {
			return nil
		}
		return after(ctx, conn)
	}
}

// order puts those behind the others that were silent, the latest last.
func (h *pgHosts) order(c *pgconn.Config) {
	all := append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.SortStableFunc(all, func(a, b *pgconn.FallbackConfig) int {
		return h.silent[pgHost{a.Host, a.Port}].Compare(h.silent[pgHost{b.Host, b.Port}])
	})
	c.Host, c.Port, c.TLSConfig, c.Fallbacks = all[0].Host, all[0].Port, all[0].TLSConfig, all[1:]
}

// watchNames returns the hosts by the addresses that they are reached at, which are
// known when their names have been looked up.
func (h *pgHosts) watchNames(c *pgconn.Config) map[string]pgHost {
	hosts := []pgHost{{c.Host, c.Port}}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, pgHost{f.Host, f.Port})
	}
	found := make(map[string]pgHost)
	note := func(at string, host pgHost) {
		_, address := pgconn.NetworkAddress(at, host.port)
		found[address] = host
	}
	for _, host := range hosts {
		note(host.name, host) // a socket's path has no name to be looked up
	}
	look := c.LookupFunc
	c.LookupFunc = func(ctx context.Context, name string) ([]string, error) {
		ips, err := look(ctx, name)
		for _, host := range hosts {
			for _, ip := range ips {
				if host.name == name {
					note(ip, host)
				}
			}
		}
		return ips, err
	}
	return found
}

func (h *pgHosts) isSilent(host pgHost) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent[host] = time.Now()
}

func (h *pgHosts) answers(host pgHost) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.silent, host)
	h.used = host
}

// suspect notes that the connections that there are get no answers.
func (h *pgHosts) suspect() {
	if h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.silent[h.used] = time.Now()
	}
}

// forgive has the URL's order count again: the host that is used takes no changes,
// and one that was silent may be there again.
func (h *pgHosts) forgive() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for host, since := range h.silent {
		if time.Since(since) > grudge {
			delete(h.silent, host)
		}
	}
}

// before has a function called before another one, if there is one, for each new
// connection.
func (h *pgHosts) before(next func(context.Context, *pgx.ConnConfig) error) func(context.Context, *pgx.ConnConfig) error {
	return func(ctx context.Context, c *pgx.ConnConfig) error {
		h.configure(&c.Config)
		if next == nil {
			return nil
		}
		return next(ctx, c)
	}
}
