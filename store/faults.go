package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// ErrUnusable is wrapped, besides [ErrUnavailable], by an error of a database
// that answers and cannot be used as it is: only a person can mend that.
var ErrUnusable = errors.New("the session database cannot be used as it is")

// faultError says what is wrong with a database that answers.
type faultError struct {
	text  string
	cause error
}

// Error says where, what, and what to do.
func (e *faultError) Error() string { return e.text }

// Unwrap returns what callers tell it by, and the database's own error.
func (e *faultError) Unwrap() []error { return []error{ErrUnavailable, ErrUnusable, e.cause} }

// Cause returns what a database said, without who asked and what to do.
func Cause(err error) error {
	if fault, ok := errors.AsType[*faultError](err); ok {
		return fault.cause
	}
	return err
}

func (s *Store) fault(err error, remedy string) error {
	return &faultError{fmt.Sprintf("the session database at %s cannot be used as it is: %v; %s", s.place, err, remedy), err}
}

// explained says what is behind an error of the driver, where that is known.
func (s *Store) explained(err error) error {
	var known *faultError
	switch d := s.dialect; {
	case errors.As(err, &known):
		return err
	case d.noTable(err), d.noColumn(err):
		return s.fault(err, s.missingRemedy(err))
	case d.readOnly(err):
		return s.fault(err, readOnlyRemedy)
	case !d.embedded:
		if name, ok := d.refused(err); ok {
			return s.fault(err, "PgBouncer takes no parameter "+name+" from the URL: leave it out there, or add it to ignore_startup_parameters in PgBouncer's configuration if it may be ignored")
		}
	case d.embedded:
		return s.locks.explained(err, d.locked(err))
	}
	return err
}

const readOnlyRemedy = "the server takes no changes, as a standby does; name the primary, with several hosts by target_session_attrs=read-write"

// missingRemedy says who needs what is missing, and how it comes back.
func (s *Store) missingRemedy(err error) string {
	switch {
	case s.settings.Access != Own:
		return "lookups need it; has the other program been changed?"
	case s.dialect.noColumn(err):
		return "lookups need it, and another program has changed the table; put the column back, or DROP the table and do as follows: " + s.remake()
	}
	return "lookups need it; to make it anew, empty, " + s.remake()
}

// remake makes tables that are missing: what has been done already does no harm.
func (s *Store) remake() string {
	return "run the statement " + s.names.Replace("DELETE FROM {migrations}") + " and then `caddy session migrate`"
}

// writerPatience is how long a write waits for another process's.
const writerPatience = 5 * time.Second

// locks remembers that another program kept a SQLite file locked: who waits
// behind somebody who waits for it only sees time pass.
type locks struct{ seen atomic.Int64 } // in Unix milliseconds

var errLocked = errors.New("locked by another program")

// lockedError counts as time that has passed, which it is.
type lockedError struct{ cause error }

// Error does not speak of a deadline: the lock is the cause.
func (e *lockedError) Error() string {
	if errors.Is(e.cause, context.DeadlineExceeded) {
		return errLocked.Error()
	}
	return fmt.Sprintf("%v: %v", errLocked, e.cause)
}

// Unwrap returns what callers tell it by.
func (e *lockedError) Unwrap() []error {
	return []error{errLocked, context.DeadlineExceeded, e.cause}
}

func (l *locks) explained(err error, locked bool) error {
	now := time.Now().UnixMilli()
	switch {
	case errors.Is(err, errLocked), locked:
		l.seen.Store(now)
	case !errors.Is(err, context.DeadlineExceeded) || now-l.seen.Load() > 2*writerPatience.Milliseconds():
		return err
	}
	if errors.Is(err, errLocked) {
		return err
	}
	return &lockedError{err}
}

// notTrusted reports that a server's certificate is not one to be trusted. That
// does not pass by waiting.
func notTrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid)
}

// at adds where the database is to an error that does not say so.
func (s *Store) at(err error) error {
	if err == nil || strings.Contains(err.Error(), s.place) {
		return err
	}
	return fmt.Errorf("%w (%s)", err, s.place)
}
