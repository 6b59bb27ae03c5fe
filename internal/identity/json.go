package identity

import (
	"errors"
	"io"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/store"
)

// FromJSON reads a JSON object with the names user and claims, spelled just
// so. What readers could take for one of two things is refused: invalid UTF-8,
// half a character, a name that stands twice, and what follows the end.
func FromJSON(body io.Reader) (id store.Identity, err error) {
	data, err := io.ReadAll(body)
	if err != nil {
		return id, err
	}
	tree, err := payload.DecodeJSON(data)
	if err != nil {
		return id, err
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return id, errors.New("it is none")
	}
	for name, value := range object {
		switch name {
		case "user":
			if id.User, ok = value.(string); !ok {
				return id, errors.New("user must be a string")
			}
		case "claims":
			claims, ok := value.(map[string]any)
			if !ok && value != nil {
				return id, errors.New("claims must be an object")
			}
			if id.Claims, err = claimsOf(claims); err != nil {
				return id, err
			}
		default:
			return id, errors.New("it has another name than user and claims")
		}
	}
	return id, nil
}

// claimsOf makes claims of texts and of lists of texts.
func claimsOf(values map[string]any) (store.Claims, error) {
	claims := make(store.Claims, len(values))
	for name, value := range values {
		switch value := value.(type) {
		case string:
			claims[name] = store.Text(value)
			if name == Groups {
				claims[name] = store.List(Split(value, ",")...)
			}
		case []any:
			items := make([]string, len(value))
			for i, item := range value {
				text, ok := item.(string)
				if !ok {
					return nil, errors.New("a claim must be a string or a list of strings")
				}
				items[i] = text
			}
			claims[name] = store.List(items...)
		default:
			return nil, errors.New("a claim must be a string or a list of strings")
		}
	}
	return claims, nil
}
