package store_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/seed-11312c3d/caddy-session/store"
)

func TestD5_FoldedUsers(t *testing.T) {
	for user, want := range map[string]string{
		"":                 "",
		"alice":            "alice",
		"Alice":            "alice",
		"ALICE@Example.Ch": "alice@example.ch",
		"JOSÉ":             "josé",
		"JOSE\u0301":       "jose\u0301", // an accent of its own stays one: not what José is called
		"ÅSA":              "åsa",
		"\u212BSA":         "\u212Bsa", // the Ångström sign
		"\u212AIM":         "\u212Aim", // the Kelvin sign
		"İAN":              "İan",      // dotted, which is no I
		"IAN":              "ian",
		"ıan":              "ıan", // dotless
		"ΣΊΣΥΦΟΣ":          "σίσυφοσ",
		"σίσυφος":          "σίσυφος", // with a final sigma
		"STRASSE":          "strasse",
		"straße":           "straße",
		"STRA\u1E9EE":      "stra\u1E9Ee",
		"АЛИСА":            "алиса",
		"ǅ":                "ǅ", // neither
		"A\xffB":           "A\xffB",
	} {
		if got := store.FoldUser(user); got != want {
			t.Errorf("%q becomes %q, want %q", user, got, want)
		}
	}
}

// Of all characters no more than two become one, and those are the cases of a letter.
func TestD5_FoldingMakesOneOfTwoAtMost(t *testing.T) {
	from := make(map[string][]rune)
	for r := range rune(unicode.MaxRune + 1) {
		if utf8.ValidRune(r) {
			folded := store.FoldUser(string(r))
			from[folded] = append(from[folded], r)
			if store.FoldUser(folded) != folded {
				t.Errorf("%U changes twice", r)
			}
		}
	}
	pairs := 0
	for folded, runes := range from {
		if len(runes) == 1 {
			continue
		}
		pairs++
		if len(runes) > 2 || strings.ToUpper(folded) != string(runes[0]) && strings.ToUpper(folded) != string(runes[1]) {
			t.Errorf("%q comes of %U", folded, runes)
		}
	}
	if pairs < 1000 {
		t.Error("only", pairs, "letters have two cases")
	}
}
