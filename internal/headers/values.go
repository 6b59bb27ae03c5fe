package headers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Placeholders that a value may hold for what is known of the session, without
// their braces.
const (
	PlaceholderPrefix   = "http.session."
	PlaceholderUser     = PlaceholderPrefix + "user"
	PlaceholderStatus   = PlaceholderPrefix + "status"
	PlaceholderClaims   = PlaceholderPrefix + "claims." // and the claim's name
	PlaceholderAuth     = "http.auth.user."             // Caddy's own; and the claim's name
	PlaceholderAuthUser = PlaceholderAuth + "id"
)

// Identity is whom a header's value is made for.
type Identity struct {
	// User is the user id.
	User string
	// Claim returns what is known of the user under a name: its items, and
	// whether it is a list. A text has one item, an absent claim none.
	Claim func(name string) (items []string, list bool)
	// Foreign: the claims are another program's, which joins no lists. An item
	// that would read as two is left out then; otherwise it fails the request.
	Foreign bool
}

// Header is one header that a guard sets, prepared for all requests.
type Header struct {
	// Name is canonical.
	Name string

	parts  []part
	encode func(string) (string, bool)
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

// reserved are names that are not for a guard to set: they frame the message
// or carry the cookies.
var reserved = map[string]bool{
	"Connection": true, "Content-Length": true, "Content-Type": true, "Cookie": true, "Host": true, "Keep-Alive": true, "Set-Cookie": true,
	"Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
}

// Parse reads a header's value, once for all requests: a template with
// placeholders, and the name of an encoding (empty: utf8).
func Parse(name, value, encoding string) (*Header, error) {
	if reserved[http.CanonicalHeaderKey(name)] {
		return nil, fmt.Errorf("header %s: this name frames the message and cannot carry an identity; choose another", name)
	}
	encode, ok := encodings[encoding]
	if !ok {
		return nil, fmt.Errorf("header %s: unknown encoding %q; the known ones are %s", name, encoding, known(encodings))
	}
	if value == "" {
		return nil, fmt.Errorf("header %s: the value is missing", name)
	}
	return &Header{Name: http.CanonicalHeaderKey(name), encode: encode, parts: parseParts(value)}, nil
}

// IsDynamic reports whether the value depends on more than the session.
func (h *Header) IsDynamic() bool {
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
	if name == PlaceholderUser || name == PlaceholderAuthUser {
		return part{userPart, name}
	}
	for _, prefix := range []string{PlaceholderClaims, PlaceholderAuth} {
		if claim, ok := strings.CutPrefix(name, prefix); ok {
			return part{claimPart, claim}
		}
	}
	return part{placeholderPart, "{" + name + "}"}
}

var (
	// ErrCannotCarry leaves a header out.
	ErrCannotCarry = errors.New("the header cannot carry the value")
	// ErrRefused fails the request.
	ErrRefused = errors.New("the identity must not be sent")
	// ErrItemLeftOut comes with the value of the other items.
	ErrItemLeftOut = errors.New("an item of the list contains the separator, and is left out")
)

// Value makes the header's value for an identity; empty means no header. It
// fails with ErrCannotCarry when the header is to be left out, and with
// ErrRefused when the request must not go on. ErrItemLeftOut comes with a value.
func (h *Header) Value(id Identity, separator string, expand func(string) string) (string, error) {
	value := ""
	var leftOut error
	for _, p := range h.parts {
		text, err := p.value(h, id, separator, expand)
		switch {
		case errors.Is(err, ErrItemLeftOut):
			leftOut = err
		case err != nil:
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
	return value, leftOut
}

func (p part) value(h *Header, id Identity, separator string, expand func(string) string) (string, error) {
	switch p.kind {
	case userPart:
		return h.encoded(id.User)
	case claimPart:
		items, list := id.Claim(p.text)
		text, err := h.claim(items, list, separator)
		if id.Foreign && errors.Is(err, errSeparator) {
			return h.readable(items, separator), fmt.Errorf("header %s: %w", h.Name, ErrItemLeftOut)
		}
		return text, err
	case placeholderPart:
		return h.encoded(expand(p.text))
	default:
		return p.text, nil
	}
}

// claim joins the items of a list. An item that contains the separator would
// read as two, which can make a member of `a,b` a member of `b`.
func (h *Header) claim(items []string, list bool, separator string) (string, error) {
	if !list {
		return h.encoded(strings.Join(items, "")) // of at most one
	}
	encoded := make([]string, 0, len(items))
	for _, item := range items {
		item, err := h.encoded(item)
		if err != nil {
			return "", err
		}
		encoded = append(encoded, item)
	}
	joined := strings.Join(encoded, separator)
	if len(encoded) > 0 && countOverlapping(joined, separator) != len(encoded)-1 {
		return "", fmt.Errorf("header %s: an item of the list contains %w %q: %w", h.Name, errSeparator, separator, ErrRefused)
	}
	return joined, nil
}

var errSeparator = errors.New("the separator")

// readable joins those items that each read as one. All of them can be encoded.
func (h *Header) readable(items []string, separator string) string {
	joined, n := "", 0
	for _, item := range items {
		longer, _ := h.encoded(item)
		if n > 0 {
			longer = joined + separator + longer
		}
		if countOverlapping(longer, separator) == n {
			joined, n = longer, n+1
		}
	}
	return joined
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
			return fmt.Errorf("header %s cannot carry the user id: %w", h.Name, ErrRefused)
		}
	}
	return fmt.Errorf("header %s: %w", h.Name, ErrCannotCarry)
}
