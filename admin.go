package caddysession

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/store"
)

func init() {
	caddy.RegisterModule(adminAPI{})
}

// adminAPI manages sessions for programs, under /session/<realm>/ on Caddy's
// admin listener. Nothing that it answers is of use as a cookie, except for the
// token of a session that it has just started. GET never changes anything.
type adminAPI struct{}

// CaddyModule returns the Caddy module information.
func (adminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "admin.api.session",
		New: func() caddy.Module { return new(adminAPI) },
	}
}

const (
	adminPath        = "/session/"
	adminListLimit   = 100
	adminBodyLimit   = 64 << 10
	adminContentType = "application/json"
)

// Routes returns the admin API's routes.
func (a *adminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{{Pattern: adminPath, Handler: caddy.AdminHandlerFunc(a.serve)}}
}

// adminCall is one request to a realm, and what follows the realm in its path.
type adminCall struct {
	*http.Request
	realm *Realm
	words []string
}

func (a *adminAPI) serve(w http.ResponseWriter, r *http.Request) error {
	call, err := a.parse(r)
	if err != nil {
		return apiError(http.StatusNotFound, err)
	}
	handlers := call.handlers()
	if handlers == nil {
		return apiError(http.StatusNotFound, errors.New("there is nothing of that name"))
	}
	handle := handlers[r.Method]
	if handle == nil {
		return apiError(http.StatusMethodNotAllowed, fmt.Errorf("%s is not for this", r.Method))
	}
	status, result, err := handle()
	if err != nil {
		return apiError(status, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if result == nil {
		w.WriteHeader(status)
		return nil
	}
	w.Header().Set("Content-Type", adminContentType)
	w.WriteHeader(status)
	return printJSON(w, result)
}

// parse finds the realm. The path is split before it is unescaped: a user id
// may contain a slash.
func (a *adminAPI) parse(r *http.Request) (*adminCall, error) {
	var words []string
	for word := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), adminPath), "/") {
		word, err := url.PathUnescape(word)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	// The configuration that runs, not the one that this endpoint was made
	// for: of that one the apps may still be on their way.
	app, err := caddy.ActiveContext().AppIfConfigured("session")
	if err != nil {
		return nil, err
	}
	realm := app.(*App).Realms[words[0]]
	if realm == nil {
		return nil, fmt.Errorf("no session realm is named %q", words[0])
	}
	return &adminCall{Request: r, realm: realm, words: words[1:]}, nil
}

// adminHandler answers with a status and a result, or an error.
type adminHandler func() (status int, result any, err error)

// handlers returns what the path offers, by method.
func (c *adminCall) handlers() map[string]adminHandler {
	switch {
	case len(c.words) == 1 && c.words[0] == "sessions":
		return map[string]adminHandler{http.MethodGet: c.list, http.MethodPost: c.create}
	case len(c.words) == 2 && c.words[0] == "sessions":
		return map[string]adminHandler{http.MethodGet: c.show, http.MethodDelete: c.revoke}
	case len(c.words) == 3 && c.words[0] == "users" && c.words[2] == "sessions":
		return map[string]adminHandler{http.MethodDelete: c.revokeUser}
	case len(c.words) == 1 && c.words[0] == "purge":
		return map[string]adminHandler{http.MethodPost: c.purge}
	case len(c.words) == 1 && c.words[0] == "health":
		return map[string]adminHandler{http.MethodGet: c.health}
	}
	return nil
}

func (c *adminCall) list() (int, any, error) {
	limit := adminListLimit
	if word := c.URL.Query().Get("limit"); word != "" {
		var err error
		if limit, err = strconv.Atoi(word); err != nil || limit <= 0 {
			return http.StatusBadRequest, nil, fmt.Errorf("limit must be a number above 0, not %q", word)
		}
	}
	sessions, err := c.realm.list(c.Context(), c.URL.Query().Get("user"), limit, time.Now())
	if sessions == nil {
		sessions = []*store.Session{} // [] instead of null
	}
	return answered(http.StatusOK, sessions, err)
}

func (c *adminCall) create() (int, any, error) {
	if c.realm.foreign != nil {
		return http.StatusMethodNotAllowed, nil, errForeign
	}
	var body struct {
		User   string         `json:"user"`
		Claims map[string]any `json:"claims"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(nil, c.Body, adminBodyLimit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return http.StatusBadRequest, nil, fmt.Errorf("the body must be an object with user and claims: %w", err)
	}
	claims, err := claimsOf(body.Claims)
	if err != nil {
		return http.StatusBadRequest, nil, err
	}
	token, session, err := c.realm.create(c.Context(), store.NewSession{Identity: store.Identity{User: body.User, Claims: claims}}, time.Now())
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
	session, err := c.realm.show(c.Context(), c.words[1], time.Now())
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
	if _, err = c.realm.revokeID(c.Context(), session); err != nil {
		return answered(0, nil, err)
	}
	return http.StatusNoContent, nil, nil
}

func (c *adminCall) revokeUser() (int, any, error) {
	if c.realm.foreign != nil {
		count, err := c.realm.endForeignOnes(c.Context(), "", c.words[1])
		return answered(http.StatusOK, map[string]int64{"revoked": count}, err)
	}
	count, err := c.realm.population.revokeUser(c.Context(), c.words[1])
	return answered(http.StatusOK, map[string]int64{"revoked": count}, err)
}

func (c *adminCall) purge() (int, any, error) {
	if c.realm.foreign != nil {
		return http.StatusMethodNotAllowed, nil, errForeign
	}
	count, err := c.realm.sessions.Purge(c.Context(), time.Now())
	return answered(http.StatusOK, map[string]int64{"purged": count}, err)
}

func (c *adminCall) health() (int, any, error) {
	if c.realm.foreign != nil {
		err := c.realm.foreign.check(c.Context(), c.realm.db)
		return answered(http.StatusOK, map[string]any{"database": c.realm.db.Dialect()}, err)
	}
	version, _, err := c.realm.db.SchemaVersion(c.Context())
	return answered(http.StatusOK, map[string]any{"database": c.realm.db.Dialect(), "schema_version": version}, err)
}

// answered turns an error of the store into the status that says whose it is.
func answered(status int, result any, err error) (int, any, error) {
	switch {
	case err == nil:
		return status, result, nil
	case errors.Is(err, errNoSession):
		return http.StatusNotFound, nil, err
	case errors.Is(err, errForeign), errors.Is(err, errNotListed), errors.Is(err, errOneUser):
		return http.StatusMethodNotAllowed, nil, err
	case errors.Is(err, store.ErrInvalidIdentity):
		return http.StatusBadRequest, nil, err
	default:
		return http.StatusServiceUnavailable, nil, err
	}
}

func apiError(status int, err error) error {
	return caddy.APIError{HTTPStatus: status, Err: err}
}

// Interface guards
var (
	_ caddy.AdminRouter = (*adminAPI)(nil)
)
