package stream

import (
	"encoding/binary"
	"testing"
)

// frame is a frame as a client sends it.
func frame(opcode byte, payload int, masked bool) []byte {
	head := []byte{0x80 | opcode, 0}
	switch {
	case payload > 0xffff:
		head[1] = 127
		head = binary.BigEndian.AppendUint64(head, uint64(payload))
	case payload > 125:
		head[1] = 126
		head = binary.BigEndian.AppendUint16(head, uint16(payload))
	default:
		head[1] = byte(payload)
	}
	if masked {
		head[1] |= 0x80
		head = append(head, 1, 2, 3, 4)
	}
	body := make([]byte, payload)
	for i := range body {
		body[i] = byte(i) // every opcode stands somewhere in it
	}
	return append(head, body...)
}

var opcodes = map[byte]bool{0x0: true, 0x1: true, 0x2: true, 0x3: false, 0x7: false, 0x8: false, 0x9: false, 0xa: false, 0xb: false, 0xf: false}

func TestS12_FramesWithDataCountAndOthersDoNot(t *testing.T) {
	for _, masked := range []bool{true, false} {
		for _, length := range []int{0, 1, 125, 126, 127, 0xffff, 0x10000} {
			for opcode, want := range opcodes {
				for _, piece := range []int{1, 2, 3, 7, 1000, 1 << 20} {
					var f Frames
					for range 2 { // the second shows that the first ended where it ends
						text := frame(opcode, length, masked)
						for len(text) > 0 {
							n := min(piece, len(text))
							if f.HaveData(text[:n]) != want {
								t.Fatalf("opcode %x, %d bytes, masked %v, in pieces of %d: not %v", opcode, length, masked, piece, want)
							}
							text = text[n:]
						}
					}
				}
			}
		}
	}
}

func TestS12_APingBetweenTwoPartsOfAMessage(t *testing.T) {
	var f Frames
	first, ping, rest := frame(0x1, 200, true), frame(0x9, 10, true), frame(0x0, 70_000, true)
	first[0] &^= 0x80 // it is not the last of its message
	for _, c := range []struct {
		text []byte
		want bool
	}{{first, true}, {ping, false}, {rest, true}, {ping, false}, {append(ping, first[0]), true}} {
		if f.HaveData(c.text) != c.want {
			t.Fatalf("%x: not %v", c.text[:2], c.want)
		}
	}
}

// A length that no frame has is not the end of what follows.
func TestS12_AnEndlessFrame(t *testing.T) {
	var f Frames
	f.HaveData([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4})
	for range 1000 {
		if !f.HaveData(make([]byte, 1<<16)) {
			t.Fatal("it ended")
		}
	}
}

// FuzzS12_Frames compares pieces of any size with a reading of the whole, frame
// by frame.
func FuzzS12_Frames(f *testing.F) {
	for opcode := range opcodes {
		for _, length := range []int{0, 125, 300} {
			f.Add(append(frame(opcode, length, true), frame(0x9, 3, false)...), []byte{1, 2, 200})
		}
	}
	f.Add([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2}, []byte{5})
	f.Fuzz(func(t *testing.T, text, sizes []byte) {
		carries := wholeFrames(text)
		var frames Frames
		for at, i := 0, 0; at < len(text); i++ {
			n := len(text) - at
			if len(sizes) > 0 {
				n = min(n, int(sizes[i%len(sizes)])+1)
			}
			want := false
			for _, data := range carries[at : at+n] {
				want = want || data
			}
			if got := frames.HaveData(text[at : at+n]); got != want {
				t.Fatalf("bytes %d to %d: %v, want %v", at, at+n, got, want)
			}
			at += n
		}
	})
}

// wholeFrames says of each byte whether it is of a frame with data.
func wholeFrames(text []byte) []bool {
	carries := make([]bool, len(text))
	for at := 0; at < len(text); {
		size, ok := sizeOfFrame(text[at:])
		end := len(text)
		if ok && size < uint64(end-at) {
			end = at + int(size)
		}
		for i := at; i < end; i++ {
			carries[i] = text[at]&0x0f <= 2
		}
		at = end
	}
	return carries
}

// sizeOfFrame is how long the first frame is, if that is known yet.
func sizeOfFrame(text []byte) (uint64, bool) {
	if len(text) < 2 {
		return 0, false
	}
	head, payload := uint64(2), uint64(text[1]&0x7f)
	if text[1]&0x80 != 0 {
		head += 4
	}
	switch payload {
	case 126:
		if len(text) < 4 {
			return 0, false
		}
		head, payload = head+2, uint64(binary.BigEndian.Uint16(text[2:]))
	case 127:
		if len(text) < 10 {
			return 0, false
		}
		head, payload = head+8, binary.BigEndian.Uint64(text[2:])
	}
	if payload > 1<<62 {
		return 0, false // it never ends
	}
	return head + payload, true
}
