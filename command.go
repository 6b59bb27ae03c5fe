package caddysession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/store"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "session",
		Usage: "create|list|revoke|purge|migrate|status ...",
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
			cmd.AddCommand(line.create(), line.list(), line.revoke(), line.purge(), line.migrate(), line.status())
			cmd.RunE = func(*cobra.Command, []string) error {
				return usageError(errors.New("say what to do: create, list, revoke, purge, migrate or status"))
			}
		},
	})
}

// commandLine is what the flags of all subcommands say.
type commandLine struct {
	config, adapter, realm, store string
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
func (c *commandLine) command(use, short string, check func() error, run func(ctx context.Context, out io.Writer, realm *openRealm) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := check(); err != nil {
				return usageError(err)
			}
			realm, err := c.open(cmd.Context(), cmd.Name())
			if err != nil {
				return err
			}
			defer realm.close()
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

// openRealm is a realm whose database is open.
type openRealm struct {
	*Realm
	store *store.Store
}

// close ends the connections.
func (o *openRealm) close() error {
	if o.foreign != nil && o.foreign.writer != nil {
		return errors.Join(o.store.Close(), o.foreign.writer.Close())
	}
	return o.store.Close()
}

func (c *commandLine) open(ctx context.Context, subcommand string) (*openRealm, error) {
	realm, err := c.findRealm()
	if err != nil {
		return nil, err
	}
	if err := realm.provisionTimes(); err != nil {
		return nil, err
	}
	if realm.Cookie == nil {
		realm.Cookie = new(Cookie)
	}
	realm.name = c.realm
	settings, options, err := realm.populationSettings()
	if err != nil {
		return nil, err
	}
	if c.store == "" && options == nil {
		if err := realm.Store.makeDataDir(); err != nil {
			return nil, err
		}
	}
	if subcommand == "migrate" {
		settings.store.Migrate = "on" // this is the command that `migrate off` refers to
	}
	if realm.population, err = newPopulation(settings, options, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	opened := &openRealm{Realm: realm, store: realm.db.Store}
	if err := realm.population.startNow(ctx); err != nil {
		return nil, errors.Join(err, opened.close())
	}
	return opened, nil
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
		return &Realm{Store: &Store{URL: c.store}}, nil
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
	if c.realm != defaultRealm {
		return nil, fmt.Errorf("no session realm is named %q there; the option --realm names one that the configuration has", c.realm)
	}
	return new(Realm), nil
}

func (c *commandLine) create() *cobra.Command {
	var user string
	var words []string
	claims := make(store.Claims)
	check := func() error {
		if user == "" {
			return errors.New("--user must have a value")
		}
		return addClaims(claims, words)
	}
	cmd := c.command("create --user U [--claim name=value ...]", "Starts a session and prints its token, the cookie's value, once", check,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			id := store.Identity{User: user, Claims: claims}
			if realm.foreign != nil {
				return errForeign
			}
			token, session, err := realm.create(ctx, store.NewSession{Identity: id}, time.Now())
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(out, startedSession{session, token})
			}
			fmt.Fprintln(out, token)
			return nil
		})
	cmd.Flags().StringVar(&user, "user", "", "The user id")
	cmd.Flags().StringArrayVar(&words, "claim", nil, "A claim as name=value; a repeated name makes a list")
	return cmd
}

// addClaims reads name=value; a repeated name makes a list.
func addClaims(claims store.Claims, words []string) error {
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return fmt.Errorf("--claim needs name=value, not %q", word)
		}
		if known, ok := claims[name]; ok {
			claims[name] = store.List(append(slices.Clone(known.Items()), value)...)
		} else {
			claims[name] = store.Text(value)
		}
	}
	return nil
}

func (c *commandLine) list() *cobra.Command {
	var user string
	var limit int
	check := func() error {
		if limit <= 0 {
			return errors.New("--limit must be above 0")
		}
		return nil
	}
	cmd := c.command("list [--user U] [--limit N]", "Lists live sessions, the newest first", check,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			sessions, err := realm.list(ctx, user, limit, time.Now())
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(out, append([]*store.Session{}, sessions...)) // [] instead of null
			}
			printSessions(out, sessions)
			return nil
		})
	cmd.Flags().StringVar(&user, "user", "", "Only sessions of this user id")
	cmd.Flags().IntVar(&limit, "limit", 100, "How many at most")
	return cmd
}

