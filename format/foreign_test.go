package format

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
)

// noQuery is for formats that are never asked.
func noQuery(string) store.Query { return store.Query{} }

func customWith(change func(*Options)) Options {
	o := Options{Name: "custom", Cookie: "sid", Table: "s", Columns: map[string]string{"key": "k", "user_id": "u", "expires_at": "e"}}
	change(&o)
	return o
}

// Whatever can be known at the start is an error then, which names the word.
func TestConfigurationErrors(t *testing.T) {
	cases := map[string]struct {
		o    Options
		says string
	}{
		"no program":        {Options{Name: "wordpress"}, "there are authjs, authly"},
		"no secret":         {Options{Name: "django"}, "secret {env.NAME}"},
		"empty secret":      {Options{Name: "express", Secret: []string{""}}, "secret is empty"},
		"guessable":         {Options{Name: "rails", InsecureUnsigned: true}, "insecure_unsigned is not allowed"},
		"guessable, forced": {Options{Name: "rails", Secret: []string{"x"}, Token: []string{"url_php"}}, "can be guessed"},
		"guessable, custom": {customWith(func(o *Options) { o.KeyType = "int" }), "can be guessed"},
		"formula":           {Options{Name: "grafana"}, "secret is missing"},
		"two formulas":      {Options{Name: "grafana", Secret: []string{"a", "b"}}, "one secret"},
		"laravel key":       {Options{Name: "laravel", Secret: []string{"top-secret-value"[:10]}}, "secret 1"},
		"useless secret":    {Options{Name: "authjs", Secret: []string{"x"}}, "nothing is checked with it"},
		"unsigned step":     {Options{Name: "express", Secret: []string{"x"}, Token: []string{"express_unsigned"}}, "insecure_unsigned"},
		"variant":           {Options{Name: "tower", Variant: "actix"}, "there are default, axum_login"},
		"no variants":       {Options{Name: "django", Secret: []string{"x"}, Variant: "5"}, "it has none"},
		"wrong database":    {Options{Name: "express", Variant: "connect_pg_simple", Secret: []string{"x"}}, "in postgres, not in sqlite"},
		"table":             {customWith(func(o *Options) { o.Table = "" }), "table is missing"},
		"key":               {customWith(func(o *Options) { delete(o.Columns, "key") }), "key is missing"},
		"user":              {customWith(func(o *Options) { delete(o.Columns, "user_id") }), "user <path>"},
		"expiry":            {customWith(func(o *Options) { delete(o.Columns, "expires_at") }), "expires_at is missing"},
		"for ever":          {customWith(func(o *Options) { o.Expires = "none" }), "no session for ever"},
		"mode":              {customWith(func(o *Options) { o.Expires = "never" }), "there are absolute, since, none"},
		"unit":              {customWith(func(o *Options) { o.ExpiresUnit = "ms" }), "unix_ms"},
		"codec":             {customWith(func(o *Options) { o.Codec, o.Columns["payload"] = "pickle", "p" }), "there are base64_json"},
		"no payload":        {customWith(func(o *Options) { o.Codec = "json" }), "payload is missing"},
		"path":              {customWith(func(o *Options) { o.Columns["payload"], o.User = "p", []string{"a..b"} }), "reading path"},
		"claim":             {customWith(func(o *Options) { o.Claims = map[string]string{"email": "mail"} }), `no column "mail"`},
		"condition":         {customWith(func(o *Options) { o.Require = []Condition{{Of: "mfa"}} }), `no column "mfa"`},
		"guard":             {customWith(func(o *Options) { o.Guards = []string{"hope"} }), "there are [devise_salt"},
		"step":              {customWith(func(o *Options) { o.Token = []string{"base32"} }), "there are activerecord"},
		"step's secret":     {customWith(func(o *Options) { o.Token = []string{"express"} }), "needs the program's secret"},
		"split, no column":  {customWith(func(o *Options) { o.Token = []string{"split"} }), "column proof"},
		"split, too early":  {customWith(func(o *Options) { o.Token = []string{"split", "hex"} }), "last step"},
		"proof, no split":   {customWith(func(o *Options) { o.Columns["proof"] = "p" }), "step split"},
		"question mark":     {customWith(func(o *Options) { o.Columns["name"] = "(a ? b)" }), "without `?`"},
		"no parameter":      {customWith(func(o *Options) { o.Query = "SELECT k AS key, u AS user_id, e AS expires_at FROM s" }), "0 parameters"},
		"star":              {customWith(func(o *Options) { o.Query = "SELECT * FROM s WHERE k = ?" }), "name the columns"},
		"view without key":  {customWith(func(o *Options) { o.Query = "SELECT u AS user_id, e AS expires_at FROM s WHERE k = ?" }), "key is missing"},
		"no name":           {customWith(func(o *Options) { o.Query = "SELECT k AS key, lower(u) FROM s WHERE k = ?" }), "AS name"},
		"local, own query":  {customWith(func(o *Options) { o.ExpiresUnit, o.Query = "local", "SELECT k AS key FROM s WHERE k = ?" }), "convert the time"},
		"revoking a query":  {customWith(func(o *Options) { o.Table, o.Revocable, o.Query = "", true, "SELECT k AS key FROM s WHERE k = ?" }), "what to delete"},
		"users' expiry":     {customWith(func(o *Options) { o.Users = &Users{Table: "u", Columns: map[string]string{"expires_at": "e"}} }), "choose another"},
		"two ways":          {Options{Name: "django", Secret: []string{"x"}, InsecureUnsigned: true}, "contradict"},
		"claim's name":      {customWith(func(o *Options) { o.Claims = map[string]string{"e mail": "user_id"} }), "letters, digits"},
		"site's cookie":     {Options{Name: "drupal"}, "look it up in a browser"},
		"site's prefix":     {Options{Name: "joomla", Cookie: "x"}, "configuration.php"},
		"gem's lifetime":    {Options{Name: "rails", Variant: "activerecord", Cookie: "_a_session"}, "needs max_age"},
		"short tower key":   {Options{Name: "tower", Secret: []string{"short"}, Token: []string{"tower_signed"}}, "32 bytes"},
	}
	for name, c := range cases {
		_, err := New(c.o, "sqlite", noQuery)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		}
		for _, secret := range c.o.Secret {
			if len(secret) > 3 && err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows the secret", name)
			}
		}
	}
	if _, err := New(Options{Name: "bodhi"}, "mysql", noQuery); err == nil {
		t.Error("BodhiApp has no MySQL")
	}
	if _, err := New(Options{Name: "tower"}, "oracle", noQuery); err == nil {
		t.Error("there is no such database")
	}
}

