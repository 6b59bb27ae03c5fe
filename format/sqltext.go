package format

import (
	"fmt"
	"slices"
	"strings"
)

// dialect is the name of a kind of database, as package store has it.
type dialect string

// The kinds of database.
const (
	sqlite   dialect = "sqlite"
	postgres dialect = "postgres"
	mysql    dialect = "mysql"
)

// quote makes an identifier of a name, so that case and reserved words are
// kept and nothing else can be smuggled in.
func (d dialect) quote(name string) string {
	mark := `"`
	if d == mysql {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}

// table makes the full name of a table, or leaves a SELECT in parentheses.
func (d dialect) table(schema, name string) string {
	if strings.HasPrefix(name, "(") {
		return name
	}
	if schema == "" {
		if before, after, ok := strings.Cut(name, "."); ok {
			schema, name = before, after
		}
	}
	if schema == "" {
		return d.quote(name)
	}
	return d.quote(schema) + "." + d.quote(name)
}

// parameter is where the key is bound. An int4 column would make the driver
// refuse numbers that only an int8 holds, before the database can say no.
func (d dialect) parameter(keyType string) string {
	if d == postgres && keyType == keyInt {
		return "CAST(? AS bigint)"
	}
	return "?"
}

// typedParameter is a parameter that is compared with nothing yet.
func (d dialect) typedParameter() string {
	if d == postgres {
		return "CAST(? AS text)"
	}
	return "?"
}

// list gathers the values of an expression over several rows, as a JSON array:
// with separators two groups could read as one.
func (d dialect) list(expr string) string {
	switch d {
	case postgres:
		return "json_agg(" + expr + " ORDER BY " + expr + ")"
	case mysql:
		return "JSON_ARRAYAGG(" + expr + ")"
	}
	return "json_group_array(" + expr + ")"
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
func (d dialect) column(alias, name, spelled, unit string) column {
	expr := spelled
	if !strings.HasPrefix(spelled, "(") {
		expr = alias + "." + d.quote(spelled)
	}
	if unit == unitLocal && isTime(name) {
		switch d {
		case postgres:
			expr = "CAST(" + expr + " AS timestamptz)"
		case mysql:
			// The connection's own zone is UTC.
			expr = "CONVERT_TZ(" + expr + ", @@global.time_zone, '+00:00')"
		}
	}
	return column{name, expr}
}

// columnsOf makes the columns of a table in a fixed order: a query's text must
// not change from start to start.
func (d dialect) columnsOf(alias string, spelled map[string]string, unit string) []column {
	var columns []column
	for name, text := range spelled {
		columns = append(columns, d.column(alias, name, text, unit))
	}
	slices.SortFunc(columns, func(a, b column) int { return strings.Compare(a.name, b.name) })
	return columns
}

// sessionQuery finds a session by its key, and its user where the session has
// the user's id in a column.
func (d dialect) sessionQuery(o *Options) ([]column, string) {
	columns := d.columnsOf("s", o.Columns, o.ExpiresUnit)
	join := ""
	if o.Users != nil && o.Columns[colUser] != "" {
		columns = append(columns, d.userColumns(o)...)
		user := d.column("s", colUser, o.Columns[colUser], "")
		join = " LEFT JOIN " + d.table(o.Schema, o.Users.Table) + " u ON u." + d.quote(o.Users.Key) + " = " + user.expr
	}
	key := d.column("s", colKey, o.Columns[colKey], "")
	from := "SELECT " + selection(columns) + " FROM "
	if old := o.Columns[colOldKey]; old != "" {
		// There is one parameter, so what is to be compared twice is a row.
		return columns, from + "(SELECT " + d.typedParameter() + " AS v) p JOIN " + d.table(o.Schema, o.Table) + " s ON " +
			key.expr + " = p.v OR " + d.column("s", colOldKey, old, "").expr + " = p.v" + join
	}
	return columns, from + d.table(o.Schema, o.Table) + " s" + join + " WHERE " + key.expr + " = " + d.parameter(o.KeyType)
}

// userQuery finds a user by an id that stood in the payload.
func (d dialect) userQuery(o *Options) ([]column, string) {
	columns := d.userColumns(o)
	return columns, "SELECT " + selection(columns) + " FROM " + d.table(o.Schema, o.Users.Table) + " u WHERE u." +
		d.quote(o.Users.Key) + " = " + d.parameter(o.Users.KeyType)
}

func (d dialect) userColumns(o *Options) []column {
	key := column{colUserRow, "u." + d.quote(o.Users.Key)}
	return append([]column{key}, d.columnsOf("u", o.Users.Columns, "")...)
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
func (d dialect) wrapped(query string) ([]column, string, error) {
	query = strings.TrimRight(strings.TrimSpace(query), "; \t\r\n")
	names, err := selectList(query)
	if err != nil {
		return nil, "", err
	}
	if n := parameters(query); n != 1 {
		return nil, "", fmt.Errorf("it has %d parameters; it needs one, written `?`", n)
	}
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i] = column{strings.ToLower(name), "q." + d.quote(name)}
		if d == postgres && name != strings.ToLower(name) && !strings.Contains(query, `"`+name+`"`) {
			columns[i].expr = "q." + d.quote(strings.ToLower(name)) // unquoted names are folded there
		}
	}
	return columns, "SELECT " + selection(columns) + " FROM (" + query + ") q", nil
}
