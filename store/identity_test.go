package store

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestH6_Check(t *testing.T) {
	claim := func(name string, c Claim) Identity { return Identity{User: "alice", Claims: Claims{name: c}} }
	fine := []Identity{
		{User: "alice"},
		{User: "a b"},
		{User: "Алиса 🐇"},
		{User: "{env.HOME}"},
		{User: strings.Repeat("a", 255)},
		claim("email", Text("alice@example.com")), claim("groups", List("a,b", "c")), claim("empty", Text("")), claim("empty", List()),
		claim("https://example.com/role", Text("x")), claim(strings.Repeat("n", 64), Text(`"\<>&`)), claim("big", Text(strings.Repeat("x", 4084))),
	}
	for _, id := range fine {
		if err := id.Check(); err != nil {
			t.Errorf("%.40q: %v", id, err)
		}
	}
	refused := map[string]Identity{
		"is empty":                  {},
		"longer than 255":           {User: strings.Repeat("a", 256)},
		"not valid UTF-8":           {User: "a\xff"},
		"the claim x contains":      claim("x", Text("a\u202eb")),
		"the claim y contains":      claim("y", List("fine", "a\r\nb")),
		"the claim nul contains":    claim("nul", Text("a\x00b")),
		"the claim del contains":    claim("del", Text("a\x7fb")),
		"the claim line contains":   claim("line", Text("a\u2028b")),
		"the claim space has white": claim("space", Text("admin ")),
		"the claim nbsp has white":  claim("nbsp", List("\u00a0admin")),
		"user id; choose another":   claim("user", Text("mallory")),
		"a claim has a name with":   claim("na me", Text("x")),
		"not 1 to 64":               claim("", Text("x")),
		"a claim has a name that":   claim(strings.Repeat("n", 65), Text("x")),
		"16384 bytes as JSON":       claim("big", Text(strings.Repeat("x", 16374))),
		"longer than 16384":         claim("big", Text(strings.Repeat(`"`, 8187))),
	}
	for want, id := range refused {
		if err := id.Check(); !errors.Is(err, ErrInvalidIdentity) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestCheckNeverShowsValues(t *testing.T) {
	for _, id := range []Identity{{User: "secret\n"}, {User: "a", Claims: Claims{"x": Text("secret ")}}, {User: "a", Claims: Claims{"secret\n": Text("x")}}} {
		if err := id.Check(); strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	id := ordinary
	if n := testing.AllocsPerRun(100, func() { _ = id.Check() }); n > 0 {
		t.Error(n, "allocations")
	}
}

var ordinary = Identity{User: "alice", Claims: Claims{
	"email": Text("alice@example.com"), "name": Text("Alice Liddell"), "groups": List("admin", "ops", "staff"),
}}

func TestNormalized(t *testing.T) {
	id := Identity{User: "alice", Claims: Claims{"groups": Text("admin"), "name": Text(""), "roles": List("", "a", ""), "none": List("")}}
	want := Claims{"groups": List("admin"), "roles": List("a")}
	if got := id.Normalized(); !reflect.DeepEqual(got.Claims, want) {
		t.Errorf("%#v", got.Claims)
	}
	if len(id.Claims) != 4 || id.Claims["groups"].IsList() {
		t.Error("the original has changed")
	}
}

func TestClaimJSON(t *testing.T) {
	for text, want := range map[string]Claim{
		`"a"`: Text("a"), `""`: Text(""), `null`: {}, `1.50`: Text("1.50"), `true`: Text("true"), ` "a" `: Text("a"),
		`["a", 1, true, null, ""]`: List("a", "1", "true"), `[]`: List(),
	} {
		var got Claim
		if err := json.Unmarshal([]byte(text), &got); err != nil || got.String() != want.String() || got.IsList() != want.IsList() {
			t.Errorf("%s: %#v, %v", text, got, err)
		}
	}
	for _, text := range []string{`{}`, `[["a"]]`, `[{}]`} {
		if err := json.Unmarshal([]byte(text), new(Claim)); err == nil {
			t.Error("taken for a claim:", text)
		}
	}
	if got, err := json.Marshal(Claims{"b": List("x"), "a": Text("y"), "c": List()}); string(got) != `{"a":"y","b":["x"],"c":[]}` || err != nil {
		t.Error(string(got), err)
	}
}

func TestH6_RowThatIsNotOurs(t *testing.T) {
	key := make([]byte, 32)
	for _, claims := range []string{"", "null", "[]", "x", `{"a":{}}`, `{"a":[["b"]]}`, "{\"a\":\"\xff\"}"} {
		if s, err := (&Row{Key: key, user: "alice", claims: claims}).Session(); err == nil {
			t.Errorf("%q was read as %v", claims, s.Claims)
		}
	}
	if _, err := (&Row{Key: key[:31], claims: "{}"}).Session(); err == nil {
		t.Error("a key of 31 bytes was read")
	}
	s, err := (&Row{Key: key, claims: `{"groups":"a,b"}`}).Session()
	if err != nil || !s.Claims["groups"].IsList() || len(s.Claims["groups"].Items()) != 1 {
		t.Error("a text among the groups must stay one group:", s, err)
	}
}

// What is accepted survives the way into the database and into a header.
func FuzzH6_Check(f *testing.F) {
	f.Add("alice", "groups", "admin", "a,b")
	f.Add("Алиса", "x", `"\`, "\u2028")
	f.Add("admin ", "user", "\xff", "")
	f.Fuzz(func(t *testing.T, user, name, first, second string) {
		id := Identity{user, Claims{name: List(first, second), "text": Text(first)}}.Normalized()
		if id.Check() != nil {
			return
		}
		data, err := id.Claims.Text()
		if err != nil || len(data) > maxClaims || len(data) > id.Claims.size() {
			t.Fatalf("%d bytes of JSON, counted %d: %v", len(data), id.Claims.size(), err)
		}
		back, err := ParseClaims(data)
		if err != nil || !reflect.DeepEqual(back, id.Claims) {
			t.Errorf("%#v became %#v: %v", id.Claims, back, err)
		}
		for _, text := range []string{user, first, second} {
			if text != "" && !isSendable(text) && (text == user || id.Claims[name].String() != "") {
				t.Errorf("%q was accepted", text)
			}
		}
	})
}

// The quick way to read claims says the same as the general one, or nothing.
func FuzzScanClaims(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":"b"}`, `{"a":["b","c"],"d":""}`, `{"a":[]}`, `{"a":"b"`, `{"a":"b",}`, `{"a":["",]}`, `{"a":"\n"}`, `{"a":"b"}x`, `{"a":"b","a":["c"]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		got, ok := scanClaims(data)
		if !ok || !utf8.ValidString(data) {
			return
		}
		var want Claims
		if err := json.Unmarshal([]byte(data), &want); err != nil {
			t.Fatalf("%q was read as %v: %v", data, got, err)
		}
		for name, c := range want {
			if got[name].IsList() != c.IsList() || !slices.Equal(got[name].Items(), c.Items()) {
				t.Errorf("%q: the claim %q was read as %v", data, name, got[name])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%q was read as %v", data, got)
		}
	})
}

func isSendable(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}
