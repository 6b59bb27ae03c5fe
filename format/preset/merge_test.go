package preset

import (
	"reflect"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
)

// said are options in which the operator says something in every word.
func said(t *testing.T) format.Options {
	t.Helper()
	o := format.Options{
		InsecureUnsigned: true, Revocable: true, MaxAge: hour, Lifetime: day,
		Secret: []string{"s"}, Token: []string{"t"}, User: []string{"u"}, Guards: []string{"g"}, Credentials: []string{"r_*"},
		Columns: map[string]string{"key": "k"}, Claims: map[string]string{"c": "d"},
		Require: []format.Condition{{Of: "r"}},
		Users:   &format.Users{Table: "ut", Key: "uk", KeyType: "int", Columns: map[string]string{"name": "n"}},
	}
	fields := reflect.ValueOf(&o).Elem()
	for i := range fields.NumField() {
		if field := fields.Field(i); field.Kind() == reflect.String {
			field.SetString(fields.Type().Field(i).Name)
		} else if field.IsZero() {
			t.Fatalf("say something in %s", fields.Type().Field(i).Name)
		}
	}
	return o
}

// A word that was not laid over a preset would be said in vain.
func TestEveryWordIsLaidOver(t *testing.T) {
	o := said(t)
	if got := over(o, format.Options{}); !reflect.DeepEqual(got, o) {
		t.Errorf("%+v\n%+v", got, o)
	}
	base := said(t)
	base.Columns, base.Claims = map[string]string{"key": "old", "x": "y"}, map[string]string{"c": "old", "x": "y"}
	base.Require, base.Users.Columns = []format.Condition{{Of: "r", Values: []string{"1"}}, {Of: "x"}}, map[string]string{"email": "e"}
	got := over(o, base)
	if got.Columns["key"] != "k" || got.Columns["x"] != "y" || got.Claims["c"] != "d" || got.Claims["x"] != "y" {
		t.Errorf("%v, %v", got.Columns, got.Claims)
	}
	if len(got.Require) != 2 || got.Require[1].Values != nil || len(got.Users.Columns) != 2 {
		t.Errorf("%v, %v", got.Require, got.Users)
	}
}

// The word off takes away what a preset says.
func TestOffTakesAway(t *testing.T) {
	off := format.Options{
		Schema: "off", Codec: "off", Token: []string{"off"}, User: []string{"off"}, Guards: []string{"off"}, Credentials: []string{"off"},
		Columns: map[string]string{"key": "off"}, Claims: map[string]string{"c": "off"},
		Require: []format.Condition{{Of: "r", Values: []string{"off"}}}, Users: &format.Users{Table: "off"},
	}
	got := over(off, said(t))
	if got.Schema+got.Codec != "" || len(got.Token)+len(got.User)+len(got.Guards)+len(got.Credentials)+len(got.Columns)+len(got.Claims)+len(got.Require) > 0 || got.Users != nil {
		t.Errorf("%+v", got)
	}
}
