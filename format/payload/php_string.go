package payload

import (
	"encoding/hex"
	"strings"
)

// string reads the rest of s or S, up to its semicolon.
func (p *phpReader) string(kind byte) string {
	n := p.length()
	p.expect('"')
	text := p.characters(kind, n)
	p.expect('"')
	p.expect(';')
	return text
}

func (p *phpReader) characters(kind byte, n uint64) string {
	if kind == 's' {
		return string(p.take(n))
	}
	return p.escaped(p.count(n, 1))
}

// escaped reads n characters, some written as a backslash and two hex digits.
func (p *phpReader) escaped(n uint64) string {
	var text strings.Builder
	for range n {
		c := p.byte()
		if c == '\\' {
			raw, err := hex.DecodeString(string(p.take(2)))
			if err != nil || len(raw) != 1 {
				p.fail("an escaped character is not valid")
				return ""
			}
			c = raw[0]
		}
		text.WriteByte(c)
	}
	return text.String()
}

// name reads a class, whose length comes before it: :5:"Class"
func (p *phpReader) name() string {
	n := p.length()
	p.expect('"')
	name := string(p.take(n))
	p.expect('"')
	return name
}

// custom reads what a class wrote by its own method. Such a method writes what
// it likes, often more of PHP's serialize: a path can decode it again.
func (p *phpReader) custom() any {
	p.name()
	n := p.length()
	p.expect('{')
	payload := string(p.take(n))
	p.expect('}')
	return payload
}

// enum reads the rest of E: Class:Case.
func (p *phpReader) enum() any {
	_, name, ok := strings.Cut(p.name(), ":")
	if !ok {
		p.fail("an enum has no case")
	}
	p.expect(';')
	return name
}
