package caddysession

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
	"github.com/seed-11312c3d/caddy-session/internal/lookup"
	"github.com/seed-11312c3d/caddy-session/internal/navigation"
	"github.com/seed-11312c3d/caddy-session/store"
)

// answer makes an error of our own, which error routes may dress up. Where the
// server has none, a person gets a short page and a program a line of text:
// neither says why, nor who somebody is. login is where to log in; empty where
// that would not help.
func answer(w http.ResponseWriter, r *http.Request, status int, err error, login string) error {
	headers.NoStore(w.Header())
	server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || server == nil || server.Errors != nil && len(server.Errors.Routes) > 0 {
		return caddyhttp.Error(status, err)
	}
	said, known := sentences[status]
	if !known {
		said = sentence{http.StatusText(status), ""}
	}
	if navigation.IsPage(r) || navigation.IsForm(r) {
		showPage(w, status, errorPage, struct {
			sentence
			Login string
		}{said, login})
		return nil
	}
	w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.TrimSpace(said.Title+". "+said.Text) + "\n"))
	return nil
}

// retryAfter is how many seconds a client should wait when the database is away.
const retryAfter = "5"

// errUnavailable is what error pages may show; the log has the details.
var errUnavailable = errors.New("the session database is unavailable")

// unavailable answers when nobody can know. The cause is logged, though not for
// each request: there may be many while a database is away.
func (r *Realm) unavailable(w http.ResponseWriter, req *http.Request, err error) error {
	if errors.Is(err, lookup.ErrFlood) {
		return r.tooMany(w, req, err)
	}
	if isDue(&r.warned.unavailable, 5) {
		message := "the session database is unavailable"
		if errors.Is(err, store.ErrUnusable) {
			message = "the session database cannot be used as it is"
		}
		r.logger.Error(message, zap.Error(err))
	}
	w.Header()["Retry-After"] = []string{retryAfter}
	return answer(w, req, http.StatusServiceUnavailable, errUnavailable, "")
}

// sentence is what a person is told.
type sentence struct{ Title, Text string }

var sentences = map[int]sentence{
	http.StatusUnauthorized:       {"You are not logged in", "This page is for people who are logged in."},
	http.StatusForbidden:          {"This is not for you", "You are logged in, but you may not see this page."},
	http.StatusMethodNotAllowed:   {"This cannot be done here", "The request was of a kind that is not accepted here."},
	http.StatusBadGateway:         {"This page cannot be shown", "Your account cannot be told to the application. Whoever runs this site finds the reason in the log."},
	http.StatusTooManyRequests:    {"Please try again in a moment", "Too many requests have come from your network address."},
	http.StatusServiceUnavailable: {"Please try again in a moment", "It cannot be found out right now whether you are logged in."},
}

// showPage shows a page of our own: no script, nothing from elsewhere, and in
// nobody's frame.
func showPage(w http.ResponseWriter, status int, page *template.Template, data any) {
	h := w.Header()
	headers.NoStore(h)
	h["Content-Type"] = []string{"text/html; charset=utf-8"}
	h["Content-Security-Policy"] = []string{"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Referrer-Policy"] = []string{"same-origin"}
	w.WriteHeader(status)
	_ = page.Execute(w, data) // the client may have hung up
}

const pageStyle = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 20vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; }
button { font: inherit; padding: .5rem 1.2rem; border-radius: .4rem; border: 1px solid; cursor: pointer; }
</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
`

var errorPage = template.Must(template.New("error").Parse(pageStyle + `{{with .Text}}<p>{{.}}</p>
{{end}}{{with .Login}}<p><a href="{{.}}">Log in</a></p>
{{end}}</main>
</body>
</html>
`))

var logoutPage = template.Must(template.New("logout").Parse(pageStyle + `<p>{{.Text}}</p>
<form method="post"><button>Log out</button></form>
</main>
</body>
</html>
`))
