//go:build !nosqlite && !nopostgres && !nomariadb && (!nomysql || (nobadger && nopgx))

package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store"
)

func TestSettingsThatCannotWork(t *testing.T) {
	const secret = "s3cret"
	for want, s := range map[string]store.Settings{
		"sqlite:PATH, postgres://":                 {URL: "redis://:" + secret + "@host"},
		"unknown kind of database":                 {URL: ""},
		"mysql://USER:PASSWORD@HOST/DATABASE":      {URL: secret},
		"what lives in memory is gone":             {URL: "sqlite::memory:"},
		"the path of a file, as in":                {URL: "sqlite:file:x?mode=memory"},
		"lacks the path":                           {URL: "sqlite:"},
		"malformed; write special characters":      {URL: "postgres://u:" + secret + "%@host/db"},
		"URL is malformed":                         {URL: "mysql://u:" + secret + "@host:port/db"},
		"names no database":                        {URL: "mysql://u:" + secret + "@host"},
		"no longer knows the parameter strict":     {URL: "mysql://u:" + secret + "@host/db?strict=true"},
		"not understood by the driver":             {URL: "mysql://u:" + secret + "@host/db?timeout=soon"},
		"max_conns must not be negative":           {URL: "sqlite:x", MaxConns: -1},
		"lookup_timeout must not be negative":      {URL: "sqlite:x", LookupTimeout: -1},
		"table_prefix must be":                     {URL: "sqlite:x", TablePrefix: `x"; DROP TABLE y`},
		"schema must be":                           {URL: "postgres://host/db", Schema: "1x"},
		"sqlite has no schemas":                    {URL: "sqlite:x", Schema: "app"},
		"migrate must be on or off":                {URL: "sqlite:x", Migrate: "maybe"},
		"40 letters, digits and `_`, and not begi": {URL: "sqlite:x", TablePrefix: strings.Repeat("x", 41)},
	} {
		err := s.Check()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("want %q: %v", want, err)
		}
		if _, err := store.New(s, nil); err == nil {
			t.Errorf("want %q: a store was made", want)
		}
	}
}

func ExampleSettings_Check() {
	fmt.Println(store.Settings{URL: "redis://localhost"}.Check())
	// Output: unknown kind of database; the known ones are sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE, mysql://USER:PASSWORD@HOST/DATABASE
}
