-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds. Without a row id, finding by the key is one walk down one tree.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_key BLOB NOT NULL PRIMARY KEY,
	realm       TEXT NOT NULL,
	user_id     TEXT NOT NULL,
	claims      TEXT NOT NULL,
	created     INTEGER NOT NULL,
	seen        INTEGER NOT NULL,
	expires     INTEGER NOT NULL,
	client_addr TEXT NOT NULL DEFAULT '',
	user_agent  TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_user" ON {sessions} (user_id, realm, created);

CREATE INDEX IF NOT EXISTS "{prefix}_sessions_expires" ON {sessions} (expires);

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      INTEGER NOT NULL PRIMARY KEY,
	secret  BLOB NOT NULL,
	created INTEGER NOT NULL,
	retired INTEGER
);
