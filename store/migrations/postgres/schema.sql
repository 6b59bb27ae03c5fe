-- The tables of version 2, for an empty database. docs/schema.md explains them.
-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds, durations milliseconds; 0 of the latter means the realm's.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_number   BIGINT NOT NULL,
	session_key      BYTEA NOT NULL,
	realm            TEXT NOT NULL,
	user_id          TEXT NOT NULL,
	claims           TEXT NOT NULL,
	created          BIGINT NOT NULL,
	seen             BIGINT NOT NULL,
	expires          BIGINT NOT NULL,
	client_addr      TEXT NOT NULL DEFAULT '',
	user_agent       TEXT NOT NULL DEFAULT '',
	kind             TEXT NOT NULL DEFAULT 'login',
	name             TEXT NOT NULL DEFAULT '',
	paths            TEXT NOT NULL DEFAULT '',
	idle_timeout     BIGINT NOT NULL DEFAULT 0,
	lifetime         BIGINT NOT NULL DEFAULT 0,
	persist          SMALLINT,
	credential       BYTEA,
	device_key       BYTEA,
	device_bound     BIGINT,
	device_refreshed BIGINT,
	node             TEXT NOT NULL DEFAULT '',
	CONSTRAINT "{prefix}_sessions_number" PRIMARY KEY (session_number)
);

-- optional: text compares as its bytes, so that no upgrade of the system's collations breaks an index.
ALTER TABLE {sessions} ALTER COLUMN realm TYPE TEXT COLLATE "C", ALTER COLUMN user_id TYPE TEXT COLLATE "C";

-- optional: the free tenth of each page keeps an update of `seen` on its page and out of the indexes.
ALTER TABLE {sessions} SET (fillfactor = 90);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_user" ON {sessions} (user_id, realm, created);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_expires" ON {sessions} (expires);

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      BIGINT NOT NULL PRIMARY KEY,
	secret  BYTEA NOT NULL,
	created BIGINT NOT NULL,
	retired BIGINT,
	purpose TEXT NOT NULL DEFAULT 'session'
);

-- One row for each attempt to log in with a password.
CREATE TABLE IF NOT EXISTS {attempts} (
	attempt BIGINT NOT NULL PRIMARY KEY,
	realm   TEXT NOT NULL,
	account BYTEA NOT NULL,
	address TEXT NOT NULL,
	made    BIGINT NOT NULL,
	expires BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_account" ON {attempts} (account, made);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_address" ON {attempts} (address, made);

CREATE INDEX IF NOT EXISTS "{prefix}_attempts_expires" ON {attempts} (expires);

-- Which node does what one node is enough for.
CREATE TABLE IF NOT EXISTS {leases} (
	name    VARCHAR(64) NOT NULL PRIMARY KEY,
	holder  VARCHAR(64) NOT NULL,
	expires BIGINT NOT NULL
);
