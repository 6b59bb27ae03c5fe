package caddysession

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

func (c *commandLine) purge() *cobra.Command {
	return c.command("purge", "Deletes sessions that are over, or idle for too long, and prints how many", anything,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			if realm.foreign != nil {
				return errForeign
			}
			purge := realm.sessions.Purge
			if c.config == "" {
				purge = realm.store.Purge // only a configuration says how long sessions may be idle
			}
			count, err := purge(ctx, time.Now())
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
	var user string
	cmd := c.command("status [--user U]", "Says what the realm's database is, and counts its live sessions", anything,
		func(ctx context.Context, out io.Writer, realm *openRealm) error {
			if realm.foreign != nil {
				return c.foreignStatus(ctx, out, realm, user)
			}
			version, known, err := realm.store.SchemaVersion(ctx)
			if err != nil {
				return err
			}
			live, err := realm.sessions.Count(ctx, user, time.Now())
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
	cmd.Flags().StringVar(&user, "user", "", "Count only the sessions of this user id")
	return cmd
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

// foreignStatus says in words how another program's sessions are read, and how
// many there are, where they can be counted.
func (c *commandLine) foreignStatus(ctx context.Context, out io.Writer, realm *openRealm, user string) error {
	lines := realm.foreign.Describe()
	live, err := realm.foreignSessions(ctx, user, time.Now())
	switch {
	case err == nil:
		lines = append(lines, fmt.Sprintf("sessions: %d live", len(live)))
	case !errors.Is(err, errNotListed) && !errors.Is(err, errOneUser):
		return err
	}
	if c.asJSON {
		return printJSON(out, map[string]any{"realm": c.realm, "database": realm.store.Dialect(), "format": lines})
	}
	fmt.Fprintf(out, "realm         %s\n", c.realm)
	fmt.Fprintf(out, "database      %s, read only\n", realm.store.Dialect())
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	return nil
}
