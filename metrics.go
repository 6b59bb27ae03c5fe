package caddysession

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/resolve"
)

// meters are the module's metrics. They count; they never hold a user's data.
type meters struct {
	requests *prometheus.CounterVec
}

func newMeters(registry *prometheus.Registry) *meters {
	m := &meters{requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "caddy", Subsystem: "session", Name: "requests_total",
		Help: "Requests that a guard decided, by realm and {http.session.status}.",
	}, []string{"realm", "status"})}
	var known prometheus.AlreadyRegisteredError
	if err := registry.Register(m.requests); errors.As(err, &known) {
		m.requests = known.ExistingCollector.(*prometheus.CounterVec)
	}
	return m
}

// realmMeters are one realm's counters, looked up once instead of per request.
type realmMeters map[string]prometheus.Counter

func (m *meters) realm(name string) realmMeters {
	counters := make(realmMeters)
	for _, status := range []string{
		lookup.StatusOK, lookup.StatusStale, lookup.StatusUnavailable, resolve.StatusNone, resolve.StatusAmbiguous, statusForbidden,
		string(format.ErrMalformed), string(format.ErrUnknown), string(format.ErrExpired),
		string(format.ErrUndecodable), string(format.ErrInvalid), string(format.ErrAnonymous), string(format.ErrInactive),
	} {
		counters[status] = m.requests.WithLabelValues(name, status)
	}
	return counters
}

// decided counts a guard's decision.
func (m realmMeters) decided(status string) {
	if counter, ok := m[status]; ok {
		counter.Inc()
	}
}
