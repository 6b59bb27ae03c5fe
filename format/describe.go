package format

import (
	"fmt"
	"strings"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Cookie is the name of the cookie that the program sets.
func (f *Foreign) Cookie() string { return f.o.Cookie }

// CookieElse is the cookie's name where the browser has none of the first; empty
// where it has one name only.
func (f *Foreign) CookieElse() string { return f.o.CookieElse }

// Tries is how many cookies of one name, with different values, are tried one
// after the other: as many as the program itself tries. Where it is 1, two
// different ones are nobody.
func (f *Foreign) Tries() int { return f.tries }

// Queries are those that must prepare when the realm starts, since lookups need
// them: a table, a column or a view's column that is not there is an error
// then. What only [Foreign.Admin] needs is not among them.
func (f *Foreign) Queries() []store.Query {
	queries := []store.Query{f.find}
	if f.asks {
		queries = append(queries, f.ask)
	}
	return queries
}

// MakesTable reports that the program makes its table when it is first used.
func (f *Foreign) MakesTable() bool { return f.makes }

// Remedy says what to do when one of [Foreign.Queries] cannot be prepared.
func (f *Foreign) Remedy() string {
	if f.o.Query != "" {
		return "check query: its tables and columns, and what this database user may read"
	}
	remedy := fmt.Sprintf("check that the table %s is there, in this database and schema, with the column %s, and that this database user may read it; the words table, schema and columns name others", f.o.Table, f.o.Columns[colKey])
	if f.o.Users != nil {
		remedy += "; `users off` does without the table of users"
	}
	return remedy
}

// Describe says in words what the realm does: one line for each thing.
func (f *Foreign) Describe() []string {
	lines := []string{"format: " + f.name(), "cookie: " + f.cookieLine(), "sessions: " + f.tableLine()}
	if line := f.userLine(); line != "" {
		lines = append(lines, line)
	}
	lines = append(lines, "expiry: "+f.expiryLine())
	if f.o.Codec != "" {
		lines = append(lines, fmt.Sprintf("payload: %s, user id at %s", f.o.Codec, strings.Join(f.userPaths(), ", then ")))
	}
	for _, c := range f.checks {
		lines = append(lines, "guard: "+c.says)
	}
	if len(f.claims) > 0 {
		lines = append(lines, "claims: "+f.claimLine())
	}
	if len(f.o.Credentials) > 0 {
		lines = append(lines, "credentials, kept from apps like the cookie: "+strings.Join(f.o.Credentials, ", "))
	}
	lines = append(lines, f.notes...)
	return append(lines, "writes: "+f.writesLine())
}

func (f *Foreign) name() string {
	if f.o.Variant == "" {
		return f.o.Name
	}
	return f.o.Name + ", variant " + f.o.Variant
}

func (f *Foreign) cookieLine() string {
	line := f.o.Cookie
	if f.o.CookieElse != "" {
		line += ", else " + f.o.CookieElse
	}
	if len(f.o.Token) > 0 {
		line += ", steps: " + strings.Join(f.o.Token, "; ")
	}
	if f.o.InsecureUnsigned {
		line += "; NO SIGNATURE IS CHECKED"
	}
	return line
}

func (f *Foreign) tableLine() string {
	if f.o.Query != "" {
		return "found by a query of your own"
	}
	return fmt.Sprintf("table %s, found by %s (%s)", f.tableName(f.o.Table), f.o.Columns[colKey], f.o.KeyType)
}

func (f *Foreign) tableName(name string) string {
	if f.o.Schema == "" || strings.HasPrefix(name, "(") {
		return name
	}
	return f.o.Schema + "." + name
}

func (f *Foreign) userLine() string {
	switch {
	case f.asks && f.o.UserQuery != "":
		return "users: a second query of your own"
	case f.o.Users == nil || f.o.Query != "":
		return ""
	case f.asks:
		return fmt.Sprintf("users: table %s by %s, in a second query", f.tableName(f.o.Users.Table), f.o.Users.Key)
	}
	return fmt.Sprintf("users: table %s by %s, in the same query", f.tableName(f.o.Users.Table), f.o.Users.Key)
}

func (f *Foreign) expiryLine() string {
	line := map[string]string{
		expiresAbsolute: "at " + colExpires,
		expiresSince:    fmt.Sprintf("%s after %s", f.o.MaxAge, colSeen),
		expiresNone:     fmt.Sprintf("%s after %s", f.o.MaxAge, colCreated),
	}[f.o.Expires]
	if f.o.Lifetime > 0 {
		line += fmt.Sprintf(", and %s after %s", f.o.Lifetime, colCreated)
	}
	return line + " (" + f.o.ExpiresUnit + "); requests here do not extend it"
}

func (f *Foreign) userPaths() []string {
	var names []string
	for _, from := range f.user {
		names = append(names, from.name)
	}
	return names
}

func (f *Foreign) claimLine() string {
	var names []string
	for _, c := range f.claims {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

func (f *Foreign) writesLine() string {
	if f.o.Revocable {
		return "nothing but the deletion of a session that is revoked"
	}
	return "nothing"
}
