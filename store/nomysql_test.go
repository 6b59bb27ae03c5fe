//go:build nomariadb || (nomysql && !(nobadger && nopgx))

package store_test

import "testing"

func TestLeftOut_MySQL(t *testing.T) {
	refused(t, "MySQL/MariaDB", "nomysql", "mysql://u:p@host/db", "MariaDB://host/db", "mysql:")
}
