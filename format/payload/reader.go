package payload

import (
	"encoding/binary"
	"unicode/utf8"
)

// MaxSize is how many bytes a payload may have, inflated as well. A session is
// small; what exceeds this and the limits below was not written by a program
// that keeps sessions, or was written to hurt.
const MaxSize = 1 << 20

const (
	maxDepth = 64
	maxNodes = 100_000
	// maxPrealloc bounds what is allocated on the word of a length field.
	maxPrealloc = 64
)

// reader walks over a binary payload. Its first error sticks and every later
// read yields zero, so that decoders check once, where they loop or end.
type reader struct {
	codec string
	data  []byte
	pos   int
	depth int
	nodes int
	err   error
}

func newReader(codec string, data []byte) reader {
	r := reader{codec: codec, data: data}
	if len(data) > MaxSize {
		r.fail("larger than 1 MiB")
	}
	return r
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = undecodable(r.codec, why)
	}
}

// left is how many bytes are unread.
func (r *reader) left() uint64 { return uint64(len(r.data) - r.pos) }

// take returns the next n bytes, or nil.
func (r *reader) take(n uint64) []byte {
	if r.err == nil && n > r.left() {
		r.fail("it ends early")
	}
	if r.err != nil {
		return nil
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// expect reads one byte that must be want.
func (r *reader) expect(want byte) {
	if r.byte() != want {
		r.fail("a delimiter is missing")
	}
}

// big reads a big-endian unsigned integer of width bytes.
func (r *reader) big(width uint64) uint64 {
	var wide [8]byte
	copy(wide[8-width:], r.take(width))
	return binary.BigEndian.Uint64(wide[:])
}

// text reads n bytes that must be UTF-8.
func (r *reader) text(n uint64) string {
	b := r.take(n)
	if !utf8.Valid(b) {
		r.fail("a text is not UTF-8")
		return ""
	}
	return string(b)
}

// count checks a number of elements, of at least each bytes, before a loop
// believes it.
func (r *reader) count(n, each uint64) uint64 {
	if r.err == nil && n > r.left()/each {
		r.fail("it holds less than it announces")
	}
	if r.err != nil {
		return 0
	}
	return n
}

// enter starts a value, leave ends it: what recursion and memory are bounded by.
func (r *reader) enter() bool {
	r.depth++
	r.charge(1)
	if r.depth > maxDepth {
		r.fail("nested deeper than 64 levels")
	}
	return r.err == nil
}

func (r *reader) leave() { r.depth-- }

func (r *reader) charge(nodes int) {
	r.nodes += nodes
	if r.nodes > maxNodes {
		r.fail("more than 100000 values")
	}
}

// finish is the end of every decoder: all of the data was meant, or none.
func (r *reader) finish(v any) (any, error) {
	if r.err == nil && r.left() > 0 {
		r.fail("something follows its end")
	}
	if r.err != nil {
		return nil, r.err
	}
	return v, nil
}
