package caddysession

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// Caddy listens for its administrator before its first configuration runs: who ends a
// session then is not told that there is none.
func TestAdminAPI_SaysNothingOfSessionsBeforeAConfigurationRuns(t *testing.T) {
	if caddy.ActiveContext().Context != nil {
		t.Fatal("a configuration runs in this test")
	}
	err := new(adminAPI).serve(httptest.NewRecorder(), httptest.NewRequest("DELETE", "/session/default/sessions/1", nil))
	var refused caddy.APIError
	if !errors.As(err, &refused) || refused.HTTPStatus != http.StatusServiceUnavailable {
		t.Errorf("%v, want the status 503", err)
	}
}
