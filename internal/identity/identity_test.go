package identity_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/store"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestClaim(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []string
		want   string
	}{
		{"email", []string{"a,b"}, `"a,b"`},
		{"email", []string{"a", "b,c"}, `["a","b,c"]`},
		{"groups", []string{" staff , admin,"}, `["staff","admin"]`},
		{"groups", []string{"staff", "a,b"}, `["staff","a,b"]`},
		{"email", nil, `[]`},
	} {
		if got := asJSON(t, identity.Claim(c.name, c.values, ",")); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.name, c.values, got, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ text, separator, want string }{
		{"a, b,c d", ",", `["a","b","c d"]`},
		{" a\tb  c ", " ", `["a","b","c"]`},
		{"a|b", "|", `["a","b"]`},
		{"", " ", `[]`},
	} {
		if got := asJSON(t, identity.Split(c.text, c.separator)); got != c.want {
			t.Errorf("%q at %q: %s, want %s", c.text, c.separator, got, c.want)
		}
	}
}

func TestKeep(t *testing.T) {
	claims := store.Claims{"groups": store.List("app-a", "app-", "other", "app-b-x", "app-b-y", "x", "xx"), "role": store.Text("guest"), "name": store.Text("Al")}
	identity.Keep(claims, "groups", []string{"app-*x", "app-a", "x*x"})
	identity.Keep(claims, "role", []string{"admin"})
	identity.Keep(claims, "none", []string{"*"})
	if got := asJSON(t, claims); got != `{"groups":["app-a","app-b-x","xx"],"name":"Al"}` {
		t.Error(got)
	}
}

func TestHandedOver_TwoLinesThatDifferAreNobody(t *testing.T) {
	set, err := headers.LookupSet("remote")
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"Remote-User": {"alice"}, "Remote-Groups": {"a|b"}}
	id, err := identity.HandedOver(h, set, "|")
	if err != nil || id.User != "alice" || asJSON(t, id.Claims["groups"]) != `["a","b"]` {
		t.Error(id, err)
	}
	h["Remote-Groups"] = []string{"a", "b"}
	if id, err = identity.HandedOver(h, set, ","); !errors.Is(err, store.ErrInvalidIdentity) || id.User != "" {
		t.Error(id, err)
	}
}

func TestDropUnreadable(t *testing.T) {
	claims := store.Claims{"name": store.Text("Ren\xe9"), "groups": store.List("ok", "\xff"), "email": store.Text("é")}
	names := identity.DropUnreadable(claims)
	if len(names) != 2 || len(claims) != 1 || claims["email"].String() != "é" {
		t.Error(names, claims)
	}
}

func TestFromJSON(t *testing.T) {
	for body, want := range map[string]string{
		`{"user":"a","claims":{"groups":"x, y","n":["1"]}}`: `{"groups":["x","y"],"n":["1"]}`,
		`{"user":"a","claims":{"email":"x, y"}}`:            `{"email":"x, y"}`,
		`{"user":"a","claims":[]}`:                          "must be an object",
		`{"user":"a","claims":{"n":["x",1]}}`:               "a string or a list of strings",
		`{"user":"a","claims":null}`:                        `{}`,
		`{"user":1}`:                                        "must be a string",
		`{"user":"a","User":"b"}`:                           "another name",
		`{"user":"a","user":"b"}`:                           "a key is repeated",
		`{"user":"a"} {}`:                                   "reading json",
		`{"user":"a","claims":{"n":1}}`:                     "a string or a list of strings",
		`[]`:                                                "it is none",
	} {
		id, err := identity.FromJSON(strings.NewReader(body))
		switch {
		case err == nil && id.User == "a" && asJSON(t, id.Claims) == want:
		case err != nil && strings.Contains(err.Error(), want):
		default:
			t.Errorf("%s: %+v %v", body, id, err)
		}
	}
}

// Whatever a body holds, it is refused or says one thing: written again, it is
// read alike.
func FuzzFromJSON(f *testing.F) {
	f.Add([]byte(`{"user":"a","claims":{"groups":["x"],"email":"e"}}`))
	f.Add([]byte(`{"user":"\ud800"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		id, err := identity.FromJSON(strings.NewReader(string(body)))
		if err != nil {
			return
		}
		again, err := identity.FromJSON(strings.NewReader(asJSON(t, map[string]any{"user": id.User, "claims": id.Claims})))
		if err != nil || again.User != id.User ||
			len(again.Claims)+len(id.Claims) > 0 && asJSON(t, again.Claims) != asJSON(t, id.Claims) {
			t.Errorf("%q: %+v, then %+v %v", body, id, again, err)
		}
	})
}
