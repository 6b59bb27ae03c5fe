//go:build nomariadb || (nomysql && !(nobadger && nopgx))

package storetest

const noMySQL = "nomariadb"

// MySQLDSN returns nothing: there is no driver that would understand it.
func MySQLDSN(string) string { return "" }
