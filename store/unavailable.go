package store

import (
	"errors"
	"fmt"
)

// Place says where the database is: a file, or host and database. It holds no
// secret.
func (s *Store) Place() string { return s.place }

// unavailable is the error of what could not be asked. It says of which
// database, and why where that is known.
func (s *Store) unavailable(doing string, err error) error {
	err = s.explained(oneLine(err))
	if _, ok := errors.AsType[*faultError](err); ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w at %s: %w", doing, ErrUnavailable, s.place, err)
}

// errNotReady is the error of what comes before the database was reached, or
// after it was lost.
func (s *Store) errNotReady(doing string) error {
	if gone := s.gone.Load(); gone != nil {
		return fmt.Errorf("%s: %w", doing, gone)
	}
	if _, failed := s.waiting(); failed != nil {
		return s.unavailable(doing, failed)
	}
	return fmt.Errorf("%s: %w at %s: it has not been reached yet", doing, ErrUnavailable, s.place)
}
