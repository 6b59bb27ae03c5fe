-- The tables of version 2, for an empty database. docs/schema.md explains them.
-- One row for each session. Deleting a row logs its browser out.
-- Times are Unix milliseconds, durations milliseconds; 0 of the latter means the realm's.
-- Realm and user are binary: a collation would take `Alice`, `alice ` and `alice` for one.
CREATE TABLE IF NOT EXISTS {sessions} (
	session_number   BIGINT NOT NULL PRIMARY KEY,
	session_key      BINARY(32) NOT NULL,
	realm            VARBINARY(64) NOT NULL,
	user_id          VARBINARY(255) NOT NULL,
	claims           TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	created          BIGINT NOT NULL,
	seen             BIGINT NOT NULL,
	expires          BIGINT NOT NULL,
	client_addr      VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	user_agent       VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	kind             VARBINARY(16) NOT NULL DEFAULT 'login',
	name             VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	paths            VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	idle_timeout     BIGINT NOT NULL DEFAULT 0,
	lifetime         BIGINT NOT NULL DEFAULT 0,
	persist          SMALLINT NULL,
	credential       VARBINARY(64) NULL,
	device_key       VARBINARY(1024) NULL,
	device_bound     BIGINT NULL,
	device_refreshed BIGINT NULL,
	node             VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	INDEX `{prefix}_sessions_user` (user_id, realm, created),
	INDEX `{prefix}_sessions_expires` (expires)
) ENGINE = InnoDB;

-- The secrets that tokens get their MAC from. Retired ones are no longer accepted.
CREATE TABLE IF NOT EXISTS {keys} (
	id      BIGINT NOT NULL PRIMARY KEY,
	secret  VARBINARY(1024) NOT NULL,
	created BIGINT NOT NULL,
	retired BIGINT NULL,
	purpose VARBINARY(32) NOT NULL DEFAULT 'session'
) ENGINE = InnoDB;

-- One row for each attempt to log in with a password.
CREATE TABLE IF NOT EXISTS {attempts} (
	attempt BIGINT NOT NULL PRIMARY KEY,
	realm   VARBINARY(64) NOT NULL,
	account VARBINARY(64) NOT NULL,
	address VARBINARY(64) NOT NULL,
	made    BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	INDEX `{prefix}_attempts_account` (account, made),
	INDEX `{prefix}_attempts_address` (address, made),
	INDEX `{prefix}_attempts_expires` (expires)
) ENGINE = InnoDB;

-- Which node does what one node is enough for.
CREATE TABLE IF NOT EXISTS {leases} (
	name    VARBINARY(64) NOT NULL PRIMARY KEY,
	holder  VARBINARY(64) NOT NULL,
	expires BIGINT NOT NULL
) ENGINE = InnoDB;
