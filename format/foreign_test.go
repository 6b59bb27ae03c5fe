package format_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
	"github.com/seed-11312c3d/caddy-session/store"
)

// noQuery is for formats that are never asked.
func noQuery(string) store.Query { return store.Query{} }

// open makes a format of what an operator says. It is never asked.
func open(o format.Options, kind string) (*format.Foreign, error) {
	program, err := preset.Complete(o, kind)
	if err != nil {
		return nil, err
	}
	return format.New(program, noQuery)
}

// reasonOf is why somebody is nobody; empty where an error is none of that kind.
func reasonOf(err error) format.Reason {
	reason, _ := errors.AsType[format.Reason](err)
	return reason
}

func customWith(change func(*format.Options)) format.Options {
	o := format.Options{Name: "custom", Cookie: "sid", Table: "s", Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}}
	change(&o)
	return o
}

// Whatever can be known at the start is an error then, which names the word.
func TestConfigurationErrors(t *testing.T) {
	cases := map[string]struct {
		o    format.Options
		says string
	}{
		"no program":        {format.Options{Name: "wordpress"}, "there are authjs, authly"},
		"no secret":         {format.Options{Name: "django"}, "secret {env.NAME}"},
		"empty secret":      {format.Options{Name: "express", Secret: []string{""}}, "secret is empty"},
		"blank secret":      {format.Options{Name: "express", Secret: []string{"good", " \n"}}, "secret is empty"},
		"two names":         {format.Options{Name: "laravel", Secret: []string{"0123456789abcdef0123456789abcdef"}, CookieElse: "sid"}, "one name only"},
		"one name twice":    {customWith(func(o *format.Options) { o.CookieElse = "sid" }), "cookie_else"},
		"guessable":         {format.Options{Name: "rails", InsecureUnsigned: true}, "insecure_unsigned is not allowed"},
		"guessable, forced": {format.Options{Name: "rails", Secret: []string{"x"}, Token: []string{"url_php"}}, "can be guessed"},
		"guessable, custom": {customWith(func(o *format.Options) { o.KeyType = "int" }), "can be guessed"},
		"formula":           {format.Options{Name: "grafana"}, "secret is missing"},
		"two formulas":      {format.Options{Name: "grafana", Secret: []string{"a", "b"}}, "one secret"},
		"laravel key":       {format.Options{Name: "laravel", Secret: []string{"top-secret-value"[:10]}}, "secret 1"},
		"useless secret":    {format.Options{Name: "authjs", Secret: []string{"x"}}, "nothing is checked with it"},
		"unsigned step":     {format.Options{Name: "express", Secret: []string{"x"}, Token: []string{"express_unsigned"}}, "insecure_unsigned"},
		"variant":           {format.Options{Name: "tower", Variant: "actix"}, "there are default, axum_login"},
		"no variants":       {format.Options{Name: "django", Secret: []string{"x"}, Variant: "5"}, "it has none"},
		"wrong database":    {format.Options{Name: "express", Variant: "connect_pg_simple", Secret: []string{"x"}}, "in postgres, not in sqlite"},
		"table":             {customWith(func(o *format.Options) { o.Table = "" }), "table is missing"},
		"key":               {customWith(func(o *format.Options) { delete(o.Columns, "key") }), "key is missing"},
		"user":              {customWith(func(o *format.Options) { delete(o.Columns, "user_id") }), "user <path>"},
		"expiry":            {customWith(func(o *format.Options) { delete(o.Columns, "expires_at") }), "expires_at is missing"},
		"for ever":          {customWith(func(o *format.Options) { o.Expires = "none" }), "no session for ever"},
		"mode":              {customWith(func(o *format.Options) { o.Expires = "never" }), "there are absolute, since, none"},
		"unit":              {customWith(func(o *format.Options) { o.ExpiresUnit = "ms" }), "unix_ms"},
		"codec":             {customWith(func(o *format.Options) { o.Codec, o.Columns["payload"] = "pickle", "p" }), "there are base64_json"},
		"no payload":        {customWith(func(o *format.Options) { o.Codec = "json" }), "payload is missing"},
		"path":              {customWith(func(o *format.Options) { o.Columns["payload"], o.User = "p", []string{"a..b"} }), "reading path"},
		"claim":             {customWith(func(o *format.Options) { o.Claims = map[string]string{"email": "mail"} }), `no column "mail"`},
		"condition":         {customWith(func(o *format.Options) { o.Require = []format.Condition{{Of: "mfa"}} }), `no column "mfa"`},
		"guard":             {customWith(func(o *format.Options) { o.Guards = []string{"hope"} }), "there are [devise_salt"},
		"step":              {customWith(func(o *format.Options) { o.Token = []string{"base32"} }), "there are activerecord"},
		"step's secret":     {customWith(func(o *format.Options) { o.Token = []string{"express"} }), "needs the program's secret"},
		"split, no column":  {customWith(func(o *format.Options) { o.Token = []string{"split"} }), "column proof"},
		"split, too early":  {customWith(func(o *format.Options) { o.Token = []string{"split", "hex"} }), "last step"},
		"proof, no split":   {customWith(func(o *format.Options) { o.Columns["proof"] = "p" }), "step split"},
		"question mark":     {customWith(func(o *format.Options) { o.Columns["name"] = "(a ? b)" }), "without `?`"},
		"no parameter":      {customWith(func(o *format.Options) { o.Query = "SELECT k AS key, u AS user_id, e AS expires_at FROM s" }), "0 parameters"},
		"star":              {customWith(func(o *format.Options) { o.Query = "SELECT * FROM s WHERE k = ?" }), "name the columns"},
		"view without key":  {customWith(func(o *format.Options) { o.Query = "SELECT u AS user_id, e AS expires_at FROM s WHERE k = ?" }), "key is missing"},
		"no name":           {customWith(func(o *format.Options) { o.Query = "SELECT k AS key, lower(u) FROM s WHERE k = ?" }), "AS name"},
		"local, own query":  {customWith(func(o *format.Options) { o.ExpiresUnit, o.Query = "local", "SELECT k AS key FROM s WHERE k = ?" }), "convert the time"},
		"revoking a query": {customWith(func(o *format.Options) {
			o.Table, o.Revocable, o.Query = "", true, "SELECT k AS key FROM s WHERE k = ?"
		}), "what to delete"},
		"users' expiry": {customWith(func(o *format.Options) {
			o.Users = &format.Users{Table: "u", Columns: map[string]string{"expires_at": "e"}}
		}), "choose another"},
		"two ways":        {format.Options{Name: "django", Secret: []string{"x"}, InsecureUnsigned: true}, "contradict"},
		"claim's name":    {customWith(func(o *format.Options) { o.Claims = map[string]string{"e mail": "user_id"} }), "letters, digits"},
		"site's cookie":   {format.Options{Name: "drupal"}, "look it up in a browser"},
		"site's prefix":   {format.Options{Name: "joomla", Cookie: "x"}, "configuration.php"},
		"gem's lifetime":  {format.Options{Name: "rails", Variant: "activerecord", Cookie: "_a_session"}, "needs max_age"},
		"short tower key": {format.Options{Name: "tower", Secret: []string{"short"}, Token: []string{"tower_signed"}}, "32 bytes"},
	}
	for name, c := range cases {
		_, err := open(c.o, "sqlite")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
		for _, secret := range c.o.Secret {
			if len(secret) > 3 && err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows the secret", name)
			}
		}
	}
	if _, err := open(format.Options{Name: "bodhi"}, "mysql"); err == nil {
		t.Error("BodhiApp has no MySQL")
	}
	if _, err := open(format.Options{Name: "tower"}, "oracle"); err == nil {
		t.Error("there is no such database")
	}
}

