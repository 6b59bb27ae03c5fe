package format

import (
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Admin is what the command line needs to count, list and end the sessions of
// a user in another program's table.
type Admin struct {
	// List finds rows to be read with [Admin.Row]. Where ByUser is set it takes
	// the user's id and finds his; otherwise it takes nothing and finds all
	// rows, for in these tables only the payload says whose they are.
	List store.Query
	// ByUser says that List takes the user's id.
	ByUser bool
	// Revoke deletes one session by [AdminRow.Key]. Nil unless the
	// configuration says revocable.
	Revoke *store.Query
	// RevokeUser deletes all rows of a user, expired ones as well. Nil unless
	// the configuration says revocable and a column has the user's id.
	RevokeUser *store.Query

	format  *Foreign
	columns []column
}

// Admin returns nil for programs whose sessions are not listed.
func (f *Foreign) Admin() *Admin {
	if !f.listed || f.o.Query != "" {
		return nil
	}
	spelled, user := f.o.Columns, f.o.Columns[colUser]
	if index := f.listedBy; index != "" {
		user = index
		spelled = map[string]string{colKey: spelled[colKey], colExpires: spelled[colExpires], colUser: index}
	}
	a := &Admin{format: f, ByUser: user != "", columns: f.columnsOf("s", spelled, f.o.ExpiresUnit)}
	text := "SELECT " + selection(a.columns) + " FROM " + f.table(f.o.Table) + " s"
	if a.ByUser {
		text += " WHERE s." + f.dialect.Quote(user) + " = ?"
	}
	a.List = f.translate(text)
	if revoke, ok := f.RevokeQuery(); ok {
		a.Revoke = &revoke
		if a.ByUser {
			byUser := f.translate(f.deletion(user, "?"))
			a.RevokeUser = &byUser
		}
	}
	return a
}

// RevokeQuery deletes a session by what [Foreign.Lookup] returns as Arg. It
// reports false unless the configuration says revocable.
func (f *Foreign) RevokeQuery() (store.Query, bool) {
	if !f.o.Revocable {
		return store.Query{}, false
	}
	text := f.deletion(f.o.Columns[colKey], f.parameter(f.o.KeyType))
	if old := f.o.Columns[colOldKey]; old != "" {
		// A logout with the token before the last one must end the session too.
		table := f.table(f.o.Table)
		text = "DELETE FROM " + table + " WHERE " + f.dialect.Parameter("text") + " IN (" +
			f.dialect.Quote(f.o.Columns[colKey]) + ", " + f.dialect.Quote(old) + ")"
	}
	return f.translate(text), true
}

// deletion deletes by a column. The column stands after its table's name, or
// SQLite would take a name that is not there for a text.
func (f *Foreign) deletion(column, parameter string) string {
	table := f.table(f.o.Table)
	return "DELETE FROM " + table + " WHERE " + table + "." + f.dialect.Quote(column) + " = " + parameter
}

// Row makes what one row of List is read into.
func (a *Admin) Row() *AdminRow {
	return &AdminRow{admin: a, result: result{columns: a.columns, cells: make([]cell, len(a.columns))}}
}

// AdminRow is one row of [Admin.List].
type AdminRow struct {
	admin  *Admin
	result result
}

// Columns returns where the columns are to be read into, in their order.
func (r *AdminRow) Columns() []any { return destinations(r.result.cells) }

// Key is what [Admin.Revoke] takes.
func (r *AdminRow) Key() any {
	key, _ := bind(r.admin.format.o.KeyType, r.result.text(colKey))
	return key
}

// Session makes a session of the row, or fails with the [Reason] why it is
// none; expired ones are not counted. Its ID is the one that requests show.
func (r *AdminRow) Session(now time.Time) (*store.Session, error) {
	f := r.admin.format
	s, err := f.alive(&r.result, now, false)
	switch {
	case err != nil:
		return nil, err
	case !r.admin.ByUser:
		return f.read(&r.result, now, false)
	}
	key := r.result.text(colKey)
	s.ID, s.User = f.rowKey(key).ID(), r.result.text(colUser)
	if s.User == "" {
		return nil, ErrAnonymous
	}
	return s, nil
}
