package preset

import "github.com/seed-11312c3d/caddy-session/format"

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
