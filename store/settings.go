package store

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// Settings say which database a store lives in, and how to use it. Two equal
// Settings are the same store. Zero values mean the defaults.
type Settings struct {
	// URL says where the database is, as package address reads it: sqlite:PATH,
	// postgres://..., mysql://..., and what other programs write.
	URL string
	// MaxConns is how many connections are kept at most. Default: twice the
	// number of processor cores, at least 8; for SQLite, the number of cores,
	// at least 2.
	MaxConns int
	// LookupTimeout is how long a lookup may take. Default: one second. Writing
	// may take five times as long.
	LookupTimeout time.Duration
	// Schema is the PostgreSQL schema or the MySQL database that the tables are
	// in. Default: what the connection's own settings say.
	Schema string
	// TablePrefix is what the tables' names begin with. Default: caddy_session.
	TablePrefix string
	// Migrate is "on" or "off": whether tables are made and changed at start, or
	// only checked. Default: on.
	Migrate string
	// Existing says that a SQLite file must be there already, and is not made.
	Existing bool
	// Access says whether the tables are the module's own, or another program's.
	Access Access

	longest time.Duration // that a statement takes; 0: as long as those that are not migrations
}

const (
	defaultTablePrefix   = "caddy_session"
	defaultLookupTimeout = time.Second
	writePatience        = 5 // times the LookupTimeout
)

// sqlName is short enough for the names of tables and indexes that begin with it.
var sqlName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// Check reports settings that cannot work. It asks no database, and its errors
// never contain the URL, which may hold a password.
func (s Settings) Check() error {
	d, err := dialectOf(s.URL)
	if err != nil {
		return err
	}
	a, err := address.Parse(s.URL)
	if err != nil {
		return err
	}
	s.Schema = s.schema(a)
	switch {
	case s.MaxConns < 0:
		return errors.New("max_conns must not be negative")
	case s.LookupTimeout < 0:
		return errors.New("lookup_timeout must not be negative")
	case s.TablePrefix != "" && !sqlName.MatchString(s.TablePrefix):
		return errors.New("table_prefix must be 1 to 40 letters, digits and `_`, and not begin with a digit")
	case s.Schema != "" && !sqlName.MatchString(s.Schema):
		return errors.New("schema must be 1 to 40 letters, digits and `_`, and not begin with a digit")
	case s.Schema != "" && !d.hasSchemas:
		return fmt.Errorf("%s has no schemas; leave schema out, or use table_prefix", d.name)
	case s.Migrate != "" && s.Migrate != "on" && s.Migrate != "off":
		return errors.New("migrate must be on or off")
	}
	return d.check(s)
}

// withDefaults returns the settings with the defaults filled in.
func (s Settings) withDefaults() Settings {
	if s.TablePrefix == "" {
		s.TablePrefix = defaultTablePrefix
	}
	if s.LookupTimeout == 0 {
		s.LookupTimeout = defaultLookupTimeout
	}
	return s
}
