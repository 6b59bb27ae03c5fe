// Package headers is the hygiene of the headers that carry an identity: which
// names are managed, how every spelling of them is kept out of a request, and
// how an identity becomes the values that are set instead. It is pure: it
// knows net/http's types, and nothing of Caddy or of a database.
//
// # What a client says never counts
//
// Backends do not agree on what a header's name is. CGI, PHP and WSGI see
// Remote-User, remote_user and REMOTE.USER as one variable, so [Names] compare
// names by their fold: upper case, and every byte but letters and digits as an
// underscore. [Names.Strip] takes managed names out of a request's headers, its
// trailers, and its Connection header, which would otherwise have the proxy
// drop what the guard has set. [CheckMethod] and [DropUpgrade] refuse what
// would carry a request past the guard.
//
// # What the guard says instead
//
// A [Header] is a template, parsed once: the user id, claims, text and other
// placeholders, written in an encoding. A [Set] is four of them with names that
// apps know. [Header.Value] makes the value for one identity, or says why the
// header must be left out or the request must not go on.
//
// # Where to look
//
//	names.go      managed names: fold, strip, trailers, Connection
//	method.go     methods and upgrades that cannot carry an identity
//	sets.go       the well-known sets of headers
//	values.go     templates, lists, and what must not be sent
//	encodings.go  how a text is written into a header; a new encoding goes here
//	caching.go    what shared caches are told of an answer
package headers
