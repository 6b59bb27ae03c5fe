// Package directive reads the blocks of Caddyfile directives: options of one
// line each, by their names. An option that nobody knows, that stands twice or
// has a word too many is an error with its file and line, which says what is
// known instead.
//
//	err := directive.Read(d,
//		directive.Flag("optional", &g.Optional),
//		directive.Text("redirect", &g.Redirect),
//		directive.Lines("require", g.unmarshalRequire))
package directive

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// Option is one word of a block, and what reads the line that begins with it.
type Option struct {
	name    string
	read    func(d *caddyfile.Dispenser) error
	repeats bool
}

// Head reads a directive's name, and the realm that may follow it.
func Head(d *caddyfile.Dispenser, realm *string) error {
	d.Next()
	if d.NextArg() {
		*realm = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	return nil
}

// Read reads the block at d, which has these options.
func Read(d *caddyfile.Dispenser, options ...Option) error {
	seen := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		word := d.Val()
		i := slices.IndexFunc(options, func(o Option) bool { return o.name == word })
		switch {
		case i < 0:
			names := make([]string, len(options))
			for i, option := range options {
				names[i] = option.name
			}
			return d.Errf("unknown option %q; the known ones are %s", word, strings.Join(names, ", "))
		case seen[word] && !options[i].repeats:
			return d.Errf("the option %s is given twice; keep one of them", word)
		}
		seen[word] = true
		if err := options[i].read(d); err != nil {
			return err
		}
		if d.NextArg() {
			return d.Errf("the option %s has one word too many: %q", word, d.Val())
		}
	}
	return nil
}

// Free reads a block whose words set knows. A word of blocks may have a block
// instead, each of whose lines counts as one that begins with it.
func Free(d *caddyfile.Dispenser, blocks []string, set func(word string, args ...string) error) error {
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := free(d, d.Val(), blocks, set); err != nil {
			return err
		}
	}
	return nil
}

func free(d *caddyfile.Dispenser, word string, blocks []string, set func(word string, args ...string) error) error {
	args := d.RemainingArgs()
	inBlock := false
	for nesting := d.Nesting(); d.NextBlock(nesting); inBlock = true {
		if !slices.Contains(blocks, word) {
			return d.Errf("%s has no block", word)
		}
		line := append([]string{d.Val()}, d.RemainingArgs()...)
		if err := set(word, line...); err != nil {
			return Located(d, err)
		}
	}
	if inBlock && len(args) == 0 {
		return nil
	}
	return Located(d, set(word, args...))
}

// Line is an option that read understands, which finds the option's word at d.
func Line(name string, read func(d *caddyfile.Dispenser) error) Option {
	return Option{name: name, read: read}
}

// Lines is an option that may stand more than once.
func Lines(name string, read func(d *caddyfile.Dispenser) error) Option {
	return Option{name: name, read: read, repeats: true}
}

// Words is an option that may stand more than once, of at least least words and at
// most most (0: any number), which needs says in an error.
func Words(name string, least, most int, needs string, take func(words []string)) Option {
	return Lines(name, func(d *caddyfile.Dispenser) error {
		words := d.RemainingArgs()
		if len(words) < least || most > 0 && len(words) > most {
			return d.Errf("the option %s needs %s", name, needs)
		}
		take(words)
		return nil
	})
}

// Flag is an option without a value.
func Flag(name string, target *bool) Option {
	return Line(name, func(*caddyfile.Dispenser) error {
		*target = true
		return nil
	})
}

// Text is an option with one value.
func Text(name string, target *string) Option {
	return Line(name, func(d *caddyfile.Dispenser) error { return Word(d, target) })
}

// Texts is an option with at least one value.
func Texts(name string, target *[]string) Option {
	return Line(name, func(d *caddyfile.Dispenser) error {
		if *target = d.RemainingArgs(); len(*target) == 0 {
			return d.Errf("the option %s needs a value", name)
		}
		return nil
	})
}

// Number is an option with a number above 0.
func Number(name string, target *int) Option {
	return Line(name, func(d *caddyfile.Dispenser) error {
		var word string
		if err := Word(d, &word); err != nil {
			return err
		}
		n, err := strconv.Atoi(word)
		if err != nil || n <= 0 {
			return d.Errf("the option %s needs a number above 0, not %q", name, word)
		}
		*target = n
		return nil
	})
}

// Duration is an option with a duration above 0.
func Duration(name string, target *caddy.Duration) Option {
	return Line(name, func(d *caddyfile.Dispenser) error {
		var word string
		if err := Word(d, &word); err != nil {
			return err
		}
		value, err := caddy.ParseDuration(word)
		if err != nil || value <= 0 {
			return d.Errf("the option %s needs a duration above 0 such as 90s, 1h or 7d, not %q", name, word)
		}
		*target = caddy.Duration(value)
		return nil
	})
}

// DurationOrZero is an option with a duration that may be 0, which needs says in an
// error.
func DurationOrZero(name string, target **caddy.Duration, needs string) Option {
	return Line(name, func(d *caddyfile.Dispenser) error {
		var word string
		if err := Word(d, &word); err != nil {
			return err
		}
		value, err := caddy.ParseDuration(word)
		if word != "0" && (err != nil || value < 0) {
			return d.Errf("the option %s needs %s, not %q", name, needs, word)
		}
		*target = (*caddy.Duration)(&value)
		return nil
	})
}

// Word reads the value of the option whose name is at d.
func Word(d *caddyfile.Dispenser, target *string) error {
	option := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("the option %s needs a value", option)
	}
	*target = d.Val()
	return nil
}

// Located adds the file and line at d to an error.
func Located(d *caddyfile.Dispenser, err error) error {
	if err == nil {
		return nil
	}
	return d.WrapErr(err)
}
