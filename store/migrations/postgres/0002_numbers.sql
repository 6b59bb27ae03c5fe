-- The primary key becomes a number: the first 63 bits of the key, which stays beside it
-- and is compared. Sessions live on. What was interrupted can be run again.
-- compatible_from: 2
ALTER TABLE {migrations} ADD COLUMN IF NOT EXISTS compatible_from BIGINT;

ALTER TABLE {keys} ADD COLUMN IF NOT EXISTS purpose TEXT NOT NULL DEFAULT 'session';

ALTER TABLE {sessions}
	ADD COLUMN IF NOT EXISTS session_number BIGINT,
	ADD COLUMN IF NOT EXISTS kind TEXT NOT NULL DEFAULT 'login',
	ADD COLUMN IF NOT EXISTS name TEXT NOT NULL DEFAULT '',
	ADD COLUMN IF NOT EXISTS paths TEXT NOT NULL DEFAULT '',
	ADD COLUMN IF NOT EXISTS idle_timeout BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS lifetime BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN IF NOT EXISTS persist SMALLINT,
	ADD COLUMN IF NOT EXISTS credential BYTEA,
	ADD COLUMN IF NOT EXISTS device_key BYTEA,
	ADD COLUMN IF NOT EXISTS device_bound BIGINT,
	ADD COLUMN IF NOT EXISTS device_refreshed BIGINT,
	ADD COLUMN IF NOT EXISTS node TEXT NOT NULL DEFAULT '';

UPDATE {sessions} SET session_number = (('x' || encode(substr(session_key, 1, 8), 'hex'))::bit(64)::bigint >> 1) & 9223372036854775807 WHERE session_number IS NULL;

-- The former primary key has the name that it got, or that somebody has given it since.
DO $$ DECLARE former text; BEGIN
	FOR former IN SELECT c.conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.conrelid = '{sessions}'::regclass AND c.contype = 'p' AND a.attname <> 'session_number' LOOP EXECUTE format('ALTER TABLE {sessions} DROP CONSTRAINT IF EXISTS %I', former); END LOOP; END $$;

ALTER TABLE {sessions} ADD CONSTRAINT "{prefix}_sessions_number" PRIMARY KEY (session_number);

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