// broken is a database that cannot answer.
type broken struct{ err error }

func (b broken) Find(context.Context, store.Query, any, ...any) (bool, error) { return false, b.err }

func TestF1_ADatabaseErrorIsNobodysFault(t *testing.T) {
	f, err := open(format.Options{Name: "spring"}, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("connection refused")
	_, err = f.Find(t.Context(), broken{down}, format.Lookup{Arg: "x"}, time.Now())
	if !errors.Is(err, down) || reasonOf(err) != "" {
		t.Errorf("%v; a database that is down must not make anybody a nobody", err)
	}
}

func TestLookupKeyIsThatOfTheCookie(t *testing.T) {
	f, _ := open(format.Options{Name: "spring"}, "sqlite")
	other, _ := open(format.Options{Name: "spring", Token: []string{"base64"}, Cookie: "x"}, "sqlite")
	a, err := f.Lookup("YWJj", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := f.Lookup("YWJk", time.Now())
	c, _ := other.Lookup("YWJj", time.Now())
	if a.Key == b.Key || a.Key != c.Key || a.Arg != "abc" {
		t.Error(a, b, c)
	}
	l, _ := open(format.Options{Name: "lucia", Variant: "secret"}, "sqlite")
	first, _ := l.Lookup("id.one", time.Now())
	second, _ := l.Lookup("id.two", time.Now())
	if first.Key == second.Key {
		t.Error("a wrong proof has the key of the right one")
	}
}

func TestDescribe(t *testing.T) {
	f, err := open(format.Options{Name: "django", Secret: []string{"do-not-show-this"}}, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(f.Describe(), "\n")
	for _, want := range []string{"django_session", "session_key", "auth_user", "expires_at", "guard: the password", "guard: the user or session is active", "writes: nothing"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "do-not-show") {
		t.Error("the secret is shown")
	}
	if len(f.Queries()) != 2 || f.Cookie() != "sessionid" || f.Tries() != 1 || f.Remedy() == "" {
		t.Error(f.Queries(), f.Cookie(), f.Tries())
	}
}
