package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

const (
	secretLen = 32
	// settleTime is how long a new key is only accepted before it makes tokens:
	// by then every node has read it, and none takes such a token for made up.
	settleTime = 2 * time.Minute
)

// loadKeys reads the keys that are in use. No key is no ring and no error.
func (s *Store) loadKeys(ctx context.Context, r runner) (*Keyring, error) {
	var secrets []secret
	signer := -1
	now := s.now()
	err := r.query(ctx, s.own(selectKeys), []any{now.UnixMilli()}, func(scan scan) error {
		var id, created int64
		var key []byte
		if err := scan(&id, &key, &created); err != nil {
			return err
		}
		if len(key) != secretLen {
			return errors.New("a key has not 32 bytes")
		}
		if signer < 0 && now.Sub(time.UnixMilli(created)) >= settleTime {
			signer = len(secrets)
		}
		secrets = append(secrets, secret{uint32(id), key})
		return nil
	})
	if err != nil || len(secrets) == 0 {
		return nil, err
	}
	if signer < 0 {
		signer = len(secrets) - 1 // the first key of all need not be waited for
	}
	return newKeyring(secrets, signer), nil
}

// ensureKey makes a key if there is none. Of many nodes that do so at once one
// writes it, and the others fail with an error that isRace knows. The last id is
// read first: who has seen none, and then no key, writes the same id as all others.
func (s *Store) ensureKey(ctx context.Context, r runner) (*Keyring, error) {
	var last int64
	if _, err := one(ctx, r, s.own(lastKey), nil, &last); err != nil {
		return nil, err
	}
	keys, err := s.loadKeys(ctx, r)
	if err != nil || keys != nil {
		return keys, err
	}
	key := make([]byte, secretLen)
	rand.Read(key)
	if _, err := r.exec(ctx, s.own(insertKey), last+1, key, s.now().UnixMilli()); err != nil {
		return nil, fmt.Errorf("writing the first key: %w", err)
	}
	return s.loadKeys(ctx, r)
}

// reloadKeys has a change of keys reach every node within a minute, while any session
// is used there.
func (s *Store) reloadKeys() {
	for s.pauseInUse(rests.round) {
		if err := s.readKeys(s.life.ctx); err != nil && s.life.ctx.Err() == nil {
			s.log.Warn("reading the keys", "error", oneLine(err))
		}
	}
}

func (s *Store) readKeys(ctx context.Context) error {
	l := s.live.Load()
	if l == nil {
		return s.errNotReady("reading the keys")
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	keys, err := s.loadKeys(ctx, l.pool)
	switch {
	case err != nil:
		return err
	case keys == nil:
		return errors.New("all keys are gone or retired; those known so far stay in use until a restart")
	}
	l.keys.Store(keys)
	return nil
}
