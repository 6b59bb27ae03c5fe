package adminapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-11312c3d/caddy-session/internal/identity"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/store"
)

func (c *call) list() (int, any, error) {
	limit := listLimit
	if word := c.request.URL.Query().Get("limit"); word != "" {
		var err error
		if limit, err = strconv.Atoi(word); err != nil || limit <= 0 {
			return http.StatusBadRequest, nil, fmt.Errorf("limit must be a number above 0, not %q", word)
		}
	}
	sessions, err := c.realm.List(c.request.Context(), c.request.URL.Query().Get("user"), limit, time.Now())
	if sessions == nil {
		sessions = []*store.Session{} // [] instead of null
	}
	return answered(http.StatusOK, sessions, err)
}

func (c *call) create() (int, any, error) {
	if err := c.realm.CanCreate(); err != nil {
		return answered(0, nil, err)
	}
	id, err := identity.FromJSON(http.MaxBytesReader(nil, c.request.Body, bodyLimit))
	if err != nil {
		return http.StatusBadRequest, nil, fmt.Errorf("the body must be an object with user and claims: %w", err)
	}
	token, session, err := c.realm.Create(c.request.Context(), store.NewSession{Identity: id}, time.Now())
	if err != nil {
		return answered(0, nil, err)
	}
	return http.StatusCreated, Started{session, token}, nil
}

// Started is a session with its token, which is shown this once.
type Started struct {
	*store.Session
	Token string `json:"token"`
}

var errNoSession = errors.New("no session has that id")

// find returns the session of the id in the path, or errNoSession.
func (c *call) find() (*store.Session, error) {
	if _, _, err := store.ParseID(c.words[1]); err != nil {
		return nil, errNoSession
	}
	session, err := c.realm.Show(c.request.Context(), c.words[1], time.Now())
	if err == nil && session == nil {
		err = errNoSession
	}
	return session, err
}

func (c *call) show() (int, any, error) {
	session, err := c.find()
	return answered(http.StatusOK, session, err)
}

func (c *call) revoke() (int, any, error) {
	session, err := c.find()
	if err != nil {
		return answered(0, nil, err)
	}
	if _, err = c.realm.EndID(c.request.Context(), session.ID); err != nil {
		return answered(0, nil, err)
	}
	return http.StatusNoContent, nil, nil
}

func (c *call) revokeUser() (int, any, error) {
	count, err := c.realm.EndUser(c.request.Context(), c.words[1])
	return answered(http.StatusOK, map[string]int64{"revoked": count}, err)
}

func (c *call) purge() (int, any, error) {
	count, err := c.realm.Purge(c.request.Context(), time.Now())
	return answered(http.StatusOK, map[string]int64{"purged": count}, err)
}

func (c *call) health() (int, any, error) {
	state, err := c.realm.State(c.request.Context())
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
