package headers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Plan is what a guard sets in requests: the headers of a well-known set, some of
// which its own may replace, and its further ones.
type Plan struct {
	// Dynamic says that some header's value depends on more than the session.
	Dynamic bool

	headers []*Header
}

// NewPlan makes a plan of a set and of own headers, of which each may stand once.
func NewPlan(set string, own []*Header) (*Plan, error) {
	known, err := LookupSet(set)
	if err != nil {
		return nil, err
	}
	p := &Plan{headers: known.Headers()}
	for i, header := range own {
		same := func(h *Header) bool { return h.Name == header.Name }
		if slices.ContainsFunc(own[:i], same) {
			return nil, fmt.Errorf("header %s: it is set twice; keep one of them", header.Name)
		}
		p.headers = slices.DeleteFunc(p.headers, same)
	}
	for _, header := range own {
		p.headers = append(p.headers, header)
		p.Dynamic = p.Dynamic || header.IsDynamic()
	}
	return p, nil
}

// Names are the names that are nobody else's to send, see [NewNames].
func (p *Plan) Names() (*Names, error) {
	own := make([]string, len(p.headers))
	for i, h := range p.headers {
		own[i] = h.Name
	}
	names, err := NewNames(own...)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	return names, nil
}

// Values makes the values of the headers for an identity. What one header cannot
// carry is told to leftOut, and leaves that header or item out; any other error
// means that the identity must not go upstream.
func (p *Plan) Values(id Identity, separator string, expand func(string) string, leftOut func(error)) ([]string, error) {
	values := make([]string, len(p.headers))
	for i, header := range p.headers {
		value, err := header.Value(id, separator, expand)
		switch {
		case errors.Is(err, ErrItemLeftOut), errors.Is(err, ErrCannotCarry):
			leftOut(err)
		case err != nil:
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// Set sets the headers that have a value. The values are copied into space, since
// handlers may change a header in place; each is a slice of the one copy.
func (p *Plan) Set(h http.Header, values, space []string) {
	values = append(space, values...)
	for i, header := range p.headers {
		if values[i] != "" {
			h[header.Name] = values[i : i+1 : i+1]
		}
	}
}
