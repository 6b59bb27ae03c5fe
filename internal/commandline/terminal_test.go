package commandline

import (
	"strings"
	"testing"
)

func TestWord_ARowsControlCharactersReachNoTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"":           "",
		"alice":      "alice",
		"Zoë":        "Zoë",
		"a  created": `"a  created"`,
		"a\x1b[2Jb":  `"a\x1b[2Jb"`,
		"a\nb":       `"a\nb"`,
		"\"a":        `"\"a"`,
		"a\u009b31m": `"a\u009b31m"`,
		"a\u202egpj": `"a\u202egpj"`,
		"a\xff":      `"a\xff"`,
		"a\u00a0b":   `"a` + "\u00a0" + `b"`,
	} {
		if got := word(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	var b strings.Builder
	n, err := plain{&b}.Write([]byte("a\x1b\u009b\u202e\U000e0001\n\xffé"))
	if want := `a\u001b\u009b\u202e\udb40\udc01` + "\n\ufffdé"; err != nil || n != 15 || b.String() != want {
		t.Errorf("%d %v %q, want %q", n, err, b.String(), want)
	}
}
