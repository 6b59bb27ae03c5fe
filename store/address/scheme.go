package address

import (
	"slices"
	"strings"
)

// scheme is what an address begins with.
type scheme struct {
	kind   string
	name   string // of the scheme, without a driver
	driver string // what follows a `+`
	java   bool   // JDBC and R2DBC write some parameters in another sense
	rest   string // what follows
}

// schemes are those of libpq and the servers themselves, and of Rails, Django,
// Symfony, Doctrine and Prisma.
var schemes = map[string][]string{
	Postgres: {"postgres", "postgresql", "pgsql", "psql", "pg", "postgis", "pdo-pgsql", "pdo_pgsql", "cockroachdb", "cockroach", "timescale"},
	MySQL:    {"mysql", "mariadb", "mysql2", "trilogy", "mysqli", "mysqlgis", "mysql-connector", "pdo-mysql", "pdo_mysql"},
	SQLite:   {"sqlite", "sqlite3", "pdo-sqlite", "pdo_sqlite", "spatialite", "file"},
}

// schemeOf reads `name:`, `name+driver:` as SQLAlchemy writes it, and either
// behind `jdbc:`. The kind is empty where nobody knows the name.
func schemeOf(raw string) scheme {
	var s scheme
	name, rest, found := strings.Cut(raw, ":")
	for found && slices.Contains([]string{"jdbc", "r2dbc", "aws-wrapper"}, strings.ToLower(name)) {
		s.java = true
		name, rest, found = strings.Cut(rest, ":")
	}
	s.name, s.driver, _ = strings.Cut(strings.ToLower(name), "+")
	s.rest = rest
	if !found {
		return s
	}
	for kind, names := range schemes {
		if slices.Contains(names, s.name) {
			s.kind = kind
		}
	}
	return s
}
