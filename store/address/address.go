// Package address reads where a database is, as other programs, frameworks and
// hosting providers write it: what stands in a DATABASE_URL. It is a pure
// function: it opens no file and asks no server.
//
// A parameter of a URL has one of four fates. What means something here is
// translated. What is another program's own business, such as the size of its
// pool, is ignored and named in [Address.Ignored]. What would weaken the
// connection if it were ignored is refused, as is what nobody knows: a typing
// error in `sslmode` must not go unnoticed.
//
// No error and no [Address.Place] ever holds a user, a password or the value of
// a parameter.
package address

import (
	"fmt"
	"net"
	"strings"
)

// The kinds of databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
	MySQL    = "mysql"
)

// Address is where a database is, in this module's own terms.
type Address struct {
	// Kind is [SQLite], [Postgres] or [MySQL].
	Kind string

	// Path is the file of a SQLite database as the URL has it, absolute or not.
	Path string
	// Relative is the other reading of sqlite:///PATH, empty where there is none:
	// SQLAlchemy, Django and Doctrine write a relative path so, Rust's sqlx an
	// absolute one.
	Relative string
	// Mode is what a SQLite URL says may be done: ro, rw (the file must be
	// there), rwc, or empty.
	Mode string

	// User and Password are empty where the URL has none.
	User, Password string
	// Hosts are where the server is, in the order in which they are tried.
	// Empty: the default.
	Hosts []Host
	// Database is the name of the database on the server.
	Database string
	// Schema is the PostgreSQL schema that the tables are in.
	Schema string
	// TLS says how the connection is encrypted.
	TLS TLS
	// Params are for the driver, by its own names.
	Params map[string]string

	// Ignored are the parameters that mean nothing here, in the URL's order.
	Ignored []string
}

// Host is a server's name or address and its port. A name that begins with `/`
// is a Unix socket, or the directory of one. An empty Port is the default.
type Host struct{ Name, Port string }

// Parse reads an address. An error says what a person has to change.
func Parse(raw string) (Address, error) {
	s := schemeOf(raw)
	a := Address{Kind: s.kind}
	switch {
	case s.kind == "":
		return a, fmt.Errorf("unknown kind of database")
	case s.kind == SQLite:
		return a, a.readFile(s)
	}
	return a, a.readServer(s)
}

// KindOf returns the kind of database that an address means, or nothing.
func KindOf(raw string) string { return schemeOf(raw).kind }

// Place says where the database is, for logs and errors: a file, or host and
// database.
func (a Address) Place() string {
	if a.Kind == SQLite {
		return a.Path
	}
	hosts := make([]string, len(a.Hosts))
	for i, h := range a.Hosts {
		hosts[i] = h.String()
	}
	place := strings.Join(hosts, ",")
	if place == "" {
		place = "the default host"
	}
	if a.Database == "" {
		return place
	}
	return "database " + a.Database + " on " + place
}

// String returns the host, and the port where one is given.
func (h Host) String() string {
	switch {
	case h.Port == "":
		return h.Name
	case strings.HasPrefix(h.Name, "/"):
		return h.Name + ":" + h.Port
	}
	return net.JoinHostPort(h.Name, h.Port)
}
