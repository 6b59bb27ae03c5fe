// Package adminapi is the API by which programs manage a realm's sessions. It
// answers below [Path], on whatever listener its caller has; nothing that it
// answers is of use as a cookie, except for the token of a session that it has
// just started. GET never changes anything.
package adminapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed-11312c3d/caddy-session/internal/lookup"
)

// Path is what the API's paths begin with; a realm's name follows.
const Path = "/session/"

const (
	listLimit = 100
	bodyLimit = 64 << 10
)

// Error is what a request is refused with.
type Error struct {
	Status int // of the HTTP answer
	Err    error
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// call is one request to a realm, and what follows the realm in its path.
type call struct {
	request *http.Request
	realm   *lookup.Realm
	words   []string
}

// Serve answers a request. realm finds a realm by its name; its errors say that there
// is none, unless they are an [Error] with another status. An error is an [Error], and
// nothing has been written then.
func Serve(w http.ResponseWriter, r *http.Request, realm func(name string) (*lookup.Realm, error)) error {
	c, err := parse(r, realm)
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return refused
	case err != nil:
		return &Error{http.StatusNotFound, err}
	}
	handlers := c.handlers()
	if handlers == nil {
		return &Error{http.StatusNotFound, errors.New("there is nothing of that name")}
	}
	handle := handlers[r.Method]
	if handle == nil {
		return &Error{http.StatusMethodNotAllowed, fmt.Errorf("%s is not for this", r.Method)}
	}
	status, result, err := handle()
	if err != nil {
		return &Error{status, err}
	}
	w.Header().Set("Cache-Control", "no-store")
	if result == nil {
		w.WriteHeader(status)
		return nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

// parse splits the path before it is unescaped: a user id may contain a slash.
func parse(r *http.Request, realm func(name string) (*lookup.Realm, error)) (*call, error) {
	var words []string
	for word := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), Path), "/") {
		word, err := url.PathUnescape(word)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	found, err := realm(words[0])
	if err != nil {
		return nil, err
	}
	return &call{request: r, realm: found, words: words[1:]}, nil
}

// handler answers with a status and a result, or an error.
type handler func() (status int, result any, err error)

// handlers returns what the path offers, by method.
func (c *call) handlers() map[string]handler {
	switch {
	case len(c.words) == 1 && c.words[0] == "sessions":
		return map[string]handler{http.MethodGet: c.list, http.MethodPost: c.create}
	case len(c.words) == 2 && c.words[0] == "sessions":
		return map[string]handler{http.MethodGet: c.show, http.MethodDelete: c.revoke}
	case len(c.words) == 3 && c.words[0] == "users" && c.words[2] == "sessions":
		return map[string]handler{http.MethodDelete: c.revokeUser}
	case len(c.words) == 1 && c.words[0] == "purge":
		return map[string]handler{http.MethodPost: c.purge}
	case len(c.words) == 1 && c.words[0] == "health":
		return map[string]handler{http.MethodGet: c.health}
	}
	return nil
}
