package caddysession

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
	"github.com/seed-11312c3d/caddy-session/internal/directive"
)

// FormatConfig says whose sessions a realm has: `native`, the module's own, or
// another program's by the name of a preset, or `custom`. In JSON a name alone
// may stand for the whole object.
type FormatConfig struct {
	format.Options
}

const nativeFormat = "native"

// isNative reports whether the sessions are the module's own.
func (f *FormatConfig) isNative() bool { return f == nil || f.Name == "" || f.Name == nativeFormat }

// UnmarshalJSON reads a name, or an object of options.
func (f *FormatConfig) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &f.Name); err == nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&f.Options)
}

// MarshalJSON writes a name alone where there is nothing else to say.
func (f FormatConfig) MarshalJSON() ([]byte, error) {
	whole, err := json.Marshal(f.Options)
	name, _ := json.Marshal(map[string]string{"name": f.Name})
	if err == nil && string(whole) == string(name) {
		return json.Marshal(f.Name)
	}
	return whole, err
}

// resolved returns the options with the secrets that placeholders stand for,
// and the name of the cookie, which some programs sign.
func (f *FormatConfig) resolved(cookie string) (format.Options, error) {
	options := f.Options
	options.Cookie = cmp.Or(cookie, f.Cookie)
	options.Secret = make([]string, len(f.Secret))
	for i, secret := range f.Secret {
		expanded, err := expand(secret, nil)
		if err != nil {
			return options, fmt.Errorf("format %s: secret: %w", f.Name, err)
		}
		options.Secret[i] = expanded
	}
	return options, nil
}

// blockWords are the words of a format whose lines may stand in a block.
var blockWords = []string{"columns", "claims", "users"}

// unmarshalBlock reads `format <name> { ... }`. The words are those of
// [format.Options], described in docs/formats.md; a line of a block counts as
// one that begins with the block's name.
func (f *FormatConfig) unmarshalBlock(d *caddyfile.Dispenser) error {
	if err := directive.Word(d, &f.Name); err != nil {
		return err
	}
	if !f.isNative() && !slices.Contains(preset.Names(), f.Name) {
		return d.Errf("unknown format %q; the known ones are native, %s", f.Name, strings.Join(preset.Names(), ", "))
	}
	return directive.Free(d, blockWords, func(word string, args ...string) error {
		if f.isNative() {
			return errors.New("the format native has no options; they are for other programs' sessions")
		}
		return f.Set(word, args...)
	})
}
