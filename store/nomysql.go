//go:build nomariadb || (nomysql && !(nobadger && nopgx))

package store

// The tag nomysql is also one of Caddy's own certificate authority's, which xcaddy
// sets for everybody, together with nobadger and nopgx: where all three are set,
// MySQL stays in.
var mysqlDialect = leftOut("MySQL/MariaDB", "nomysql", "mysql")
