package store

import "strings"

// Every statement is written here, once, for all databases: `?` stands for a
// parameter, {sessions} and the like for the tables. A session is found by its number, and its
// key is compared: two keys may have one number.
const (
	hotColumns = `session_key, realm, user_id, claims, seen, expires, created`
	columns    = hotColumns + `, client_addr, user_agent`

	// findSession finds what a request may have: a login. Rows of kinds that are
	// not known here are for others.
	findSession   = `SELECT ` + hotColumns + ` FROM {sessions} WHERE kind = 'login' AND session_number = ?`
	findSessions  = `SELECT ` + hotColumns + ` FROM {sessions} WHERE kind = 'login' AND session_number`
	insertSession = `INSERT INTO {sessions} (` + columns + `, session_number, lifetime) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	// touchSession moves the time forward only, at most once in an interval,
	// and only on a row that still lives: a session that was ended can never
	// come back through a late write.
	touchSession = `UPDATE {sessions} SET seen = ? WHERE session_number = ? AND session_key = ? AND seen <= ? AND expires > ?`

	// touchSessions is the same for many, for databases that have arrays.
	touchSessions = `UPDATE {sessions} AS s SET seen = t.seen` +
		` FROM unnest(?::bigint[], ?::bytea[], ?::bigint[], ?::bigint[]) AS t(session_number, session_key, seen, stale)` +
		` WHERE s.session_number = t.session_number AND s.session_key = t.session_key AND s.seen <= t.stale AND s.expires > t.seen`

	deleteSession     = `DELETE FROM {sessions} WHERE session_number = ? AND session_key = ? AND realm = ?`
	deleteSessionByID = `DELETE FROM {sessions} WHERE session_number = ? AND session_key >= ? AND session_key <= ? AND realm = ?`
	deleteUser        = `DELETE FROM {sessions} WHERE user_id = ? AND realm = ?`
	deleteRealm       = `DELETE FROM {sessions} WHERE realm = ?`

	ofRealm = ` FROM {sessions} WHERE realm = ? AND expires > ? AND seen > ? AND created > ?`
	ofUser  = ofRealm + ` AND user_id = ?`

	countRealm = `SELECT COUNT(*)` + ofRealm
	countUser  = `SELECT COUNT(*)` + ofUser
	listRealm  = `SELECT ` + columns + ofRealm + ` ORDER BY expires DESC LIMIT ?`
	listUser   = `SELECT ` + columns + ofUser + ` ORDER BY created DESC LIMIT ?`

	anyOfRealm = `SELECT 1 FROM {sessions} WHERE realm = ? LIMIT 1`

	showSession = `SELECT ` + columns + ofRealm + ` AND session_number = ? AND session_key >= ? AND session_key <= ?`

	// surplusOfUser finds what a user has beyond their newest sessions. The one
	// that has just been started never is, whatever other nodes' clocks say. What is
	// no login does not count.
	surplusOfUser = `SELECT session_key FROM {sessions} WHERE user_id = ? AND realm = ? AND session_key <> ? AND kind = 'login' ORDER BY created DESC, session_key LIMIT 1000 OFFSET ?`

	// expiredBound finds where a batch of expired rows ends. Batches that are
	// not cut along the index walk over the rows of the batches before again.
	// Small ones, for a lookup may have to wait for one. Rows that expire at the
	// same moment go in the same batch.
	expiredBound  = `SELECT expires FROM {sessions} WHERE expires > ? AND expires <= ? ORDER BY expires LIMIT 1 OFFSET 249`
	deleteExpired = `DELETE FROM {sessions} WHERE expires > ? AND expires <= ?`

	// walkBound finds where a chunk of the table ends. Of the rows in it only logins
	// end by not being used, and not those with an idle timeout of their own.
	walkBound  = `SELECT session_number FROM {sessions} WHERE session_number > ? ORDER BY session_number LIMIT 1 OFFSET 999`
	deleteIdle = `DELETE FROM {sessions} WHERE session_number > ? AND session_number <= ? AND realm = ? AND seen <= ? AND kind = 'login' AND idle_timeout = 0`

	createMigrations = `CREATE TABLE IF NOT EXISTS {migrations} (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, applied BIGINT NOT NULL, compatible_from BIGINT)`
	selectVersion    = `SELECT COALESCE(MAX(version), 0) FROM {migrations}`
	selectCompatible = `SELECT COALESCE(compatible_from, 0) FROM {migrations} WHERE version = ?`
	insertVersion    = `INSERT INTO {migrations} (version, name, applied, compatible_from) VALUES (?, ?, ?, ?)`

	// The checks ask for every column of a table and for no row.
	checkSessions = `SELECT ` + columns + `, session_number, kind, name, paths, idle_timeout, lifetime, persist, credential,` +
		` device_key, device_bound, device_refreshed, node FROM {sessions} LIMIT 0`
	checkKeys       = `SELECT id, secret, created, retired, purpose FROM {keys} LIMIT 0`
	checkAttempts   = `SELECT attempt, realm, account, address, made, expires FROM {attempts} LIMIT 0`
	checkLeases     = `SELECT name, holder, expires FROM {leases} LIMIT 0`
	checkMigrations = `SELECT version, name, applied, compatible_from FROM {migrations} LIMIT 0`

	// checkFirst and checkNumber tell the tables of version 1 from later ones.
	checkFirst  = `SELECT ` + columns + ` FROM {sessions} LIMIT 0`
	checkNumber = `SELECT session_number FROM {sessions} LIMIT 0`

	// Keys of other purposes are for others: what they sign is no token.
	selectKeys = `SELECT id, secret, created FROM {keys} WHERE purpose = 'session' AND (retired IS NULL OR retired > ?) ORDER BY id DESC`
	lastKey    = `SELECT COALESCE(MAX(id), 0) FROM {keys}`
	insertKey  = `INSERT INTO {keys} (id, secret, created) VALUES (?, ?, ?)`

	takeLease   = `UPDATE {leases} SET holder = ?, expires = ? WHERE name = ? AND (holder = ? OR expires <= ? OR expires > ?)`
	findLease   = `SELECT holder FROM {leases} WHERE name = ?`
	insertLease = `INSERT INTO {leases} (holder, expires, name) VALUES (?, ?, ?)`
)

// touchJoin is touchSession for many, for databases that can join in an
// UPDATE. The types are said because a parameter alone has none.
func touchJoin(rows int) string {
	return `UPDATE (SELECT CAST(? AS SIGNED) AS session_number, CAST(? AS BINARY(32)) AS session_key, CAST(? AS SIGNED) AS seen, CAST(? AS SIGNED) AS stale` +
		strings.Repeat(` UNION ALL SELECT ?, ?, ?, ?`, rows-1) + `) AS t` +
		// Straight: from the notes to the rows, whatever the statistics say.
		` STRAIGHT_JOIN {sessions} AS s ON s.session_number = t.session_number AND s.session_key = t.session_key` +
		` SET s.seen = t.seen WHERE s.seen <= t.stale AND s.expires > t.seen`
}

var checks = []string{checkMigrations, checkSessions, checkKeys, checkAttempts, checkLeases}

// Query is a statement in the words of one store's database. Make it once,
// with [Store.Query].
type Query struct{ text string }

// Query translates a statement with `?` for each parameter.
func (s *Store) Query(text string) Query {
	if !s.dialect.numbered {
		return Query{text}
	}
	return Query{number(text)}
}

// own translates a statement over the store's own tables.
func (s *Store) own(text string) string {
	if known, ok := s.texts.Load(text); ok {
		return known.(string)
	}
	q := s.Query(s.names.Replace(text))
	s.texts.Store(text, q.text)
	return q.text
}

// tableNames puts the tables' names into statements. They cannot contain a
// quotation mark: [Settings.Check] saw to that.
func tableNames(settings Settings, quote string) *strings.Replacer {
	schema := ""
	if settings.Schema != "" {
		schema = quote + settings.Schema + quote + "."
	}
	table := func(name string) string { return schema + quote + settings.TablePrefix + "_" + name + quote }
	return strings.NewReplacer(
		"{sessions}", table("sessions"),
		"{keys}", table("keys"),
		"{migrations}", table("migrations"),
		"{attempts}", table("attempts"),
		"{leases}", table("leases"),
		"{prefix}", settings.TablePrefix,
	)
}
