//go:build !nosqlite

package store

import (
	"context"
	"math/rand/v2"
)

// dataVersion is a number that changes when another connection, of whatever
// process, has changed the file: SQLite's PRAGMA data_version. It is looked at on a
// connection of its own, as each has numbers of its own: they begin anywhere, so that
// those of a connection that takes its place are others.
func (p *sqlitePool) dataVersion() (version int64, err error) {
	var r *sqliteReader
	select {
	case r = <-p.version:
	default:
		return 0, context.Canceled // the pool is closed, or somebody else is looking
	}
	defer func() { p.version <- r }()
	if r.conn == nil {
		if r.conn, err = openSQLiteConn(p.dsn, p.patience); err != nil {
			return 0, err
		}
		if err = r.conn.prepare("PRAGMA data_version"); err != nil {
			return 0, r.failed(err)
		}
		p.firstVersion = rand.Int64()
	}
	r.conn.mem.left, r.conn.mem.until = p.patience, 0
	if _, err = r.conn.step([]any{&version}); err != nil {
		return 0, r.failed(err)
	}
	return p.firstVersion + version, nil
}
