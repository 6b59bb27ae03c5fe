package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// table is the full name of one of the program's tables.
func (f *Foreign) table(name string) string { return f.dialect.Table(f.o.Schema, name) }

// parameter is where a key is bound. An int4 column would make the driver
// refuse numbers that only an int8 holds, before the database can say no.
func (f *Foreign) parameter(keyType string) string {
	if keyType == keyInt {
		return f.dialect.Parameter("bigint")
	}
	return "?"
}

// column is a part of a query's result.
type column struct{ name, expr string }

// isTime tells whether a column is read as a time.
func isTime(name string) bool {
	return name == colExpires || name == colSeen || name == colCreated
}

// column makes the expression for a column of the table with an alias. An
// unknown name must not become a text: SQLite would take "nosuch" for one, but
// not s."nosuch".
func (f *Foreign) column(alias, name, spelled, unit string) column {
	expr := spelled
	if !strings.HasPrefix(spelled, "(") {
		expr = alias + "." + f.dialect.Quote(spelled)
	}
	if unit == unitLocal && isTime(name) {
		expr = f.fromLocal(expr, spelled)
	}
	return column{name, expr}
}

// fromLocal makes an instant of a time of the sessions' table, unless the column
// has instants, whatever the operator says.
func (f *Foreign) fromLocal(expr, spelled string) string {
	isInstant := ""
	if !strings.HasPrefix(spelled, "(") {
		isInstant = f.dialect.IsInstant(f.o.Schema, f.o.Table, spelled)
	}
	if isInstant == "" {
		return f.dialect.FromLocal(expr)
	}
	return "CASE WHEN " + isInstant + " THEN " + expr + " ELSE " + f.dialect.FromLocal(expr) + " END"
}

// columnsOf makes the columns of a table in a fixed order: a query's text must
// not change from start to start.
func (f *Foreign) columnsOf(alias string, spelled map[string]string, unit string) []column {
	var columns []column
	for name, text := range spelled {
		columns = append(columns, f.column(alias, name, text, unit))
	}
	slices.SortFunc(columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	return columns
}

// sessionQuery finds a session by its key, and its user where the session has
// the user's id in a column.
func (f *Foreign) sessionQuery() ([]column, string) {
	columns := f.columnsOf("s", f.o.Columns, f.o.ExpiresUnit)
	join := ""
	if f.o.Users != nil && f.o.Columns[colUser] != "" {
		columns = append(columns, f.userColumns()...)
		user := f.column("s", colUser, f.o.Columns[colUser], "")
		join = " LEFT JOIN " + f.table(f.o.Users.Table) + " u ON u." + f.dialect.Quote(f.o.Users.Key) + " = " + user.expr
	}
	key := f.column("s", colKey, f.o.Columns[colKey], "")
	from := "SELECT " + selection(columns) + " FROM "
	if old := f.o.Columns[colOldKey]; old != "" {
		// There is one parameter, so what is to be compared twice is a row.
		return columns, from + "(SELECT " + f.dialect.Parameter("text") + " AS v) p JOIN " + f.table(f.o.Table) + " s ON " +
			key.expr + " = p.v OR " + f.column("s", colOldKey, old, "").expr + " = p.v" + join
	}
	return columns, from + f.table(f.o.Table) + " s" + join + " WHERE " + key.expr + " = " + f.parameter(f.o.KeyType)
}

// userQuery finds a user by an id that stood in the payload.
func (f *Foreign) userQuery() ([]column, string) {
	columns := f.userColumns()
	return columns, "SELECT " + selection(columns) + " FROM " + f.table(f.o.Users.Table) + " u WHERE u." +
		f.dialect.Quote(f.o.Users.Key) + " = " + f.parameter(f.o.Users.KeyType)
}

func (f *Foreign) userColumns() []column {
	key := column{colUserRow, "u." + f.dialect.Quote(f.o.Users.Key)}
	return append([]column{key}, f.columnsOf("u", f.o.Users.Columns, "")...)
}

func selection(columns []column) string {
	exprs := make([]string, len(columns))
	for i, c := range columns {
		exprs[i] = c.expr
	}
	return strings.Join(exprs, ", ")
}

// wrapped reads the result of an operator's query by its names: then a name
// that is not there is an error when the query is prepared.
func (f *Foreign) wrapped(query string) ([]column, string, error) {
	query = strings.TrimRight(strings.TrimSpace(query), "; \t\r\n")
	names, err := sqltext.Columns(query)
	if err != nil {
		return nil, "", err
	}
	if n := sqltext.Parameters(query); n != 1 {
		return nil, "", fmt.Errorf("it has %d parameters; it needs one, written `?`", n)
	}
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i] = column{strings.ToLower(name), "q." + f.dialect.Quote(name)}
		if f.dialect == sqltext.Postgres && name != strings.ToLower(name) && !strings.Contains(query, `"`+name+`"`) {
			columns[i].expr = "q." + f.dialect.Quote(strings.ToLower(name)) // unquoted names are folded there
		}
	}
	return columns, "SELECT " + selection(columns) + " FROM (" + query + ") q", nil
}
