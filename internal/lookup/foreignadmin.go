package lookup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-11312c3d/caddy-session/store"
)

// checkAdmin warns when sessions cannot be counted and listed. Lookups do
// without what that needs.
func (f *foreign) checkAdmin(ctx context.Context) {
	if err := f.adminFlaw(ctx); err != nil {
		f.log.Warn("sessions are looked up, but cannot be counted, listed or ended by user", "error", err)
	}
}

func (f *foreign) adminFlaw(ctx context.Context) error {
	admin := f.Admin()
	if admin == nil {
		return nil
	}
	err := f.db.Check(ctx, admin.List)
	if err == nil || !f.db.IsMissing(err) {
		return nil // it is not there, which lookups say
	}
	if steps := f.Upkeep(); len(steps) > 0 {
		return fmt.Errorf("%w, which listing needs, not lookups; run `caddy session migrate`, or %s", store.Cause(err), strings.Join(steps, "; "))
	}
	return fmt.Errorf("%w, which listing needs, not lookups", store.Cause(err))
}

// addColumns adds to the program's table what listing needs and newer versions
// of the program have themselves.
func (f *foreign) addColumns(ctx context.Context) (int64, error) {
	steps := f.Upkeep()
	if len(steps) == 0 {
		return 0, ErrForeign
	}
	if f.adminFlaw(ctx) == nil {
		return 0, nil
	}
	writer, err := connections.New(f.writerSettings, f.log)
	if err != nil {
		return 0, err
	}
	if err := writer.StartNow(ctx); err != nil {
		return 0, errors.Join(err, writer.Close())
	}
	for _, step := range steps {
		if _, err := writer.Exec(ctx, writer.Query(step)); err != nil {
			return 0, errors.Join(err, writer.Close())
		}
	}
	return 1, writer.Close()
}

// endRows deletes rows, and returns how many.
func (f *foreign) endRows(ctx context.Context, list []foreignRow) (count int64, err error) {
	admin := f.Admin()
	if admin == nil || admin.Revoke == nil {
		return 0, fmt.Errorf("%w; or say `revocable` in the format", ErrForeign)
	}
	for _, row := range list {
		n, err := f.writer.Exec(ctx, *admin.Revoke, row.key)
		count += n
		if err != nil {
			return count, err
		}
	}
	return count, nil
}
