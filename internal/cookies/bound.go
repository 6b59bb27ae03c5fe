package cookies

import (
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
	// Fits reports whether a seal is one of the cookie, for the present user.
	Fits func(name, value, seal string) bool
}

// Keys make and check a MAC over texts, for a purpose. No two lists of texts, and
// no two purposes, have the same one.
type Keys interface {
	MAC(purpose string, texts ...string) [16]byte
	IsMAC(mac []byte, purpose string, texts ...string) bool
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
		Fits: func(name, value, seal string) bool {
			mac, err := base64.RawURLEncoding.DecodeString(seal)
			return err == nil && keys.IsMAC(mac, purpose, realm, owner, name, value)
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
	seals := b.seals(arrived)
	Remove(h, func(name, value string) bool {
		name, value = trim(name), trim(value)
		if b.Binds(name) {
			return true
		}
		if !slices.Contains(b.Names, name) || b.isBound(name, value, seals) {
			return false
		}
		if !slices.Contains(withheld, name) {
			withheld = append(withheld, name)
		}
		return true
	})
	return withheld
}

// maxSeals bounds the work that one request can ask for.
const maxSeals = 64

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

func (b *Binding) isBound(name, value string, seals []string) bool {
	return slices.ContainsFunc(seals, func(seal string) bool { return b.Fits(name, value, seal) })
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
