package payload

import "strings"

// symbol reads a symbol, or a link to an earlier one.
func (m *marshalReader) symbol(kind byte) string {
	if kind == ':' {
		name := string(m.raw())
		m.symbols = append(m.symbols, name)
		return name
	}
	n := m.size()
	if m.err == nil && n >= uint64(len(m.symbols)) {
		m.fail("a reference points nowhere")
	}
	if m.err != nil {
		return ""
	}
	return m.symbols[n]
}

// name reads the symbol that names a class or a variable. Ruby wraps one that
// is not ASCII, to say its encoding.
func (m *marshalReader) name() string {
	defer m.leave()
	if !m.enter() {
		return ""
	}
	switch kind := m.byte(); kind {
	case ':', ';':
		return m.symbol(kind)
	case 'I':
		name := m.name()
		m.variables()
		return name
	}
	m.fail("a name is missing")
	return ""
}

// withVariables reads a value and drops the variables on it: a string's are
// its encoding, which is UTF-8 or binary where sessions are kept.
func (m *marshalReader) withVariables() any {
	if m.left() > 0 && m.data[m.pos] == 'u' {
		return m.dumped()
	}
	v := m.value()
	m.variables()
	return v
}

// dumped reads what a class dumped by its own method, with variables on it. It
// alone is numbered after its variables: Ruby loads it when it has them.
func (m *marshalReader) dumped() any {
	before := m.nodes
	m.byte()
	m.name()
	v := string(m.raw())
	m.variables()
	m.objects.close(m.objects.open(), v, m.nodes-before)
	return v
}

// variables reads instance variables, or the members of a struct.
func (m *marshalReader) variables() any {
	n := m.count(m.size(), 2)
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && m.err == nil; i++ {
		name := strings.TrimPrefix(m.name(), "@")
		fields[name] = m.value()
	}
	return fields
}

// link reads a reference to an earlier object. Numbers, nil, true, false and
// symbols have no number; the first object has 0.
func (m *marshalReader) link() any {
	n := m.size()
	if m.err != nil {
		return nil
	}
	return m.objects.resolve(&m.reader, n)
}
