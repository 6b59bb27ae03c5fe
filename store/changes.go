package store

// versioned is a pool that tells cheaply whether others have changed its database.
type versioned interface{ dataVersion() (int64, error) }

// DataVersion returns a number that is another one when anybody has changed the
// database since, and whether there is such a number: of a SQLite file that can be
// read. It costs two microseconds or so, and says nothing of what has changed.
func (s *Store) DataVersion() (version int64, ok bool) {
	l := s.live.Load()
	if l == nil {
		return 0, false
	}
	p, ok := l.pool.(versioned)
	if !ok {
		return 0, false
	}
	version, err := p.dataVersion()
	return version, err == nil
}
