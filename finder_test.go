package caddysession

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sony/gobreaker/v2"

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
	// 2. The next ones are told at once, though somebody tries now and then.
	for end := time.Now().Add(3 * tryEvery); time.Now().Before(end); {
		if err := find(); !errors.Is(err, store.ErrUnavailable) || !isAnsweredAtOnce(err) {
			t.Fatalf("got %v", err)
		}
	}
	// 3. It goes on, and so does everything, without a restart or a request.
	server.Thaw()
	for deadline := time.Now().Add(time.Minute); realm.table.breaker.State() != gobreaker.StateClosed; {
		if time.Now().After(deadline) {
			t.Fatal("it has not come back")
		}
	}
	if err := find(); err != nil {
		t.Error(err)
	}
}

func isAnsweredAtOnce(err error) bool {
	return strings.Contains(err.Error(), "has not answered lately")
}
