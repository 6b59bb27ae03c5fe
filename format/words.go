package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// word sets one word of a configuration. It reports whether the word stood
// already.
type word struct {
	least, most int // how many arguments it takes; most 0: any number
	set         func(o *Options, args []string) (again bool, err error)
}

// words are all that a Caddyfile may say within `format <name> { ... }`, one
// line each. Those of a block are written as if each of its lines began with
// the block's own name: columns key sid.
var words = map[string]word{
	"variant":           {1, 1, one(func(o *Options) *string { return &o.Variant })},
	"cookie":            {1, 1, one(func(o *Options) *string { return &o.Cookie })},
	"cookie_else":       {1, 1, one(func(o *Options) *string { return &o.CookieElse })},
	"key_type":          {1, 1, one(func(o *Options) *string { return &o.KeyType })},
	"schema":            {1, 1, one(func(o *Options) *string { return &o.Schema })},
	"table_prefix":      {1, 1, one(func(o *Options) *string { return &o.TablePrefix })},
	"table":             {1, 1, one(func(o *Options) *string { return &o.Table })},
	"query":             {1, 1, one(func(o *Options) *string { return &o.Query })},
	"user_query":        {1, 1, one(func(o *Options) *string { return &o.UserQuery })},
	"expires":           {1, 1, one(func(o *Options) *string { return &o.Expires })},
	"expires_unit":      {1, 1, one(func(o *Options) *string { return &o.ExpiresUnit })},
	"codec":             {1, 1, one(func(o *Options) *string { return &o.Codec })},
	"payload_key":       {1, 1, one(func(o *Options) *string { return &o.PayloadKey })},
	"user_type":         {1, 1, one(func(o *Options) *string { return &o.UserType })},
	"secret":            {1, 0, more(func(o *Options) *[]string { return &o.Secret })},
	"user":              {1, 0, more(func(o *Options) *[]string { return &o.User })},
	"guards":            {1, 0, more(func(o *Options) *[]string { return &o.Guards })},
	"token":             {1, 0, tokenWord},
	"credentials":       {1, 0, more(func(o *Options) *[]string { return &o.Credentials })},
	"max_age":           {1, 1, span(func(o *Options) *Duration { return &o.MaxAge })},
	"lifetime":          {1, 1, span(func(o *Options) *Duration { return &o.Lifetime })},
	"insecure_unsigned": {0, 0, flag(func(o *Options) *bool { return &o.InsecureUnsigned })},
	"revocable":         {0, 0, flag(func(o *Options) *bool { return &o.Revocable })},
	"columns":           {2, 2, pair(func(o *Options) *map[string]string { return &o.Columns })},
	"claims":            {2, 2, pair(func(o *Options) *map[string]string { return &o.Claims })},
	"require":           {1, 0, requireWord},
	"users":             {1, 0, usersWord},
}

// wordNames lists the words that [Options.Set] knows, in order.
func wordNames() []string {
	names := make([]string, 0, len(words))
	for name := range words {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Set adds one line of a configuration: a word and its arguments. The lines of
// a block, columns, claims and users, are given as lines of their own that
// begin with the block's name.
func (o *Options) Set(name string, args ...string) error {
	w, ok := words[name]
	switch {
	case !ok:
		return fmt.Errorf("there is no word %q; there are %s", name, strings.Join(wordNames(), ", "))
	case w.least == 0 && len(args) > 0:
		return fmt.Errorf("%s takes no argument", name)
	case len(args) < w.least || w.most > 0 && len(args) > w.most:
		return fmt.Errorf("%s takes %s", name, w.count())
	}
	again, err := w.set(o, args)
	if again {
		err = errors.New("it is said twice")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (w word) count() string {
	switch {
	case w.most == 0:
		return fmt.Sprintf("at least %d argument", w.least)
	case w.most == 1:
		return "one argument"
	}
	return fmt.Sprintf("%d arguments", w.most)
}

func one(field func(*Options) *string) func(*Options, []string) (bool, error) {
	return func(o *Options, args []string) (bool, error) {
		to := field(o)
		if *to != "" {
			return true, nil
		}
		if args[0] == "" {
			return false, errors.New("it is empty")
		}
		*to = args[0]
		return false, nil
	}
}

// more adds to a list, so that it may be written in one line or several.
func more(field func(*Options) *[]string) func(*Options, []string) (bool, error) {
	return func(o *Options, args []string) (bool, error) {
		to := field(o)
		*to = append(*to, args...)
		return false, nil
	}
}

func span(field func(*Options) *Duration) func(*Options, []string) (bool, error) {
	return func(o *Options, args []string) (bool, error) {
		to := field(o)
		d, err := parseDuration(args[0])
		if err == nil && d <= 0 {
			err = errors.New("it must be longer than nothing")
		}
		again := *to != 0
		*to = d
		return again, err
	}
}

func flag(field func(*Options) *bool) func(*Options, []string) (bool, error) {
	return func(o *Options, _ []string) (bool, error) {
		to := field(o)
		again := *to
		*to = true
		return again, nil
	}
}

func pair(field func(*Options) *map[string]string) func(*Options, []string) (bool, error) {
	return func(o *Options, args []string) (bool, error) {
		to := field(o)
		if _, again := (*to)[args[0]]; again {
			return false, fmt.Errorf("%s is said twice", args[0])
		}
		if *to == nil {
			*to = make(map[string]string)
		}
		(*to)[args[0]] = args[1]
		return false, nil
	}
}

// tokenWord is one step; several are several lines, in their order.
func tokenWord(o *Options, args []string) (bool, error) {
	o.Token = append(o.Token, strings.Join(args, " "))
	return false, nil
}

func requireWord(o *Options, args []string) (bool, error) {
	if slices.ContainsFunc(o.Require, func(c Condition) bool { return c.Of == args[0] }) {
		return false, fmt.Errorf("%s is said twice; write all its values in one line", args[0])
	}
	o.Require = append(o.Require, Condition{Of: args[0], Values: args[1:]})
	return false, nil
}

// usersWord reads `users off`, `users <table>`, and the lines of its block:
// key, key_type, and any other as a column.
func usersWord(o *Options, args []string) (bool, error) {
	if o.Users == nil {
		o.Users = &Users{}
	}
	u := o.Users
	switch {
	case len(args) == 1:
		return set(&u.Table, args[0]), nil
	case len(args) > 2:
		return false, errors.New("a line has a name and a column")
	case args[0] == "key":
		return set(&u.Key, args[1]), nil
	case args[0] == "key_type":
		return set(&u.KeyType, args[1]), nil
	}
	if _, again := u.Columns[args[0]]; again {
		return false, fmt.Errorf("%s is said twice", args[0])
	}
	if u.Columns == nil {
		u.Columns = make(map[string]string)
	}
	u.Columns[args[0]] = args[1]
	return false, nil
}

func set(to *string, value string) (again bool) {
	again = *to != ""
	*to = value
	return again
}
