// Package commandline is `caddy session`: it manages the sessions of a realm
// directly in its database, without a running Caddy.
package commandline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// Realm is a realm whose database is open.
type Realm struct {
	*lookup.Realm
	Name    string
	Cookie  *cookies.Cookie // as browsers have it, by its names
	Foreign bool            // the sessions are another program's

	// Of the module's own sessions.
	IdleTimeout, Lifetime, MaxLifetime time.Duration
}

// Flags say which realm is meant.
type Flags struct {
	Config  string // the configuration file that has the realm
	Adapter string // that reads the file
	Realm   string // the name
	Store   string // the database's URL, in place of a configuration
	Print   bool   // the statements of a migration: the database is not made ready
	Cookie  string // the name of the cookie that a token is for, in place of a configuration
}

// Opener opens the realm of the flags: as config, the realm's JSON, describes
// it, or one with all defaults where that is nil. With migrate, it creates and
// migrates the tables; else it makes nothing, since a typing error must not end
// as an empty database. The caller closes the realm by CloseNow.
type Opener func(ctx context.Context, flags *Flags, config json.RawMessage, migrate bool) (*Realm, error)

// Command is the command, for Caddy's registry. A realm of the name standard
// needs no configuration.
func Command(standard string, open Opener) caddycmd.Command {
	return caddycmd.Command{
		Name:  "session",
		Usage: "create|list|revoke|purge|migrate|status|try ...",
		Short: "Manages the sessions of a realm",
		Long: `
Manages the sessions of a realm directly in its database; no running Caddy is
needed.

The realm is that of --config, or the one that needs no configuration: what the
environment variable SESSION_DB_URL names, or else the SQLite file in Caddy's
data directory. With --store it is a database of that URL.

Exit codes: 0 done (also when there was nothing to do), 1 not done, 2 wrong usage.`,
		CobraFunc: func(cmd *cobra.Command) {
			line := &commandLine{standard: standard, opener: open}
			line.addRealmFlags(cmd)
			cmd.SetFlagErrorFunc(flagError)
			cmd.AddCommand(line.create(), line.list(), line.revoke(), line.purge(), line.migrate(), line.status(), line.try())
			cmd.RunE = func(*cobra.Command, []string) error {
				return UsageError(errors.New("say what to do: create, list, revoke, purge, migrate, status or try"))
			}
		},
	}
}

// commandLine is what the flags of all subcommands say.
type commandLine struct {
	Flags
	standard string // the realm that needs no configuration
	opener   Opener
	named    bool // the realm is
	asJSON   bool
	notes    io.Writer // for whoever looks on
}

func (c *commandLine) addRealmFlags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVarP(&c.Config, "config", "c", "", "Configuration file that has the realm")
	flags.StringVarP(&c.Adapter, "adapter", "a", "", "Name of the adapter of the configuration file")
	flags.StringVar(&c.Realm, "realm", c.standard, "Name of the realm")
	flags.StringVar(&c.Store, "store", "", "URL of the database, instead of a configuration")
	flags.BoolVar(&c.asJSON, "json", false, "Print JSON, for scripts")
}

// usage is an error that the command ends with exit code 2 for.
type usage struct {
	error
	exit error // what Caddy takes the exit code from
}

// Unwrap returns both.
func (u usage) Unwrap() []error { return []error{u.error, u.exit} }

// UsageError makes the command end with exit code 2.
func UsageError(err error) error {
	return usage{err, caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return 2, nil })(new(cobra.Command), nil)}
}

// flagError is an error in a flag, without the names of functions.
func flagError(_ *cobra.Command, err error) error {
	text, _, _ := strings.Cut(err.Error(), ": strconv.")
	return UsageError(errors.New(text))
}

// command makes a subcommand that runs on an open realm, which is opened when
// check has nothing against what the flags say. It says on stderr which database
// that is.
func (c *commandLine) command(use, short string, check func() error, run func(ctx context.Context, out io.Writer, realm *Realm) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flag := cmd.Flags().Lookup("user"); flag != nil && flag.Changed && flag.Value.String() == "" {
				return UsageError(errors.New("--user must have a value; is a variable in it not set?"))
			}
			if err := check(); err != nil {
				return UsageError(err)
			}
			c.named = cmd.Flags().Changed("realm")
			c.notes = plain{cmd.ErrOrStderr()}
			realm, err := c.open(cmd.Context(), cmd.Name())
			if err != nil {
				return err
			}
			defer realm.CloseNow()
			c.note("realm %s in %s", realm.Name, realm.Place())
			return run(cmd.Context(), plain{cmd.OutOrStdout()}, realm)
		},
	}
}

// note tells whoever looks, not what reads the answer.
func (c *commandLine) note(format string, args ...any) { fmt.Fprintf(c.notes, format+"\n", args...) }

func anything() error { return nil }

func noArguments(_ *cobra.Command, words []string) error {
	if len(words) > 0 {
		return UsageError(fmt.Errorf("unknown word %q", words[0]))
	}
	return nil
}

// open opens the realm's database.
func (c *commandLine) open(ctx context.Context, subcommand string) (*Realm, error) {
	if c.Store != "" && c.Config != "" {
		return nil, UsageError(errors.New("--config and --store name two databases; give one of them"))
	}
	config, err := c.findRealm()
	if err != nil {
		return nil, err
	}
	realm, err := c.opener(ctx, &c.Flags, config, subcommand == "migrate" && !c.Print)
	if err != nil || c.Store == "" || realm.Name == c.standard || c.Print {
		return realm, err
	}
	// No configuration says that there is such a realm: the database must.
	known, err := realm.HasSessions(ctx)
	if err == nil && !known {
		err = fmt.Errorf("%s has no session of a realm named %q; check --realm, or name with --config the configuration that has it", realm.Place(), realm.Name)
	}
	if err != nil {
		return nil, errors.Join(err, realm.CloseNow())
	}
	return realm, nil
}

// findRealm returns the realm's configuration; nil where it needs none.
func (c *commandLine) findRealm() (json.RawMessage, error) {
	if c.Store != "" {
		return nil, nil
	}
	realms, err := c.configured()
	if err != nil {
		return nil, err
	}
	realm, ok := realms[c.Realm]
	switch {
	case ok:
		return realm, nil
	case !c.named && len(realms) > 1:
		names := slices.Sorted(maps.Keys(realms))
		return nil, UsageError(fmt.Errorf("the configuration has the realms %s; name one with --realm", strings.Join(names, ", ")))
	case !c.named && len(realms) == 1:
		for c.Realm, realm = range realms { // the only one there is
		}
		return realm, nil
	case c.Realm != c.standard:
		return nil, fmt.Errorf("no session realm is named %q there; the option --realm names one that the configuration has", c.Realm)
	}
	return nil, nil
}

// configured returns the realms of the configuration file.
func (c *commandLine) configured() (map[string]json.RawMessage, error) {
	if c.Config == "" {
		return nil, nil
	}
	raw, _, _, err := caddycmd.LoadConfig(c.Config, c.Adapter)
	if err != nil {
		return nil, err
	}
	var config struct {
		Apps struct {
			Session struct {
				Realms map[string]json.RawMessage `json:"realms"`
			} `json:"session"`
		} `json:"apps"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("reading %s: %w", c.Config, err)
	}
	return config.Apps.Session.Realms, nil
}
