//go:build unix

package tests

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// section is a part of the reference, up to the next heading of its level.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(readFile(t, "../docs/reference.md"), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the reference has no section %s", heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// rowsUnder are the rows of the table whose first column is called so.
func rowsUnder(t *testing.T, heading, column string) (rows [][]string) {
	t.Helper()
	inTable := false
	for line := range strings.Lines(section(t, heading)) {
		line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "¦")
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case cells[0] == column:
			inTable = true
		case inTable && !strings.HasPrefix(line, "|---"):
			rows = append(rows, cells)
		}
	}
	if rows == nil {
		t.Fatalf("%s has no table of %s", heading, column)
	}
	return rows
}

var inBackquotes = regexp.MustCompile("`([^`]*)`")

// codeIn lists what a text has in backquotes.
func codeIn(text string) (spans []string) {
	for _, span := range inBackquotes.FindAllStringSubmatch(text, -1) {
		spans = append(spans, span[1])
	}
	return spans
}

// namesUnder are the first words of a table's first column.
func namesUnder(t *testing.T, heading, column string) (names []string) {
	t.Helper()
	for _, row := range rowsUnder(t, heading, column) {
		name, _, _ := strings.Cut(codeIn(row[0])[0], " ")
		names = append(names, name)
	}
	return names
}

// assertSame: two lists hold the same, in any order.
func assertSame(t *testing.T, what string, told, known []string) {
	t.Helper()
	told, known = slices.Sorted(slices.Values(told)), slices.Sorted(slices.Values(known))
	if !slices.Equal(told, known) {
		t.Errorf("%s\ntold  %q\nknown %q", what, told, known)
	}
}

// knownWords are those that an error lists for a Caddyfile with an unknown one.
func knownWords(t *testing.T, caddyfile string) []string {
	t.Helper()
	_, list, found := strings.Cut(adaptAndValidate(t, caddyfile), "known ones are ")
	if !found {
		t.Fatalf("there is no list of known words for\n%s", caddyfile)
	}
	list, _, _ = strings.Cut(list, " at ")
	list, _, _ = strings.Cut(strings.TrimSpace(list), ", at ")
	return strings.Fields(strings.NewReplacer(",", " ", " and ", " ").Replace(list))
}

// optionsOf are the places of options, by their sections.
var optionsOf = map[string][2]string{
	"Realm":  {"{\n\tsession {\n\t\t", "\n\t}\n}\n"},
	"Store":  {"{\n\tsession {\n\t\tstore {\n\t\t\t", "\n\t\t}\n\t}\n}\n"},
	"Cookie": {"{\n\tsession {\n\t\tcookie {\n\t\t\t", "\n\t\t}\n\t}\n}\n"},
	"Guard":  {"http://x.test {\n\tsession {\n\t\t", "\n\t}\n}\n"},
	"Login":  {"http://x.test {\n\tsession_login {\n\t\t", "\n\t}\n}\n"},
	"Logout": {"http://x.test {\n\tsession_logout {\n\t\t", "\n\t}\n}\n"},
}

// Every option of the Caddyfile is in the reference, and no other.
func TestReference_Options(t *testing.T) {
	for heading, place := range optionsOf {
		assertSame(t, heading, namesUnder(t, heading, "option"), knownWords(t, place[0]+"nonsense x"+place[1]))
	}
	guard := optionsOf["Guard"]
	assertSame(t, "header sets", namesUnder(t, "Guard", "set"), knownWords(t, guard[0]+"headers nonsense"+guard[1]))
	for _, encoding := range knownWords(t, guard[0]+"header X-A {http.session.id} nonsense"+guard[1]) {
		assertContains(t, section(t, "Guard"), "`"+encoding+"`")
	}
}

// Every kind of URL in the reference is one of a database, and those that an
// error names are there.
func TestReference_Databases(t *testing.T) {
	store := optionsOf["Store"]
	var schemes []string
	for _, row := range rowsUnder(t, "Databases", "URL") {
		for _, url := range codeIn(row[0]) {
			scheme, _, _ := strings.Cut(url, ":")
			schemes = append(schemes, scheme)
			if got := adaptAndValidate(t, store[0]+"url "+scheme+"://u@h/d"+store[1]); strings.HasPrefix(got, "error: ") {
				t.Errorf("%s: %s", url, got)
			}
		}
	}
	for _, known := range knownWords(t, store[0]+"url oracle://x"+store[1]) {
		if scheme, _, _ := strings.Cut(known, ":"); !slices.Contains(schemes, scheme) {
			t.Errorf("%s is not told of", known)
		}
	}
}

// jsonFields are the names of a struct's fields in JSON.
func jsonFields(of reflect.Type) (names []string) {
	for of.Kind() != reflect.Struct {
		of = of.Elem()
	}
	for i := range of.NumField() {
		if name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// typeAt is the type of a field, and of fields in it, by their names in JSON.
func typeAt(t *testing.T, module string, path ...string) reflect.Type {
	t.Helper()
	info, err := caddy.GetModule(module)
	if err != nil {
		t.Fatal(err)
	}
	at := reflect.TypeOf(info.New())
	for _, name := range path {
		for at.Kind() != reflect.Struct {
			at = at.Elem()
		}
		field, found := at.FieldByNameFunc(func(goName string) bool {
			f, _ := at.FieldByName(goName)
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return tag == name
		})
		if !found {
			t.Fatalf("%s has no field %s", at, name)
		}
		at = field.Type
	}
	return at
}

// Every field in JSON is an option of the Caddyfile, or in the table of the
// others, and no other field is there.
func TestReference_JSON(t *testing.T) {
	extra := make(map[string][]string)
	for _, row := range rowsUnder(t, "JSON", "field") {
		extra[row[1]] = append(extra[row[1]], codeIn(row[0])...)
	}
	const guard, login, logout, matcher = "http.handlers.session", "http.handlers.session_login", "http.handlers.session_logout", "http.matchers.session"
	options := func(heading string, more ...string) []string {
		return append(namesUnder(t, heading, "option"), more...)
	}
	shared := extra["guard, login, logout"]
	for _, c := range []struct {
		what string
		told []string
		at   reflect.Type
	}{
		{"app", extra["the app"], typeAt(t, "session")},
		{"realm", options("Realm"), typeAt(t, "session", "realms")},
		{"store", options("Store"), typeAt(t, "session", "realms", "store")},
		{"cookie", options("Cookie"), typeAt(t, "session", "realms", "cookie")},
		{"guard", options("Guard", shared...), typeAt(t, guard)},
		{"login", options("Login", append(extra["login"], shared...)...), typeAt(t, login)},
		{"logout", options("Logout", shared...), typeAt(t, logout)},
		{"matcher", extra["matcher"], typeAt(t, matcher)},
		{"require of the guard", extra["`require` of guard and matcher"], typeAt(t, guard, "require")},
		{"require of the matcher", extra["`require` of guard and matcher"], typeAt(t, matcher, "require")},
		{"header", extra["`header` of the guard"], typeAt(t, guard, "header")},
		{"claim", extra["`claim` of the login"], typeAt(t, login, "claim")},
	} {
		assertSame(t, c.what, c.told, jsonFields(c.at))
	}
	assertEqual(t, "kinds of fields in the table", len(extra), 7)
}
