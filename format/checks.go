package format

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/payload"
	"github.com/seed-11312c3d/caddy-session/format/token"
)

// check is what a row that was found must pass. It fails with a [Reason].
type check struct {
	says string // in words, for those who ask what a realm does
	pass func(r *result, now time.Time) error
}

// checkNames are the checks that are no plain conditions. Configurations call
// them guards.
var checkNames = []string{"devise_salt", "django_auth_hash", "scs_deadline"}

func (f *Foreign) buildChecks() error {
	for _, c := range f.columns {
		if c.name == colActive {
			f.checks = append(f.checks, check{"the user or session is active", allActive})
			break
		}
	}
	for _, condition := range f.o.Require {
		c, err := f.condition(condition)
		if err != nil {
			return err
		}
		f.checks = append(f.checks, c)
	}
	for _, name := range f.o.Guards {
		c, err := f.named(name)
		if err != nil {
			return err
		}
		f.checks = append(f.checks, c)
	}
	return nil
}

// allActive looks at every column of that name: the session's and the user's.
func allActive(r *result, _ time.Time) error {
	for i, c := range r.columns {
		if c.name == colActive && !isTrue(r.cells[i].v) {
			return ErrInactive
		}
	}
	return nil
}

func (f *Foreign) condition(c Condition) (check, error) {
	from, err := f.source("require", c.Of)
	if err != nil {
		return check{}, err
	}
	says := c.Of + " is there"
	if len(c.Values) > 0 {
		says = fmt.Sprintf("%s is one of %v", c.Of, c.Values)
	}
	return check{says, func(r *result, _ time.Time) error {
		if met(from, r, c.Values) {
			return nil
		}
		return ErrInactive
	}}, nil
}

func met(from source, r *result, values []string) bool {
	if len(values) == 0 {
		return isPresent(from.value(r))
	}
	return slices.ContainsFunc(from.items(r), func(item string) bool { return slices.Contains(values, item) })
}

func (f *Foreign) named(name string) (check, error) {
	switch name {
	case "django_auth_hash":
		return f.djangoCheck()
	case "devise_salt":
		return f.deviseCheck()
	case "scs_deadline":
		return check{"the deadline in the payload has not passed", scsDeadline}, f.needsPayload(name)
	}
	return check{}, fmt.Errorf("guards: there is no %q; there are %v", name, checkNames)
}

func (f *Foreign) needsPayload(name string) error {
	if f.decode == nil {
		return fmt.Errorf("guards: %s needs a codec that reads the payload", name)
	}
	return nil
}

func (f *Foreign) needsPassword(name string) error {
	if !f.has(colPassword) {
		return fmt.Errorf("guards: %s needs the column password of the user; add it to users, or say `guards off`", name)
	}
	return f.needsPayload(name)
}

func (f *Foreign) djangoCheck() (check, error) {
	if len(f.o.Secret) == 0 {
		return check{}, errors.New("guards: django_auth_hash needs SECRET_KEY; add secret {env.NAME}, or say `guards off`")
	}
	return check{"the password has not changed since login", func(r *result, _ time.Time) error {
		hash, _ := payload.Find(r.tree, "_auth_user_hash")
		text, _ := hash.(string)
		if !token.DjangoAuthHashMatches(f.o.Secret, r.text(colPassword), text) {
			return ErrInactive
		}
		return nil
	}}, f.needsPassword("django_auth_hash")
}

func (f *Foreign) deviseCheck() (check, error) {
	return check{"the password has not changed since login", func(r *result, _ time.Time) error {
		salt, _ := payload.Find(r.tree, `"warden.user.user.key".1`)
		text, _ := salt.(string)
		if !token.DeviseSaltMatches(text, r.text(colPassword)) {
			return ErrInactive
		}
		return nil
	}}, f.needsPassword("devise_salt")
}

func scsDeadline(r *result, now time.Time) error {
	deadline, _ := payload.Find(r.tree, "Deadline")
	text, _ := deadline.(string)
	end, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return undecodable(&payload.Error{Codec: "gob", Why: "it has no deadline"})
	}
	if !now.Before(end) {
		return ErrExpired
	}
	return nil
}
