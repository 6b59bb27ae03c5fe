-- The tables of version 2, for an empty database. docs/schema.md explains them.
-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds, durations milliseconds; 0 of the latter means the realm's.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_number   INTEGER NOT NULL PRIMARY KEY,
	session_key      BLOB NOT NULL,
	realm            TEXT NOT NULL,
	user_id          TEXT NOT NULL,
	claims           TEXT NOT NULL,
	created          INTEGER NOT NULL,
	seen             INTEGER NOT NULL,
	expires          INTEGER NOT NULL,
	client_addr      TEXT NOT NULL DEFAULT '',
	user_agent       TEXT NOT NULL DEFAULT '',
	kind             TEXT NOT NULL DEFAULT 'login',
	name             TEXT NOT NULL DEFAULT '',
	paths            TEXT NOT NULL DEFAULT '',
	idle_timeout     INTEGER NOT NULL DEFAULT 0,
	lifetime         INTEGER NOT NULL DEFAULT 0,
	persist          INTEGER,
	credential       BLOB,
	device_key       BLOB,
	device_bound     INTEGER,
	device_refreshed INTEGER,
	node             TEXT NOT NULL DEFAULT ''
);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_user" ON {sessions} (user_id, realm, created);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_expires" ON {sessions} (expires);

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      INTEGER NOT NULL PRIMARY KEY,
	secret  BLOB NOT NULL,
	created INTEGER NOT NULL,
	retired INTEGER,
	purpose TEXT NOT NULL DEFAULT 'session'
);

-- One row for each attempt to log in with a password.
CREATE TABLE IF NOT EXISTS {attempts} (
	attempt INTEGER NOT NULL PRIMARY KEY,
	realm   TEXT NOT NULL,
	account BLOB NOT NULL,
	address TEXT NOT NULL,
	made    INTEGER NOT NULL,
	expires INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_account" ON {attempts} (account, made);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_address" ON {attempts} (address, made);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_expires" ON {attempts} (expires);

-- Which node does what one node is enough for.
CREATE TABLE IF NOT EXISTS {leases} (
	name    TEXT NOT NULL PRIMARY KEY,
	holder  TEXT NOT NULL,
	expires INTEGER NOT NULL
);
