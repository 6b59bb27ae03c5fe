package caddysession

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/address"
)

const defaultLookupTimeout = time.Second

// StoreConfig says which database a realm lives in, and how to use it.
type StoreConfig struct {
	// Where the database is: `sqlite:PATH`, `postgres://...`, `mysql://...`, or as
	// other programs write it (docs/databases.md). It must not be empty. Placeholders `{env.*}` and `{file.*}` work;
	// within a URL's user and password their values are escaped as the URL needs it.
	// Default: the environment variable SESSION_DB_URL, or else the file
	// `session.db` in Caddy's data directory.
	URL string `json:"url,omitempty"`

	// How many connections are kept at most. Default: twice the processor's
	// cores, at least 8; for SQLite the number of cores, at least 2.
	MaxConns int `json:"max_conns,omitempty"`

	// How long a lookup may take before the request is answered with 503.
	// Default: 1s.
	LookupTimeout caddy.Duration `json:"lookup_timeout,omitempty"`

	// How much later than others a node of the database may know of a login: a
	// replica, or a node of a Galera cluster. For so long after it a session that is
	// not found there is answered with 503 instead of a login. Default: 0.
	Lag caddy.Duration `json:"lag,omitempty"`

	// The PostgreSQL schema or MySQL database that holds the tables.
	// Default: what the connection's own settings say.
	Schema string `json:"schema,omitempty"`

	// What the names of the tables begin with. Default: `caddy_session`.
	TablePrefix string `json:"table_prefix,omitempty"`

	// `on` creates and migrates the tables at start; `off` only verifies them,
	// for database users who may not create tables: then somebody else runs
	// `caddy session migrate`. Default: `on`.
	Migrate string `json:"migrate,omitempty"`
}

var errEmptyStore = errors.New("store: the URL of the database is empty; is a variable in it not set? Leave `store` out for the default database")

// UnmarshalJSON tells a URL that is empty, such as that of a variable that is
// not set, from one that is left out: sessions must not go to another database
// in silence.
func (c *StoreConfig) UnmarshalJSON(data []byte) error {
	type plain StoreConfig
	given := struct {
		*plain
		URL *string `json:"url"`
	}{plain: (*plain)(c)}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		return err
	}
	if given.URL == nil {
		return nil
	}
	if c.URL = *given.URL; strings.TrimSpace(c.URL) == "" {
		return errEmptyStore
	}
	return nil
}

// settings returns the complete settings of the store, defaults and
// placeholders resolved. Its errors never contain a value.
func (c *StoreConfig) settings() (store.Settings, error) {
	if c == nil {
		c = new(StoreConfig)
	}
	raw := c.URL
	if raw == "" {
		raw = defaultStoreURL()
	}
	expanded, err := address.Expand(raw, expand)
	if err != nil {
		return store.Settings{}, err
	}
	s := store.Settings{
		URL:           expanded,
		MaxConns:      c.MaxConns,
		LookupTimeout: cmp.Or(time.Duration(c.LookupTimeout), defaultLookupTimeout),
		Schema:        c.Schema,
		TablePrefix:   c.TablePrefix,
		Migrate:       c.Migrate,
	}
	if c.Lag < 0 {
		return store.Settings{}, errors.New("store: lag must not be negative")
	}
	if err := s.Check(); err != nil {
		return store.Settings{}, fmt.Errorf("store: %w", err)
	}
	return s, nil
}

func defaultStoreURL() string {
	if fromEnv := os.Getenv("SESSION_DB_URL"); fromEnv != "" {
		return fromEnv
	}
	return "sqlite:" + filepath.Join(caddy.AppDataDir(), "session.db")
}

// makeDataDir makes Caddy's data directory for a store that nobody configured.
// Directories that somebody named must exist.
func (c *StoreConfig) makeDataDir() error {
	if c != nil && c.URL != "" || os.Getenv("SESSION_DB_URL") != "" {
		return nil
	}
	if err := store.MakeDir(caddy.AppDataDir()); err != nil {
		return fmt.Errorf("creating Caddy's data directory: %w; let Caddy's user write there, or name a database with `store`", err)
	}
	return nil
}

func expand(text string, escape func(string) string) (string, error) {
	return caddy.NewReplacer().ReplaceFunc(text, func(name string, value any) (any, error) {
		s := caddy.ToString(value)
		if s == "" {
			return nil, errors.New("store: the placeholder {" + name + "} is unknown or empty; set the variable, or create the file, that it names")
		}
		if escape != nil {
			s = escape(s)
		}
		return s, nil
	})
}
