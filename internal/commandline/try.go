package commandline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-11312c3d/caddy-session/internal/cookies"
	"github.com/seed-11312c3d/caddy-session/store"
)

// maxTried is more than any browser sends.
const maxTried = 64 << 10

func (c *commandLine) try() *cobra.Command {
	var in io.Reader
	cmd := c.command("try < COOKIE", "Reads a cookie, and says what becomes of it at each step, without showing it", anything,
		func(ctx context.Context, out io.Writer, realm *Realm) error {
			text, err := io.ReadAll(io.LimitReader(in, maxTried))
			if err != nil {
				return fmt.Errorf("reading the cookie from the standard input: %w", err)
			}
			value, err := cookieIn(realm.Cookie, string(text))
			if err != nil {
				return err
			}
			lines, err := realm.Trace(ctx, value, time.Now())
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(out, map[string][]string{"steps": lines})
			}
			fmt.Fprintln(out, strings.Join(lines, "\n"))
			return nil
		})
	cmd.PreRun = func(cmd *cobra.Command, _ []string) { in = cmd.InOrStdin() }
	return cmd
}

// cookieIn finds the cookie's value in what an administrator has copied from a
// browser: the value alone, name and value, or a whole Cookie line.
func cookieIn(cookie *cookies.Cookie, text string) (string, error) {
	text = strings.TrimSpace(text)
	line := text
	if name, rest, ok := strings.Cut(text, ":"); ok && strings.EqualFold(name, "Cookie") {
		line = strings.TrimSpace(rest)
	}
	lines := []string{line}
	for value := range cookies.Values(lines, cookie.NameIn(lines)) {
		return value, nil
	}
	if cookie.Former != "" {
		for value := range cookies.Values(lines, cookie.Former) {
			if store.HoldsForAnyCookie(value) {
				return value, nil
			}
		}
	}
	switch {
	case text == "":
		return "", errors.New("there is no cookie on the standard input; give its value, or the line of the request")
	case line != text || strings.Contains(text, "; "):
		return "", errors.New("the line has no cookie of the realm's name; see `caddy session status`")
	}
	return text, nil
}
