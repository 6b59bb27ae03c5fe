package format

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/store"
)

// build makes of a complete configuration what lookups need.
func (f *Foreign) build() error {
	var err error
	if f.token, err = f.o.chain(); err != nil {
		return err
	}
	if f.decode, err = f.o.decoder(); err != nil {
		return err
	}
	f.times = schedule{f.o.Expires, f.o.ExpiresUnit, f.o.MaxAge, f.o.Lifetime}
	if err := f.buildQueries(); err != nil {
		return err
	}
	if err := errors.Join(f.o.checkResult(f.hasOwn), f.checkToken(), f.buildCredentials()); err != nil {
		return err
	}
	return errors.Join(f.sources(), f.buildChecks())
}

func (f *Foreign) buildQueries() error {
	var text string
	if f.o.Query != "" {
		var err error
		if f.columns, text, err = f.wrapped(f.o.Query); err != nil {
			return fmt.Errorf("query: %w", err)
		}
	} else {
		f.columns, text = f.sessionQuery()
	}
	f.find, f.own = f.translate(text), len(f.columns)
	columns, text, err := f.askText()
	if err != nil {
		return fmt.Errorf("user_query: %w", err)
	}
	if text != "" {
		f.ask, f.asks = f.translate(text), true
		f.columns = append(f.columns, columns...)
	}
	return nil
}

// askText is the query for the user where the session's row has no column to
// join by.
func (f *Foreign) askText() ([]column, string, error) {
	switch {
	case f.o.UserQuery != "":
		return f.wrapped(f.o.UserQuery)
	case f.o.Users == nil || f.o.Query == "" && f.o.Columns[colUser] != "":
		return nil, "", nil // no users, or they are joined
	}
	columns, text := f.userQuery()
	return columns, text, nil
}

func (f *Foreign) has(name string) bool {
	return slices.ContainsFunc(f.columns, func(c column) bool { return c.name == name })
}

// hasOwn asks for a column of the session's row, not of the user's.
func (f *Foreign) hasOwn(name string) bool {
	return slices.ContainsFunc(f.columns[:f.own], func(c column) bool { return c.name == name })
}

func (f *Foreign) columnNames() []string {
	var names []string
	for _, c := range f.columns {
		if c.name != colUserRow && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	slices.Sort(names)
	return names
}

// checkToken refuses what would let anybody in.
func (f *Foreign) checkToken() error {
	switch {
	case f.o.KeyType == keyInt && !f.token.signed:
		return errors.New("keys that are numbers can be guessed, so the cookie's signature must be checked: add secret and a token step that checks it; insecure_unsigned is not allowed here")
	case f.token.proves != nil && !f.hasOwn(colProof):
		return errors.New("token: split needs the column proof, which the second half of the cookie is compared with; add it to columns")
	case f.token.proves == nil && f.hasOwn(colProof):
		return errors.New("columns: proof is compared with the second half of a cookie; add the token step split")
	case len(f.o.Secret) > 0 && !f.o.usesSecret() && !f.o.codecUsesSecret():
		return errors.New("secret is given but nothing is checked with it; remove it, or add the token step that uses it")
	}
	return nil
}

// sources finds out where the user's id and the claims come from.
func (f *Foreign) sources() error {
	for _, text := range f.o.User {
		path, err := payload.ParsePath(text)
		if err != nil {
			return fmt.Errorf("user: %w", err)
		}
		f.user = append(f.user, source{name: text, path: path})
	}
	if len(f.user) == 0 {
		f.user = []source{{name: colUser, column: true}}
	}
	for _, name := range f.claimNames() {
		text, given := f.o.Claims[name]
		if !given {
			text = name
		}
		from, err := f.source("claims: "+name, text)
		if err != nil {
			return err
		}
		probe := store.Identity{User: "x", Claims: store.Claims{name: store.Text("x")}}
		if err := probe.Check(); err != nil {
			return fmt.Errorf("claims: %w", err)
		}
		f.claims = append(f.claims, claim{name, from})
	}
	return nil
}

func (f *Foreign) claimNames() []string {
	var names []string
	for name := range f.o.Claims {
		names = append(names, name)
	}
	for _, name := range []string{"name", "email", "groups"} {
		if f.has(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
