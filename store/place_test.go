//go:build !nosqlite && !nopostgres && !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// sqlite:///PATH is relative to some programs and absolute to others. The files
// tell; where they do not, nothing is guessed and nothing is made (D6).
func TestD6_ThreeSlashesAreWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	absolute := filepath.Join(t.TempDir(), "app.db")
	inside := strings.TrimPrefix(absolute, "/") // the same path below the working directory
	which := func() (string, error) {
		a, err := address.Parse("sqlite://" + absolute)
		if err != nil {
			t.Fatal(err)
		}
		return whichFile(a)
	}
	is := func(want string) {
		t.Helper()
		if got, err := which(); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	is(absolute) // only its directory is there
	if err := os.MkdirAll(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := which(); err == nil || !strings.Contains(err.Error(), "write sqlite:"+absolute+" or sqlite:"+inside) {
		t.Errorf("both could be made: %q, %v", got, err)
	}
	write := func(path string) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(inside)
	is(filepath.Join(dir, inside))
	write(absolute)
	if got, err := which(); err == nil {
		t.Errorf("both are there, and it is %q", got)
	}
	if err := os.Remove(inside); err != nil {
		t.Fatal(err)
	}
	is(absolute)
}

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

// Of several hosts MySQL's driver knows one, and says so (D6).
func TestD6_MySQLTakesOneHost(t *testing.T) {
	_, err := mysqlConfig(Settings{URL: "jdbc:mysql://u:s3cret@h1,h2/db"})
	if err == nil || !strings.Contains(err.Error(), "several hosts") || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// How a URL says that the connection is encrypted is what the driver does (D6).
func TestD6_MySQLsModesWithoutFiles(t *testing.T) {
	for mode, want := range map[string]struct{ encrypted, verified, named, plain bool }{
		"DISABLED": {}, "PREFERRED": {encrypted: true, plain: true}, "REQUIRED": {encrypted: true},
		"VERIFY_CA": {encrypted: true, verified: true}, "VERIFY_IDENTITY": {encrypted: true, verified: true, named: true},
	} {
		s := Settings{URL: "mysql://u@db.example.com/db?ssl-mode=" + mode}
		cfg, err := mysqlConfig(s)
		if err == nil {
			err = s.mysqlTLS(cfg)
		}
		if err != nil {
			t.Fatal(mode, err)
		}
		if (cfg.TLS != nil) != want.encrypted || cfg.AllowFallbackToPlaintext != want.plain {
			t.Errorf("%s: %+v", mode, cfg)
		}
		if cfg.TLS == nil {
			continue
		}
		if verified := !cfg.TLS.InsecureSkipVerify || cfg.TLS.VerifyConnection != nil; verified != want.verified || cfg.TLS.InsecureSkipVerify == want.named {
			t.Errorf("%s verifies otherwise", mode)
		}
	}
}
