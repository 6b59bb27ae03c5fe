//go:build unix

package tests

import (
	"testing"
	"time"
)

func TestS9_ActivityCostsOneWriteAtMost(t *testing.T) {
	s := start(t, setup{})
	db := s.database()
	token := s.login(alice)
	// 1. A trigger counts the writes from here on.
	execute(t, db, "UPDATE "+table+" SET seen = seen - 1800000")
	execute(t, db, "CREATE TABLE writes (seen)")
	execute(t, db, "CREATE TRIGGER counting AFTER UPDATE ON "+table+" BEGIN INSERT INTO writes VALUES (NEW.seen); END")
	s.load(setup{realm: "cache_ttl 10m"}) // the old cache knows the row as it was
	// 2. Alice is very active.
	began := millis(time.Now())
	for range 300 {
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	// 3. It is written, and once.
	eventually(t, "activity is written", func() bool {
		return number(t, db, "SELECT seen FROM "+table) >= began
	})
	stopCaddy(s)
	n := number(t, db, "SELECT count(*) FROM writes")
	if elapsed := millis(time.Now()) - began; n > 1+elapsed/60_000 {
		t.Errorf("%d writes in %d ms", n, elapsed)
	}
}

func TestS9_AResponseDoesNotWaitForTheWriter(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0"})
	db := s.database()
	token := s.login(alice)
	execute(t, db, "UPDATE "+table+" SET seen = seen - 1800000")
	// Somebody holds the write lock all the time.
	execute(t, db, "BEGIN IMMEDIATE")
	for range 20 {
		s.assertOK(s.get("/", cookie(token)), alice)
	}
	execute(t, db, "ROLLBACK")
}
