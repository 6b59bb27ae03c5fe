package caddysession

import (
	"errors"
	"fmt"
)

// lowerCase is the value of user_case that folds user ids.
const lowerCase = "lower"

// checkUserCase refuses to fold the user ids of another program: there, Alice and
// alice may be two people, and its tables are searched by its own spelling.
func (r *Realm) checkUserCase() error {
	switch {
	case r.UserCase == "":
		return nil
	case r.UserCase != lowerCase:
		return fmt.Errorf("user_case is %s, not %q; leave it out to keep user ids as they are", lowerCase, r.UserCase)
	case r.isForeign():
		return errors.New("user_case: the user ids of this realm are another program's, for which Alice and alice may be two people; leave it out, and fold them in the program")
	}
	return nil
}
