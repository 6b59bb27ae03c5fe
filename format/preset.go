package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

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
	// tries is how many cookies of one name the program itself tries. Default: 1.
	tries int
	// fill makes a complete configuration. It gets what the operator said, since
	// some words decide over others.
	fill func(o Options, d sqltext.Dialect) (Options, error)
}

// secretNeed is whether a program signs its cookies or rows.
type secretNeed int

const (
	// The zero value is a program that signs nothing.

	// signs: it starts without a secret only with insecure_unsigned.
	signs secretNeed = iota + 1
	// needsSecret: nothing can be found, or everything be guessed, without it.
	needsSecret
)

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

// Presets lists the programs that are known, and custom, in order.
func Presets() []string {
	var names []string
	for name := range presets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// custom is a table that no preset is for.
var custom = preset{fill: func(o Options, _ sqltext.Dialect) (Options, error) {
	filled := Options{}
	if o.Columns["payload"] != "" {
		filled.Codec = "json"
	}
	if o.Cookie == "" {
		return filled, errors.New("cookie is missing: what is the program's cookie called?")
	}
	return filled, nil
}}

// resolve fills in the preset and lays the operator's words over it.
func (o Options) resolve(d sqltext.Dialect) (full Options, tries int, err error) {
	p, ok := presets[o.Name]
	if !ok {
		return full, 0, fmt.Errorf("there is no such program; there are %s", strings.Join(Presets(), ", "))
	}
	if !slices.Contains([]sqltext.Dialect{sqltext.SQLite, sqltext.Postgres, sqltext.MySQL}, d) {
		return full, 0, fmt.Errorf("there is no kind of database %q; there are sqlite, postgres, mysql", d)
	}
	if err := errors.Join(p.secret.check(o), p.chooseVariant(&o, d)); err != nil {
		return full, 0, err
	}
	base, err := p.fill(o, d)
	if err != nil {
		return full, 0, err
	}
	if o.Query != "" {
		base = withoutTable(base)
	}
	full = o.over(base)
	return full, max(p.tries, 1), full.complete(d)
}

// withoutTable forgets what the operator's own query takes the place of.
func withoutTable(base Options) Options {
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

// check refuses a configuration without the secret that a program needs.
func (need secretNeed) check(o Options) error {
	switch {
	case slices.Contains(o.Secret, ""):
		return errors.New("secret is empty; is the environment variable or file set?")
	case need == needsSecret && o.InsecureUnsigned:
		return errors.New("insecure_unsigned is not allowed here: without the secret anybody could be anybody")
	case need == needsSecret && len(o.Secret) == 0:
		return errors.New("secret is missing: add secret {env.NAME} with the program's own")
	case need == signs && len(o.Secret) > 0 && o.InsecureUnsigned:
		return errors.New("secret and insecure_unsigned contradict each other; remove one")
	case need == signs && len(o.Secret) == 0 && !o.InsecureUnsigned:
		return errors.New("secret is missing: add secret {env.NAME} with the program's own, or insecure_unsigned to do without its signatures")
	}
	return nil
}

func (p preset) chooseVariant(o *Options, d sqltext.Dialect) error {
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

// signedOr chooses the token steps: those that check a signature, or with
// insecure_unsigned those that do not.
func (o Options) signedOr(signed, unsigned string) []string {
	if o.InsecureUnsigned {
		return []string{unsigned}
	}
	return []string{signed}
}

// by chooses by the kind of database.
func by[T any](d sqltext.Dialect, inSQLite, inPostgres, inMySQL T) T {
	switch d {
	case sqltext.Postgres:
		return inPostgres
	case sqltext.MySQL:
		return inMySQL
	}
	return inSQLite
}
