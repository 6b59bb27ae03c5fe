package caddysession

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// head reads a directive's name and the realm that may follow it.
func head(d *caddyfile.Dispenser, realm *string) error {
	d.Next()
	if d.NextArg() {
		*realm = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	return nil
}

// options calls parse for each option of the block at d. Only the repeatable
// ones (a list separated by spaces) may stand twice.
func options(d *caddyfile.Dispenser, repeatable string, parse func(option string) error) error {
	seen := make(map[string]bool)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		option := d.Val()
		if seen[option] && !slices.Contains(strings.Fields(repeatable), option) {
			return d.Errf("the option %s is given twice; keep one of them", option)
		}
		seen[option] = true
		if err := parse(option); err != nil {
			return err
		}
		if d.NextArg() {
			return d.Errf("the option %s has one word too many: %q", option, d.Val())
		}
	}
	return nil
}

// located adds the file and line to an error.
func located(d *caddyfile.Dispenser, err error) error {
	if err == nil {
		return nil
	}
	return d.WrapErr(err)
}

func unknown(d *caddyfile.Dispenser, known ...string) error {
	return d.Errf("unknown option %q; the known ones are %s", d.Val(), strings.Join(known, ", "))
}

func text(d *caddyfile.Dispenser, target *string) error {
	option := d.Val()
	if !d.NextArg() || d.Val() == "" {
		return d.Errf("the option %s needs a value", option)
	}
	*target = d.Val()
	return nil
}

func texts(d *caddyfile.Dispenser, target *[]string) error {
	option := d.Val()
	if *target = d.RemainingArgs(); len(*target) == 0 {
		return d.Errf("the option %s needs a value", option)
	}
	return nil
}

func flag(_ *caddyfile.Dispenser, target *bool) error {
	*target = true
	return nil
}

func number(d *caddyfile.Dispenser, target *int) error {
	var word string
	option := d.Val()
	if err := text(d, &word); err != nil {
		return err
	}
	n, err := strconv.Atoi(word)
	if err != nil || n <= 0 {
		return d.Errf("the option %s needs a number above 0, not %q", option, word)
	}
	*target = n
	return nil
}

func duration(d *caddyfile.Dispenser, target *caddy.Duration) error {
	var word string
	option := d.Val()
	if err := text(d, &word); err != nil {
		return err
	}
	value, err := caddy.ParseDuration(word)
	if err != nil || value <= 0 {
		return d.Errf("the option %s needs a duration above 0 such as 90s, 1h or 7d, not %q", option, word)
	}
	*target = caddy.Duration(value)
	return nil
}
