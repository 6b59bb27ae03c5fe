package identity

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/store"
)

// HandedOver returns the identity that the headers of an answer name; nobody, if
// they name none. Two lines of one header that differ are an error of the kind
// [store.ErrInvalidIdentity].
func HandedOver(h http.Header, set headers.Set, separator string) (store.Identity, error) {
	for _, name := range set.Names() {
		if len(slices.Compact(slices.Clone(h[name]))) > 1 {
			return store.Identity{}, fmt.Errorf("the response has two different lines of %s: %w", name, store.ErrInvalidIdentity)
		}
	}
	user := h.Get(set.User)
	if user == "" {
		return store.Identity{}, nil
	}
	return store.Identity{User: user, Claims: store.Claims{
		"email": store.Text(h.Get(set.Email)),
		"name":  store.Text(h.Get(set.Name)),
		Groups:  store.List(Split(h.Get(set.Groups), separator)...),
	}}, nil
}
