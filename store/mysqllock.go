//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
)

// mysqlLock returns the way to hold a lock, which belongs to a connection here.
func mysqlLock(database string) func(context.Context, *sqlPool, string, bool, func(runner) error) (bool, error) {
	return func(ctx context.Context, p *sqlPool, name string, wait bool, do func(runner) error) (bool, error) {
		conn, err := p.write.db.Conn(ctx)
		if err != nil {
			return false, err
		}
		defer conn.Close()
		r := &sqlRunner{on: conn}
		defer r.close()
		name = mysqlLockName(database + "." + name)
		if got, err := getLock(ctx, r, name, wait); err != nil || !got {
			return false, err
		}
		defer releaseLock(ctx, conn, name)
		return true, do(r)
	}
}

// mysqlLockName shortens a name, which may have 64 characters.
func mysqlLockName(name string) string {
	if len(name) <= 64 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

var errLockBusy = errors.New("another node holds the lock for too long")

func getLock(ctx context.Context, r runner, name string, wait bool) (bool, error) {
	seconds := 0
	if wait {
		seconds = int(mysqlPatience.Seconds()) / 2 // the context usually ends it before
	}
	var got sql.NullInt64
	if _, err := one(ctx, r, `SELECT GET_LOCK(?, ?)`, []any{name, seconds}, &got); err != nil {
		return false, err
	}
	if wait && got.Int64 != 1 {
		return false, errLockBusy
	}
	return got.Int64 == 1, nil
}

// releaseLock gives the connection up when the lock cannot be released: it
// ends with the connection.
func releaseLock(ctx context.Context, conn *sql.Conn, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectPatience)
	defer cancel()
	if _, err := conn.ExecContext(ctx, `DO RELEASE_LOCK(?)`, name); err != nil {
		mysqlDrop(conn)
	}
}
