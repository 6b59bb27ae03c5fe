package caddysession

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestF2_ADatabaseThatHangsIsLeftAlone(t *testing.T) {
	server := storetest.StartPostgres(t)
	realm, token := startedRealm(t, server.URL(), 0)
	lookup, err := realm.format.Lookup(token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	find := func() error {
		_, err := realm.finder.Find(t.Context(), lookup, time.Now())
		return err
	}
	if err := find(); err != nil {
		t.Fatal(err)
	}
	// 1. It hangs. Some callers wait in vain.
	server.Freeze()
	for range tripAfter {
		if err := find(); !errors.Is(err, store.ErrUnavailable) || isAnsweredAtOnce(err) {
			t.Fatalf("got %v, want one that waited", err)
		}
	}
	// 2. The next ones are told at once.
	for range 100 {
		if err := find(); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("got %v", err)
		} else if isAnsweredAtOnce(err) {
			break
		}
	}
	if err := find(); !isAnsweredAtOnce(err) {
		t.Errorf("got %v", err)
	}
	// 3. It goes on, and so does everything, without a restart.
	server.Thaw()
	deadline := time.Now().Add(time.Minute)
	for err := find(); err != nil; err = find() {
		if time.Now().After(deadline) {
			t.Fatalf("it has not come back: %v", err)
		}
	}
}

func isAnsweredAtOnce(err error) bool {
	return strings.Contains(err.Error(), "has not answered lately")
}
