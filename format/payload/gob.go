package payload

import (
	"math"
	"math/bits"
	"time"
)

// DecodeGob reads a stream of encoding/gob that holds one value, from the
// types that the stream itself describes: encoding/gob would make values of
// whatever types this process has registered, fails over one that it has not,
// and is not meant for hostile input. A struct is a map of its fields, of
// which gob does not write the zero ones; a time is RFC 3339.
func DecodeGob(data []byte) (any, error) {
	g := gobReader{reader: newReader("gob", data), types: make(map[int64]gobType)}
	g.uint() // the length of the first message, which says nothing new
	v := g.top(g.sequence())
	return g.finish(v)
}

type gobReader struct {
	reader
	types map[int64]gobType
}

// uint reads gob's unsigned integer: one byte below 128, or how many bytes
// follow, negated.
func (g *gobReader) uint() uint64 {
	first := g.byte()
	if first < 0x80 {
		return uint64(first)
	}
	width := uint64(-int8(first))
	if width > 8 {
		g.fail("an integer is not valid")
		return 0
	}
	return g.big(width)
}

// int reads gob's signed integer, whose lowest bit says that it is inverted.
func (g *gobReader) int() int64 {
	n := g.uint()
	if n&1 != 0 {
		return ^int64(n >> 1)
	}
	return int64(n >> 1)
}

// float reads a float, the bytes of which gob reverses to drop zeros.
func (g *gobReader) float() float64 {
	return math.Float64frombits(bits.ReverseBytes64(g.uint()))
}

// sequence reads definitions of types up to the type of a value.
func (g *gobReader) sequence() int64 {
	for g.err == nil {
		id := g.int()
		if id >= 0 {
			return id
		}
		g.define(-id)
		// The length of what follows the definition, here or in a new message.
		g.uint()
	}
	return 0
}

// top reads a value that stands by itself: all but structs have a zero before.
func (g *gobReader) top(id int64) any {
	if t := g.typeOf(id); t.kind != gobStruct {
		g.expect(0)
	}
	return g.value(id)
}

func (g *gobReader) value(id int64) any {
	defer g.leave()
	if !g.enter() {
		return nil
	}
	t := g.typeOf(id)
	switch t.kind {
	case gobBool:
		return g.uint() != 0
	case gobInt:
		return g.int()
	case gobUint:
		return unsigned(g.uint())
	case gobFloat:
		return g.float()
	case gobComplex:
		return []any{g.float(), g.float()}
	case gobBytes:
		return string(g.take(g.uint()))
	case gobInterface:
		return g.iface()
	case gobOpaque:
		return g.opaque(t)
	case gobList:
		return g.list(t)
	case gobMap:
		return g.fields(t)
	case gobStruct:
		return g.record(t)
	}
	g.fail("a type is not defined")
	return nil
}

// iface reads a value of an interface: the name of its type, the type, its
// length and the value.
func (g *gobReader) iface() any {
	if len(g.take(g.uint())) == 0 {
		return nil
	}
	id := g.sequence()
	g.uint()
	return g.top(id)
}

// opaque reads what a type wrote by its own method. Only a time is understood.
func (g *gobReader) opaque(t gobType) any {
	raw := g.take(g.uint())
	if t.name != "Time" {
		return string(raw)
	}
	var when time.Time
	if when.UnmarshalBinary(raw) != nil {
		g.fail("a time is not valid")
	}
	return moment(when)
}

func (g *gobReader) list(t gobType) any {
	n := g.count(g.uint(), 1)
	list := make([]any, 0, min(n, maxPrealloc))
	for i := uint64(0); i < n && g.err == nil; i++ {
		list = append(list, g.value(t.elem))
	}
	return list
}

func (g *gobReader) fields(t gobType) any {
	n := g.count(g.uint(), 2)
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && g.err == nil; i++ {
		key, ok := keyText(g.value(t.key))
		if !ok {
			g.fail("a key is neither integer nor string")
		}
		fields[key] = g.value(t.elem)
	}
	return fields
}

// record reads a struct: how many fields to go forward, and a field, until 0.
func (g *gobReader) record(t gobType) any {
	fields := make(map[string]any, min(len(t.fields), maxPrealloc))
	next := uint64(0)
	for g.err == nil {
		forward := g.uint()
		if forward == 0 {
			break
		}
		if forward > uint64(len(t.fields))-next {
			g.fail("a struct has no such field")
			break
		}
		next += forward
		field := t.fields[next-1]
		fields[field.name] = g.value(field.id)
	}
	return fields
}
