package storetest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Pair is a PostgreSQL primary with a streaming standby, both on a socket and on
// loopback. The standby's name, for synchronous_standby_names, is `standby`.
type Pair struct{ Primary, Standby *Server }

// StartPair starts a primary and a standby that follows it.
func StartPair(tb testing.TB) *Pair {
	tb.Helper()
	needs(tb, noPostgres)
	p := new(Pair)
	p.Primary = startOwn(tb, func(tb testing.TB, dir string) *Server {
		s := newPostgres(tb, dir)
		s.onLoopback()
		s.With("-c", "wal_keep_size=256MB") // all that a standby may have missed
		return s
	})
	p.Standby = startOwn(tb, p.Primary.standby)
	return p
}

// standby makes a standby, from the same files as the primary was made from: what has
// happened since is in the primary's log.
func (s *Server) standby(tb testing.TB, dir string) *Server {
	tb.Helper()
	standby := newPostgres(tb, dir)
	conf := "primary_conninfo = 'host=" + s.dir + " port=" + s.port + " user=tester password=" + Password + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "postgresql.auto.conf"), []byte(conf), 0o600); err != nil {
		tb.Fatal(err)
	}
	standby.Standby() // which gives it its files
	standby.onLoopback()
	standby.With("-c", "cluster_name=standby", "-c", "wal_receiver_timeout=2s")
	return standby
}

// URL returns the URL of both, of which the one that takes changes is meant.
func (p *Pair) URL(params ...string) string {
	return p.Primary.Through([]string{p.Primary.Address(), p.Standby.Address()}, append(params, "target_session_attrs=read-write")...)
}

// Follows waits until the standby has all that the primary has written.
func (p *Pair) Follows() {
	p.Primary.tb.Helper()
	var written string
	p.Primary.ask("SELECT pg_current_wal_lsn()", &written)
	Eventually(p.Primary.tb, "the standby follows", func() bool {
		var there bool
		p.Standby.ask("SELECT pg_last_wal_replay_lsn() >= '"+written+"'::pg_lsn", &there)
		return there
	})
}

// Lag has the standby show nothing of what the primary writes from now on, though it
// gets it, until goOn is called.
func (p *Pair) Lag() (goOn func()) {
	p.Primary.tb.Helper()
	p.Follows()
	var nothing string
	p.Standby.ask("SELECT pg_wal_replay_pause()::text", &nothing)
	Eventually(p.Primary.tb, "the standby lags", func() bool {
		var state string
		p.Standby.ask("SELECT pg_get_wal_replay_pause_state()", &state)
		return state == "paused"
	})
	return func() { p.Standby.ask("SELECT pg_wal_replay_resume()::text", &nothing) }
}

// Lose has the standby miss what do does, which the primary acknowledges all the
// same, and makes the standby the primary: so it goes where it lags.
func (p *Pair) Lose(do func()) {
	p.Primary.tb.Helper()
	p.Standby.Stop()
	do()
	p.Primary.Kill()
	p.Standby.Start()
	p.Promote()
}

// Promote makes the standby a primary, and waits until it is.
func (p *Pair) Promote() {
	p.Primary.tb.Helper()
	var done bool
	if p.Standby.ask("SELECT pg_promote()", &done); !done {
		p.Primary.tb.Fatal("the standby was not promoted")
	}
}

// Demote has the primary take no changes any more, on the connections that there
// are as well.
func (p *Pair) Demote() {
	p.Primary.tb.Helper()
	conf := filepath.Join(p.Primary.dir, "data", "postgresql.auto.conf")
	if err := os.WriteFile(conf, []byte("default_transaction_read_only = on\n"), 0o600); err != nil {
		p.Primary.tb.Fatal(err)
	}
	p.Primary.user.own(p.Primary.tb, conf)
	var done bool
	p.Primary.ask("SELECT pg_reload_conf()", &done)
	Eventually(p.Primary.tb, "the primary takes no changes", func() bool {
		var state string
		p.Primary.ask("SHOW default_transaction_read_only", &state)
		return state == "on"
	})
}

// IsPrimary reports whether a PostgreSQL server answers that it is no standby.
func (s *Server) IsPrimary() (primary bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	db, err := openURL(s.url)
	if err != nil {
		return false
	}
	defer db.Close()
	return db.QueryRowContext(ctx, "SELECT NOT pg_is_in_recovery()").Scan(&primary) == nil && primary
}

// ask reads one value from the server, as an administrator.
func (s *Server) ask(text string, dest any) {
	s.tb.Helper()
	db, err := openURL(s.url)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(text).Scan(dest); err != nil {
		s.tb.Fatalf("%s: %v", text, err)
	}
}
