//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// mysqlTx runs statements that all happen or all do not, and ends with ctx,
// whatever the server does: the driver's own COMMIT and ROLLBACK know no context,
// and a server that is being backed up lets a COMMIT wait. At the deadline the
// connection is closed, and nobody knows whether the transaction has happened.
func mysqlTx(ctx context.Context, p *sqlPool, do func(runner) error) error {
	conn, err := mysqlBegin(ctx, p)
	if err != nil {
		return err
	}
	defer conn.Close()
	committed := false
	defer func() {
		if !committed { // also where do panics
			mysqlRollback(ctx, conn)
		}
	}()
	r := &sqlRunner{on: conn}
	defer r.close()
	if err = do(r); err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	committed = err == nil
	return err
}

// mysqlBegin tries only the beginning twice: of a connection that breaks later
// nobody knows whether the transaction has happened.
func mysqlBegin(ctx context.Context, p *sqlPool) (*sql.Conn, error) {
	conn, err := mysqlBeginOnce(ctx, p)
	if p.again(ctx, err) {
		return mysqlBeginOnce(ctx, p)
	}
	return conn, err
}

func mysqlBeginOnce(ctx context.Context, p *sqlPool) (*sql.Conn, error) {
	conn, err := p.write.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "START TRANSACTION"); err != nil {
		mysqlDrop(conn)
		return nil, err
	}
	return conn, nil
}

// mysqlRollback gives up a connection on which there is no time left for it: the
// server does it when it notices.
func mysqlRollback(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		mysqlDrop(conn)
	}
}

// mysqlDrop closes a connection instead of keeping it.
func mysqlDrop(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}
