package stream

// Frames follows the frames of a WebSocket (RFC 6455, section 5.2) through any
// pieces that they come in. It reads their headers only, and checks none: what
// is no WebSocket is the endpoint's to refuse. The zero value stands at the
// beginning of a frame.
type Frames struct {
	at      uint8  // the next byte of the header: its number, or inRest
	more    uint8  // bytes of the length that are still to come
	mask    uint8  // bytes of the mask that are still to come
	data    bool   // the frame carries data: text, binary or a continuation of them
	payload uint64 // bytes of it that are still to come; while at is not 0, its length so far
}

// inRest is what follows the first two bytes of a header.
const inRest = 2

// HaveData takes what comes next, and reports whether a part of a frame with
// data is in it. A ping, a pong or a close is none.
func (f *Frames) HaveData(p []byte) (data bool) {
	for len(p) > 0 {
		if f.at == 0 && f.payload > 0 {
			n := min(f.payload, uint64(len(p)))
			f.payload -= n
			p = p[n:]
		} else {
			f.header(p[0])
			p = p[1:]
		}
		data = data || f.data
	}
	return data
}

// Between reports whether a frame has just ended, or none has begun.
func (f *Frames) Between() bool { return f.at == 0 && f.payload == 0 }

// header takes one byte of a frame's header.
func (f *Frames) header(b byte) {
	switch {
	case f.at == 0:
		const lastOpcodeOfData = 2
		f.data, f.at = b&0x0f <= lastOpcodeOfData, 1
		return
	case f.at == 1:
		f.length(b)
	case f.more > 0:
		f.payload = f.payload<<8 | uint64(b)
		f.more--
	default:
		f.mask--
	}
	if f.at = inRest; f.more == 0 && f.mask == 0 {
		f.at = 0
	}
}

// length takes the byte that says how long the payload is, or how long that
// length is.
func (f *Frames) length(b byte) {
	const masked, maskLen = 0x80, 4
	f.payload, f.more, f.mask = uint64(b&^masked), 0, 0
	if b&masked != 0 {
		f.mask = maskLen
	}
	switch f.payload {
	case 126:
		f.payload, f.more = 0, 2
	case 127:
		f.payload, f.more = 0, 8
	}
}
