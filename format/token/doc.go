// Package token makes of a cookie's value what its row is found by. A session's
// id rarely stands in the cookie as it stands in the table: frameworks escape it,
// sign it, encrypt it, wrap it, or keep a hash of it. An [Opener] undoes one such
// scheme, and a [Chain] of them a whole cookie.
//
// The package knows no SQL and no rows. Of package payload it takes decoders, for
// schemes that put a small document into a cookie (Rails, Phoenix, gorilla). Rows
// that are signed or encrypted are opened here as well, since that takes the same
// secrets: [DjangoCodec], [LaravelCodec], [SecureCookie.Codec].
//
// # What every scheme here keeps to
//
// A cookie is what an attacker types. So:
//
//   - Nothing that a signature covers is decrypted or decoded before that was
//     found good.
//   - Signatures are compared in constant time, with each secret of the list, so
//     that one that was replaced goes on working and the time does not tell which.
//   - They are compared as text, made by this program's own encoding, so that a
//     cookie has one spelling. Base64 that could be written in another way is
//     refused for the same reason.
//   - What is bound to a cookie's name or to a time is held to it. The time is
//     handed in; nothing here reads a clock.
//   - [ErrBad] does not say which check failed. That is no business of whoever
//     sent the cookie.
//   - No secret, an empty one, or a key of a wrong length is an error when the
//     configuration is loaded: anybody can sign with nothing.
//
// # The life of a cookie
//
// Express sends s%3Aabc.BpxCrWRpvZ... for the row abc. [UnescapeJS] makes s:abc.Bpx...
// of it, [OpenExpress] takes off the prefix, compares the signature with that of
// each secret and returns abc. Then [Bounded] looks at the length, and package
// format asks its database for the row.
//
// # Where things are
//
//	opener.go                    Opener, ErrBad, Chain, Bounded
//	secret.go mac.go             secrets and keys as operators write them; MACs
//	escape.go decode.go          percent-encoding; base64 and hex in one spelling
//	hash.go text.go              tables that hold a hash; prefixes and patterns
//	split.go                     cookies of two halves, id.secret
//	dotted.go                    a signature after the last dot, as these have it:
//	express.go better_auth.go itsdangerous.go
//	remix.go authjs.go spring.go activerecord.go
//	rails.go devise.go           signed cookies; whose password a session is of
//	plug.go                      Phoenix
//	django.go                    signed rows; whose password a session is of
//	laravel.go laravel_box.go    encrypted cookies and rows
//	securecookie.go              gorilla, for cookies and rows
//	tower.go                     tower-sessions and cookie-rs
//
// # Adding a scheme
//
// Read how the framework does it in its source, and have it make a cookie with a
// secret that you know: into vectortest with it. Write OpenX, which takes the
// secrets, checks them and makes the keys once, and returns an Opener. Add its
// case to cases_test.go: with that its cookie is opened, changed at every byte,
// cut at every length, opened with a new and an old secret and with none, and
// fuzzed. A line in format's table of token steps gives it a name.
package token
