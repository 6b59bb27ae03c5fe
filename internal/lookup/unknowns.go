package lookup

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// ErrFlood means that a client's address has asked for too many sessions that do not
// exist. It says nothing of the one that is asked for, so it is [store.ErrUnavailable]
// as well: nobody can know.
var ErrFlood = errors.Join(errors.New("this address asks for too many sessions that do not exist"), store.ErrUnavailable)

const (
	// burstSeconds is how many seconds' worth of lookups may come at once.
	burstSeconds = 5
	// maxClients and clientMemory bound the table of addresses. After that long
	// an address has its whole burst again anyhow.
	maxClients   = 10_000
	clientMemory = time.Minute
	// knownMemory is how long a session that was found is looked up again without
	// asking whose address it is.
	knownMemory = time.Hour
)

// unknowns bounds how often each client's address may have sessions looked up that
// do not exist, where anybody can make up a cookie that costs a query: no signature
// tells it from a real one. Sessions that exist cost an address nothing.
type unknowns struct {
	perSecond float64
	clients   *otter.Cache[netip.Prefix, *allowance]
	known     *otter.Cache[store.Key, struct{}] // that were found lately: served whoever floods
}

// allowance is how many lookups of unknown sessions an address may still have.
type allowance struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

func newUnknowns(perSecond int) *unknowns {
	return &unknowns{
		perSecond: float64(perSecond),
		clients: otter.Must(&otter.Options[netip.Prefix, *allowance]{
			MaximumSize: maxClients, ExpiryCalculator: otter.ExpiryAccessing[netip.Prefix, *allowance](clientMemory),
		}),
		known: otter.Must(&otter.Options[store.Key, struct{}]{
			MaximumSize: cacheEntries, ExpiryCalculator: otter.ExpiryWriting[store.Key, struct{}](knownMemory),
		}),
	}
}

// network is what counts as one client: an IPv4 address or, since a single customer
// has as many as that, an IPv6 network of 64 bits. It reports false for what is no
// address, such as the other end of a Unix socket.
func network(client string) (netip.Prefix, bool) {
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap().WithZone("")
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	prefix, err := addr.Prefix(bits)
	return prefix, err == nil
}

// of returns the allowance of a client, or nil where there is no telling who it is.
func (u *unknowns) of(client string, now time.Time) *allowance {
	from, ok := network(client)
	if !ok {
		return nil
	}
	if known, ok := u.clients.GetIfPresent(from); ok {
		return known
	}
	mine, _ := u.clients.SetIfAbsent(from, &allowance{left: u.perSecond * burstSeconds, at: now})
	return mine
}

// find asks for a session on behalf of a client. What might not exist is paid for
// before the database is asked, or many at once would all be asked for, and given
// back where it does exist or nobody could tell.
func (u *unknowns) find(client string, key store.Key, now time.Time, ask func() (*Session, error)) (*Session, error) {
	var a *allowance
	if _, known := u.known.GetIfPresent(key); !known {
		if a = u.of(client, now); a != nil && !a.take(u.perSecond, now) {
			return nil, ErrFlood
		}
	}
	s, err := ask()
	switch {
	case err == nil:
		u.known.Set(key, struct{}{})
		a.giveBack(u.perSecond)
	case errors.Is(err, format.ErrUnknown), errors.Is(err, format.ErrMalformed):
		u.known.Invalidate(key)
	default:
		a.giveBack(u.perSecond)
	}
	return s, err
}

// take pays for one lookup, if there is something left.
func (a *allowance) take(perSecond float64, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if passed := now.Sub(a.at); passed > 0 {
		a.left = min(a.left+passed.Seconds()*perSecond, perSecond*burstSeconds)
		a.at = now
	}
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}

// giveBack undoes a take. Where nothing was taken there is no allowance.
func (a *allowance) giveBack(perSecond float64) {
	if a != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.left = min(a.left+1, perSecond*burstSeconds)
	}
}
