package sqltext

import (
	"slices"
	"strings"
	"testing"
)

// The names of a result are found without knowing SQL.
func TestColumnsOfASelect(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT a FROM t":           "a",
		"select s.a, B as c from t": "a c",

		// What could be taken for an end of the list.
		"SELECT lower(a, (SELECT b FROM u)) AS \"x y\" FROM t": "x y",
		"SELECT 'it''s, from', FROM t":                         "",
		"SELECT 'it''s, from' AS a, `b``c` FROM t":             "a b`c",
		"WITH w AS (SELECT 1 AS x) SELECT x, 2 AS y FROM w":    "x y",
		"SELECT CASE WHEN a THEN 1 END AS z":                   "z",
	} {
		names, err := Columns(query)
		if got := strings.Join(names, " "); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", query, got, err, want)
		}
	}
	for query, says := range map[string]string{
		"":                          "no SELECT",
		"DELETE FROM t":             "no SELECT",
		"SELECT * FROM t":           "name the columns",
		"SELECT t.* FROM t":         "name the columns",
		"SELECT lower(a) FROM t":    "AS name",
		"SELECT 'x' FROM t":         "AS name",
		"SELECT a, a FROM t":        `two of its columns are named "a"`,
		"SELECT a -- why\nFROM t":   "comment",
		"SELECT /* why */ a FROM t": "comment",
		"SELECT (a FROM t":          "parentheses",
		"SELECT a) FROM t":          "parentheses",
		"SELECT 'a FROM t":          "quotation mark",
	} {
		if _, err := Columns(query); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", query, err, says)
		}
	}
}

// A question mark in a text or a name is no parameter.
func TestParameters(t *testing.T) {
	for query, want := range map[string]int{
		"SELECT a FROM t WHERE b = ?":              1,
		"SELECT '?', \"?\" FROM t WHERE b = `?`":   0,
		"SELECT 'it''s ?' FROM t WHERE (b, ?) = ?": 2,
		"SELECT '? FROM t":                         0,
	} {
		if got := Parameters(query); got != want {
			t.Errorf("%s: %d; want %d", query, got, want)
		}
	}
}

// A name stays a name, whatever stands in it.
func TestNamesAreQuoted(t *testing.T) {
	for _, d := range []Dialect{SQLite, Postgres, MySQL} {
		mark := "\""
		if d == MySQL {
			mark = "`"
		}
		for _, name := range []string{"user", "Session", `a"b`, "a`b", "a' OR 1=1 --", ""} {
			quoted := d.Quote(name)
			parts, err := lexemes(quoted)
			if err != nil || len(parts) != 1 || !parts[0].quoted || parts[0].text != name {
				t.Errorf("%s: %q becomes %s, which is %v, %v", d, name, quoted, parts, err)
			}
		}
		if got, want := d.Table("", "a.b.c"), mark+"a"+mark+"."+mark+"b.c"+mark; got != want {
			t.Errorf("%s: %s; want %s", d, got, want)
		}
		if got, want := d.Table("s", "a.b"), mark+"s"+mark+"."+mark+"a.b"+mark; got != want {
			t.Errorf("%s: %s; want %s", d, got, want)
		}
		if got := d.Table("s", "(SELECT 1)"); got != "(SELECT 1)" {
			t.Errorf("%s: %s", d, got)
		}
	}
}

// FuzzColumns: whatever an operator writes has names or is an error.
func FuzzColumns(f *testing.F) {
	for _, query := range []string{"SELECT a, b AS c FROM t WHERE k = ?", "select (a) 'x' from", "SELECT \"a\"\"b\" FROM t", "'", "SELECT )(", "SELECT a,"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		names, err := Columns(query)
		if (err == nil) != (len(names) > 0) || len(names) != len(slices.Compact(slices.Sorted(slices.Values(names)))) {
			t.Fatalf("%q, %v", names, err)
		}
		if Parameters(query) > strings.Count(query, "?") {
			t.Fatal("more parameters than question marks")
		}
	})
}
