package format

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// completed are the options with the defaults that their comments name.
func (o Options) completed(d sqltext.Dialect) Options {
	o.Expires = cmp.Or(o.Expires, expiresAbsolute)
	o.ExpiresUnit = cmp.Or(o.ExpiresUnit, unitTime)
	o.KeyType = cmp.Or(o.KeyType, keyPlain)
	o.UserType = cmp.Or(o.UserType, "any")
	if d == sqltext.MySQL && o.KeyType == keyUUID {
		o.KeyType = keyPlain // it is text there
	}
	if o.Codec == "" && o.Query == "" {
		o.Columns = maps.Clone(o.Columns)
		delete(o.Columns, colPayload) // it would be read for nothing
	}
	if o.Users != nil {
		users := *o.Users
		users.Key = cmp.Or(users.Key, "id")
		users.KeyType = cmp.Or(users.KeyType, keyPlain)
		o.Users = &users
	}
	return o
}

// validate looks at the words one by one. What they amount to is checked when a
// format is built of them, see [Foreign.build].
func (o *Options) validate() error {
	return errors.Join(o.checkWords(), o.checkTable(), o.checkUsers(), o.checkTimes())
}

func (o *Options) checkWords() error {
	checks := []struct {
		word, value string
		known       []string
	}{
		{"key_type", o.KeyType, keyTypes},
		{"expires", o.Expires, []string{expiresAbsolute, expiresSince, expiresNone}},
		{"expires_unit", o.ExpiresUnit, []string{unitTime, unitLocal, unitText, unitUnix, unitUnixMs, unitJulian}},
		{"user_type", o.UserType, []string{"any", "text"}},
	}
	for _, c := range checks {
		if !slices.Contains(c.known, c.value) {
			return fmt.Errorf("%s: there is no %q; there are %s", c.word, c.value, strings.Join(c.known, ", "))
		}
	}
	if o.CookieElse != "" && o.CookieElse == o.Cookie {
		return errors.New("cookie_else: it is the name that cookie has already")
	}
	if o.ExpiresUnit == unitLocal && o.Query != "" {
		return errors.New("expires_unit local does not go with a query of your own; convert the time in the query and say time or unix")
	}
	if o.Users != nil && !slices.Contains([]string{keyPlain, keyInt, keyUUID}, o.Users.KeyType) {
		return fmt.Errorf("users: key_type: there is no %q; there are text, int, uuid", o.Users.KeyType)
	}
	return nil
}

// checkTable checks that rows can be found at all.
func (o *Options) checkTable() error {
	switch {
	case o.Query != "" && o.Revocable && (o.Table == "" || o.Columns[colKey] == ""):
		return errors.New("revocable with a query of your own needs to know what to delete: add table and columns key")
	case o.Query == "" && o.Table == "":
		return errors.New("table is missing: which one holds the sessions?")
	case o.Query == "" && o.Columns[colKey] == "":
		return errors.New("columns: key is missing: which column is a session found by?")
	case o.Revocable && strings.HasPrefix(o.Columns[colKey], "("):
		return errors.New("revocable needs columns key to be a column, not an expression")
	}
	for _, columns := range o.allColumns() {
		for name, column := range columns {
			if column == "" || strings.Contains(column, "?") {
				return fmt.Errorf("columns: %s: it must name a column, or be an expression in parentheses without `?`", name)
			}
			if strings.ContainsRune(column, 0) {
				return fmt.Errorf("columns: %s: it contains a zero byte", name)
			}
		}
	}
	return nil
}

func (o *Options) checkUsers() error {
	if o.Users == nil {
		return nil
	}
	for _, name := range ofSession {
		if _, ok := o.Users.Columns[name]; ok {
			return fmt.Errorf("users: %s is a name for a column of the sessions; choose another, which require and claims then know", name)
		}
	}
	return nil
}

func (o *Options) allColumns() []map[string]string {
	if o.Users == nil {
		return []map[string]string{o.Columns}
	}
	return []map[string]string{o.Columns, o.Users.Columns}
}

// checkTimes makes sure that every session ends.
func (o *Options) checkTimes() error {
	switch {
	case o.MaxAge < 0 || o.Lifetime < 0:
		return errors.New("max_age and lifetime must not be negative")
	case o.Expires != expiresAbsolute && o.MaxAge == 0:
		return fmt.Errorf("expires %s needs max_age: there is no session for ever", o.Expires)
	}
	return nil
}

// checkResult makes sure that the result has the columns that the words need.
func (o *Options) checkResult(has func(string) bool) error {
	needs := map[string]string{expiresAbsolute: colExpires, expiresSince: colSeen}
	missing := func(name, why string) error {
		return fmt.Errorf("columns: %s is missing: %s", name, why)
	}
	switch {
	case !has(colKey):
		return missing(colKey, "the key that was found is compared with the cookie's, so it must be in the result")
	case needs[o.Expires] != "" && !has(needs[o.Expires]):
		return missing(needs[o.Expires], "expires "+o.Expires+" reads it; or choose another way with expires")
	case o.Expires == expiresNone && !has(colCreated) && !has(colSeen):
		return missing(colCreated, "max_age counts from it")
	case o.Lifetime > 0 && !has(colCreated):
		return missing(colCreated, "lifetime counts from it")
	case o.Codec != "" && !has(colPayload):
		return missing(colPayload, "the codec "+o.Codec+" reads it; without a payload say `codec off`")
	case len(o.User) == 0 && !has(colUser):
		return missing(colUser, "say where the user's id is: a column user_id, or `user <path>` in the payload")
	case len(o.User) > 0 && o.Codec == "":
		return errors.New("user: a path needs a codec that reads the payload; add codec, or use the column user_id")
	case o.PayloadKey != "" && o.Codec == "":
		return errors.New("payload_key needs a codec that reads the payload")
	}
	return nil
}
