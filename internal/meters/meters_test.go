package meters_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed-11312c3d/caddy-session/internal/meters"
)

// A configuration that is loaded again finds its counters where they were, and a
// status that nobody knows is not counted, so that none can make series without end.
func TestMeters_CountOnOverAReload(t *testing.T) {
	registry := prometheus.NewRegistry()
	for range 2 {
		realm := meters.New(registry).Realm("staff", "forbidden")
		for _, status := range []string{"ok", "ok", "forbidden", "made up"} {
			realm.Decided(status)
		}
	}
	meters.New(registry).Realm("other").Decided("ok")
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "caddy_session_requests_total" {
		t.Fatal(families, err)
	}
	got := make(map[string]float64)
	for _, metric := range families[0].GetMetric() {
		name := ""
		for _, label := range metric.GetLabel() {
			name += label.GetValue() + " "
		}
		if metric.GetCounter().GetValue() > 0 {
			got[name] = metric.GetCounter().GetValue()
		}
	}
	if len(got) != 3 || got["staff ok "] != 4 || got["staff forbidden "] != 2 || got["other ok "] != 1 {
		t.Error(got)
	}
}
