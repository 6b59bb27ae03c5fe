// Package meters counts what guards decide, for Prometheus. Counters never hold
// a user's data.
package meters

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// Meters are the module's counters, of all realms.
type Meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
}

// New returns the meters of a registry, which may have them already.
func New(registry *prometheus.Registry) *Meters {
	m := &Meters{registry: registry, requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "caddy", Subsystem: "session", Name: "requests_total",
		Help: "Requests that a guard decided, by realm and {http.session.status}.",
	}, []string{"realm", "status"})}
	var known prometheus.AlreadyRegisteredError
	if err := registry.Register(m.requests); errors.As(err, &known) {
		m.requests = known.ExistingCollector.(*prometheus.CounterVec)
	}
	return m
}

// Rechecked shows how long a realm's rounds take in which the database is asked again
// for what is in use, as round tells. A realm of a former configuration is shown no more.
func (m *Meters) Rechecked(name string, round func() time.Duration) {
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "caddy", Subsystem: "session", Name: "recheck_seconds", ConstLabels: prometheus.Labels{"realm": name},
		Help: "How long a session that has ended elsewhere may be served: the present length of the rounds in which the database is asked again.",
	}, func() float64 { return round().Seconds() })
	var known prometheus.AlreadyRegisteredError
	if err := m.registry.Register(gauge); errors.As(err, &known) {
		m.registry.Unregister(known.ExistingCollector)
		_ = m.registry.Register(gauge) // it is what was just in the way
	}
}

// Realm are one realm's counters, looked up once instead of per request.
type Realm map[string]prometheus.Counter

// Realm returns the counters of a realm for what package lookup and package
// format make of sessions, and for the further statuses.
func (m *Meters) Realm(name string, further ...string) Realm {
	counters := make(Realm)
	for _, status := range append(further,
		lookup.StatusOK, lookup.StatusStale, lookup.StatusUnavailable, resolve.StatusNone, resolve.StatusAmbiguous,
		string(format.ErrMalformed), string(format.ErrUnknown), string(format.ErrExpired),
		string(format.ErrUndecodable), string(format.ErrInvalid), string(format.ErrAnonymous), string(format.ErrInactive),
	) {
		counters[status] = m.requests.WithLabelValues(name, status)
	}
	return counters
}

// Decided counts a guard's decision.
func (m Realm) Decided(status string) {
	if counter, ok := m[status]; ok {
		counter.Inc()
	}
}
