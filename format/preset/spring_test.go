package preset

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
)

func TestSpring(t *testing.T) {
	tree := vectors(t, "spring-session-jdbc")
	now := time.Unix(1795397178, 0)
	cookie := text(t, tree, "cookie_value")
	onEach(t, func(t *testing.T, db *testdb) {
		name := by(db.dialect, strings.ToUpper, strings.ToLower, strings.ToUpper)
		db.exec(`CREATE TABLE ` + name("spring_session") + ` (PRIMARY_ID CHAR(36) PRIMARY KEY, SESSION_ID CHAR(36) NOT NULL UNIQUE, CREATION_TIME BIGINT, LAST_ACCESS_TIME BIGINT, MAX_INACTIVE_INTERVAL INT, EXPIRY_TIME BIGINT, PRINCIPAL_NAME VARCHAR(100))`)
		row := at(t, tree, "row")
		db.exec(`INSERT INTO `+name("spring_session")+` VALUES (?, ?, ?, ?, 1800, ?, ?)`, text(t, row, "PRIMARY_ID"), text(t, row, "SESSION_ID"), now.UnixMilli(), now.UnixMilli(), at(t, row, "EXPIRY_TIME"), text(t, row, "PRINCIPAL_NAME"))
		f := db.open(format.Options{Name: "spring"})
		if f.Tries() != 3 {
			t.Error("Spring reads several cookies of one name")
		}
		db.is(f, cookie, now, "alice")
		db.isNobody(f, cookie, time.UnixMilli(4070908800000), format.ErrExpired)
		db.isNobody(f, text(t, row, "SESSION_ID"), now, format.ErrMalformed)
		db.isNobody(f, strings.ToLower(cookie), now, format.ErrMalformed)
		db.exec(`UPDATE ` + name("spring_session") + ` SET EXPIRY_TIME = 9223372036854775807`)
		db.is(f, cookie, now.AddDate(100, 0, 0), "alice")
		db.exec(`UPDATE ` + name("spring_session") + ` SET PRINCIPAL_NAME = NULL`)
		db.isNobody(f, cookie, now, format.ErrAnonymous)
	})
}
