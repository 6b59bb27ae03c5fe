package store

// Text is a statement in the words of a store's database, for those who ask the
// database past the store.
func (q Query) Text() string { return q.text }

// Number is what the row of a key is found by.
func (k Key) Number() int64 { return k.number() }

// ErrNewerSchema is what a start fails with, of which callers know only the text.
var ErrNewerSchema = errNewerSchema
