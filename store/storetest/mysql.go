package storetest

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// newMySQL makes the files of a MariaDB server.
func newMySQL(tb testing.TB, dir string) *Server {
	tb.Helper()
	install, program := installed("/usr/bin", "mariadb-install-db", "mysql_install_db"), installed("/usr/sbin", "mariadbd", "mysqld")
	if install == "" || program == "" || !processes {
		Lacking(tb, "MariaDB is not installed (Debian: apt-get install mariadb-server)")
	}
	s := &Server{tb: tb, dir: dir, program: program, user: serverAccount("mysql", "nobody")}
	s.user.own(tb, dir)
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "my.sock")
	mysqlTemplate.copyTo(s, data, func(maker *Server, data string) {
		maker.prepare(install, "--no-defaults", "--datadir="+data, "--tmpdir="+maker.dir, "--auth-root-authentication-method=normal", "--skip-test-db", mysqlLog)
	})
	setup := filepath.Join(dir, "setup.sql")
	statements := "CREATE DATABASE IF NOT EXISTS main;\n" +
		"CREATE USER IF NOT EXISTS tester@localhost IDENTIFIED BY '" + Password + "';\n" +
		"GRANT ALL ON *.* TO tester@localhost WITH GRANT OPTION;\n"
	if err := os.WriteFile(setup, []byte(statements), 0o644); err != nil {
		tb.Fatal(err)
	}
	s.args = []string{
		"--no-defaults", "--datadir=" + data, "--tmpdir=" + dir, "--socket=" + socket, "--pid-file=" + filepath.Join(dir, "pid"), "--skip-networking", "--init-file=" + setup,
		"--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", mysqlLog, "--max-connections=300",
	}
	s.url = "mysql://tester:" + Password + "@localhost/main?socket=" + url.QueryEscape(socket)
	s.ping = pinger(s.url)
	return s
}

// mysqlLog is the size of InnoDB's log: with the default there would be 100 MB to copy.
const mysqlLog = "--innodb-log-file-size=32M"
