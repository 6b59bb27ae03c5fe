package cookies

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// boundSuffix makes of the name of an app's cookie that of the cookie that
// binds it: at the end, so that prefixes such as __Host- carry over.
const boundSuffix = "-bound"

// Binding ties an app's own cookies to the user that the app has set them for.
// Beside each such cookie stands one that binds it, with the same attributes
// and from the same answer: a seal over its name and value for that user. What
// no such cookie binds to the present user is withheld from the app, so two
// answers at once, a lost answer, or another user's cookie can only cost the
// browser a cookie.
//
// A request shows neither the Path nor the Domain of a cookie, so each of
// several values of one name is compared with each cookie that binds it.
type Binding struct {
	// Names are those of the app's cookies.
	Names []string
	// Seal makes the seal of a cookie for the present user.
	Seal func(name, value string) string
	// Fits reports whether one of the seals is the cookie's, for the present user. It
	// makes a MAC for each key, however many seals there are.
	Fits func(name, value string, seals []string) bool
}

// Keys make and check a MAC over texts, for a purpose. No two lists of texts, and
// no two purposes, have the same one.
type Keys interface {
	MAC(purpose string, texts ...string) [16]byte
	MACs(purpose string, texts ...string) [][16]byte // that, and those of older keys
}

// Bind ties the app's cookies of these names to a user of a realm, by its keys.
// An empty owner is nobody.
func Bind(names []string, keys Keys, realm, owner string) *Binding {
	const purpose = "app cookie"
	return &Binding{
		Names: names,
		Seal: func(name, value string) string {
			mac := keys.MAC(purpose, realm, owner, name, value)
			return base64.RawURLEncoding.EncodeToString(mac[:])
		},
		Fits: func(name, value string, seals []string) bool {
			for _, mac := range keys.MACs(purpose, realm, owner, name, value) {
				want := []byte(base64.RawURLEncoding.EncodeToString(mac[:]))
				if slices.ContainsFunc(seals, func(seal string) bool { return subtle.ConstantTimeCompare([]byte(seal), want) == 1 }) {
					return true
				}
			}
			return false
		},
	}
}

// Withhold takes the app's cookies that are not bound to the present user, and
// all cookies that bind any, out of a request. What binds them is looked for in
// the Cookie lines as they arrived. It returns the names of those that were
// withheld. Without a Fits nothing is bound.
func (b *Binding) Withhold(h http.Header, arrived []string) (withheld []string) {
	if h["Cookie"] == nil {
		return nil
	}
	seals, looked := b.seals(arrived), 0
	Remove(h, func(name, value string) bool {
		name, value = trim(name), trim(value)
		switch {
		case b.Binds(name), b.isTakenForOne(name, value):
			return true
		case !slices.Contains(b.Names, name):
			return false
		}
		if looked++; looked <= maxLooked && len(seals) > 0 && b.Fits(name, value, seals) {
			return false
		}
		if !slices.Contains(withheld, name) {
			withheld = append(withheld, name)
		}
		return true
	})
	return withheld
}

// Bounds of the work that one request can ask for: seals that are compared, and
// cookies for which a MAC is made.
const maxSeals, maxLooked = 64, 64

// seals collects what binds cookies in a request's Cookie lines.
func (b *Binding) seals(lines []string) (seals []string) {
	if b.Fits == nil {
		return nil
	}
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if b.Binds(trim(Name(pair))) && len(seals) < maxSeals {
				seals = append(seals, trim(Value(pair)))
			}
		}
	}
	return seals
}

// isTakenForOne reports whether some backend takes a pair for one of the app's
// cookies that is none by its exact name: PHP folds marks in names, others the case,
// and Python's parser finds a cookie behind white space or a comma in a value.
func (b *Binding) isTakenForOne(name, value string) bool {
	return slices.ContainsFunc(b.Names, func(app string) bool {
		return name != app && foldMarks(name) == foldMarks(app) || hides(value, app)
	})
}

var marks = strings.NewReplacer(".", "_", "[", "_", " ", "_")

func foldMarks(name string) string { return marks.Replace(strings.ToLower(name)) }

// hides reports whether a value has something in it that begins like a cookie of
// that name.
func hides(value, name string) bool {
	for rest := value; ; {
		i := strings.IndexAny(rest, " \t,\"")
		if i < 0 {
			return false
		}
		if rest = rest[i+1:]; len(rest) > len(name) && strings.EqualFold(rest[:len(name)], name) && strings.HasPrefix(trim(rest[len(name):]), "=") {
			return true
		}
	}
}

// Binds reports whether a cookie of that name binds one of the app's.
func (b *Binding) Binds(name string) bool {
	app, ok := strings.CutSuffix(name, boundSuffix)
	return ok && slices.Contains(b.Names, app)
}

// Lines returns the Set-Cookie lines that bind the app's cookies which an
// answer sets.
func (b *Binding) Lines(setCookies []string) (lines []string) {
	for _, line := range setCookies {
		pair, attributes, _ := strings.Cut(line, ";")
		name, value := trim(Name(pair)), trim(Value(pair))
		if !slices.Contains(b.Names, name) {
			continue
		}
		lines = append(lines, name+boundSuffix+"="+b.Seal(name, value)+httpOnly(attributes))
	}
	return lines
}

// Expire returns the Set-Cookie lines that end a cookie of the app, and what
// binds it, on this host. One of another path or domain stays in the browser.
func (b *Binding) Expire(host *Cookie, name string) []string {
	return []string{host.Expire(name), host.Expire(name + boundSuffix)}
}

// httpOnly returns the attributes of a cookie with HttpOnly among them: scripts
// have no business with what binds it.
func httpOnly(attributes string) string {
	for attribute := range strings.SplitSeq(attributes, ";") {
		if strings.EqualFold(trim(attribute), "HttpOnly") {
			return ";" + attributes
		}
	}
	if attributes == "" {
		return "; HttpOnly"
	}
	return ";" + attributes + "; HttpOnly"
}

// trim takes off what browsers do from a name and a value.
func trim(s string) string { return strings.Trim(s, " \t") }