// broken is a database that cannot answer.
type broken struct{ err error }

func (b broken) Find(context.Context, store.Query, any, ...any) (bool, error) { return false, b.err }

func TestF1_ADatabaseErrorIsNobodysFault(t *testing.T) {
	f, err := New(Options{Name: "spring"}, "sqlite", noQuery)
	if err != nil {
		t.Fatal(err)
	}
	down := errors.New("connection refused")
	_, err = f.Find(t.Context(), broken{down}, Lookup{Arg: "x"}, time.Now())
	if !errors.Is(err, down) || reasonOf(err) != "" {
		t.Errorf("%v; a database that is down must not make anybody a nobody", err)
	}
}

func TestLookupKeyIsThatOfTheCookie(t *testing.T) {
	f, _ := New(Options{Name: "spring"}, "sqlite", noQuery)
	other, _ := New(Options{Name: "spring", Token: []string{"base64"}, Cookie: "x"}, "sqlite", noQuery)
	a, err := f.Lookup("YWJj", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := f.Lookup("YWJk", time.Now())
	c, _ := other.Lookup("YWJj", time.Now())
	if a.Key == b.Key || a.Key != c.Key || a.Arg != "abc" {
		t.Error(a, b, c)
	}
	l, _ := New(Options{Name: "lucia", Variant: "secret"}, "sqlite", noQuery)
	first, _ := l.Lookup("id.one", time.Now())
	second, _ := l.Lookup("id.two", time.Now())
	if first.Key == second.Key {
		t.Error("a wrong proof has the key of the right one")
	}
}

func TestDescribe(t *testing.T) {
	f, err := New(Options{Name: "django", Secret: []string{"do-not-show-this"}}, "postgres", noQuery)
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
	if len(f.Checks()) != 2 || f.Cookie() != "sessionid" || f.Tries() != 1 || f.Remedy() == "" {
		t.Error(f.Checks(), f.Cookie(), f.Tries())
	}
}

// A Caddyfile and JSON have the same words.
func TestWordsAndJSONAreTheSame(t *testing.T) {
	o := Options{Name: "custom"}
	for _, line := range []string{
		"variant v", "cookie c", "key_type text", "schema s", "table_prefix p_", "table t", "query q", "user_query u", "expires since", "expires_unit unix",
		"codec json", "payload_key id", "user_type any", "secret one two", "secret three", "user a b", "guards g", "token sha256_hex", "token prefix 2::",
		"max_age 14d", "lifetime 90m", "insecure_unsigned", "revocable", "columns key sid", "columns name off", "claims email mail", "require mfa", "require role a b",
		"users people", "users key no", "users key_type int", "users email mail",
	} {
		words := strings.Fields(line)
		if err := o.Set(words[0], words[1:]...); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var again Options
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	o.Require[0].Values = nil // none and empty are one
	if !reflect.DeepEqual(o, again) {
		t.Errorf("%s\n%+v\n%+v", data, o, again)
	}
	var fields map[string]any
	_ = json.Unmarshal(data, &fields)
	for _, name := range Words() {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s is not a field in JSON", name)
		}
	}
	delete(fields, "name") // the word after format
	if all := reflect.TypeFor[Options]().NumField() - 1; len(fields) != len(Words()) || len(fields) != all {
		t.Errorf("%d words, %d fields of JSON, %d of Go", len(Words()), len(fields), all)
	}
}

func TestWordErrors(t *testing.T) {
	for _, line := range []string{"nonsense x", "table", "table a b", "revocable yes", "max_age soon", "max_age -1h", "columns key", "columns key a b", "require", "users a b c", "token", "secret"} {
		var o Options
		words := strings.Fields(line)
		if err := o.Set(words[0], words[1:]...); err == nil || !strings.Contains(err.Error(), words[0]) {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"table a", "revocable", "max_age 1h", "columns key a", "require x 1", "users a", "users key a", "users email a"} {
		var o Options
		words := strings.Fields(line)
		if err := errors.Join(o.Set(words[0], words[1:]...)); err != nil {
			t.Error(err)
		}
		if err := o.Set(words[0], words[1:]...); err == nil {
			t.Errorf("%s is accepted twice", line)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]Duration{"14d": hours(336), "1d12h": hours(36), "90m": minutes(90), "2h": hours(2)} {
		d, err := ParseDuration(text)
		if err != nil || d != want {
			t.Errorf("%s: %v, %v", text, d, err)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%s is written %s", text, d)
		}
	}
	for _, bad := range []string{"", "d", "3", "99999999999d", "1w"} {
		if d, err := ParseDuration(bad); err == nil {
			t.Errorf("%q is %v", bad, d)
		}
	}
	var d Duration
	if err := json.Unmarshal([]byte("3600000000000"), &d); err != nil || d != hours(1) {
		t.Error(d, err)
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2026, 11, 24, 1, 17, 26, 0, time.UTC)
	cases := []struct {
		unit string
		v    any
	}{
		{"time", want},
		{"time", "2026-11-24 01:17:26"},
		{"time", "2026-11-24T01:17:26Z"},
		{"time", "2026-11-24 01:17:26+00"},
		{"time", "2026-11-23 20:17:26.000000-05:00"},
		{"time", "2026-11-24 01:17:26.000 +00:00"},
		{"time", want.Unix()},
		{"text", "2026-11-24T01:17:26.000Z"},
		{"unix", want.Unix()},
		{"unix", float64(want.Unix())},
		{"unix", "1795483046"},
		{"unix", "1795483046.000000"},
		{"unix_ms", want.UnixMilli()},
		{"unix_ms", float64(want.UnixMilli())},
		{"unix_ms", "1795483046000"},
		{"unix_ms", "2026-11-24 01:17:26"},
		{"julian", 2461368.553773148},
		{"julian", "2461368.553773148"},
	}
	for _, c := range cases {
		s := schedule{unit: c.unit}
		got, err := s.instant(c.v)
		if err != nil || !got.Round(time.Second).Equal(want) {
			t.Errorf("%s %v: %v, %v", c.unit, c.v, got, err)
		}
	}
	for _, c := range []struct {
		unit string
		v    any
	}{{"unix", want.UnixMilli()}, {"time", want.UnixMilli()}, {"text", want.Unix()}, {"time", "tomorrow"}, {"time", true}, {"unix", ""}, {"unix", int64(-1)}, {"julian", 1e300}} {
		s := schedule{unit: c.unit}
		if got, err := s.instant(c.v); err == nil {
			t.Errorf("%s %v is %v", c.unit, c.v, got)
		}
	}
}
