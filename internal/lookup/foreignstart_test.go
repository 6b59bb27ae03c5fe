package lookup

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func TestD7_Foreign_WhatIsMissingAtTheStart(t *testing.T) {
	columns := map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}
	custom := format.Options{Name: "custom", Cookie: "sid", Table: "t", Columns: columns}
	revocable := custom
	revocable.Revocable = true
	const table = "CREATE TABLE t (k TEXT PRIMARY KEY, u TEXT, e TEXT)"
	for _, c := range []struct {
		name          string
		options       format.Options
		tables        []string
		fails, warns  string
		isUnavailable bool
	}{
		{"nothing", custom, []string{table}, "", "", false},
		{"nothing, revocable", revocable, []string{table}, "", "", false},
		{"the table", custom, nil, "check that the table t is there", "", true},
		{"the table, revocable", revocable, nil, "check that the table t is there", "", true},
		{"a column", custom, []string{"CREATE TABLE t (k TEXT PRIMARY KEY, u TEXT)"}, "check that the table t is there", "", true},
		{"the table that its program makes", format.Options{Name: "express", InsecureUnsigned: true, Table: "t"}, nil, "", "until the program has made it", false},
		{"a column of it", format.Options{Name: "express", InsecureUnsigned: true, Table: "t"}, []string{"CREATE TABLE t (sid TEXT)"}, "check that the table t is there", "", true},
		{"what lists", format.Options{Name: "bodhi"}, []string{"CREATE TABLE tower_sessions (id TEXT PRIMARY KEY, data BLOB, expiry_date TEXT)"}, "", "cannot be counted", false},
		{"nothing of what lists", format.Options{Name: "bodhi"}, []string{"CREATE TABLE tower_sessions (id TEXT PRIMARY KEY, data BLOB, expiry_date TEXT, user_id TEXT)"}, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := opened(t, c.options, append(c.tables, "CREATE TABLE other (x TEXT)")...)
			for _, how := range []string{"start", "start now", "state"} {
				if how == "state" && c.warns == "until the program has made it" {
					continue // that asks, and says so
				}
				p.log.Reset()
				err := p.begin(t, how)
				if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) || errors.Is(err, store.ErrUnavailable) != c.isUnavailable {
					t.Errorf("%s: %v", how, err)
				}
				if warned := strings.Contains(p.log.String(), "level=WARN"); warned != (c.warns != "") || !strings.Contains(p.log.String(), c.warns) {
					t.Errorf("%s: the log says %s", how, p.log)
				}
				if c.warns != "" && !strings.Contains(p.log.String(), "realm=test") {
					t.Errorf("%s: the log does not say of which realm: %s", how, p.log)
				}
			}
		})
	}
}

// begin is what Caddy, a command and the administration ask for.
func (p *program) begin(t *testing.T, how string) error {
	switch how {
	case "start":
		return p.Start(t.Context())
	case "start now":
		return p.StartNow(t.Context())
	}
	_, err := p.State(t.Context())
	return err
}

// What lists can be added where newer versions of the program have it themselves;
// once.
func TestForeign_AddingWhatLists(t *testing.T) {
	p := opened(t, format.Options{Name: "bodhi", Revocable: true}, "CREATE TABLE tower_sessions (id TEXT PRIMARY KEY, data BLOB, expiry_date TEXT)")
	if err := p.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.log.String(), "run `caddy session migrate`") {
		t.Errorf("the log says %s", p.log)
	}
	for i, want := range []int64{1, 0} {
		if n, err := p.AddColumns(t.Context()); n != want || err != nil {
			t.Errorf("time %d: %d %v", i+1, n, err)
		}
	}
	p.execute(t, "INSERT INTO tower_sessions (id, data, expiry_date, user_id) VALUES ('a', x'', ?, 'alice')", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	if n, err := p.Count(t.Context(), "alice", time.Now()); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if n, err := p.EndUser(t.Context(), "alice"); n != 1 || err != nil {
		t.Errorf("%d have ended: %v", n, err)
	}
	// A view takes no column; an administrator is told so.
	view := opened(t, format.Options{Name: "bodhi"}, "CREATE TABLE x (id TEXT PRIMARY KEY, data BLOB, expiry_date TEXT)", "CREATE VIEW tower_sessions AS SELECT * FROM x")
	if err := view.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := view.AddColumns(t.Context()); n != 0 || err == nil {
		t.Errorf("%d %v", n, err)
	}
}

