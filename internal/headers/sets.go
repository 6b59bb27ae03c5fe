package headers

import "fmt"

// Set names the headers of a well-known set. The same names are read
// from a login page's response.
type Set struct{ User, Email, Name, Groups string }

var sets = map[string]Set{
	"remote":         {"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"},
	"x-auth-request": {"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Groups"},
	"x-forwarded":    {"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups"},
	"none":           {},
}

// DefaultSet is managed by every guard, whatever it sets.
const DefaultSet = "remote"

// Names lists the headers of the set.
func (s Set) Names() []string {
	if s.User == "" {
		return nil
	}
	return []string{s.User, s.Email, s.Name, s.Groups}
}

// Headers returns the set as headers with values.
func (s Set) Headers() []*Header {
	if s.User == "" {
		return nil
	}
	plain := encodings[""]
	return []*Header{
		{Name: s.User, encode: plain, parts: []part{{userPart, ""}}},
		{Name: s.Email, encode: plain, parts: []part{{claimPart, "email"}}},
		{Name: s.Name, encode: plain, parts: []part{{claimPart, "name"}}},
		{Name: s.Groups, encode: plain, parts: []part{{claimPart, "groups"}}},
	}
}

// LookupSet returns the set of that name; an empty name is that of [DefaultSet].
func LookupSet(name string) (Set, error) {
	if name == "" {
		name = DefaultSet
	}
	set, ok := sets[name]
	if !ok {
		return set, fmt.Errorf("headers: unknown set %q; the known ones are %s", name, known(sets))
	}
	return set, nil
}

// DefaultNames lists the headers of [DefaultSet].
func DefaultNames() []string { return sets[DefaultSet].Names() }
