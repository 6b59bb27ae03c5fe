-- The primary key becomes a number: the first 63 bits of the key, which stays beside it
-- and is compared. Sessions live on. All of it is one transaction.
-- compatible_from: 2
ALTER TABLE {migrations} ADD COLUMN compatible_from BIGINT;

ALTER TABLE {keys} ADD COLUMN purpose TEXT NOT NULL DEFAULT 'session';

CREATE TABLE "{prefix}_sessions_new" (
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

-- SQLite has no function that reads hexadecimal digits.
INSERT INTO "{prefix}_sessions_new" (session_number, session_key, realm, user_id, claims, created, seen, expires, client_addr, user_agent)
	SELECT
	(instr('123456789ABCDEF', substr(hex(session_key), 1, 1)) << 59)
	| (instr('123456789ABCDEF', substr(hex(session_key), 2, 1)) << 55)
	| (instr('123456789ABCDEF', substr(hex(session_key), 3, 1)) << 51)
	| (instr('123456789ABCDEF', substr(hex(session_key), 4, 1)) << 47)
	| (instr('123456789ABCDEF', substr(hex(session_key), 5, 1)) << 43)
	| (instr('123456789ABCDEF', substr(hex(session_key), 6, 1)) << 39)
	| (instr('123456789ABCDEF', substr(hex(session_key), 7, 1)) << 35)
	| (instr('123456789ABCDEF', substr(hex(session_key), 8, 1)) << 31)
	| (instr('123456789ABCDEF', substr(hex(session_key), 9, 1)) << 27)
	| (instr('123456789ABCDEF', substr(hex(session_key), 10, 1)) << 23)
	| (instr('123456789ABCDEF', substr(hex(session_key), 11, 1)) << 19)
	| (instr('123456789ABCDEF', substr(hex(session_key), 12, 1)) << 15)
	| (instr('123456789ABCDEF', substr(hex(session_key), 13, 1)) << 11)
	| (instr('123456789ABCDEF', substr(hex(session_key), 14, 1)) << 7)
	| (instr('123456789ABCDEF', substr(hex(session_key), 15, 1)) << 3)
	| (instr('123456789ABCDEF', substr(hex(session_key), 16, 1)) >> 1),
	session_key, realm, user_id, claims, created, seen, expires, client_addr, user_agent
	FROM {sessions} WHERE true ON CONFLICT DO NOTHING;

DROP TABLE {sessions};

ALTER TABLE "{prefix}_sessions_new" RENAME TO "{prefix}_sessions";

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_user" ON {sessions} (user_id, realm, created);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_expires" ON {sessions} (expires);

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
