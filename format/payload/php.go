package payload

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// DecodePHP reads what PHP's serialize wrote. An array with the keys 0, 1, 2…
// is a []any, any other a map. An object is a map of its properties: its class
// is not kept, and a private or protected property has its bare name. What a
// class wrote by its own serialize method (C) is that string, an enum's case
// is its name.
func DecodePHP(data []byte) (any, error) {
	p := phpReader{reader: newReader("php", data)}
	v := p.value()
	return p.finish(v)
}

type phpReader struct {
	reader
	refs backrefs
}

// value reads one value. All but R take a number that R and r count by: not
// the keys, not the names, but r itself.
func (p *phpReader) value() any {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	kind := p.byte()
	if kind == 'R' {
		return p.reference()
	}
	slot, before := p.refs.open(), p.nodes
	v := p.body(kind)
	p.refs.close(slot, v, p.nodes-before)
	return v
}

func (p *phpReader) body(kind byte) any {
	switch kind {
	case 'N':
		p.expect(';')
		return nil
	case 'b':
		return p.bool()
	case 'i':
		p.expect(':')
		return p.integer(p.until(';'))
	case 'd':
		p.expect(':')
		return p.float(p.until(';'))
	case 's', 'S':
		return p.string(kind)
	case 'a':
		return p.array()
	case 'O':
		return p.object()
	case 'C':
		return p.custom()
	case 'E':
		return p.enum()
	case 'r':
		return p.reference()
	}
	p.fail("a value has no known kind")
	return nil
}

// until reads up to a delimiter, which must be near: only numbers end so.
func (p *phpReader) until(delimiter byte) string {
	near := p.data[p.pos:]
	if len(near) > 64 {
		near = near[:64]
	}
	end := bytes.IndexByte(near, delimiter)
	if end < 0 {
		p.fail("a delimiter is missing")
		return ""
	}
	text := p.take(uint64(end))
	p.expect(delimiter)
	return string(text)
}

func (p *phpReader) bool() any {
	p.expect(':')
	text := p.until(';')
	if text != "0" && text != "1" {
		p.fail("a bool is neither 0 nor 1")
	}
	return text == "1"
}

func (p *phpReader) integer(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.fail("an integer is not valid")
	}
	return n
}

// length reads ":n:", the size of what follows.
func (p *phpReader) length() uint64 {
	p.expect(':')
	n, err := strconv.ParseUint(p.until(':'), 10, 31)
	if err != nil {
		p.fail("a length is not valid")
	}
	return n
}

func (p *phpReader) float(text string) float64 {
	switch text {
	case "INF":
		return math.Inf(1)
	case "-INF":
		return math.Inf(-1)
	case "NAN":
		return math.NaN()
	}
	f, err := strconv.ParseFloat(text, 64)
	// ParseFloat knows more spellings than PHP writes: inf, hex, underscores.
	if err != nil || strings.Trim(text, "+-.0123456789eE") != "" {
		p.fail("a float is not valid")
	}
	return f
}

// reference reads the rest of R or r. Slots count from one.
func (p *phpReader) reference() any {
	p.expect(':')
	n, err := strconv.ParseUint(p.until(';'), 10, 31)
	if err != nil || n == 0 {
		p.fail("a reference is not valid")
	}
	if p.err != nil {
		return nil
	}
	return p.refs.resolve(&p.reader, n-1)
}
