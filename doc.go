// Package caddysession resolves session cookies against SQL and hands identity
// headers to legacy apps: a guard (the directive session), a way in
// (session_login), a way out (session_logout) and a matcher.
//
// # Words
//
// They are used alike in code, configuration, logs and documentation.
//
//	session         a row that says who a browser is
//	token           what the cookie carries
//	key             what the row is found by, a digest of the token
//	realm           one population of sessions: a store, a format, a cookie, lifetimes
//	store           the database that a realm lives in
//	format          whose sessions they are: our own (native) or another program's
//	identity        the user id and its claims (email, name, groups, any other)
//	guard           the handler that resolves a cookie and hands the identity upstream
//	managed header  any header that a guard may set
//
// # The map
//
// A room knows those below it, and the compiler keeps it so. This package is
// Caddy's doors: modules, their JSON and Caddyfile, and the life of a request.
// Nothing else imports Caddy's HTTP.
//
//	internal/routes      what can be seen to go wrong in an app's routes
//	internal/commandline what caddy session does with an open realm
//	internal/adminapi    the API for programs
//	internal/directive   how a Caddyfile's blocks are read
//	internal/meters      counters for Prometheus
//	internal/pages       what people see of the module itself
//	internal/resolve     from a request's cookies to a session; two of one name
//	internal/identity    who somebody is, out of headers, words and JSON
//	internal/headers     managed names, header sets, values and encodings
//	internal/cookies     the strict parser, removal, Set-Cookie
//	internal/navigation  pages and scripts, safe targets, origins
//	internal/stream      what passes while a request lasts: bodies, WebSocket frames
//	internal/lookup      from a cookie's key to a session: cache, breaker, shared databases
//	format/preset        the programs, as data
//	format               whose sessions: native, and the engine for other programs' tables
//	format/token         from a cookie's text to a key
//	format/payload       from a payload's bytes to a tree of values
//	format/sqltext       pieces of SQL that differ between databases
//	store                our own sessions in SQL; knows neither Caddy nor HTTP
//	store/address        where a database is, as other programs write it
//
// # The life of one request
//
// [Guard.ServeHTTP], in handler.go, reads from top to bottom:
//
//  1. Strip. Managed names leave the request, before anything that can fail.
//  2. Resolve (resolution.go, internal/resolve). The cookie is read strictly and
//     becomes a key; the key finds the session, in memory or in the database. What handlers of one
//     request share is its state (requeststate.go).
//  3. Decide (decision.go). Whose identity may go upstream, and whether the
//     request must not: then refuse (handler.go) sends pages and forms to the
//     login and answers all else (answer.go). Public paths and preflights pass
//     before that (passing.go).
//  4. Hand over (guardheaders.go). Headers and placeholders; the next handlers
//     run. The request is activity, and so is what passes from here on, in
//     either direction (internal/stream).
//  5. On the way back (response.go). What is not the upstream's to send is
//     filtered, caches are told, and our own cookies go out.
//
// # Where to add something
//
// An option of the guard is a field in guardconfig.go, a line in caddyfile.go and
// one in docs/reference.md; of a realm, in realm.go and caddyfilerealm.go. An
// encoding or a set of headers goes to internal/headers, a framework's cookie to
// format/token, a program to format/preset, a column or a database to store.
// CONTRIBUTING.md walks through each.
package caddysession
