package lookup

// Prepared is what a guard has made of a session, once for all its requests.
type Prepared struct {
	// Guard stands for the guard; a pointer to something small of its own, for
	// the guard itself would keep its whole configuration in memory.
	Guard any
	// Values are those of the guard's headers, in their order.
	Values []string
	// Permitted: the session has what the guard requires.
	Permitted bool

	next *Prepared // another guard's
}

// maxPrepared bounds the memory that a session takes for guards.
const maxPrepared = 8

// PreparedFor returns what a guard has made of the session, or nil.
func (s *Session) PreparedFor(guard any) *Prepared {
	for p := s.prepared.Load(); p != nil; p = p.next {
		if p.Guard == guard {
			return p
		}
	}
	return nil
}

// Prepare remembers what a guard has made of the session. When two requests do
// so at once, one of the two is forgotten, and made again later.
func (s *Session) Prepare(made Prepared) {
	known := s.prepared.Load()
	made.next = known
	n := 1
	for other := known; other != nil; other = other.next {
		if n++; n > maxPrepared {
			made.next = nil // the others are made again
		}
	}
	s.prepared.CompareAndSwap(known, &made)
}
