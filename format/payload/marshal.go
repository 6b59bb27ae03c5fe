package payload

import (
	"math"
	"strconv"
)

// DecodeMarshal reads Ruby's Marshal 4.8. An object is a map of its instance
// variables, a user's class of a string, array or hash is what it derives
// from, a symbol is its name, and what a class dumped by its own method is
// that string: no class is kept.
func DecodeMarshal(data []byte) (any, error) {
	m := marshalReader{reader: newReader("ruby_marshal", data)}
	m.expect(4)
	m.expect(8)
	v := m.value()
	return m.finish(v)
}

type marshalReader struct {
	reader
	symbols []string
	objects backrefs
}

func (m *marshalReader) value() any {
	defer m.leave()
	if !m.enter() {
		return nil
	}
	switch kind := m.byte(); kind {
	case '0':
		return nil
	case 'T', 'F':
		return kind == 'T'
	case 'i':
		return m.fixnum()
	case ':', ';':
		return m.symbol(kind)
	case '@':
		return m.link()
	case 'I':
		return m.withVariables()
	case 'C', 'e':
		// The class or module that a value has is named before the value.
		m.name()
		return m.value()
	default:
		return m.object(kind)
	}
}

// object reads what later links may point to.
func (m *marshalReader) object(kind byte) any {
	slot, before := m.objects.open(), m.nodes
	v := m.body(kind)
	m.objects.close(slot, v, m.nodes-before+1)
	return v
}

func (m *marshalReader) body(kind byte) any {
	switch kind {
	case '"':
		return string(m.raw())
	case 'f':
		return m.float()
	case 'l':
		return m.bignum()
	case '[':
		return m.list()
	case '{', '}':
		return m.hash(kind)
	case 'o', 'S':
		m.name()
		return m.variables()
	case 'u':
		m.name()
		return string(m.raw())
	case 'U':
		m.name()
		return m.value()
	}
	m.fail("a value has no known kind")
	return nil
}

// fixnum reads Ruby's small integer: a byte near zero, or how many bytes
// follow, little end first.
func (m *marshalReader) fixnum() int64 {
	first := int8(m.byte())
	switch {
	case first == 0:
		return 0
	case first > 4:
		return int64(first) - 5
	case first < -4:
		return int64(first) + 5
	}
	n := int64(0)
	if first < 0 {
		n = -1 << (-8 * int(first))
		first = -first
	}
	for i := range int(first) {
		n |= int64(m.byte()) << (8 * i)
	}
	return n
}

func (m *marshalReader) size() uint64 {
	n := m.fixnum()
	if n < 0 {
		m.fail("a length is not valid")
		return 0
	}
	return uint64(n)
}

func (m *marshalReader) raw() []byte { return m.take(m.size()) }

func (m *marshalReader) float() float64 {
	switch text := string(m.raw()); text {
	case "inf":
		return math.Inf(1)
	case "-inf":
		return math.Inf(-1)
	case "nan":
		return math.NaN()
	default:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			m.fail("a float is not valid")
		}
		return f
	}
}

// bignum reads an integer that is counted in pairs of bytes.
func (m *marshalReader) bignum() any {
	negative := m.byte() == '-'
	n := m.size()
	if n > maxBignum/2 {
		m.fail("an integer is too large")
		return nil
	}
	return bignum(m.take(2*n), negative)
}

func (m *marshalReader) list() any {
	n := m.count(m.size(), 1)
	list := make([]any, 0, min(n, maxPrealloc))
	for i := uint64(0); i < n && m.err == nil; i++ {
		list = append(list, m.value())
	}
	return list
}

// hash reads a hash, and the default value that one kind of it ends with.
func (m *marshalReader) hash(kind byte) any {
	n := m.count(m.size(), 2)
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && m.err == nil; i++ {
		key, ok := keyText(m.value())
		if !ok {
			m.fail("a key is neither integer nor string")
		}
		fields[key] = m.value()
	}
	if kind == '}' {
		m.value()
	}
	return fields
}
