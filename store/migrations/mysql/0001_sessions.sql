-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds. Realm and user are binary: a collation would take `Alice`, `alice ` and `alice` for one.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_key BINARY(32) NOT NULL PRIMARY KEY,
	realm       VARBINARY(64) NOT NULL,
	user_id     VARBINARY(255) NOT NULL,
	claims      TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	created     BIGINT NOT NULL,
	seen        BIGINT NOT NULL,
	expires     BIGINT NOT NULL,
	client_addr VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	user_agent  VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	INDEX `{prefix}_sessions_user` (user_id, realm, created),
	INDEX `{prefix}_sessions_expires` (expires)
) ENGINE = InnoDB;

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      BIGINT NOT NULL PRIMARY KEY,
	secret  VARBINARY(64) NOT NULL,
	created BIGINT NOT NULL,
	retired BIGINT NULL
) ENGINE = InnoDB;