func (c *commandLine) revoke() *cobra.Command {
	var id, user string
	var all bool
	check := func() error {
		switch {
		case id == "" && user == "" && !all:
			return errors.New("one of --id, --user and --all must have a value")
		case id != "" && user != "", (id != "" || user != "") && all:
			return errors.New("--id, --user and --all say different things; give one of them")
		case id != "":
			_, _, err := store.ParseID(id)
			return err
		}
		return nil
	}
	cmd := c.command("revoke --id ID | --user U | --all", "Ends sessions and prints how many", check,
		func(ctx context.Context, out io.Writer, realm *openRealm) (err error) {
			var count int64
			switch {
			case realm.foreign != nil:
				count, err = realm.endForeignOnes(ctx, id, user)
			case id != "":
				count, err = realm.sessions.RevokeID(ctx, id)
			case user != "":
				count, err = realm.sessions.RevokeUser(ctx, user)
			default:
				count, err = realm.sessions.RevokeAll(ctx)
			}
			if err != nil {
				return err
			}
			return c.printCount(out, "revoked", count)
		})
	cmd.Flags().StringVar(&id, "id", "", "The session with this public id")
	cmd.Flags().StringVar(&user, "user", "", "All sessions of this user id")
	cmd.Flags().BoolVar(&all, "all", false, "All sessions of the realm")
	return cmd
}

func (c *commandLine) purge() *cobra.Command {
	return c.command("purge", "Deletes expired sessions now and prints how many", anything,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			if realm.foreign != nil {
				return errForeign
			}
			count, err := realm.store.Purge(ctx, time.Now())
			if err != nil {
				return err
			}
			return c.printCount(out, "purged", count)
		})
}

func (c *commandLine) migrate() *cobra.Command {
	return c.command("migrate", "Creates or migrates the tables", anything,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			if realm.foreign != nil {
				return errForeign
			}
			version, _, err := realm.store.SchemaVersion(ctx)
			if err != nil {
				return err
			}
			return c.printCount(out, "schema_version", int64(version))
		})
}

func (c *commandLine) status() *cobra.Command {
	return c.command("status", "Says what the realm's database is and holds", anything,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			if realm.foreign != nil {
				return c.foreignStatus(out, realm)
			}
			version, known, err := realm.store.SchemaVersion(ctx)
			if err != nil {
				return err
			}
			live, err := realm.sessions.Count(ctx, "", time.Now())
			if err != nil {
				return err
			}
			report := statusReport{
				Realm: c.realm, Database: realm.store.Dialect(), Format: "native", Schema: version, SchemaKnown: known,
				Sessions: live, IdleTimeout: time.Duration(realm.IdleTimeout).String(), Lifetime: time.Duration(realm.Lifetime).String(),
			}
			if c.asJSON {
				return printJSON(out, report)
			}
			report.print(out)
			return nil
		})
}

// statusReport is what `caddy session status` says.
type statusReport struct {
	Realm       string `json:"realm"`
	Database    string `json:"database"`
	Format      string `json:"format"`
	Schema      int    `json:"schema_version"`
	SchemaKnown int    `json:"schema_known"`
	Sessions    int64  `json:"sessions"`
	IdleTimeout string `json:"idle_timeout"`
	Lifetime    string `json:"lifetime"`
}

func (r statusReport) print(out io.Writer) {
	fmt.Fprintf(out, "realm         %s\n", r.Realm)
	fmt.Fprintf(out, "database      %s, schema version %d of %d\n", r.Database, r.Schema, r.SchemaKnown)
	fmt.Fprintf(out, "format        %s\n", r.Format)
	fmt.Fprintf(out, "sessions      %d live\n", r.Sessions)
	fmt.Fprintf(out, "idle timeout  %s\n", r.IdleTimeout)
	fmt.Fprintf(out, "lifetime      %s\n", r.Lifetime)
}

func (c *commandLine) printCount(out io.Writer, what string, count int64) error {
	if c.asJSON {
		return printJSON(out, map[string]int64{what: count})
	}
	fmt.Fprintf(out, "%s %d\n", strings.ReplaceAll(what, "_", " "), count)
	return nil
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func printSessions(out io.Writer, sessions []*store.Session) {
	for _, s := range sessions {
		fmt.Fprintf(out, "%s  created %s  seen %s  expires %s  %s  %s\n", s.ID,
			s.Created.Format(time.RFC3339), s.Seen.Format(time.RFC3339), s.Expires.Format(time.RFC3339), s.User, s.ClientAddr)
	}
}

// foreignStatus says in words how another program's sessions are read.
func (c *commandLine) foreignStatus(out io.Writer, realm *openRealm) error {
	if c.asJSON {
		return printJSON(out, map[string]any{"realm": c.realm, "database": realm.store.Dialect(), "format": realm.foreign.Describe()})
	}
	fmt.Fprintf(out, "realm         %s\n", c.realm)
	fmt.Fprintf(out, "database      %s, read only\n", realm.store.Dialect())
	for _, line := range realm.foreign.Describe() {
		fmt.Fprintln(out, line)
	}
	return nil
}
