package store

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"
)

// Whoever makes up tokens of keys that nobody knows has the keys read once a second,
// however many they are, and nobody is taken for somebody (C7).
func TestC7_TokensOfUnknownKeysCostOneQueryASecond(t *testing.T) {
	s := startedSQLite(t, Settings{LookupTimeout: 10 * time.Second})
	c := countStatements(s)
	began := time.Now()
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			for range 100 {
				made, _ := testKeyring(200).Mint("main", "", time.Now())
				if _, ok, err := s.Verify("main", "", made); ok || err != nil {
					t.Error(ok, err)
				}
			}
		})
	}
	clients.Wait()
	if n, most := c.statements.Load(), int64(time.Since(began)/keyReadingPause)+1; n < 1 || n > most {
		t.Error(n, "queries, which may be", most)
	}
}

// A key that came to the database while this node did not look: its tokens count at
// once. While the database cannot be asked, nobody knows.
func TestATokenOfANewKey(t *testing.T) {
	s := startedSQLite(t, Settings{})
	token, _ := testKeyring(9).Mint("main", "", time.Now())
	if _, err := s.write(t.Context(), "adding a key", insertKey, int64(9), bytes.Repeat([]byte{9}, secretLen), int64(0)); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Verify("main", "", token); !ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := s.write(t.Context(), "hiding the keys", `ALTER TABLE {keys} RENAME TO hidden`); err != nil {
		t.Fatal(err)
	}
	s.reading.began = time.Time{} // a second later
	newer, _ := testKeyring(10).Mint("main", "", time.Now())
	for range 2 {
		if _, ok, err := s.Verify("main", "", newer); ok || !errors.Is(err, ErrUnavailable) {
			t.Error(ok, err)
		}
	}
	if _, ok, err := s.Verify("main", "", token); !ok || err != nil {
		t.Error("a known key:", ok, err)
	}
}
