package caddysession

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

func (c *adminCall) list() (int, any, error) {
	limit := adminListLimit
	if word := c.URL.Query().Get("limit"); word != "" {
		var err error
		if limit, err = strconv.Atoi(word); err != nil || limit <= 0 {
			return http.StatusBadRequest, nil, fmt.Errorf("limit must be a number above 0, not %q", word)
		}
	}
	sessions, err := c.realm.run.List(c.Context(), c.URL.Query().Get("user"), limit, time.Now())
	if sessions == nil {
		sessions = []*store.Session{} // [] instead of null
	}
	return answered(http.StatusOK, sessions, err)
}

func (c *adminCall) create() (int, any, error) {
	if err := c.realm.run.CanCreate(); err != nil {
		return answered(0, nil, err)
	}
	id, err := readIdentity(http.MaxBytesReader(nil, c.Body, adminBodyLimit))
	if err != nil {
		return http.StatusBadRequest, nil, fmt.Errorf("the body must be an object with user and claims: %w", err)
	}
	token, session, err := c.realm.run.Create(c.Context(), store.NewSession{Identity: id}, time.Now())
	if err != nil {
		return answered(0, nil, err)
	}
	return http.StatusCreated, startedSession{session, token}, nil
}

// startedSession is a session with its token, which is shown this once.
type startedSession struct {
	*store.Session
	Token string `json:"token"`
}

// readIdentity reads a JSON object with the names user and claims, spelled just
// so. What readers could take for one of two things is refused: invalid UTF-8,
// half a character, a name that stands twice, and what follows the end.
func readIdentity(body io.Reader) (id store.Identity, err error) {
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
			if name == groupsClaim {
				claims[name] = store.List(splitList(value)...)
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

var errNoSession = errors.New("no session has that id")

// find returns the session of the id in the path, or errNoSession.
func (c *adminCall) find() (*store.Session, error) {
	if _, _, err := store.ParseID(c.words[1]); err != nil {
		return nil, errNoSession
	}
	session, err := c.realm.run.Show(c.Context(), c.words[1], time.Now())
	if err == nil && session == nil {
		err = errNoSession
	}
	return session, err
}

func (c *adminCall) show() (int, any, error) {
	session, err := c.find()
	return answered(http.StatusOK, session, err)
}

func (c *adminCall) revoke() (int, any, error) {
	session, err := c.find()
	if err != nil {
		return answered(0, nil, err)
	}
	if _, err = c.realm.run.EndID(c.Context(), session.ID); err != nil {
		return answered(0, nil, err)
	}
	return http.StatusNoContent, nil, nil
}

func (c *adminCall) revokeUser() (int, any, error) {
	count, err := c.realm.run.EndUser(c.Context(), c.words[1])
	return answered(http.StatusOK, map[string]int64{"revoked": count}, err)
}

func (c *adminCall) purge() (int, any, error) {
	count, err := c.realm.run.Purge(c.Context(), time.Now())
	return answered(http.StatusOK, map[string]int64{"purged": count}, err)
}

func (c *adminCall) health() (int, any, error) {
	state, err := c.realm.run.State(c.Context())
	health := map[string]any{"database": state.Database}
	if state.Foreign == nil {
		health["schema_version"] = state.Schema
	}
	return answered(http.StatusOK, health, err)
}

// answered turns an error of the store into the status that says whose it is.
func answered(status int, result any, err error) (int, any, error) {
	switch {
	case err == nil:
		return status, result, nil
	case errors.Is(err, errNoSession):
		return http.StatusNotFound, nil, err
	case errors.Is(err, lookup.ErrForeign), errors.Is(err, lookup.ErrNotListed), errors.Is(err, lookup.ErrOneUser):
		return http.StatusMethodNotAllowed, nil, err
	case errors.Is(err, store.ErrInvalidIdentity):
		return http.StatusBadRequest, nil, err
	default:
		return http.StatusServiceUnavailable, nil, err
	}
}
