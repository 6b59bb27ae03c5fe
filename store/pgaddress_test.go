//go:build !nopostgres

package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// The driver gets what the URL says, however it is written (D6).
func TestD6_PostgreSQLsDriverGetsWhatTheURLSays(t *testing.T) {
	t.Setenv("PGHOST", "from.environment")
	for raw, want := range map[string]string{
		"postgres://u%40x:p%2Fw%3F%26%20+@h1:5433,h2,[::1]:5434/d%20b?sslmode=disable":     "u@x p/w?& + d b h1:5433 h2:5432 ::1:5434",
		"jdbc:postgresql://h1,h2/db?user=u&password=p%26w&sslmode=disable":                 "u p&w db h1:5432 h2:5432",
		"postgresql+psycopg2://u:p@/db?host=h1:5433&host=h2&sslmode=disable":               "u p db h1:5433 h2:5432",
		"postgres://u:p@%2Frun%2Fpostgresql:5433/db":                                       "u p db /run/postgresql:5433",
		"postgres://u:p@/db?sslmode=disable":                                               "u p db from.environment:5432",
		"postgres://u:p@h:1234/db?port=5435&sslmode=disable":                               "u p db h:5435",
		"postgres://u:p@/db?host=/cloudsql/project:region:instance&application_name=a%2Bb": "u p db /cloudsql/project:region:instance:5432",
	} {
		a, err := address.Parse(raw)
		if err != nil {
			t.Error(raw, err)
			continue
		}
		cfg, err := pgxpool.ParseConfig(postgresURL(a))
		if err != nil {
			t.Error(raw, err)
			continue
		}
		c := cfg.ConnConfig
		got := []string{c.User, c.Password, c.Database, c.Host + ":" + fmt.Sprint(c.Port)}
		for _, f := range c.Fallbacks {
			got = append(got, f.Host+":"+fmt.Sprint(f.Port))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s\n got %s\nwant %s", raw, text, want)
		}
		if name := a.Params["application_name"]; c.RuntimeParams["application_name"] != name {
			t.Error(raw, c.RuntimeParams)
		}
	}
}
