package caddysession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
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
			line := new(commandLine)
			line.addRealmFlags(cmd)
			cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError(err) })
			cmd.AddCommand(line.create(), line.list(), line.revoke(), line.purge(), line.migrate(), line.status(), line.try())
			cmd.RunE = func(*cobra.Command, []string) error {
				return usageError(errors.New("say what to do: create, list, revoke, purge, migrate, status or try"))
			}
		},
	})
}

// commandLine is what the flags of all subcommands say.
type commandLine struct {
	config, adapter, realm, store string
	named                         bool // the realm is
	asJSON                        bool
}

func (c *commandLine) addRealmFlags(cmd *cobra.Command) {
	flags := cmd.PersistentFlags()
	flags.StringVarP(&c.config, "config", "c", "", "Configuration file that has the realm")
	flags.StringVarP(&c.adapter, "adapter", "a", "", "Name of the adapter of the configuration file")
	flags.StringVar(&c.realm, "realm", defaultRealm, "Name of the realm")
	flags.StringVar(&c.store, "store", "", "URL of the database, instead of a configuration")
	flags.BoolVar(&c.asJSON, "json", false, "Print JSON, for scripts")
}

// usageError makes the command end with exit code 2.
func usageError(err error) error {
	return caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return 2, err })(new(cobra.Command), nil)
}

// command makes a subcommand that runs on an open realm, which is opened when
// check has nothing against what the flags say.
func (c *commandLine) command(use, short string, check func() error, run func(ctx context.Context, out io.Writer, realm *Realm) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := check(); err != nil {
				return usageError(err)
			}
			c.named = cmd.Flags().Changed("realm")
			realm, err := c.open(cmd.Context(), cmd.Name())
			if err != nil {
				return err
			}
			defer realm.run.CloseNow()
			return run(cmd.Context(), cmd.OutOrStdout(), realm)
		},
	}
}

func anything() error { return nil }

func noArguments(_ *cobra.Command, words []string) error {
	if len(words) > 0 {
		return usageError(fmt.Errorf("unknown word %q", words[0]))
	}
	return nil
}

// open opens the realm's database.
func (c *commandLine) open(ctx context.Context, subcommand string) (*Realm, error) {
	realm, err := c.findRealm()
	if err != nil {
		return nil, err
	}
	if err := realm.provisionTimes(); err != nil {
		return nil, err
	}
	realm.name = c.realm
	settings, options, err := realm.settings()
	if err != nil {
		return nil, err
	}
	if subcommand == "migrate" {
		settings.Store.Migrate = "on" // this is the command that `migrate off` refers to
		if c.store == "" && options == nil {
			if err := realm.Store.makeDataDir(); err != nil {
				return nil, err
			}
		}
	} else {
		// A typing error must not end as an empty database.
		settings.Store.Migrate, settings.Store.Existing = "off", true
	}
	if realm.run, err = lookup.New(settings, options, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	if err := realm.run.StartNow(ctx); err != nil {
		return nil, errors.Join(err, realm.run.CloseNow())
	}
	return realm, nil
}

// findRealm returns the realm's configuration.
func (c *commandLine) findRealm() (*Realm, error) {
	if !realmName.MatchString(c.realm) {
		return nil, usageError(fmt.Errorf("%q is no name for a realm", c.realm))
	}
	if c.store != "" && c.config != "" {
		return nil, usageError(errors.New("--config and --store name two databases; give one of them"))
	}
	if c.store != "" {
		return &Realm{Store: &StoreConfig{URL: c.store}}, nil
	}
	app := new(App)
	if c.config != "" {
		raw, _, _, err := caddycmd.LoadConfig(c.config, c.adapter)
		if err != nil {
			return nil, err
		}
		var config struct {
			Apps struct {
				Session *App `json:"session"`
			} `json:"apps"`
		}
		if err := json.Unmarshal(raw, &config); err != nil {
			return nil, fmt.Errorf("reading %s: %w", c.config, err)
		}
		if config.Apps.Session != nil {
			app = config.Apps.Session
		}
	}
	if realm := app.Realms[c.realm]; realm != nil {
		return realm, nil
	}
	if !c.named && len(app.Realms) > 0 {
		return c.onlyRealm(app)
	}
	if c.realm != defaultRealm {
		return nil, fmt.Errorf("no session realm is named %q there; the option --realm names one that the configuration has", c.realm)
	}
	return new(Realm), nil
}

// onlyRealm takes the only realm there is where nobody has named one, and the
// configuration has none that is called default.
func (c *commandLine) onlyRealm(app *App) (*Realm, error) {
	names := slices.Sorted(maps.Keys(app.Realms))
	if len(names) > 1 {
		return nil, usageError(fmt.Errorf("the configuration has the realms %s; name one with --realm", strings.Join(names, ", ")))
	}
	c.realm = names[0]
	return app.Realms[c.realm], nil
}
