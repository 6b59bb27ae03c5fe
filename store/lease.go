package store

import (
	"context"
	"crypto/rand"
	"time"
)

// leaseTime is how long a node has a lease. It is longer than the longest pause
// between two rounds, so that one node goes on, and not by much, so that another
// one takes over soon.
const leaseTime = 2 * time.Minute

// newHolder names a store among all that share a database.
func newHolder() string { return rand.Text() }

// lease reports whether this node may do what one node is enough for. That is no
// lock: where clocks disagree, or work takes longer, two are at it, which must do no
// harm. A lease that would end too late was taken by a clock that was wrong.
func (s *Store) lease(ctx context.Context, name string) (bool, error) {
	now := s.now()
	until := now.Add(leaseTime).UnixMilli()
	n, err := s.write(ctx, "taking a lease", takeLease, s.holder, until, name, s.holder, now.UnixMilli(), now.Add(2*leaseTime).UnixMilli())
	if err != nil || n > 0 {
		return n > 0, err
	}
	known := false
	err = s.read(ctx, "looking for a lease", findLease, []any{name}, func(scan scan) error {
		known = true
		return scan(new(string))
	})
	if err != nil || known {
		return false, err
	}
	_, err = s.write(ctx, "making a lease", insertLease, s.holder, until, name)
	if s.dialect.duplicate(err) {
		return false, nil // another node was faster
	}
	return err == nil, err
}
