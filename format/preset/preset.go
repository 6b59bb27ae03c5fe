package preset

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// preset is what is known of a program's sessions.
type preset struct {
	// variants are its layouts, the default first; none where there is one.
	variants []string
	// byDialect is the default variant of a database, where it has another.
	byDialect map[sqltext.Dialect]string
	// dialects are the databases that the program keeps sessions in. Default: all.
	dialects []sqltext.Dialect
	// secret says whether the program signs.
	secret secretNeed
	// credentials are the program's other cookies that let somebody in, given the
	// name of the session's cookie. Nil where there are none.
	credentials func(cookie string) []string
	// tries is how many cookies of one name the program itself tries. Default: 1.
	tries int
	// makesTable says that the program makes its table when it is first used.
	makesTable bool
	// listed says that an administrator can list and end sessions, by the column
	// listedBy where that is not the one of the user's id.
	listed   bool
	listedBy string
	// fill makes a complete configuration. It gets what the operator said, since
	// some words decide over others.
	fill func(o format.Options, d sqltext.Dialect) (format.Options, error)
}

// presets are the programs that are known, by name.
var presets = map[string]preset{
	"authjs":      authjs,
	"authly":      authly,
	"better_auth": betterAuth,
	"bodhi":       bodhi,
	"custom":      custom,
	"django":      django,
	"drupal":      drupal,
	"express":     express,
	"grafana":     grafana,
	"joomla":      joomla,
	"laravel":     laravel,
	"lucia":       lucia,
	"moodle":      moodle,
	"rails":       rails,
	"scs":         scs,
	"spring":      spring,
	"tower":       tower,
}

// Names lists the programs that are known, and custom, in order.
func Names() []string {
	var names []string
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Complete fills in what is known of the program that the options name, lays the
// operator's words over it, and returns what [format.New] takes. The kind of
// database is sqlite, postgres or mysql. What the program needs and the operator
// has not said is an error.
func Complete(o format.Options, kind string) (format.Program, error) {
	program, err := complete(o, sqltext.Dialect(kind))
	if err != nil {
		return format.Program{}, fmt.Errorf("format %s: %w", o.Name, err)
	}
	return program, nil
}

func complete(o format.Options, d sqltext.Dialect) (program format.Program, err error) {
	p, ok := presets[o.Name]
	if !ok {
		return program, fmt.Errorf("there is no such program; there are %s", strings.Join(Names(), ", "))
	}
	if !slices.Contains([]sqltext.Dialect{sqltext.SQLite, sqltext.Postgres, sqltext.MySQL}, d) {
		return program, fmt.Errorf("there is no kind of database %q; there are sqlite, postgres, mysql", d)
	}
	if err := errors.Join(p.secret.check(o), p.chooseVariant(&o, d)); err != nil {
		return program, err
	}
	base, err := p.fill(inSchema(o), d)
	if err != nil {
		return program, err
	}
	if o.Query != "" {
		base = withoutTable(base)
	}
	if p.credentials != nil {
		base.Credentials = p.credentials(cmp.Or(o.Cookie, base.Cookie))
		if o.CookieElse != "" {
			base.Credentials = append(slices.Clone(base.Credentials), p.credentials(o.CookieElse)...)
		}
	}
	notes := leaveOutGroups(o, &base)
	return format.Program{Options: over(o, base), Dialect: d, Notes: notes, MakesTable: p.makesTable, Tries: p.tries, Listed: p.listed, ListedBy: p.listedBy}, nil
}

// withoutTable forgets what the operator's own query takes the place of.
func withoutTable(base format.Options) format.Options {
	if len(base.Columns) > 0 && base.Columns["payload"] == "" {
		base.Codec = ""
	}
	key, known := base.Columns["key"]
	base.Columns = nil
	if known {
		base.Columns = map[string]string{"key": key} // of the row to be deleted
	}
	base.Users, base.Require, base.Guards, base.Claims = nil, nil, nil, nil
	return base
}

func (p preset) chooseVariant(o *format.Options, d sqltext.Dialect) error {
	if len(p.dialects) > 0 && !slices.Contains(p.dialects, d) {
		return fmt.Errorf("it keeps no sessions in %s, only in %v", d, p.dialects)
	}
	switch {
	case len(p.variants) == 0 && o.Variant != "":
		return fmt.Errorf("variant: it has none; leave %q out", o.Variant)
	case len(p.variants) == 0:
		return nil
	case o.Variant == "" && p.byDialect[d] != "":
		o.Variant = p.byDialect[d]
	case o.Variant == "":
		o.Variant = p.variants[0]
	}
	if !slices.Contains(p.variants, o.Variant) {
		return fmt.Errorf("variant: there is no %q; there are %s", o.Variant, strings.Join(p.variants, ", "))
	}
	return nil
}
