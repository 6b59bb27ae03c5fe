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
)

// Format says whose sessions a realm has: `native`, the module's own, or
// another program's by the name of a preset, or `custom`. In JSON a name alone
// may stand for the whole object.
type Format struct {
	format.Options
}

const nativeFormat = "native"

// isNative reports whether the sessions are the module's own.
func (f *Format) isNative() bool { return f == nil || f.Name == "" || f.Name == nativeFormat }

// UnmarshalJSON reads a name, or an object of options.
func (f *Format) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &f.Name); err == nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&f.Options)
}

// MarshalJSON writes a name alone where there is nothing else to say.
func (f Format) MarshalJSON() ([]byte, error) {
	whole, err := json.Marshal(f.Options)
	name, _ := json.Marshal(map[string]string{"name": f.Name})
	if err == nil && string(whole) == string(name) {
		return json.Marshal(f.Name)
	}
	return whole, err
}

// resolved returns the options with the secrets that placeholders stand for,
// and the name of the cookie, which some programs sign.
func (f *Format) resolved(cookie string) (format.Options, error) {
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

// unmarshalBlock reads
//
//	format <name> {
//		secret            <secret...>
//		variant           <name>
//		insecure_unsigned
//		revocable
//		token             <step> [<argument...>]
//		key_type          text|bytes|int|uuid
//		schema            <name>|off
//		table             <name>
//		table_prefix      <text>
//		cookie            <name>
//		columns           { <name> <column> }
//		users             <table>|off { key <column>  key_type <type>  <name> <column> }
//		query             <select>
//		user_query        <select>
//		expires           absolute|since|none
//		expires_unit      time|local|text|unix|unix_ms|julian
//		max_age           <duration>
//		lifetime          <duration>
//		codec             <name>|off
//		payload_key       <path>
//		user              <path...>
//		user_type         text|any
//		claims            { <name> <path> }
//		require           <column or path> [<value...>]
//		guards            <name...>|off
//	}
func (f *Format) unmarshalBlock(d *caddyfile.Dispenser) error {
	if err := text(d, &f.Name); err != nil {
		return err
	}
	if !f.isNative() && !slices.Contains(format.Presets(), f.Name) {
		return d.Errf("unknown format %q; the known ones are native, %s", f.Name, strings.Join(format.Presets(), ", "))
	}
	return options(d, "secret token require columns claims users", func(option string) error {
		if f.isNative() {
			return d.Err("the format native has no options; they are for other programs' sessions")
		}
		switch option {
		case "secret":
			return appendTexts(d, &f.Secret)
		case "variant":
			return text(d, &f.Variant)
		case "insecure_unsigned":
			return flag(d, &f.InsecureUnsigned)
		case "revocable":
			return flag(d, &f.Revocable)
		case "token":
			return f.unmarshalToken(d)
		case "key_type":
			return text(d, &f.KeyType)
		case "schema":
			return text(d, &f.Schema)
		case "table":
			return text(d, &f.Table)
		case "table_prefix":
			return text(d, &f.TablePrefix)
		case "columns":
			return pairs(d, &f.Columns)
		case "users":
			return f.unmarshalUsers(d)
		case "cookie":
			return text(d, &f.Cookie)
		case "query":
			return text(d, &f.Query)
		case "user_query":
			return text(d, &f.UserQuery)
		case "expires":
			return text(d, &f.Expires)
		case "expires_unit":
			return text(d, &f.ExpiresUnit)
		case "max_age":
			return span(d, &f.MaxAge)
		case "lifetime":
			return span(d, &f.Lifetime)
		case "codec":
			return text(d, &f.Codec)
		case "payload_key":
			return text(d, &f.PayloadKey)
		case "user":
			return texts(d, &f.User)
		case "user_type":
			return text(d, &f.UserType)
		case "claims":
			return pairs(d, &f.Claims)
		case "require":
			return f.unmarshalRequire(d)
		case "guards":
			return texts(d, &f.Guards)
		}
		return unknown(d, "secret", "variant", "insecure_unsigned", "revocable", "cookie", "token", "key_type", "schema", "table", "table_prefix",
			"columns", "users", "query", "user_query", "expires", "expires_unit", "max_age", "lifetime", "codec", "payload_key",
			"user", "user_type", "claims", "require", "guards")
	})
}

func (f *Format) unmarshalToken(d *caddyfile.Dispenser) error {
	var step []string
	if err := texts(d, &step); err != nil {
		return err
	}
	f.Token = append(f.Token, strings.Join(step, " "))
	return nil
}

func (f *Format) unmarshalRequire(d *caddyfile.Dispenser) error {
	var words []string
	if err := texts(d, &words); err != nil {
		return err
	}
	f.Require = append(f.Require, format.Condition{Of: words[0], Values: words[1:]})
	return nil
}

// unmarshalUsers reads the table of users, and a block in which every word but
// two names a column.
func (f *Format) unmarshalUsers(d *caddyfile.Dispenser) error {
	if f.Users == nil {
		f.Users = &format.Users{Columns: make(map[string]string)}
	}
	if d.NextArg() {
		f.Users.Table = d.Val()
	}
	return options(d, "", func(option string) error {
		switch option {
		case "key":
			return text(d, &f.Users.Key)
		case "key_type":
			return text(d, &f.Users.KeyType)
		}
		return pair(d, f.Users.Columns)
	})
}

func appendTexts(d *caddyfile.Dispenser, target *[]string) error {
	var more []string
	err := texts(d, &more)
	*target = append(*target, more...)
	return err
}

// pairs reads a block of names and values, or one of each on the line.
func pairs(d *caddyfile.Dispenser, target *map[string]string) error {
	if *target == nil {
		*target = make(map[string]string)
	}
	if d.NextArg() {
		return pair(d, *target)
	}
	return options(d, "", func(string) error { return pair(d, *target) })
}

// pair reads the value of the name that d is at.
func pair(d *caddyfile.Dispenser, target map[string]string) error {
	name := d.Val()
	var value string
	err := text(d, &value)
	target[name] = value
	return err
}

func span(d *caddyfile.Dispenser, target *format.Duration) error {
	var word string
	if err := text(d, &word); err != nil {
		return err
	}
	value, err := format.ParseDuration(word)
	if err == nil && value <= 0 {
		err = errors.New("a time span must be above 0")
	}
	*target = value
	return located(d, err)
}
