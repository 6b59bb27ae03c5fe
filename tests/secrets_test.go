//go:build unix

package tests

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestF8_TheLogHoldsNoSecret(t *testing.T) {
	s := start(t, setup{site: "log\n" + guarded(), global: "debug"})
	db := s.database()
	// 1. Everything that can be seen of a session's life, at debug level.
	token := s.login(alice)
	s.assertOK(s.get("/", cookie(token)), alice)
	s.assertSTOP(s.get("/", cookie(forged(token))))
	s.secret(forged(token))
	s.assertSTOP(s.get("/", cookie(token+"A")))
	second := s.login(carol, cookie(token))
	repair := breakQueries(t, db)
	s.assertDENY(s.get("/", cookie(second)))
	s.reload()
	repair()
	eventually(t, "the database works again", func() bool { return s.get("/", cookie(second)).status == 200 })
	assertStatus(t, s.logout(second), 303)
	// 2. Neither are the keys in it, in any form.
	for _, key := range blobs(t, db) {
		if len(key) >= 16 {
			s.secret(string(key))
			for _, format := range []string{"%x", "%X", "%d"} {
				s.secret(fmt.Sprintf(format, key))
			}
		}
	}
	if log := s.log.String(); len(log) < 10_000 {
		t.Errorf("the log has only %d bytes; is it at debug level?", len(log))
	}
	s.checkLog()
	// 3. At rest there is only a digest of the token.
	stopCaddy(s)
	files, _ := filepath.Glob(strings.TrimPrefix(s.store, "sqlite:") + "*")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{token, second} {
			if bytes.Contains(content, []byte(token)) || bytes.Contains(content, tokenBytes(t, token)[:32]) {
				t.Errorf("%s holds a token", file)
			}
		}
	}
}
