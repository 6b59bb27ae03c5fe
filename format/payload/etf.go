package payload

import (
	"math"
	"math/big"
	"slices"
)

// DecodeETF reads Erlang's external term format, as Plug puts it into cookies.
// Tuples and lists are []any, atoms are strings but for true, false and nil.
func DecodeETF(data []byte) (any, error) {
	e := etfReader{newReader("etf", data)}
	e.expect(etfVersion)
	v := e.value()
	return e.finish(v)
}

// The tags of terms that a session can hold. Functions, ports and processes
// have no place in one, and a compressed term is not what Plug writes.
const (
	etfVersion       = 131
	etfFloat         = 70
	etfSmallInteger  = 97
	etfInteger       = 98
	etfAtomLatin1    = 100
	etfSmallTuple    = 104
	etfLargeTuple    = 105
	etfNil           = 106
	etfCharlist      = 107
	etfList          = 108
	etfBinary        = 109
	etfSmallBig      = 110
	etfLargeBig      = 111
	etfSmallAtomOld  = 115
	etfMap           = 116
	etfAtomUTF8      = 118
	etfSmallAtomUTF8 = 119
)

type etfReader struct{ reader }

func (e *etfReader) value() any {
	defer e.leave()
	if !e.enter() {
		return nil
	}
	switch tag := e.byte(); tag {
	case etfSmallInteger:
		return int64(e.byte())
	case etfInteger:
		return int64(int32(e.big(4)))
	case etfFloat:
		return math.Float64frombits(e.big(8))
	case etfSmallBig:
		return e.bignum(e.big(1))
	case etfLargeBig:
		return e.bignum(e.big(4))
	case etfBinary:
		return string(e.take(e.big(4)))
	case etfNil:
		return []any{}
	case etfCharlist:
		return e.charlist(e.big(2))
	case etfList:
		return e.list(e.big(4))
	case etfSmallTuple:
		return e.elements(e.big(1))
	case etfLargeTuple:
		return e.elements(e.big(4))
	case etfMap:
		return e.fields(e.big(4))
	default:
		return e.atom(tag)
	}
}

func (e *etfReader) atom(tag byte) any {
	var width uint64
	switch tag {
	case etfSmallAtomOld, etfSmallAtomUTF8:
		width = 1
	case etfAtomLatin1, etfAtomUTF8:
		width = 2
	default:
		e.fail("a term has no known kind")
		return nil
	}
	switch name := string(e.take(e.big(width))); name {
	case "true", "false":
		return name == "true"
	case "nil":
		return nil
	default:
		return name
	}
}

// maxBignum bounds an integer, in bytes: making text of one takes time that
// grows with the square of its length.
const maxBignum = 256

func (e *etfReader) bignum(n uint64) any {
	negative := e.byte() != 0
	if n > maxBignum {
		e.fail("an integer is too large")
		return nil
	}
	return bignum(e.take(n), negative)
}

// bignum makes an exact value of a magnitude that has its little end first.
func bignum(little []byte, negative bool) any {
	magnitude := slices.Clone(little)
	slices.Reverse(magnitude)
	n := new(big.Int).SetBytes(magnitude)
	if negative {
		n.Neg(n)
	}
	if n.IsInt64() {
		return n.Int64()
	}
	return n.String()
}

// charlist reads a list of small integers, which Erlang writes as a string.
func (e *etfReader) charlist(n uint64) any {
	raw := e.take(n)
	e.charge(len(raw))
	list := make([]any, len(raw))
	for i, c := range raw {
		list[i] = int64(c)
	}
	return list
}

// list reads a list up to its tail, which must be the empty list.
func (e *etfReader) list(n uint64) any {
	list := e.elements(n)
	e.expect(etfNil)
	return list
}

func (e *etfReader) elements(n uint64) any {
	n = e.count(n, 1)
	list := make([]any, 0, min(n, maxPrealloc))
	for i := uint64(0); i < n && e.err == nil; i++ {
		list = append(list, e.value())
	}
	return list
}

func (e *etfReader) fields(n uint64) any {
	n = e.count(n, 2)
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && e.err == nil; i++ {
		key, ok := keyText(e.value())
		if !ok {
			e.fail("a key is neither integer nor string")
		}
		fields[key] = e.value()
	}
	return fields
}
