package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Create starts a session and returns the token for the cookie. When it
// returns, the session is on disk; the one that it replaces is gone. An identity
// that [Identity.Check] refuses is [ErrInvalidIdentity], and nothing has happened.
// After any other error there may be a row all the same, or come to be one: it is
// ended in the background as soon as the database answers, for nobody has its token.
func (x *Sessions) Create(ctx context.Context, n NewSession, now time.Time) (token string, s *Session, err error) {
	keys := x.store.Keys()
	if keys == nil {
		return "", nil, x.store.errNotReady("starting a session")
	}
	x.store.use()
	for range maxMints {
		var key Key
		var row *Row
		token, key = keys.Mint(x.realm, x.cookie, now)
		if row, err = n.row(key, x.realm, now, min(cmp.Or(n.Lifetime, x.lifetime), x.longest)); err != nil {
			return "", nil, err
		}
		if err = x.insert(ctx, row, n); err == nil {
			s, err = row.Session()
			return token, s, err
		}
		x.store.abandon(row)
		if !x.store.dialect.duplicate(err) {
			break
		}
	}
	return "", nil, err
}

// maxMints is how many tokens are tried: a row of another one may have the same number.
const maxMints = 3

func (x *Sessions) insert(ctx context.Context, row *Row, n NewSession) error {
	var ended int64
	err := x.store.inTx(ctx, "starting a session", func(ctx context.Context, r runner) (err error) {
		ended = 0
		if n.Replaces != nil {
			if ended, err = r.exec(ctx, x.store.own(deleteSession), x.one(*n.Replaces)...); err != nil {
				return err
			}
		}
		if _, err := r.exec(ctx, x.store.own(insertSession), row.values()...); err != nil || n.MaxPerUser <= 0 {
			return err
		}
		oldest, err := x.endOldest(ctx, r, row, n.MaxPerUser)
		ended += oldest
		return err
	})
	if err == nil && ended > 0 {
		x.store.tellEnding()
	}
	return err
}

// endOldest ends what a user has beyond the most that they may have. The keys
// are read first, since not every database can delete from what it selects. The
// oldest goes first, mostly in the order in which [Sessions.RevokeUser] comes upon
// them: two that delete the same rows in different orders wait for each other, for
// a second in PostgreSQL.
func (x *Sessions) endOldest(ctx context.Context, r runner, fresh *Row, keep int) (ended int64, err error) {
	var surplus []Key
	err = r.query(ctx, x.store.own(surplusOfUser), []any{fresh.user, x.realm, fresh.Key, int64(keep - 1)}, func(scan scan) error {
		var key []byte
		err := scan(&key)
		if len(key) == len(Key{}) {
			surplus = append(surplus, Key(key))
		}
		return err
	})
	for _, key := range slices.Backward(surplus) {
		if err != nil {
			break
		}
		var n int64
		n, err = r.exec(ctx, x.store.own(deleteSession), x.one(key)...)
		ended += n
	}
	return ended, err
}
