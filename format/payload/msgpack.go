package payload

import (
	"encoding/binary"
	"math"
	"time"
)

// DecodeMsgpack reads MessagePack. Binary values and extensions are strings of
// their bytes, the timestamp extension is RFC 3339.
func DecodeMsgpack(data []byte) (any, error) {
	m := msgpackReader{newReader("msgpack", data)}
	v := m.value()
	return m.finish(v)
}

type msgpackReader struct{ reader }

func (m *msgpackReader) value() any {
	defer m.leave()
	if !m.enter() {
		return nil
	}
	switch tag := m.byte(); {
	case tag <= 0x7f:
		return int64(tag)
	case tag <= 0x8f:
		return m.fields(uint64(tag & 0x0f))
	case tag <= 0x9f:
		return m.list(uint64(tag & 0x0f))
	case tag <= 0xbf:
		return m.text(uint64(tag & 0x1f))
	case tag >= 0xe0:
		return int64(int8(tag))
	default:
		return m.wide(tag)
	}
}

// wide reads what has a tag of its own. The widths double from tag to tag.
func (m *msgpackReader) wide(tag byte) any {
	switch tag {
	case 0xc0:
		return nil
	case 0xc2, 0xc3:
		return tag == 0xc3
	case 0xc4, 0xc5, 0xc6:
		return string(m.take(m.big(1 << (tag - 0xc4))))
	case 0xc7, 0xc8, 0xc9:
		return m.extension(m.big(1 << (tag - 0xc7)))
	case 0xca:
		return float64(math.Float32frombits(uint32(m.big(4))))
	case 0xcb:
		return math.Float64frombits(m.big(8))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return unsigned(m.big(1 << (tag - 0xcc)))
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return m.signed(1 << (tag - 0xd0))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return m.extension(1 << (tag - 0xd4))
	case 0xd9, 0xda, 0xdb:
		return m.text(m.big(1 << (tag - 0xd9)))
	case 0xdc, 0xdd:
		return m.list(m.big(2 << (tag - 0xdc)))
	case 0xde, 0xdf:
		return m.fields(m.big(2 << (tag - 0xde)))
	}
	m.fail("a value has no known kind")
	return nil
}

func (m *msgpackReader) signed(width uint64) int64 {
	shift := 64 - 8*width
	return int64(m.big(width)<<shift) >> shift
}

func (m *msgpackReader) list(n uint64) any {
	n = m.count(n, 1)
	list := make([]any, 0, min(n, maxPrealloc))
	for i := uint64(0); i < n && m.err == nil; i++ {
		list = append(list, m.value())
	}
	return list
}

func (m *msgpackReader) fields(n uint64) any {
	n = m.count(n, 2)
	fields := make(map[string]any, min(n, maxPrealloc))
	for i := uint64(0); i < n && m.err == nil; i++ {
		key, ok := keyText(m.value())
		if !ok {
			m.fail("a key is neither integer nor string")
		}
		fields[key] = m.value()
	}
	return fields
}

// timestampExtension is the type -1, the only one that MessagePack defines.
const timestampExtension = 0xff

func (m *msgpackReader) extension(n uint64) any {
	kind, raw := m.byte(), m.take(n)
	if kind != timestampExtension {
		return string(raw)
	}
	switch len(raw) {
	case 4:
		return moment(time.Unix(int64(binary.BigEndian.Uint32(raw)), 0))
	case 8:
		both := binary.BigEndian.Uint64(raw)
		return moment(time.Unix(int64(both&(1<<34-1)), int64(both>>34)))
	case 12:
		nanos := binary.BigEndian.Uint32(raw)
		return moment(time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), int64(nanos)))
	}
	m.fail("a timestamp is not valid")
	return nil
}
