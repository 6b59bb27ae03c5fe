//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

// mysqlCollided reports a transaction that was given up for another one's sake, in
// a cluster also for one of another node. The numbers above 8000 are TiDB's.
func mysqlCollided(err error) bool { return hasNumber(err, 1213, 8002, 8022, 8028, 9007) }

// mysqlExists reports that what a statement makes is there: a table, a column, an
// index, a primary key.
func mysqlExists(err error) bool { return hasNumber(err, 1050, 1060, 1061, 1068) }

// mysqlRaced reports that somebody else changes the same tables, or has written the
// same row: 1062. 1412 is about a table that was changed since the statement began.
func mysqlRaced(err error) bool { return hasNumber(err, 1062, 1412) || mysqlExists(err) }
