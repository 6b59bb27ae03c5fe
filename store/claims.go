package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// Claims are what is known of a user, by name: `email`, `name`, `groups`, and
// whatever else a login page or an authentication plugin says.
type Claims map[string]Claim

// Claim is one thing said of a user: a text, or a list of texts. An empty
// claim says nothing and is the same as none; no item of a list is empty.
type Claim struct {
	items []string
	list  bool
}

// Text makes a claim that is one text.
func Text(s string) Claim {
	if s == "" {
		return Claim{}
	}
	return Claim{items: []string{s}}
}

// List makes a claim that is a list of texts. Empty ones are left out: joined
// with the others they would look like a separator too many.
func List(items ...string) Claim {
	if slices.Contains(items, "") {
		items = slices.DeleteFunc(slices.Clone(items), func(s string) bool { return s == "" })
	}
	return Claim{items: items, list: true}
}

// Items returns the texts, which for a text is the only one. They belong to
// the claim and must not be changed.
func (c Claim) Items() []string { return c.items }

// IsList reports whether the claim is a list, even if of one item.
func (c Claim) IsList() bool { return c.list }

// String returns the items, joined with commas.
func (c Claim) String() string { return strings.Join(c.items, ",") }

// MarshalJSON writes a text as a string and a list as an array of strings.
func (c Claim) MarshalJSON() ([]byte, error) {
	if c.list {
		return marshal(append([]string{}, c.items...)) // [] instead of null
	}
	return marshal(c.String())
}

// marshal writes JSON without the escapes for HTML, which would make the size
// of what is stored depend on characters that are harmless here.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads a string, a number or a boolean as its text, null as
// nothing, and an array of these as a list.
func (c *Claim) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '[' {
		text, err := scalar(data)
		*c = Text(text)
		return err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	items := make([]string, len(raw))
	for i, r := range raw {
		text, err := scalar(bytes.TrimSpace(r))
		if err != nil {
			return err
		}
		items[i] = text
	}
	*c = List(items...)
	return nil
}

func scalar(data []byte) (string, error) {
	if len(data) == 0 {
		return "", errors.New("a claim must not be missing")
	}
	switch data[0] {
	case '"':
		var s string
		err := json.Unmarshal(data, &s)
		return s, err
	case '{', '[':
		return "", errors.New("a claim must be a text or a list of texts")
	case 'n':
		return "", nil
	}
	return string(data), nil // a number or a boolean, as it is written
}

// size is the length of the claims as JSON, counted without writing it: this
// runs for each request.
func (cs Claims) size() int {
	n := len("{}")
	for name, c := range cs {
		n += len(`"":,`) + len(name)
		if c.list {
			n += len("[]")
		}
		for _, item := range c.items {
			n += len(`"",`) + len(item) + strings.Count(item, `"`) + strings.Count(item, `\`)
		}
	}
	return n
}

// Text returns the claims as they are stored: one JSON object, which
// [ParseClaims] reads.
func (cs Claims) Text() (string, error) {
	if cs == nil {
		return "{}", nil
	}
	data, err := marshal(cs)
	return string(data), err
}
