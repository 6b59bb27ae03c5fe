package address

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ignoredBySQLite are parameters of SQLite's drivers and of frameworks. How long
// to wait and how to write is decided here.
var ignoredBySQLite = append(strings.Fields(`
	cache immutable uri nolock psow pragma busytimeout timeout journalmode journal synchronous sync foreignkeys fk txlock
	cachesize autovacuum vacuum deferforeignkeys dfk recursivetriggers rt securedelete casesensitivelike cslike lockingmode locking
	writableschema queryonly ignorecheckconstraints timeformat timeintegerformat inttotime texttotime errorrc dqs
	checksamethread detecttypes isolationlevel transactionmode defaulttransactionmode initcommand cachedstatements factory
	charset mutex tempstore mmapsize jounalsizelimit journalsizelimit dateclass dateprecision datestringformat openmode sharedcache
	maxconnections createifmissing
`), ignored...)

var (
	errNoPath = errors.New("sqlite: lacks the path of a file, as in sqlite:/var/lib/caddy/session.db")
	errMemory = errors.New("sqlite needs the path of a file, as in sqlite:/var/lib/caddy/session.db: what lives in memory is gone after a restart, and every connection has its own")
	errCipher = errors.New("sqlite: this file is encrypted, which is not supported; the sessions must be in an ordinary SQLite file")
)

// readFile reads what names a SQLite file. The path is taken as it stands: it
// is not escaped.
func (a *Address) readFile(s scheme) error {
	path, params := fileParams(s.rest)
	switch {
	case path == "" || path == "//" || path == "///":
		return errNoPath
	case strings.Contains(path, ":memory:") || strings.HasPrefix(path, "file:"):
		return errMemory
	case strings.ContainsRune(path, 0):
		return errors.New("sqlite: the path contains a zero byte")
	case strings.HasPrefix(s.driver, "pysqlcipher"):
		return errCipher
	}
	a.setPath(path, s)
	for _, p := range params {
		if err := a.readFileParam(p); err != nil {
			return err
		}
	}
	return nil
}

// setPath knows who writes how many slashes. Rails' sqlite3:///PATH, Prisma's
// and JDBC's file are absolute, SQLAlchemy's sqlite+driver:///PATH is relative;
// what sqlite:///PATH is can be told from the files only.
func (a *Address) setPath(path string, s scheme) {
	a.Path = strings.TrimPrefix(path, "//")
	if drive := strings.TrimPrefix(a.Path, "/"); filepath.VolumeName(drive) != "" {
		a.Path = drive // sqlite:///C:/session.db
		return
	}
	relative, three := strings.CutPrefix(path, "///")
	switch {
	case !three || s.java:
	case strings.HasPrefix(relative, "/"): // four slashes
		a.Path = relative
	case s.driver != "":
		a.Path = relative
	case s.name == "sqlite", s.name == "pdo-sqlite", s.name == "pdo_sqlite", s.name == "spatialite":
		a.Relative = relative
	}
}

var fileParam = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*=`)

// fileParams cuts off what follows a `?`, if it looks like parameters. The name
// of a file may have a `?`, too.
func fileParams(rest string) (path string, params []param) {
	path, query, ok := strings.Cut(rest, "?")
	if !ok {
		return rest, nil
	}
	for piece := range strings.SplitSeq(query, "&") {
		if !fileParam.MatchString(piece) {
			return rest, nil
		}
	}
	params, err := splitParams(query)
	if err != nil {
		return rest, nil
	}
	return path, params
}

func (a *Address) readFileParam(p param) error {
	switch {
	case p.key == "mode":
		return a.setFileMode(p)
	case slices.Contains([]string{"key", "hexkey", "cipher", "keyfile", "textkey", "legacy"}, p.key):
		return errCipher
	case p.key == "vfs":
		return p.refused("the file is opened as SQLite does by itself; leave it out if that is right")
	case slices.Contains(ignoredBySQLite, p.key):
		a.Ignored = append(a.Ignored, p.name)
		return nil
	}
	return p.unknown(SQLite)
}

func (a *Address) setFileMode(p param) error {
	switch p.value {
	case "ro", "rw", "rwc":
		a.Mode = p.value
		return nil
	case "memory":
		return errMemory
	}
	return p.wrong("ro, rw or rwc")
}
