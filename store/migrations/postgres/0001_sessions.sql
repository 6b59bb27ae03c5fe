-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds. Text compares as its bytes, whatever the database's collation.
-- The free tenth of each page keeps an update of `seen` on its page and out of the indexes.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_key BYTEA NOT NULL PRIMARY KEY,
	realm       TEXT COLLATE "C" NOT NULL,
	user_id     TEXT COLLATE "C" NOT NULL,
	claims      TEXT COLLATE "C" NOT NULL,
	created     BIGINT NOT NULL,
	seen        BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	client_addr TEXT COLLATE "C" NOT NULL DEFAULT '',
	user_agent  TEXT COLLATE "C" NOT NULL DEFAULT ''
) WITH (fillfactor = 90);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_user" ON {sessions} (user_id, realm, created);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_expires" ON {sessions} (expires);

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      BIGINT NOT NULL PRIMARY KEY,
	secret  BYTEA NOT NULL,
	created BIGINT NOT NULL,
	retired BIGINT
);
