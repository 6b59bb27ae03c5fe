-- The primary key becomes a number: the first 63 bits of the key, which stays beside it
-- and is compared. Sessions live on. What was interrupted can be run again.
-- compatible_from: 2
ALTER TABLE {migrations} ADD COLUMN compatible_from BIGINT NULL;

ALTER TABLE {keys} ADD COLUMN purpose VARBINARY(32) NOT NULL DEFAULT 'session', MODIFY COLUMN secret VARBINARY(1024) NOT NULL;

ALTER TABLE {sessions} ADD COLUMN session_number BIGINT NULL;

UPDATE {sessions} SET session_number = CAST(CONV(HEX(LEFT(session_key, 8)), 16, 10) AS UNSIGNED) >> 1 WHERE session_number IS NULL;

-- All at once, so that it fails where it has been done.
ALTER TABLE {sessions}
	DROP PRIMARY KEY,
	MODIFY COLUMN session_number BIGINT NOT NULL FIRST,
	ADD PRIMARY KEY (session_number),
	ADD COLUMN kind VARBINARY(16) NOT NULL DEFAULT 'login',
	ADD COLUMN name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	ADD COLUMN paths VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
	ADD COLUMN idle_timeout BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN lifetime BIGINT NOT NULL DEFAULT 0,
	ADD COLUMN persist SMALLINT NULL,
	ADD COLUMN credential VARBINARY(64) NULL,
	ADD COLUMN device_key VARBINARY(1024) NULL,
	ADD COLUMN device_bound BIGINT NULL,
	ADD COLUMN device_refreshed BIGINT NULL,
	ADD COLUMN node VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '';

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
