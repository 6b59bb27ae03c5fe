package caddysession

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
	"github.com/seed-11312c3d/caddy-session/store"
)

// foreign is what a population has instead of sessions of its own: another
// program's, which are read, and at most ended.
type foreign struct {
	*format.Foreign
	keys *store.Keyring // for companion cookies; nil without a secret
	// writer deletes rows where the operator says that sessions can be ended.
	writer         *database
	writerSettings store.Settings
}

var (
	errForeign   = errors.New("the sessions of this realm are another program's; they start and end there")
	errNotListed = errors.New("the sessions of this program cannot be listed here; its own administration can")
	errOneUser   = errors.New("the sessions of this program can be listed for one user only; add --user")
)

// openForeign makes a population of another program's sessions. The options are
// complete; it touches no database.
func openForeign(p *population, options format.Options, log *slog.Logger) error {
	program, err := preset.Complete(options, p.db.Dialect())
	if err != nil {
		return err
	}
	read, err := format.New(program, p.db.Query)
	if err != nil {
		return err
	}
	f := &foreign{Foreign: read}
	if len(options.Secret) > 0 {
		seed := sha256.Sum256([]byte("caddy-session companion v1\x00" + options.Secret[0]))
		f.keys = store.NewKeyring(seed[:])
	}
	if options.Revocable {
		f.writerSettings = p.settings.store
		f.writerSettings.Access = store.ForeignWrite
		f.writerSettings.MaxConns = 1
		if f.writer, err = openDatabase(f.writerSettings, log); err != nil {
			return err
		}
	}
	p.format, p.foreign = read, f
	return nil
}

// start reaches the databases, and checks that the tables are there.
func (p *population) start(ctx context.Context) error {
	if err := p.db.Start(ctx); err != nil || p.foreign == nil {
		return err
	}
	if writer := p.foreign.writer; writer != nil {
		if err := writer.Start(ctx); err != nil {
			return err
		}
	}
	if !p.db.Ready() {
		return nil // it is not there yet; what is missing shows itself then
	}
	return p.foreign.check(ctx, p.db)
}

// startNow is start for the command line: a database that is not there is an error.
func (p *population) startNow(ctx context.Context) error {
	if err := p.db.StartNow(ctx); err != nil || p.foreign == nil {
		return err
	}
	if writer := p.foreign.writer; writer != nil {
		if err := writer.StartNow(ctx); err != nil {
			return err
		}
	}
	return p.foreign.check(ctx, p.db)
}

// check fails when the database does not know a table or column.
func (f *foreign) check(ctx context.Context, db *database) error {
	for _, query := range f.Queries() {
		if err := f.checkOne(ctx, db, query); err != nil {
			return err
		}
	}
	if revoke, ok := f.RevokeQuery(); ok && f.writer.Ready() {
		return f.checkOne(ctx, f.writer, revoke)
	}
	return nil
}

func (f *foreign) checkOne(ctx context.Context, db *database, query store.Query) error {
	err := db.Check(ctx, query)
	if err != nil && db.IsMissing(err) {
		return fmt.Errorf("%w; %s", err, f.Remedy())
	}
	return err
}

// revokeForeign deletes the row that a cookie stands for. The session is looked
// up first: of a cookie in two halves only the row can tell whether it is one,
// and nobody may end a session by the half that is no secret.
func (p *population) revokeForeign(ctx context.Context, l format.Lookup) error {
	query, ok := p.foreign.RevokeQuery()
	if !ok {
		return errForeign
	}
	session, err := p.finder.Find(ctx, l, time.Now())
	switch statusOf(err) {
	case statusUnavailable:
		return err
	case string(format.ErrUnknown), string(format.ErrMalformed):
		return nil // there is nothing to end
	}
	_, err = p.foreign.writer.Exec(ctx, query, l.Arg)
	p.cache.forget(l.Key, err == nil)
	if session != nil {
		p.cache.forgetUser(session.user) // the row may have had another token, too
	}
	return err
}

// foreignSessions lists another program's live sessions, of a user if one is
// named, with what deletes each.
func (p *population) foreignSessions(ctx context.Context, user string, now time.Time) ([]foreignSession, error) {
	admin := p.foreign.Admin()
	if admin == nil {
		return nil, errNotListed
	}
	var args []any
	if admin.ByUser {
		if user == "" {
			return nil, errOneUser
		}
		args = []any{user}
	}
	var list []foreignSession
	err := p.db.Each(ctx, admin.List, args, func(scan func(...any) error) error {
		row := admin.Row()
		if err := scan(row.Columns()...); err != nil {
			return err
		}
		session, err := row.Session(now)
		if err == nil && (user == "" || session.User == user) {
			list = append(list, foreignSession{session, row.Key()})
		}
		return nil // a row that cannot be read, or has ended, must not hide the others
	})
	return list, err
}

type foreignSession struct {
	*store.Session
	key any
}

// endForeign deletes sessions of foreignSessions, and returns how many.
func (p *population) endForeign(ctx context.Context, list []foreignSession) (count int64, err error) {
	admin := p.foreign.Admin()
	if admin == nil || admin.Revoke == nil {
		return 0, fmt.Errorf("%w; or say `revocable` in the format", errForeign)
	}
	for _, session := range list {
		n, err := p.foreign.writer.Exec(ctx, *admin.Revoke, session.key)
		count += n
		p.cache.forgetUser(session.User) // on this node at once
		if err != nil {
			return count, err
		}
	}
	return count, nil
}

// tries is how many different values of the cookie are looked at.
func (p *population) tries() int {
	if p.foreign == nil {
		return 1
	}
	return p.foreign.Tries()
}

// list returns live sessions, of a user if one is named.
func (p *population) list(ctx context.Context, user string, limit int, now time.Time) ([]*store.Session, error) {
	if p.foreign == nil {
		return p.sessions.List(ctx, user, limit, now)
	}
	found, err := p.foreignSessions(ctx, user, now)
	var list []*store.Session
	for _, session := range found[:min(limit, len(found))] {
		list = append(list, session.Session)
	}
	return list, err
}

// show returns the live session with a public id, or nil.
func (p *population) show(ctx context.Context, id string, now time.Time) (*store.Session, error) {
	if p.foreign == nil {
		return p.sessions.Show(ctx, id, now)
	}
	list, err := p.foreignSessions(ctx, "", now)
	for _, session := range list {
		if session.ID == id {
			return session.Session, nil
		}
	}
	return nil, err
}

// revokeID ends a session that was shown.
func (p *population) revokeID(ctx context.Context, s *store.Session) (bool, error) {
	if p.foreign == nil {
		return p.revoke(ctx, s.Key)
	}
	count, err := p.endForeignOnes(ctx, s.ID, "")
	return count > 0, err
}

// endForeignOnes ends the session with a public id, or a user's, or all.
func (p *population) endForeignOnes(ctx context.Context, id, user string) (int64, error) {
	list, err := p.foreignSessions(ctx, user, time.Now())
	if err != nil {
		return 0, err
	}
	if id != "" {
		list = slices.DeleteFunc(list, func(s foreignSession) bool { return s.ID != id })
	}
	return p.endForeign(ctx, list)
}
