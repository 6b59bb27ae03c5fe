//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

// mysqlCollided reports a transaction that was given up for another one's sake, in
// a cluster also for one of another node. The numbers above 8000 are TiDB's.
func mysqlCollided(err error) bool { return hasNumber(err, 1213, 8002, 8022, 8028, 9007) }

// mysqlExists reports that what a statement makes is there: a table, a column, an
// index, a primary key.
func mysqlExists(err error) bool { return hasNumber(err, 1050, 1060, 1061, 1068) }

// mysqlDuplicate reports that there is a row with the same key.
func mysqlDuplicate(err error) bool { return hasNumber(err, 1062) }

// mysqlRaced reports that somebody else changes the same tables, or has written the
// same row. 1412 is about a table that was changed since the statement began, 1138
// and 1265 about rows that a program of the schema before adds meanwhile.
func mysqlRaced(err error) bool {
	return mysqlDuplicate(err) || mysqlExists(err) || hasNumber(err, 1412, 1138, 1265)
}
