package format

import (
	"errors"
	"strings"
	"time"

	"github.com/seed-11312c3d/caddy-session/format/token"
)

func plain(open token.Opener) func(*Options, []string) (token.Opener, error) {
	return func(*Options, []string) (token.Opener, error) { return open, nil }
}

func bySecrets(unescape token.Opener, newOpener func([]string) (token.Opener, error)) func(*Options, []string) (token.Opener, error) {
	return func(o *Options, _ []string) (token.Opener, error) {
		open, err := newOpener(o.Secret)
		return token.Chain(unescape, open), err
	}
}

func laravelStep(o *Options, _ []string) (token.Opener, error) {
	keys, err := token.ParseLaravelKeys(o.Secret)
	if err != nil {
		return nil, err
	}
	open, err := token.OpenLaravel(keys, o.Cookie)
	return token.Chain(token.UnescapePHP, open), err
}

// railsStep tries the keys of both digests, unless one is named: which of them
// a program has depends on the load_defaults in its configuration.
func railsStep(o *Options, args []string) (token.Opener, error) {
	digests := []string{"sha256", "sha1"}
	anyPurpose := false
	for _, arg := range args {
		if arg == "any_purpose" {
			anyPurpose = true
		} else {
			digests = []string{arg}
		}
	}
	var openers []token.Opener
	for _, digest := range digests {
		open, err := token.Rails{Secrets: o.Secret, Cookie: o.Cookie, KeyDigest: digest, AnyPurpose: anyPurpose}.Opener()
		if err != nil {
			return nil, err
		}
		openers = append(openers, open)
	}
	return token.Chain(token.UnescapePHP, firstOf(openers)), nil
}

func firstOf(openers []token.Opener) token.Opener {
	return func(value string, now time.Time) (string, error) {
		for _, open := range openers {
			if found, err := open(value, now); err == nil {
				return found, nil
			}
		}
		return "", token.ErrBad
	}
}

func itsdangerousStep(o *Options, args []string) (token.Opener, error) {
	salt := "flask-session"
	if len(args) > 0 {
		salt = args[0]
	}
	return token.OpenItsDangerous(o.Secret, salt)
}

func plugStep(open func(token.Plug) (token.Opener, error)) func(*Options, []string) (token.Opener, error) {
	return func(o *Options, args []string) (token.Opener, error) {
		p := token.Plug{Secrets: o.Secret, Salt: args[0]}
		if len(args) > 1 {
			p.Field = args[1]
		}
		return open(p)
	}
}

// secureCookie is how gorilla/sessions seals cookies and rows, with its own
// limit of a month.
func (o *Options) secureCookie() (token.SecureCookie, error) {
	keys, err := token.ParseSecureCookieKeys(o.Secret)
	return token.SecureCookie{Name: o.Cookie, Keys: keys, MaxAge: 30 * 24 * time.Hour}, err
}

func secureCookieStep(o *Options, args []string) (token.Opener, error) {
	sealed, err := o.secureCookie()
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		sealed.Field = args[0]
	}
	return sealed.Opener()
}

func towerStep(private bool) func(*Options, []string) (token.Opener, error) {
	return func(o *Options, _ []string) (token.Opener, error) {
		keys, err := token.ParseTowerKeys(o.Secret)
		if err != nil {
			return nil, err
		}
		open, err := token.OpenTowerSigned(keys)
		if private {
			open, err = token.OpenTowerPrivate(keys, o.Cookie)
		}
		if err != nil {
			return nil, err
		}
		return token.Chain(token.UnescapeJS, open, token.OpenTowerID), nil
	}
}

func springStep(_ *Options, args []string) (token.Opener, error) {
	return token.OpenSpring(strings.Join(args, "")), nil
}

func hashStep(algorithm, encoding string) func(*Options, []string) (token.Opener, error) {
	return func(*Options, []string) (token.Opener, error) { return token.OpenHash(algorithm, encoding, "") }
}

func suffixStep(algorithm string) func(*Options, []string) (token.Opener, error) {
	return func(o *Options, _ []string) (token.Opener, error) {
		if len(o.Secret) != 1 {
			return nil, errors.New("it takes one secret: with another one every row has another key")
		}
		return token.OpenHash(algorithm, "hex", o.Secret[0])
	}
}

func prefixStep(_ *Options, args []string) (token.Opener, error) {
	return token.OpenPrefix(args[0]), nil
}

func stripStep(_ *Options, args []string) (token.Opener, error) {
	return token.OpenStripped(args[0]), nil
}

func matchStep(_ *Options, args []string) (token.Opener, error) { return token.OpenMatching(args[0]) }
