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
	s.prepare(install, "--no-defaults", "--datadir="+data, "--tmpdir="+dir, "--auth-root-authentication-method=normal", "--skip-test-db")
	setup := filepath.Join(dir, "setup.sql")
	statements := "CREATE DATABASE IF NOT EXISTS main;\n" +
		"CREATE USER IF NOT EXISTS tester@localhost IDENTIFIED BY '" + Password + "';\n" +
		"GRANT ALL ON *.* TO tester@localhost WITH GRANT OPTION;\n"
	if err := os.WriteFile(setup, []byte(statements), 0o644); err != nil {
		tb.Fatal(err)
	}
	s.args = []string{
		"--no-defaults", "--datadir=" + data, "--tmpdir=" + dir, "--socket=" + socket, "--pid-file=" + filepath.Join(dir, "pid"), "--skip-networking", "--init-file=" + setup,
		"--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--max-connections=300",
	}
	s.url = "mysql://tester:" + Password + "@localhost/main?socket=" + url.QueryEscape(socket)
	s.ping = pinger(s.url)
	return s
}
