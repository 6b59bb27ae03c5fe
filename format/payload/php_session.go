package payload

import "bytes"

// DecodePHPSession reads a payload of PHP's default session handler ("php"):
// a name, a bar and a serialized value, again and again. References count
// across the whole session.
func DecodePHPSession(data []byte) (any, error) {
	return decodePHPVariables("php_session", data, func(p *phpReader) string {
		end := bytes.IndexByte(p.data[p.pos:], '|')
		if end < 0 {
			p.fail("a variable has no value")
			return ""
		}
		name := string(p.take(uint64(end)))
		p.expect('|')
		return name
	})
}

// DecodePHPBinary reads a payload of PHP's handler "php_binary": as
// [DecodePHPSession], but a byte before each name says how long it is.
func DecodePHPBinary(data []byte) (any, error) {
	return decodePHPVariables("php_binary", data, func(p *phpReader) string {
		n := p.byte()
		if n > 127 {
			p.fail("a name is too long")
		}
		return string(p.take(uint64(n)))
	})
}

func decodePHPVariables(codec string, data []byte, name func(*phpReader) string) (any, error) {
	p := phpReader{reader: newReader(codec, data)}
	variables := make(map[string]any)
	p.enter() // the session itself is a level, though it has no number
	for p.err == nil && p.left() > 0 {
		key := name(&p)
		variables[key] = p.value()
	}
	return p.finish(variables)
}
