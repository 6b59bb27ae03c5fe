// Package sqltext has the pieces of SQL that differ from database to database,
// and finds out what a SELECT of an operator's own returns. It makes and reads
// texts; it runs none of them and knows no database's driver.
//
// Presets and the engine in package format put their queries together of these
// pieces. A name from a configuration goes through [Dialect.Quote] or
// [Dialect.Table], whatever it is: it can name nothing but what it says. Values
// never stand in a text at all. Each query has one `?`, and package store writes
// that as its database wants it.
//
// An operator's own query is used as it is, inside another one that asks for its
// columns by name: SELECT q."key", q."user_id" FROM (...) q. Then a column that
// is not there is an error when the query is prepared, and not a wrong answer
// later. So the names must be known: [Columns] finds them, [Parameters] counts
// the question marks, and what they cannot be sure of they refuse (a *, a column
// without a name, a comment).
//
//	dialect.go   the pieces; a case for each database
//	select.go    reading a SELECT
//
// A database more is a constant, and a case wherever it differs from the others.
package sqltext

import (
	"encoding/hex"
	"strings"
)

// Dialect is the name of a kind of database, as package store has it.
type Dialect string

// The kinds of database.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql"
)

// Quote makes an identifier of a name, so that case and reserved words are
// kept and nothing else can be smuggled in.
func (d Dialect) Quote(name string) string {
	mark := `"`
	if d == MySQL {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}

// Table makes the full name of a table, or leaves a SELECT in parentheses. The
// schema may stand before the name with a dot instead.
func (d Dialect) Table(schema, name string) string {
	if strings.HasPrefix(name, "(") {
		return name
	}
	if schema == "" {
		if before, after, ok := strings.Cut(name, "."); ok {
			schema, name = before, after
		}
	}
	if schema == "" {
		return d.Quote(name)
	}
	return d.Quote(schema) + "." + d.Quote(name)
}

// Parameter is where a value is bound whose type PostgreSQL should not guess.
func (d Dialect) Parameter(kind string) string {
	if d == Postgres {
		return "CAST(? AS " + kind + ")"
	}
	return "?"
}

// List gathers the values of an expression over several rows, as a JSON array:
// with separators two groups could read as one.
func (d Dialect) List(expr string) string {
	switch d {
	case Postgres:
		return "json_agg(" + expr + " ORDER BY " + expr + ")"
	case MySQL:
		return "JSON_ARRAYAGG(" + expr + ")"
	}
	return "json_group_array(" + expr + ")"
}

// Join is the expression for texts one after the other.
func (d Dialect) Join(parts ...string) string {
	if d == SQLite {
		return "(" + strings.Join(parts, " || ") + ")"
	}
	return "(CONCAT(" + strings.Join(parts, ", ") + "))"
}

// Text is the expression for a number as text.
func (d Dialect) Text(expr string) string {
	kind := "TEXT"
	switch d {
	case Postgres:
		kind = "VARCHAR"
	case MySQL:
		kind = "CHAR"
	}
	return "CAST(" + expr + " AS " + kind + ")"
}

// FromLocal makes an instant of a time that names no zone and is in that of the
// database's sessions. In SQLite there is no such zone.
func (d Dialect) FromLocal(expr string) string {
	switch d {
	case Postgres:
		return "CAST(" + expr + " AS timestamptz)"
	case MySQL:
		// The connection's own zone is UTC.
		return "CONVERT_TZ(" + expr + ", @@global.time_zone, '+00:00')"
	}
	return expr
}

// IsInstant is the condition that a column of a table holds instants, which the
// server has in the zone of whoever asks. It is empty where the kind of database
// makes it known otherwise, or where no table is named.
func (d Dialect) IsInstant(schema, table, column string) string {
	if d != MySQL || strings.HasPrefix(table, "(") {
		return ""
	}
	if before, after, ok := strings.Cut(table, "."); ok && schema == "" {
		schema, table = before, after
	}
	where := "DATABASE()"
	if schema != "" {
		where = mysqlText(schema)
	}
	return "'timestamp' = (SELECT c.data_type FROM information_schema.columns c WHERE c.table_schema = " + where +
		" AND c.table_name = " + mysqlText(table) + " AND c.column_name = " + mysqlText(column) + ")"
}

// mysqlText writes a text so that no server's mode can read it otherwise.
func mysqlText(text string) string {
	return "CONVERT(X'" + hex.EncodeToString([]byte(text)) + "' USING utf8mb4)"
}
