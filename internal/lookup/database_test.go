package lookup

import (
	"errors"
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// pooled is a database out of the pool that is not started, with its settings.
func pooled(t *testing.T) (*database, store.Settings) {
	t.Helper()
	settings := store.Settings{URL: storetest.SQLite(t), LookupTimeout: time.Second}
	db, err := openDatabase(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return db, settings
}

// after lets time pass, of which there is none to wait for.
func after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// Requests of the old configuration are finished; then the database is closed, and
// what comes later fails instead of reaching it.
func TestF5_ADatabaseIsClosedWhenNobodyHoldsIt(t *testing.T) {
	db, settings := pooled(t)
	if again, err := openDatabase(settings, slog.New(slog.DiscardHandler)); again != db || err != nil {
		t.Fatalf("the same settings are another database: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		for range 2 {
			if err := db.hold(); err != nil {
				t.Fatal(err)
			}
		}
		if err := closeDatabase(settings); err != nil {
			t.Fatal(err)
		}
		after(2 * closeDelay) // the other realm has it
		if db.release(); db.hold() != nil {
			t.Fatal("it is closed though a realm uses it")
		}
		if err := closeDatabase(settings); err != nil {
			t.Fatal(err)
		}
		after(3*closeDelay + time.Millisecond)
		db.release()
		if err := db.hold(); err != nil { // one request still runs, and may use it again
			t.Fatal(err)
		}
		db.release()
		db.release()
		after(closeDelay / 2)
		if err := db.hold(); err != nil {
			t.Fatal(err) // one was on its way when the last one went
		}
		db.release()
		after(closeDelay)
		for range 3 {
			if err := db.hold(); !errors.Is(err, errClosed) || !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("after the end: %v", err)
			}
		}
		if n := db.holds.Load(); n != math.MinInt64/2 {
			t.Errorf("those who were refused have left %d", n)
		}
	})
}

// An early request waits for the first attempt to start, however it ends, and no
// longer than a lookup may take.
func TestF2_AnEarlyRequestWaitsForTheStart(t *testing.T) {
	db, settings := pooled(t)
	defer func() { _ = closeDatabase(settings) }()
	synctest.Test(t, func(t *testing.T) {
		db.starting = make(chan struct{}) // this bubble's
		began := time.Now()
		if db.await(time.Second); time.Since(began) != time.Second {
			t.Errorf("it waited for %v, want the whole second", time.Since(began))
		}
		began = time.Now()
		time.AfterFunc(time.Millisecond, db.startedOnce)
		if db.await(time.Second); time.Since(began) != time.Millisecond {
			t.Errorf("it waited for %v, want until the start", time.Since(began))
		}
		db.startedOnce() // a second realm of the same database
		began = time.Now()
		if db.await(time.Second); time.Since(began) != 0 {
			t.Errorf("it waited for %v after the start", time.Since(began))
		}
	})
}

// Nobody says startedOnce where a command starts the realm.
func TestRealm_WhatIsReadyIsNotWaitedFor(t *testing.T) {
	realm, _ := startedRealm(t, storetest.SQLite(t), 0)
	waited := make(chan struct{})
	go func() { realm.db.await(time.Hour); close(waited) }()
	select {
	case <-waited:
	case <-time.After(time.Minute):
		t.Error("it waits for a start that is over")
	}
}
