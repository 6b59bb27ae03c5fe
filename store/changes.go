package store

import "context"

// versioned is a pool that tells cheaply whether others have changed its database.
// An error means that it cannot, for now or at all.
type versioned interface{ dataVersion() (int64, error) }

// telling is a pool that tells others that sessions have ended. It does not wait.
type telling interface{ tellEnding() }

// DataVersion returns a number that is another one when anybody has changed the
// database since, and whether there is such a number. Of a SQLite file that can be
// read, any change counts; of PostgreSQL, those that another node has told of, while
// that is heard here. It costs two microseconds or so, and says nothing of what has
// changed.
func (s *Store) DataVersion() (version int64, ok bool) {
	l := s.live.Load()
	if l == nil {
		return 0, false
	}
	p, ok := bare(l.pool).(versioned)
	if !ok {
		return 0, false
	}
	version, err := p.dataVersion()
	return version, err == nil
}

// end runs a statement that ends sessions, and returns how many it was.
func (s *Store) end(ctx context.Context, doing, text string, args ...any) (int64, error) {
	n, err := s.write(ctx, doing, text, args...)
	if n > 0 {
		s.tellEnding()
	}
	return n, err
}

// tellEnding has other nodes look, where there is a way to tell them.
func (s *Store) tellEnding() {
	if l := s.live.Load(); l != nil {
		if p, ok := bare(l.pool).(telling); ok {
			p.tellEnding()
		}
	}
}
