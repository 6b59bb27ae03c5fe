package preset

import (
	"strings"

	"github.com/seed-11312c3d/caddy-session/format"
)

// usersOff tells whether the operator wants no users read, or reads them with
// a query of his own.
func usersOff(o format.Options) bool {
	return o.Users != nil && o.Users.Table == off || o.UserQuery != "" || o.Query != ""
}

// usersClaim is a claim that is only there with the users.
func usersClaim(o format.Options, name string) map[string]string {
	if usersOff(o) {
		return nil
	}
	return map[string]string{name: name}
}

// inSchema is what the operator says, for expressions that name tables.
func inSchema(o format.Options) format.Options {
	if o.Schema == off {
		o.Schema = ""
	}
	return o
}

// leaveOutGroups takes the groups away from a preset whose users stand in a
// table of the operator's own: they would be those of the usual users, who may
// have been left behind under the same ids. It returns what to say of it.
func leaveOutGroups(o format.Options, base *format.Options) []string {
	switch {
	case o.Users == nil || base.Users == nil || o.Users.Table == "" || o.Users.Table == off || o.Users.Table == base.Users.Table:
		return nil
	case !strings.HasPrefix(base.Users.Columns["groups"], "("):
		return nil // a column of the table itself
	}
	users := *base.Users
	users.Columns = lay(map[string]string{"groups": off}, users.Columns)
	base.Users = &users
	if o.Users.Columns["groups"] != "" {
		return nil // the operator says where they are
	}
	return []string{"groups: left out, since the table " + o.Users.Table + " is not the program's usual one; say where they are with users groups (<expression>)"}
}
