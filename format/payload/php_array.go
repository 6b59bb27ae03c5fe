package payload

import (
	"strconv"
	"strings"
)

// smallestPair is the least that a key and a value are written with: i:0;N;
const smallestPair = 6

// array reads the rest of a. It is a list for as long as its keys are.
func (p *phpReader) array() any {
	n := p.count(p.length(), smallestPair)
	p.expect('{')
	list := make([]any, 0, min(n, maxPrealloc))
	var fields map[string]any
	for i := uint64(0); i < n && p.err == nil; i++ {
		key := p.key()
		if fields == nil && key != strconv.FormatUint(i, 10) {
			fields = keyed(list)
		}
		v := p.value()
		if fields == nil {
			list = append(list, v)
		} else {
			fields[key] = v
		}
	}
	p.expect('}')
	if fields == nil {
		return list
	}
	return fields
}

// keyed turns a list that proved to be none into a map.
func keyed(list []any) map[string]any {
	fields := make(map[string]any, len(list)+1)
	for i, v := range list {
		fields[strconv.Itoa(i)] = v
	}
	return fields
}

func (p *phpReader) key() string {
	switch kind := p.byte(); kind {
	case 'i':
		p.expect(':')
		return strconv.FormatInt(p.integer(p.until(';')), 10)
	case 's', 'S':
		return p.string(kind)
	}
	p.fail("a key is neither integer nor string")
	return ""
}

// object reads the rest of O. What __serialize returned may have integer keys,
// which real properties never have.
func (p *phpReader) object() any {
	p.name()
	n := p.count(p.length(), smallestPair)
	p.expect('{')
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && p.err == nil; i++ {
		name := bareName(p.key())
		fields[name] = p.value()
	}
	p.expect('}')
	return fields
}

// bareName strips the class of a private property and the star of a protected
// one, which stand between two NULs. Where a parent has a private property of
// the same name, the class itself is written last and wins.
func bareName(name string) string {
	if !strings.HasPrefix(name, "\x00") {
		return name
	}
	return name[strings.LastIndexByte(name, 0)+1:]
}
