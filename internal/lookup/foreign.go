package lookup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
	"github.com/seed-11312c3d/caddy-session/store"
)

// foreign are another program's sessions, which are read, and at most ended.
type foreign struct {
	*format.Foreign
	db   *database
	keys *store.Keyring // for companion cookies; nil without a secret that is long enough
	// writer deletes rows where the operator says that sessions can be ended.
	writer         *database
	writerSettings store.Settings
	log            *slog.Logger
}

// minSecret is how many bytes a program's secret must have for anything of the
// module's own to be signed with what is made of it.
const minSecret = 16

// newForeign makes the backend of another program. The options are complete;
// it touches no database.
func newForeign(s Settings, options format.Options, db *database, log *slog.Logger) (*foreign, error) {
	program, err := preset.Complete(options, db.Dialect())
	if err != nil {
		return nil, err
	}
	read, err := format.New(program, db.Query)
	if err != nil {
		return nil, err
	}
	f := &foreign{Foreign: read, db: db, log: log.With("realm", s.Realm), writerSettings: s.Store}
	f.writerSettings.Access, f.writerSettings.MaxConns = store.ForeignWrite, 1
	if len(options.Secret) > 0 && len(options.Secret[0]) >= minSecret {
		seed := sha256.Sum256([]byte("caddy-session companion v1\x00" + options.Secret[0]))
		f.keys = store.NewKeyring(seed[:])
	}
	if options.Revocable {
		if f.writer, err = openDatabase(f.writerSettings, log); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *foreign) cookie() string                   { return f.Cookie() }
func (f *foreign) cookieElse() string               { return f.CookieElse() }
func (f *foreign) isCredential(name string) bool    { return f.IsCredential(name) }
func (f *foreign) tries() int                       { return f.Tries() }
func (f *foreign) mints(string) (mints, known bool) { return false, true }
func (f *foreign) companionKeys() *store.Keyring    { return f.keys }
func (f *foreign) provenByCookie() bool             { return false } // of two halves, one is no secret
func (f *foreign) signed() bool                     { return f.IsSigned() }
func (f *foreign) interval() time.Duration          { return 0 }
func (f *foreign) touch(store.Key, time.Time)       {}
func (f *foreign) canCreate() error                 { return ErrForeign }

func (f *foreign) canEnd() error {
	if f.writer == nil {
		return fmt.Errorf("%w; or say `revocable` in its format, which lets a logout delete the row", ErrForeign)
	}
	return nil
}

func (f *foreign) canEndUser() error {
	return fmt.Errorf("%w: only the session of the request can be ended", ErrForeign)
}

// start reaches the databases, and checks that the tables are there.
func (f *foreign) start(ctx context.Context, open opener) error {
	if err := open(f.db.Store, ctx); err != nil {
		return err
	}
	if f.writer != nil {
		if err := open(f.writer.Store, ctx); err != nil {
			return err
		}
	}
	if !f.db.Ready() {
		return nil // it is not there yet; what is missing shows itself then
	}
	err := f.check(ctx)
	if err != nil && f.MakesTable() && f.db.IsMissingTable(err) {
		f.log.Warn("the table of the other program's sessions is not there; until the program has made it, cookies get 503", "error", err)
		return nil
	}
	return err
}

func (f *foreign) close() error {
	if f.writer == nil {
		return nil
	}
	return closeDatabase(f.writerSettings)
}

func (f *foreign) closeNow() error {
	if f.writer == nil {
		return nil
	}
	return f.writer.Close()
}

func (f *foreign) state(ctx context.Context) (State, error) {
	return State{Database: f.db.Dialect(), Foreign: f.Describe()}, f.check(ctx)
}

func (f *foreign) trace(ctx context.Context, value string, now time.Time) ([]string, error) {
	return f.Trace(ctx, f.db, value, now)
}

// check fails when the database does not know a table or column.
func (f *foreign) check(ctx context.Context) error {
	for _, query := range f.Queries() {
		if err := f.checkOne(ctx, f.db, query); err != nil {
			return err
		}
	}
	if revoke, ok := f.RevokeQuery(); ok && f.writer.Ready() {
		if err := f.checkOne(ctx, f.writer, revoke); err != nil {
			return err
		}
	}
	f.checkAdmin(ctx)
	return nil
}

func (f *foreign) checkOne(ctx context.Context, db *database, query store.Query) error {
	err := db.Check(ctx, query)
	if err != nil && db.IsMissing(err) {
		return fmt.Errorf("%w; %s", err, f.Remedy())
	}
	return err
}

func (f *foreign) create(context.Context, store.NewSession, time.Time) (string, *store.Session, error) {
	return "", nil, ErrForeign
}

func (f *foreign) purge(context.Context, time.Time, bool) (int64, error) { return 0, ErrForeign }

func (f *foreign) end(ctx context.Context, l format.Lookup) error {
	query, ok := f.RevokeQuery()
	if !ok {
		return ErrForeign
	}
	_, err := f.writer.Exec(ctx, query, l.Arg)
	return err
}

func (f *foreign) endID(ctx context.Context, id string) (int64, error) {
	list, err := f.rows(ctx, "", time.Now())
	if err != nil {
		return 0, err
	}
	return f.endRows(ctx, slices.DeleteFunc(list, func(r foreignRow) bool { return r.ID != id }))
}

func (f *foreign) endUser(ctx context.Context, user string) (int64, error) {
	list, err := f.rows(ctx, user, time.Now())
	if err != nil {
		return 0, err
	}
	return f.endRows(ctx, list)
}

func (f *foreign) endAll(ctx context.Context) (int64, error) { return f.endUser(ctx, "") }

func (f *foreign) list(ctx context.Context, user string, limit int, now time.Time) ([]*store.Session, error) {
	rows, err := f.rows(ctx, user, now)
	var list []*store.Session
	for _, row := range rows[:min(limit, len(rows))] {
		list = append(list, row.Session)
	}
	return list, err
}

func (f *foreign) show(ctx context.Context, id string, now time.Time) (*store.Session, error) {
	rows, err := f.rows(ctx, "", now)
	for _, row := range rows {
		if row.ID == id {
			return row.Session, nil
		}
	}
	return nil, err
}

func (f *foreign) count(ctx context.Context, user string, now time.Time) (int64, error) {
	rows, err := f.rows(ctx, user, now)
	return int64(len(rows)), err
}

// foreignRow is a session with what deletes its row.
type foreignRow struct {
	*store.Session
	key any
}

// rows lists live sessions, of a user if one is named.
func (f *foreign) rows(ctx context.Context, user string, now time.Time) ([]foreignRow, error) {
	admin := f.Admin()
	if admin == nil {
		return nil, ErrNotListed
	}
	var args []any
	if admin.ByUser {
		if user == "" {
			return nil, ErrOneUser
		}
		args = []any{user}
	}
	var list []foreignRow
	err := f.db.Each(ctx, admin.List, args, func(scan func(...any) error) error {
		row := admin.Row()
		if err := scan(row.Columns()...); err != nil {
			return err
		}
		session, err := row.Session(now)
		if err == nil && (user == "" || session.User == user) {
			list = append(list, foreignRow{session, row.Key()})
		}
		return nil // a row that cannot be read, or has ended, must not hide the others
	})
	return list, err
}
