package caddysession

import (
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// A password from a placeholder may hold any character, wherever a URL has its
// password (D6).
func TestD6_APasswordFromAPlaceholderIsWhatItIs(t *testing.T) {
	const password = "p@s:s/?#%&+=ü w"
	t.Setenv("D6_PASSWORD", password)
	t.Setenv("D6_HOST", "db.example.com")
	t.Setenv("D6_URL", "postgresql+psycopg://u:p%40w@db.example.com/app?pool=5")
	for raw, want := range map[string]string{
		"postgres://u:{env.D6_PASSWORD}@{env.D6_HOST}/app?sslmode=require":                      password,
		"jdbc:postgresql://{env.D6_HOST}/app?user=u&password={env.D6_PASSWORD}&sslmode=require": password,
		"jdbc:mysql://{env.D6_HOST}:3306/app?password={env.D6_PASSWORD}&user=u":                 password,
		"{env.D6_URL}": "p@w",
	} {
		settings, err := (&StoreConfig{URL: raw}).settings()
		if err != nil {
			t.Error(raw, err)
			continue
		}
		a, err := address.Parse(settings.URL)
		if err != nil || a.User != "u" || a.Password != want || a.Database != "app" || a.Hosts[0].Name != "db.example.com" {
			t.Errorf("%s: %q, %s, %v", raw, a.Password, a.Place(), err)
		}
	}
}
