package preset

import (
	"maps"
	"slices"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
	"github.com/seed-11312c3d/caddy-session/store"
)

// everyPreset completes each preset, in each variant and for each database that
// it has.
func everyPreset(t *testing.T, f func(t *testing.T, program format.Program)) {
	for _, name := range Names() {
		p := presets[name]
		for _, variant := range append(slices.Clone(p.variants), "") {
			started := false
			for _, kind := range []sqltext.Dialect{sqltext.SQLite, sqltext.Postgres, sqltext.MySQL} {
				o := format.Options{Name: name, Variant: variant, Cookie: "c", TablePrefix: "p_", MaxAge: hour}
				if p.secret != 0 || name == "rails" && variant != "activerecord" {
					o.Secret = []string{"0123456789abcdef0123456789abcdef"}
				}
				if name == "custom" {
					o.Table, o.Columns = "t", map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}
				}
				program, err := Complete(o, string(kind))
				if err != nil {
					continue // not in this database
				}
				started = true
				t.Run(name+" "+variant+" "+string(kind), func(t *testing.T) { f(t, program) })
			}
			if !started {
				t.Errorf("%s, variant %q, is for no database", name, variant)
			}
		}
	}
}

// What a preset says is a whole configuration.
func TestPresetsAreComplete(t *testing.T) {
	everyPreset(t, func(t *testing.T, program format.Program) {
		f, err := format.New(program, func(string) store.Query { return store.Query{} })
		if err != nil {
			t.Fatal(err)
		}
		if (f.Admin() != nil) != program.Listed || f.Tries() != max(program.Tries, 1) {
			t.Errorf("%v, %d", f.Admin(), f.Tries())
		}
	})
}

// A column whose name nothing reads is a slip of the pen.
func TestPresetsReadTheirColumns(t *testing.T) {
	known := []string{
		"key", "previous_key", "user_id", "payload", "expires_at", "last_seen", "created_at", "active", "proof", "password",
		"name", "email", "groups",
	}
	everyPreset(t, func(t *testing.T, program format.Program) {
		o := program.Options
		read := append(slices.Collect(maps.Values(o.Claims)), known...)
		for _, condition := range o.Require {
			read = append(read, condition.Of)
		}
		named := slices.Collect(maps.Keys(o.Columns))
		if o.Users != nil {
			named = slices.AppendSeq(named, maps.Keys(o.Users.Columns))
		}
		for _, name := range named {
			if !slices.Contains(read, name) {
				t.Errorf("nothing reads the column %s", name)
			}
		}
	})
}
