package directive_test

import (
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/seed-11312c3d/caddy-session/internal/directive"
)

// block is what the options of the tests' directive have said.
type block struct {
	realm, text string
	flag        bool
	texts       []string
	number      int
	duration    caddy.Duration
	lines       []string
}

func read(input string) (b block, err error) {
	d := caddyfile.NewTestDispenser(input)
	if err := directive.Head(d, &b.realm); err != nil {
		return b, err
	}
	return b, directive.Read(d,
		directive.Flag("flag", &b.flag),
		directive.Text("text", &b.text),
		directive.Texts("texts", &b.texts),
		directive.Number("number", &b.number),
		directive.Duration("duration", &b.duration),
		directive.Lines("line", func(d *caddyfile.Dispenser) error {
			b.lines = append(b.lines, strings.Join(d.RemainingArgs(), "+"))
			return nil
		}))
}

func TestRead(t *testing.T) {
	b, err := read("word staff {\n flag\n text a\n texts b c\n number 7\n duration 2d\n line x y\n line z\n}")
	if err != nil {
		t.Fatal(err)
	}
	if b.realm != "staff" || b.text != "a" || !b.flag || strings.Join(b.texts, " ") != "b c" || b.number != 7 ||
		b.duration != caddy.Duration(48*time.Hour) || strings.Join(b.lines, " ") != "x+y z" {
		t.Errorf("%+v", b)
	}
}

func TestRead_ErrorsNameTheOptionAndTheRemedy(t *testing.T) {
	for input, want := range map[string]string{
		"word a b":                     "wrong argument count",
		"word {\n other\n}":            `unknown option "other"; the known ones are flag, text, texts, number, duration, line`,
		"word {\n flag\n flag\n}":      "the option flag is given twice; keep one of them",
		"word {\n flag yes\n}":         `the option flag has one word too many: "yes"`,
		"word {\n text\n}":             "the option text needs a value",
		"word {\n text \"\"\n}":        "the option text needs a value",
		"word {\n texts\n}":            "the option texts needs a value",
		"word {\n number 0\n}":         `the option number needs a number above 0, not "0"`,
		"word {\n number many\n}":      `the option number needs a number above 0, not "many"`,
		"word {\n duration -1s\n}":     `the option duration needs a duration above 0 such as 90s, 1h or 7d, not "-1s"`,
		"word {\n line a\n flag no\n}": "Testfile:3",
	} {
		if _, err := read(input); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", input, err, want)
		}
	}
}
