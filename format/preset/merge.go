package preset

import (
	"maps"
	"slices"

	"github.com/seed-11312c3d/caddy-session/format"
)

// off switches a part of a preset off.
const off = "off"

// over lays the operator's words over those of a preset, word by word.
func over(o, base format.Options) format.Options {
	pick(&base.Name, o.Name)
	pick(&base.Variant, o.Variant)
	pick(&base.Cookie, o.Cookie)
	pick(&base.CookieElse, o.CookieElse)
	pick(&base.KeyType, o.KeyType)
	pick(&base.Schema, o.Schema)
	pick(&base.TablePrefix, o.TablePrefix)
	pick(&base.Table, o.Table)
	pick(&base.Query, o.Query)
	pick(&base.UserQuery, o.UserQuery)
	pick(&base.Expires, o.Expires)
	pick(&base.ExpiresUnit, o.ExpiresUnit)
	pick(&base.MaxAge, o.MaxAge)
	pick(&base.Lifetime, o.Lifetime)
	pick(&base.Codec, o.Codec)
	pick(&base.PayloadKey, o.PayloadKey)
	pick(&base.UserType, o.UserType)
	base.Credentials = add(base.Credentials, o.Credentials)
	pickList(&base.Token, o.Token)
	pickList(&base.User, o.User)
	pickList(&base.Guards, o.Guards)
	base.Secret, base.InsecureUnsigned, base.Revocable = o.Secret, o.InsecureUnsigned, o.Revocable
	base.Columns = lay(o.Columns, base.Columns)
	base.Claims = lay(o.Claims, base.Claims)
	base.Require = requireOver(o.Require, base.Require)
	base.Users = usersOver(o.Users, base.Users)
	if base.Schema == off {
		base.Schema = ""
	}
	if base.Codec == off {
		base.Codec = ""
	}
	return base
}

func pick[T comparable](to *T, from T) {
	var zero T
	if from != zero {
		*to = from
	}
}

func pickList(to *[]string, from []string) {
	if len(from) == 1 && from[0] == off {
		*to = nil
	} else if len(from) > 0 {
		*to = from
	}
}

// fixed are credentials whose names do not depend on the session's cookie.
func fixed(names ...string) func(string) []string {
	return func(string) []string { return names }
}

// add makes a list longer: to name one cookie more must not give away those that
// are known. off takes the preset's away.
func add(base, more []string) []string {
	if slices.Contains(more, off) {
		base = nil
	}
	return slices.DeleteFunc(slices.Concat(base, more), func(text string) bool { return text == off })
}

// lay lays one map over another; off takes a name away.
func lay(top, base map[string]string) map[string]string {
	out := make(map[string]string, len(base)+len(top))
	maps.Copy(out, base)
	for name, value := range top {
		if value == off {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}

// requireOver adds conditions. One of the same name takes the preset's place.
func requireOver(top, base []format.Condition) []format.Condition {
	out := slices.DeleteFunc(slices.Clone(base), func(b format.Condition) bool {
		return slices.ContainsFunc(top, func(t format.Condition) bool { return t.Of == b.Of })
	})
	for _, t := range top {
		if !slices.Equal(t.Values, []string{off}) {
			out = append(out, t)
		}
	}
	return out
}

// usersOver returns nil where no table of users is read.
func usersOver(top, base *format.Users) *format.Users {
	if top == nil {
		top = &format.Users{}
	}
	if base == nil {
		base = &format.Users{Table: off}
	}
	users := *base
	pick(&users.Table, top.Table)
	pick(&users.Key, top.Key)
	pick(&users.KeyType, top.KeyType)
	users.Columns = lay(top.Columns, base.Columns)
	if users.Table == off {
		return nil
	}
	return &users
}
