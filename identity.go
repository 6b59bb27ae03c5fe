package caddysession

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"golang.org/x/net/http/httpguts"

	"github.com/seed-11312c3d/caddy-session/store"
)

// Header is one header that a guard sets.
type Header struct {
	// The header's name.
	Name string `json:"name"`

	// The header's value, with placeholders. `{http.session.user}` is the user
	// id, `{http.session.claims.<name>}` a claim; lists are joined with the
	// guard's separator. An empty value leaves the header out.
	Value string `json:"value"`

	// How the value is written: `utf8` (the bytes as they are), `ascii` and
	// `latin1` (refuse what they cannot write), `percent`, `base64url`.
	// Default: `utf8`.
	Encoding string `json:"encoding,omitempty"`

	parts  []part
	encode func(string) (string, bool)
}

// headerSet names the headers of a well-known set. The same names are read
// from a login page's response.
type headerSet struct{ user, email, name, groups string }

var headerSets = map[string]headerSet{
	"remote":         {"Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups"},
	"x-auth-request": {"X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Preferred-Username", "X-Auth-Request-Groups"},
	"x-forwarded":    {"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Forwarded-Groups"},
	"none":           {},
}

const defaultHeaderSet = "remote"

// names lists the headers of the set.
func (s headerSet) names() []string {
	if s.user == "" {
		return nil
	}
	return []string{s.user, s.email, s.name, s.groups}
}

// headers returns the set as headers with values.
func (s headerSet) headers() []Header {
	if s.user == "" {
		return nil
	}
	return []Header{
		{Name: s.user, Value: "{" + phUser + "}"},
		{Name: s.email, Value: "{" + phClaims + "email}"},
		{Name: s.name, Value: "{" + phClaims + "name}"},
		{Name: s.groups, Value: "{" + phClaims + "groups}"},
	}
}

func lookupHeaderSet(name string) (headerSet, error) {
	if name == "" {
		name = defaultHeaderSet
	}
	set, ok := headerSets[name]
	if !ok {
		return set, fmt.Errorf("headers: unknown set %q; the known ones are remote, x-auth-request, x-forwarded and none", name)
	}
	return set, nil
}

// part is a piece of a header's value: a text, the user id, a claim, or
// another placeholder.
type part struct {
	kind partKind
	text string // the text, or the name of the claim or placeholder
}

type partKind int

const (
	textPart partKind = iota
	userPart
	claimPart
	placeholderPart
)

