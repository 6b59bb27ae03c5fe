// Package pages holds the pages that people see of this module itself: plain
// HTML without script, which loads nothing from elsewhere, stands in nobody's
// frame, and is kept by no cache. They say what happened and what to do, never
// why, nor who somebody is.
package pages

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/seed-11312c3d/caddy-session/internal/headers"
)

// words are what an error page says.
type words struct{ Title, Text, Login string }

var errorWords = map[int]words{
	http.StatusUnauthorized:       {Title: "You are not logged in", Text: "This page is for people who are logged in."},
	http.StatusForbidden:          {Title: "This is not for you", Text: "You are logged in, but you may not see this page."},
	http.StatusMethodNotAllowed:   {Title: "This cannot be done here", Text: "The request was of a kind that is not accepted here."},
	http.StatusBadGateway:         {Title: "This page cannot be shown", Text: "Your account cannot be told to the application. Whoever runs this site finds the reason in the log."},
	http.StatusTooManyRequests:    {Title: "Please try again in a moment", Text: "Too many requests have come from your network address."},
	http.StatusServiceUnavailable: {Title: "Please try again in a moment", Text: "It cannot be found out right now whether you are logged in."},
}

// fromOtherSite is what 403 means for a form that stands on another site.
var fromOtherSite = words{Title: "This form came from another site", Text: "Nothing was changed. Go back, reload the page and try again."}

// Error answers with an error's page for a person, or a line of text for a
// program. login is where to log in; empty where that would not help.
func Error(w http.ResponseWriter, status int, person bool, login string) {
	said, known := errorWords[status]
	if !known {
		said.Title = http.StatusText(status)
	}
	answer(w, status, person, login, said)
}

// OtherSite answers 403 to a form that stands on another site.
func OtherSite(w http.ResponseWriter, person bool) {
	answer(w, http.StatusForbidden, person, "", fromOtherSite)
}

func answer(w http.ResponseWriter, status int, person bool, login string, said words) {
	if said.Login = login; person {
		show(w, status, errorPage, "; form-action 'none'", said)
		return
	}
	headers.NoStore(w.Header())
	w.Header()["Content-Type"] = []string{"text/plain; charset=utf-8"}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.TrimSpace(said.Title+". "+said.Text) + "\n"))
}

// Logout asks whether to log out, with a button that POSTs to the same address. Its
// policy does not say where forms may lead: browsers hold that against the redirect
// that follows as well, which may go to another host.
func Logout(w http.ResponseWriter) {
	show(w, http.StatusOK, logoutPage, "", words{Title: "Log out?", Text: "You can log in again at any time."})
}

func show(w http.ResponseWriter, status int, page *template.Template, policy string, data words) {
	h := w.Header()
	headers.NoStore(h)
	h["Content-Type"] = []string{"text/html; charset=utf-8"}
	h["Content-Security-Policy"] = []string{"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'" + policy}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Referrer-Policy"] = []string{"same-origin"}
	w.WriteHeader(status)
	_ = page.Execute(w, data) // the client may have hung up
}

const style = `<!doctype html>
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

var errorPage = template.Must(template.New("error").Parse(style + `{{with .Text}}<p>{{.}}</p>
{{end}}{{with .Login}}<p><a href="{{.}}">Log in</a></p>
{{end}}</main>
</body>
</html>
`))

var logoutPage = template.Must(template.New("logout").Parse(style + `<p>{{.Text}}</p>
<form method="post"><button>Log out</button></form>
</main>
</body>
</html>
`))
