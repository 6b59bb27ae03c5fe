package commandline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/internal/adminapi"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/store"
)

func (c *commandLine) create() *cobra.Command {
	var user string
	var words []string
	var lifetime time.Duration
	claims := make(store.Claims)
	check := func() error {
		switch {
		case user == "":
			return errors.New("--user must have a value")
		case lifetime < 0:
			return errors.New("--lifetime must be above 0")
		case c.Cookie != "" && c.Store == "":
			return errors.New("--cookie goes with --store; a configuration says itself what the cookie's name is")
		}
		return addClaims(claims, words)
	}
	cmd := c.command("create --user U [--claim name=value ...] [--lifetime D] [--cookie NAME]", "Starts a session and prints its token, the cookie's value, once", check,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			if longest := realm.MaxLifetime; lifetime > longest {
				return fmt.Errorf("--lifetime is above the realm's max_lifetime, which is %s; raise it there", longest)
			}
			id := store.Identity{User: user, Claims: claims}
			token, session, err := realm.Create(ctx, store.NewSession{Identity: id, Lifetime: lifetime}, time.Now())
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(out, adminapi.Started{Session: session, Token: token})
			}
			fmt.Fprintln(out, token)
			return nil
		})
	cmd.Flags().StringVar(&user, "user", "", "The user id")
	cmd.Flags().StringVar(&c.Cookie, "cookie", "", "With --store: the name of the cookie that the token is for, if that is not the realm's default")
	cmd.Flags().DurationVar(&lifetime, "lifetime", 0, "How long the session lives at most, up to the realm's max_lifetime")
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
		if name == identity.Groups {
			claims[name] = store.List(append(slices.Clone(claims[name].Items()), identity.Split(value, ",")...)...)
			continue
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
		if limit <= 0 || limit == math.MaxInt {
			return errors.New("--limit must be above 0, and a number of sessions")
		}
		return nil
	}
	cmd := c.command("list [--user U] [--limit N]", "Lists live sessions, the newest first", check,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			sessions, err := realm.List(ctx, user, limit+1, time.Now())
			if err != nil {
				return err
			}
			if len(sessions) > limit {
				sessions = sessions[:limit]
				c.note("there are more than these %d; give a larger --limit, or --user", limit)
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
		func(ctx context.Context, out io.Writer, realm *Realm) (err error) {
			var count int64
			switch {
			case id != "":
				count, err = realm.EndID(ctx, id)
			case user != "":
				count, err = realm.EndUser(ctx, user)
			default:
				count, err = realm.EndAll(ctx)
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
		fmt.Fprintf(out, "%s  created %s  seen %s  expires %s  %s  %s\n", word(s.ID),
			s.Created.Format(time.RFC3339), s.Seen.Format(time.RFC3339), s.Expires.Format(time.RFC3339), word(s.User), word(s.ClientAddr))
	}
}