// ownHeaders are names that are not for a guard to set: they frame the message
// or carry the cookies.
var ownHeaders = map[string]bool{
	"Connection": true, "Content-Length": true, "Content-Type": true, "Cookie": true, "Host": true, "Keep-Alive": true, "Set-Cookie": true,
	"Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// provision parses the value, once for all requests.
func (h *Header) provision() error {
	if ownHeaders[http.CanonicalHeaderKey(h.Name)] {
		return fmt.Errorf("header %s: this name frames the message and cannot carry an identity; choose another", h.Name)
	}
	encode, ok := encodings[h.Encoding]
	if !ok {
		return fmt.Errorf("header %s: unknown encoding %q; the known ones are utf8, ascii, latin1, percent and base64url", h.Name, h.Encoding)
	}
	if h.Value == "" {
		return fmt.Errorf("header %s: the value is missing", h.Name)
	}
	h.Name, h.encode, h.parts = http.CanonicalHeaderKey(h.Name), encode, parseParts(h.Value)
	return nil
}

// isDynamic reports whether the value depends on more than the session.
func (h *Header) isDynamic() bool {
	return slices.ContainsFunc(h.parts, func(p part) bool { return p.kind == placeholderPart })
}

// parseParts splits a value at its placeholders. Values that come from a
// user's data are put in afterwards and never parsed.
func parseParts(value string) []part {
	var parts []part
	for value != "" {
		before, rest, found := strings.Cut(value, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(parts, part{textPart, value})
		}
		if before != "" {
			parts = append(parts, part{textPart, before})
		}
		parts = append(parts, placeholder(name))
		value = after
	}
	return parts
}

func placeholder(name string) part {
	if name == phUser || name == phAuthUser {
		return part{userPart, name}
	}
	for _, prefix := range []string{phClaims, phAuth} {
		if claim, ok := strings.CutPrefix(name, prefix); ok {
			return part{claimPart, claim}
		}
	}
	return part{placeholderPart, "{" + name + "}"}
}

var (
	// errCannotCarry leaves a header out.
	errCannotCarry = errors.New("the header cannot carry the value")
	// errRefused fails the request.
	errRefused = errors.New("the identity must not be sent")
)

// value makes the header's value for an identity; empty means no header. It
// fails with errCannotCarry when the header is to be left out, and with
// errRefused when the request must not go on.
func (h *Header) value(id store.Identity, separator string, repl *caddy.Replacer) (string, error) {
	value := ""
	for _, p := range h.parts {
		text, err := p.value(h, id, separator, repl)
		if err != nil {
			return "", err
		}
		if len(h.parts) == 1 {
			value = text // without a copy, for nearly all headers are so
		} else {
			value += text
		}
	}
	// What a proxy or the wire would change or refuse must not be sent: it
	// would arrive as something else.
	if !httpguts.ValidHeaderFieldValue(value) || value != strings.TrimSpace(value) {
		return "", h.unsendable()
	}
	return value, nil
}

func (p part) value(h *Header, id store.Identity, separator string, repl *caddy.Replacer) (string, error) {
	switch p.kind {
	case userPart:
		return h.encoded(id.User)
	case claimPart:
		return h.claim(id.Claims[p.text], separator)
	case placeholderPart:
		return h.encoded(repl.ReplaceAll(p.text, ""))
	default:
		return p.text, nil
	}
}

// claim joins the items of a list. An item that contains the separator would
// read as two, which can make a member of `a,b` a member of `b`.
func (h *Header) claim(c store.Claim, separator string) (string, error) {
	if !c.IsList() {
		return h.encoded(c.String())
	}
	items := make([]string, 0, len(c.Items()))
	for _, item := range c.Items() {
		item, err := h.encoded(item)
		if err != nil {
			return "", err
		}
		items = append(items, item)
	}
	joined := strings.Join(items, separator)
	if len(items) > 0 && countOverlapping(joined, separator) != len(items)-1 {
		return "", fmt.Errorf("header %s: an item of the list contains the separator %q: %w", h.Name, separator, errRefused)
	}
	return joined, nil
}

// countOverlapping counts where separator stands in text, from whichever side a
// backend may begin: `::` stands in `a:::b` twice, so that is no list of two.
func countOverlapping(text, separator string) (n int) {
	for i := range len(text) {
		if strings.HasPrefix(text[i:], separator) {
			n++
		}
	}
	return n
}

func (h *Header) encoded(text string) (string, error) {
	if encoded, ok := h.encode(text); ok {
		return encoded, nil
	}
	return "", h.unsendable()
}

// unsendable leaves a claim out, but an app that is not told who somebody is
// might take them for somebody else: a user id fails the request.
func (h *Header) unsendable() error {
	for _, p := range h.parts {
		if p.kind == userPart {
			return fmt.Errorf("header %s cannot carry the user id: %w", h.Name, errRefused)
		}
	}
	return fmt.Errorf("header %s: %w", h.Name, errCannotCarry)
}

var encodings = map[string]func(string) (string, bool){
	"":       utf8Encoding,
	"utf8":   utf8Encoding,
	"ascii":  asciiEncoding,
	"latin1": latin1Encoding,
	"percent": func(s string) (string, bool) {
		return strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), true
	},
	"base64url": func(s string) (string, bool) { return base64.RawURLEncoding.EncodeToString([]byte(s)), true },
}

func utf8Encoding(s string) (string, bool) { return s, true }

func asciiEncoding(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return "", false
		}
	}
	return s, true
}

func latin1Encoding(s string) (string, bool) {
	if _, ok := asciiEncoding(s); ok {
		return s, true
	}
	bytes := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return "", false
		}
		bytes = append(bytes, byte(r))
	}
	return string(bytes), true
}
