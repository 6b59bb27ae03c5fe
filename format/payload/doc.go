// Package payload reads what programs put into the rows of their sessions: bytes
// in, a tree of plain values out, and paths to find something in the tree.
//
// A [Codec] is for one way of writing, not for one program: PHP's serialize, JSON,
// MessagePack, Ruby's Marshal, Erlang's terms, Go's gob. A tree has nil, bool,
// int64, float64, string, []any and map[string]any, and nothing else, whatever
// the data was. The package knows no cookie, no table and no secret. What is
// signed or encrypted is opened by package token, with a codec of this package
// for what was inside.
//
// # Hostile input
//
// Who can write a row chooses these bytes, and may have broken into the program
// to do so. So for every codec:
//
//   - Data stays data. No value is made of a type that data names: an object is a
//     map of its fields, its class is dropped, nothing of it is called.
//   - A payload has at most [MaxSize] bytes, inflated as well, 64 levels and
//     100,000 values. They are counted before memory is spent. A reference to an
//     earlier value is charged as if that had been written twice.
//   - All of it is read, or none: what follows the end is an error.
//   - Numbers keep their digits. An integer that int64 cannot hold is a string: a
//     user's id must never become 1.8e+19. And false is no text, or it would
//     become a user's name, see [TextOf].
//   - An [Error] names the rule that was broken, and never quotes the data.
//
// # The life of a payload
//
// Symfony keeps a serialized token inside a serialized session:
//
//	_sf2_attributes|a:1:{s:14:"_security_main";s:523:"O:74:...";}
//
// DecodePHPSession makes a map of it. The path
// _sf2_attributes._security_main|php.1.0.email goes down two keys, reads the text
// that it finds there once more, as PHP, and goes on in what that holds. A
// configuration's paths are parsed when it is loaded ([ParsePath]), so a request
// only follows them ([Path.Find]).
//
// # Where things are
//
//	codec.go error.go           Codec, the table of their names, Error
//	path.go text.go             paths; what a value is as text or as a list
//	reader.go scalar.go         what binary decoders share: limits, numbers, times
//	backref.go                  values that later parts of a payload point back to
//	base64.go inflate.go        what others are wrapped in
//	json.go msgpack.go etf.go   one format each
//	gob.go gob_types.go
//	php.go php_array.go php_string.go php_session.go
//	marshal.go marshal_symbol.go
//	django.go rails.go tower.go what one framework makes of them
//
// # Adding a decoder
//
// Write DecodeX over a reader: enter and leave each value, count before a loop
// believes a length, finish at the end. Give it a name in codec.go's table; that
// name is what configurations say and what stands behind the bar in a path. Put a
// row that the real program wrote into vectortest, and a line for it into samples
// in real_test.go: with that it is read, cut short at every byte, and followed by
// something. Add FuzzDecodeX beside its tests, and to hostile_test.go whatever
// could hurt it: lengths that lie, nesting, references.
package payload
