package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-11312c3d/caddy-session/format/token"
)

// tokenChain is what the token steps of a configuration amount to.
type tokenChain struct {
	open token.Opener
	// steps are its parts, for [Foreign.Trace].
	steps []tracedStep
	// proves is how the second half of a cookie is compared with the column
	// proof; nil where a cookie has no halves.
	proves func(secret string, column []byte) bool
	// signed: no cookie gets through that was not made with a secret.
	signed bool
}

// step makes an opener of a token step.
type step struct {
	args   int  // how many arguments it may have
	least  int  // how many it must have
	secret bool // uses the secrets
	signs  bool // and only what was signed with one gets through
	named  bool // and for the cookie of this name
	make   func(o *Options, args []string) (token.Opener, error)
}

// tokenSteps are the steps by name. Those of a framework undo its escaping
// as well.
var tokenSteps = map[string]step{
	"url_js":  {make: plain(token.UnescapeJS)},
	"url_php": {make: plain(token.UnescapePHP)},

	"express":      {secret: true, signs: true, make: bySecrets(token.UnescapeJS, token.OpenExpress)},
	"fastify":      {secret: true, signs: true, make: bySecrets(token.UnescapeJS, token.OpenFastify)},
	"better_auth":  {secret: true, signs: true, make: bySecrets(token.UnescapeJS, token.OpenBetterAuth)},
	"remix":        {secret: true, signs: true, make: bySecrets(token.UnescapeJS, token.OpenRemix)},
	"laravel":      {secret: true, signs: true, named: true, make: laravelStep},
	"rails_signed": {args: 2, secret: true, signs: true, named: true, make: railsStep},
	"itsdangerous": {args: 1, secret: true, signs: true, make: itsdangerousStep},
	"plug":         {args: 2, least: 1, secret: true, signs: true, make: plugStep(token.Plug.Signed)},
	"plug_crypt":   {args: 2, least: 1, secret: true, signs: true, make: plugStep(token.Plug.Encrypted)},
	"plug_stay":    {args: 1, least: 1, secret: true, signs: true, make: plugStep(token.Plug.RememberMe)},
	"securecookie": {args: 1, secret: true, signs: true, named: true, make: secureCookieStep},

	"tower":         {make: plain(token.OpenTowerID)},
	"tower_signed":  {secret: true, signs: true, make: towerStep(false)},
	"tower_private": {secret: true, signs: true, named: true, make: towerStep(true)},

	"express_unsigned":     {make: plain(token.OpenUnsigned("s:"))},
	"better_auth_unsigned": {make: plain(token.OpenUnsigned(""))},

	"authjs":       {make: plain(token.OpenAuthjs)},
	"activerecord": {make: plain(token.OpenActiveRecord)},
	"spring":       {args: 1, make: springStep},

	"base64":    {make: plain(token.OpenBase64)},
	"base64url": {make: plain(token.OpenBase64URL)},
	"hex":       {make: plain(token.OpenHex)},

	"sha256_hex":        {make: hashStep("sha256", "hex")},
	"sha256_base64url":  {make: hashStep("sha256", "base64url")},
	"sha256_raw":        {make: hashStep("sha256", "raw")},
	"sha512_hex":        {make: hashStep("sha512", "hex")},
	"sha512_base64url":  {make: hashStep("sha512", "base64url")},
	"sha512_raw":        {make: hashStep("sha512", "raw")},
	"sha256_hex_secret": {secret: true, make: suffixStep("sha256")},
	"sha512_hex_secret": {secret: true, make: suffixStep("sha512")},

	"prefix": {args: 1, least: 1, make: prefixStep},
	"strip":  {args: 1, least: 1, make: stripStep},
	"match":  {args: 1, least: 1, make: matchStep},
}

// stepNames lists the token steps, in order.
func stepNames() []string {
	names := []string{"split"}
	for name := range tokenSteps {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// chain makes openers of the token steps.
func (o *Options) chain() (*tokenChain, error) {
	c := &tokenChain{}
	var openers []token.Opener
	for i, text := range o.Token {
		words := strings.Fields(text)
		if len(words) == 0 {
			return nil, errors.New("token: a step is empty")
		}
		if words[0] == "split" && i == len(o.Token)-1 {
			if err := c.split(words[1:]); err != nil {
				return nil, err
			}
			continue
		}
		opener, err := o.step(c, words[0], words[1:])
		if err != nil {
			return nil, err
		}
		openers = append(openers, opener)
		c.steps = append(c.steps, tracedStep{text, opener})
	}
	c.open = token.Chain(openers...)
	if c.proves == nil {
		// A cookie of two halves may be longer than what a row is looked up by,
		// until it was split.
		c.open = token.Bounded(c.open)
	}
	return c, nil
}

func (c *tokenChain) split(args []string) error {
	kinds := map[string]func(string, []byte) bool{"sha256": token.ProvesSHA256, "sha256_base64": token.ProvesSHA256Base64}
	kind := "sha256"
	if len(args) > 0 {
		kind = args[0]
	}
	if c.proves = kinds[kind]; c.proves == nil || len(args) > 1 {
		return errors.New("token: split takes sha256 or sha256_base64, how the column proof was made of the second half")
	}
	return nil
}

func (o *Options) step(c *tokenChain, name string, args []string) (token.Opener, error) {
	s, ok := tokenSteps[name]
	switch {
	case name == "split":
		return nil, errors.New("token: split must be the last step")
	case !ok:
		return nil, fmt.Errorf("token: there is no step %q; there are %s", name, strings.Join(stepNames(), ", "))
	case len(args) < s.least || len(args) > s.args:
		return nil, fmt.Errorf("token: the step %s takes %d to %d arguments", name, s.least, s.args)
	case strings.HasSuffix(name, "_unsigned") && !o.InsecureUnsigned:
		return nil, fmt.Errorf("token: the step %s checks no signature; say so with insecure_unsigned", name)
	case s.named && o.CookieElse != "":
		return nil, fmt.Errorf("token: the step %s takes a cookie of one name only; leave cookie_else out, or make a second realm", name)
	case s.secret && len(o.Secret) == 0:
		return nil, fmt.Errorf("token: the step %s needs the program's secret; add secret {env.NAME}", name)
	}
	opener, err := s.make(o, args)
	if err != nil {
		return nil, fmt.Errorf("token: the step %s: %w", name, err)
	}
	c.signed = c.signed || s.signs
	return opener, nil
}

// usesSecret tells whether a token step needs the secrets.
func (o *Options) usesSecret() bool {
	return slices.ContainsFunc(o.Token, func(text string) bool {
		name, _, _ := strings.Cut(text, " ")
		return tokenSteps[name].secret
	})
}
