//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
)

// mysqlConns makes connections, each with the session that it has to have, and has
// all of them made anew when they lead to a server that cannot do what is asked.
// The driver's rejectReadOnly would do a part of that, and keep to itself what the
// server has said.
type mysqlConns struct {
	driver.Connector
	access     Access
	generation atomic.Int64 // of the connections that are made now
	renewal    renewal
	silence    silence
	// repeatable means that the server writes no log of what READ COMMITTED changes.
	repeatable atomic.Bool
}

// Connect makes a connection.
func (c *mysqlConns) Connect(ctx context.Context) (driver.Conn, error) {
	generation := c.generation.Load()
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := &mysqlConn{made.(mysqlDriverConn), c, generation}
	if statement := c.session(); statement != "" {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// session is a statement for each new connection. The servers know no common name
// for a variable that could stand in the URL.
func (c *mysqlConns) session() string {
	switch {
	case c.access == ForeignRead:
		return "SET SESSION TRANSACTION READ ONLY"
	case c.access == ForeignWrite:
		return "" // which has no transactions
	case c.repeatable.Load():
		return "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
	}
	// Whatever the server's default is: nothing here needs more, and logins of one
	// user would wait for each other for nothing. Once for each connection, since
	// BEGIN cannot say it.
	return "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
}

// renew has connections made anew where err says that another server may do what
// this one does not, and reports that it is worth another try. What was asked for
// on a connection that is read only because we want it so stays refused.
func (c *mysqlConns) renew(err error) bool {
	if hasNumber(err, 1665) { // its log of changes is one of statements
		if c.access == Own && !c.repeatable.Swap(true) {
			c.generation.Add(1)
		}
		return c.access == Own
	}
	if !mysqlNotReady(err) && (c.access == ForeignRead || !mysqlReadOnly(err)) {
		return false
	}
	if c.renewal.due() {
		c.generation.Add(1)
	}
	return true
}

// heard has connections made anew that nobody answers on.
func (c *mysqlConns) heard(err error) {
	if c.silence.lasts(err) {
		c.generation.Add(1)
	}
}

func mysqlReadOnly(err error) bool { return hasNumber(err, 1290, 1792, 1836) }

// mysqlNotReady reports a node of a Galera cluster that is not part of it now.
func mysqlNotReady(err error) bool { return hasNumber(err, 1047) }

// mysqlDriverConn is what database/sql uses of the driver's connections.
type mysqlDriverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// mysqlConn is a connection that is used as long as its generation is.
type mysqlConn struct {
	mysqlDriverConn
	conns      *mysqlConns
	generation int64
}

// ResetSession refuses to be used again when connections are to be made anew.
func (c *mysqlConn) ResetSession(ctx context.Context) error {
	if !c.isCurrent() {
		return driver.ErrBadConn
	}
	return c.mysqlDriverConn.ResetSession(ctx)
}

// IsValid reports whether the connection may be kept.
func (c *mysqlConn) IsValid() bool { return c.isCurrent() && c.mysqlDriverConn.IsValid() }

func (c *mysqlConn) isCurrent() bool { return c.generation == c.conns.generation.Load() }
