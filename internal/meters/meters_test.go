package meters_test

import (
	"testing"
	"time"

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

// The realm at work is what is shown, after a reload as well.
func TestMeters_TheLengthOfRounds(t *testing.T) {
	registry := prometheus.NewRegistry()
	for i, round := range []time.Duration{time.Second, 2500 * time.Millisecond} {
		m := meters.New(registry)
		m.Rechecked("staff", func() time.Duration { return round })
		m.Rechecked("other", func() time.Duration { return 0 })
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]float64)
		for _, family := range families {
			for _, metric := range family.GetMetric() {
				if family.GetName() == "caddy_session_recheck_seconds" {
					got[metric.GetLabel()[0].GetValue()] = metric.GetGauge().GetValue()
				}
			}
		}
		if len(got) != 2 || got["staff"] != round.Seconds() || got["other"] != 0 {
			t.Errorf("load %d: %v", i, got)
		}
	}
}
