package format

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

func plain(open Opener) func(*Options, []string) (Opener, error) {
	return func(*Options, []string) (Opener, error) { return open, nil }
}

// then is one opener after another.
func then(first, second Opener) Opener {
	return func(value string, now time.Time) (string, error) {
		value, err := first(value, now)
		if err != nil {
			return "", err
		}
		return second(value, now)
	}
}

func bySecrets(unescape Opener, newOpener func([]string) (Opener, error)) func(*Options, []string) (Opener, error) {
	return func(o *Options, _ []string) (Opener, error) {
		open, err := newOpener(o.Secret)
		return then(unescape, open), err
	}
}

func laravelStep(o *Options, _ []string) (Opener, error) {
	keys, err := o.laravelKeys()
	if err != nil {
		return nil, err
	}
	open, err := OpenLaravel(keys, o.Cookie)
	return then(UnescapePHP, open), err
}

// railsStep tries the keys of both digests, unless one is named: which of them
// a program has depends on the load_defaults in its configuration.
func railsStep(o *Options, args []string) (Opener, error) {
	digests := []string{"sha256", "sha1"}
	anyPurpose := false
	for _, arg := range args {
		if arg == "any_purpose" {
			anyPurpose = true
		} else {
			digests = []string{arg}
		}
	}
	var openers []Opener
	for _, digest := range digests {
		open, err := RailsSigned{Secrets: o.Secret, Cookie: o.Cookie, KeyDigest: digest, AnyPurpose: anyPurpose}.Opener()
		if err != nil {
			return nil, err
		}
		openers = append(openers, open)
	}
	return then(UnescapePHP, firstOf(openers)), nil
}

func firstOf(openers []Opener) Opener {
	return func(value string, now time.Time) (string, error) {
		for _, open := range openers {
			if found, err := open(value, now); err == nil {
				return found, nil
			}
		}
		return "", ErrBadToken
	}
}

func itsdangerousStep(o *Options, args []string) (Opener, error) {
	salt := "flask-session"
	if len(args) > 0 {
		salt = args[0]
	}
	return OpenItsDangerous(o.Secret, salt)
}

func plugStep(open func(Plug) (Opener, error)) func(*Options, []string) (Opener, error) {
	return func(o *Options, args []string) (Opener, error) {
		p := Plug{Secrets: o.Secret, Salt: args[0]}
		if len(args) > 1 {
			p.Field = args[1]
		}
		return open(p)
	}
}

func secureCookieStep(o *Options, args []string) (Opener, error) {
	sealed, err := o.secureCookie()
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		sealed.Field = args[0]
	}
	return sealed.Opener()
}

func towerStep(private bool) func(*Options, []string) (Opener, error) {
	return func(o *Options, _ []string) (Opener, error) {
		keys, err := o.towerKeys()
		if err != nil {
			return nil, err
		}
		open, err := OpenTowerSigned(keys)
		if private {
			open, err = OpenTowerPrivate(keys, o.Cookie)
		}
		if err != nil {
			return nil, err
		}
		return then(then(UnescapeJS, open), OpenTowerID), nil
	}
}

// unsignedStep takes a signature off without looking at it.
func unsignedStep(prefix string) func(*Options, []string) (Opener, error) {
	return plain(func(value string, now time.Time) (string, error) {
		value, err := UnescapeJS(value, now)
		if err != nil {
			return "", err
		}
		value, ok := strings.CutPrefix(value, prefix)
		token, _, signed := cutLast(value, ".")
		if !ok || !signed {
			return "", ErrBadToken
		}
		return token, nil
	})
}

// openAuthjs refuses what is no key of a row: with the strategy "jwt" cookies
// of the same names hold an encrypted token, with dots in it.
func openAuthjs(value string, _ time.Time) (string, error) {
	if strings.Count(value, ".") > 0 {
		return "", fmt.Errorf("%w: it is one of the strategy jwt, which keeps no sessions in a table; set session.strategy to database in Auth.js", ErrBadToken)
	}
	return value, nil
}

func springStep(_ *Options, args []string) (Opener, error) {
	return OpenSpring(strings.Join(args, "")), nil
}

func hashStep(algorithm, encoding string) func(*Options, []string) (Opener, error) {
	return func(*Options, []string) (Opener, error) { return OpenHash(algorithm, encoding, "") }
}

func suffixStep(algorithm string) func(*Options, []string) (Opener, error) {
	return func(o *Options, _ []string) (Opener, error) {
		if len(o.Secret) != 1 {
			return nil, errors.New("it takes one secret: with another one every row has another key")
		}
		return OpenHash(algorithm, "hex", o.Secret[0])
	}
}

func prefixStep(_ *Options, args []string) (Opener, error) { return OpenPrefix(args[0]), nil }

func stripStep(_ *Options, args []string) (Opener, error) {
	return func(value string, _ time.Time) (string, error) {
		rest, ok := strings.CutPrefix(value, args[0])
		if !ok {
			return "", ErrBadToken
		}
		return rest, nil
	}, nil
}

func matchStep(_ *Options, args []string) (Opener, error) {
	pattern, err := regexp.Compile(`^(?:` + args[0] + `)$`)
	if err != nil {
		return nil, errors.New("its argument is no regular expression")
	}
	return func(value string, _ time.Time) (string, error) {
		if !pattern.MatchString(value) {
			return "", ErrBadToken
		}
		return value, nil
	}, nil
}