// A configuration that cannot work is refused before anything is opened, and leaves
// nothing in the pool.
func TestF5_Foreign_ARefusedRealmLeavesNothing(t *testing.T) {
	url := storetest.SQLite(t)
	settings := Settings{Realm: "test", Store: store.Settings{URL: url, LookupTimeout: time.Second, Access: store.ForeignRead}}
	for name, options := range map[string]format.Options{
		"no such program": {Name: "nobody's"},
		"no cookie":       {Name: "custom"},
		"no column":       {Name: "custom", Cookie: "sid", Table: "t"},
	} {
		if r, err := New(settings, &options, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: %v", name, r)
		}
	}
	if n, ok := databases.References(settings.Store); ok {
		t.Errorf("%d references to the database are left", n)
	}
	bad := settings
	bad.Store.URL = "nothing:"
	if r, err := New(bad, nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error(r)
	}
	if r, err := Open(bad, nil, slog.New(slog.DiscardHandler)); err == nil {
		t.Error(r)
	}
}

// A file that is not there is an error, of the one that reads and of the one that
// deletes.
func TestD7_AFileThatIsNotThere(t *testing.T) {
	missing := "sqlite:" + t.TempDir() + "/none/none.db"
	options := format.Options{Name: "authly", Variant: "l1", Revocable: true}
	for name, change := range map[string]func(*foreign){
		"reads":   func(f *foreign) { f.db.Store = missingStore(t, missing, store.ForeignRead) },
		"deletes": func(f *foreign) { f.writer.Store = missingStore(t, missing, store.ForeignWrite) },
	} {
		p := opened(t, options, authlyTable("l1")...)
		change(p.backend.(*foreign))
		if err := p.StartNow(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	own, err := New(Settings{Realm: "test", Store: store.Settings{URL: missing, Existing: true}}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := own.StartNow(t.Context()); err == nil {
		t.Error("our own: no error")
	}
	if state, err := own.State(t.Context()); err == nil {
		t.Errorf("our own has a state: %+v", state)
	}
	if err := own.CloseNow(); err != nil {
		t.Error(err)
	}
}

func missingStore(t *testing.T, url string, access store.Access) *store.Store {
	t.Helper()
	s, err := store.New(store.Settings{URL: url, Access: access}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// The writer of a realm whose sessions can be ended is one connection that may
// delete, and is closed with the realm.
func TestForeign_TheWriterIsItsOwn(t *testing.T) {
	p := opened(t, format.Options{Name: "authly", Variant: "l1", Revocable: true}, authlyTable("l1")...)
	f := p.backend.(*foreign)
	if f.writerSettings.Access != store.ForeignWrite || f.writerSettings.MaxConns != 1 || f.writerSettings.URL != p.url || f.writer == f.db {
		t.Errorf("%+v", f.writerSettings)
	}
	settings := p.settings
	realm, err := Open(settings, &format.Options{Name: "authly", Variant: "l1", Revocable: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	// One that may delete nothing does not take the writer away with it.
	settings.Format = "reads"
	reading, err := Open(settings, &format.Options{Name: "authly", Variant: "l1"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := databases.References(f.writerSettings)
	if err := reading.Close(); err != nil {
		t.Fatal(err)
	}
	if after, _ := databases.References(f.writerSettings); after != before {
		t.Errorf("%d references, then %d", before, after)
	}
	if err := realm.Close(); err != nil {
		t.Fatal(err)
	}
	if after, _ := databases.References(f.writerSettings); after != before-1 {
		t.Errorf("%d references, then %d", before, after)
	}
	alone, err := New(p.settings, &format.Options{Name: "authly", Variant: "l1", Revocable: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := alone.StartNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	writer := alone.backend.(*foreign).writer
	if err := alone.CloseNow(); err != nil || writer.Ready() {
		t.Errorf("the writer is open: %v", err)
	}
	reader := opened(t, format.Options{Name: "authly", Variant: "l1"}, authlyTable("l1")...)
	if reader.backend.(*foreign).writer != nil {
		t.Error("without revocable there is a writer")
	}
}
