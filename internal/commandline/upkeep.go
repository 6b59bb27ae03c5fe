package commandline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

func (c *commandLine) purge() *cobra.Command {
	return c.command("purge", "Deletes sessions that are over, or idle for too long, and prints how many", anything,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			purge := realm.Purge
			if c.Config == "" {
				purge = realm.PurgeExpired // only a configuration says how long sessions may be idle
			}
			count, err := purge(ctx, time.Now())
			if err != nil {
				return err
			}
			return c.printCount(out, "purged", count)
		})
}

func (c *commandLine) migrate() *cobra.Command {
	cmd := c.command("migrate [--print]", "Creates or migrates the tables, or prints the statements that do", anything,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			if c.Print {
				text, err := realm.MigrationSQL(ctx)
				fmt.Fprint(out, text)
				return err
			}
			if realm.Foreign {
				count, err := realm.AddColumns(ctx)
				if err != nil {
					return err
				}
				return c.printCount(out, "columns_added", count)
			}
			state, err := realm.State(ctx)
			if err != nil {
				return err
			}
			return c.printCount(out, "schema_version", int64(state.Schema))
		})
	cmd.Flags().BoolVar(&c.Print, "print", false, "Change nothing, and print the SQL for somebody else to run")
	return cmd
}

func (c *commandLine) status() *cobra.Command {
	var user string
	cmd := c.command("status [--user U]", "Says what the realm's database is, and counts its live sessions", anything,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			state, err := realm.State(ctx)
			if err != nil {
				return err
			}
			live, err := realm.Count(ctx, user, time.Now())
			if realm.Foreign {
				return c.foreignStatus(out, realm.Name, state, live, err)
			}
			if err != nil {
				return err
			}
			report := statusReport{
				Realm: realm.Name, Database: state.Database, Format: "native", Schema: state.Schema, SchemaKnown: state.SchemaKnown,
				Sessions: live, IdleTimeout: realm.IdleTimeout.String(), Lifetime: realm.Lifetime.String(),
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
func (c *commandLine) foreignStatus(out io.Writer, name string, state lookup.State, live int64, err error) error {
	lines := state.Foreign
	switch {
	case err == nil:
		lines = append(lines, fmt.Sprintf("sessions: %d live", live))
	case !errors.Is(err, lookup.ErrNotListed) && !errors.Is(err, lookup.ErrOneUser):
		return err
	}
	if c.asJSON {
		return printJSON(out, map[string]any{"realm": name, "database": state.Database, "format": lines})
	}
	fmt.Fprintf(out, "realm         %s\n", name)
	fmt.Fprintf(out, "database      %s, read only\n", state.Database)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	return nil
}
