//go:build unix

package tests

import (
	"strings"
	"testing"
)

// loadError is the error of loading a realm into an empty database, in which
// some statements were executed.
func loadError(t *testing.T, kind string, statements []string, realm, site string) string {
	t.Helper()
	url := freshDB[kind](t)
	db := openProgramDB(t, url)
	db.exec("CREATE TABLE unrelated (id integer)")
	for _, statement := range statements {
		db.exec(statement)
	}
	s := newServer(t, setup{store: url})
	s.secretURL(url)
	if site == "" {
		site = "session\nreverse_proxy {app}"
	}
	err := s.tryLoad(setup{realm: realm, site: site})
	if err == nil {
		stopCaddy(s)
		return ""
	}
	s.checkLog()
	if strings.Contains(err.Error(), url) {
		t.Errorf("the error holds the URL: %v", err)
	}
	return err.Error()
}

func assertSays(t *testing.T, text string, parts ...string) {
	t.Helper()
	if text == "" {
		t.Error("it is no error")
		return
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

// A table or column that is not there is an error at the start, which names
// what is missing and what to do.
func TestForeign_MissingTablesAndColumns(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres", "mysql"} {
		sessions := "CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload " + longText[kind] + ", last_activity integer)"
		const laravel = "format laravel {\n insecure_unsigned\n}"
		for _, c := range []struct {
			what       string
			statements []string
			realm      string
			says       []string
		}{
			{"no table", nil, laravel, []string{"sessions", "check that the table"}},
			{"no table of users", []string{sessions}, laravel, []string{"users", "users off"}},
			{"no column", []string{"CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint)", "CREATE TABLE users (id bigint, name varchar(20), email varchar(20))"}, laravel, []string{"last_activity", "columns"}},
			{"no column of users", []string{sessions, "CREATE TABLE users (id bigint, name varchar(20))"}, laravel, []string{"email", "users"}},
			{
				"no column to delete by",
				[]string{sessions, "CREATE VIEW v AS SELECT user_id, last_activity FROM sessions"},
				"format laravel {\n insecure_unsigned\n users off\n table v\n}",
				[]string{"id", "columns"},
			},
			{"no table in a query", nil, "format custom {\n cookie sid\n query \"SELECT sid AS k, u AS user_id, e AS expires_at FROM nowhere WHERE sid = ?\"\n}", []string{"key"}},
			{"no table in a right query", nil, "format custom {\n cookie sid\n columns key sid\n query `SELECT sid AS keys, u AS user_id, e AS expires_at, sid AS " +
				map[bool]string{true: "k", false: `"key"`}[kind == "mysql"] + " FROM nowhere WHERE sid = ?`\n}", nil},
		} {
			if c.says == nil && kind == "mysql" {
				continue // its quotes are the Caddyfile's
			}
			if c.says == nil {
				c.says = []string{"nowhere", "query"}
			}
			t.Run(kind+" "+c.what, func(t *testing.T) { assertSays(t, loadError(t, kind, c.statements, c.realm, ""), c.says...) })
		}
		t.Run(kind+" users off", func(t *testing.T) {
			assertEqual(t, "error", loadError(t, kind, []string{sessions}, "format laravel {\n insecure_unsigned\n users off\n}", ""), "")
		})
	}
	t.Run("no schema", func(t *testing.T) {
		assertSays(t, loadError(t, "postgres", []string{"CREATE TABLE session (id text, data bytea, expiry_date timestamptz)"}, "format tower", ""), "tower_sessions", "schema")
	})
}

// What is wrong in the configuration is an error that says what to do.
func TestForeign_ConfigurationErrors(t *testing.T) {
	t.Setenv("FOREIGN_EMPTY", "")
	t.Setenv("FOREIGN_SECRET", "hush-hush-hush")
	const site = "session\nreverse_proxy {app}"
	for _, c := range []struct {
		what, realm, site string
		says              []string
	}{
		{"no secret", "format django", site, []string{"django", "secret", "insecure_unsigned"}},
		{"secret of an empty variable", "format django {\n secret {env.FOREIGN_EMPTY}\n}", site, []string{"FOREIGN_EMPTY"}},
		{"secret of a variable that is not set", "format express {\n secret {env.FOREIGN_NOWHERE}\n}", site, []string{"FOREIGN_NOWHERE"}},
		{"no secret, and ids can be guessed", "format rails {\n insecure_unsigned\n}", site, []string{"insecure_unsigned"}},
		{"no secret, and none can be found", "format grafana", site, []string{"secret"}},
		{"secret of another form", "format laravel {\n secret {env.FOREIGN_SECRET}\n}", site, []string{"secret 1"}},
		{"secret that nothing is checked with", "format spring {\n secret {env.FOREIGN_SECRET}\n}", site, []string{"secret"}},
		{"no cookie", "format drupal", site, []string{"cookie"}},
		{"no lifetime", "format custom {\n cookie sid\n table s\n columns {\n key k\n user_id u\n created_at c\n }\n expires none\n}", site, []string{"max_age"}},
		{"unknown word", "format spring {\n tables x\n}", site, []string{"tables"}},
		{"unknown program", "format wordpress", site, []string{"wordpress", "django"}},
		{"word with a block that has none", "format spring {\n table {\n x y\n }\n}", site, []string{"table"}},
		{"a word twice", "format spring {\n table a\n table b\n}", site, []string{"table", "twice"}},
		{"a codec that is not read", "format custom {\n cookie sid\n table s\n codec pickle\n columns {\n key k\n payload p\n expires_at e\n }\n user u\n}", site, []string{"pickle"}},
		{"a login", "format spring", "session_login {\n user alice\n}", []string{"login", "native"}},
		{"a logout that may delete nothing", "format spring", "session_logout", []string{"revocable"}},
		{"a logout everywhere", "format spring {\n revocable\n}", "session_logout {\n everywhere\n}", []string{"everywhere"}},
		{"app cookies with a short key", "format express {\n secret {env.FOREIGN_SECRET}\n}", "session {\n app_cookies app\n}\nrespond ok", []string{"app_cookies", "16 bytes"}},
		{"app cookies without a key", "format spring", "session {\n app_cookies app\n}\nrespond ok", []string{"app_cookies", "secret"}},
		{"app cookies of the program's", "format express {\n secret {env.FOREIGN_SECRET}0123456789\n credentials remember\n}", "session {\n app_cookies remember\n}\nrespond ok", []string{"app_cookies", "key of the program"}},
		{"a cookie that browsers would not send", "format spring\ncookie \"a b\"", site, []string{"a b"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			said := loadError(t, "sqlite", []string{"CREATE TABLE SPRING_SESSION (PRIMARY_ID, SESSION_ID, CREATION_TIME, LAST_ACCESS_TIME, EXPIRY_TIME, PRINCIPAL_NAME)"}, c.realm, c.site)
			assertSays(t, said, c.says...)
			if strings.Contains(said, "hush") {
				t.Errorf("the error holds the secret: %s", said)
			}
		})
	}
}

// F5: a reload that fails leaves the running configuration untouched.
func TestF5_Foreign_ARejectedReloadChangesNothing(t *testing.T) {
	p := springProgram(t, "postgres")
	url := freshDB["postgres"](t)
	db := openProgramDB(t, url)
	db.exec(p.tables[0])
	p.fill(db)
	s := startTCP(t, p.setup(t, url, nil))
	s.secretURL(url)
	p.isGood(t, s, p.first, p.good[p.first])
	for _, realm := range []string{"format django {\n secret x\n}", "format spring {\n table nowhere\n}", "format spring {\n secret x\n}"} {
		if err := s.tryLoad(setup{realm: realm, site: s.config.site, listen: s.config.listen}); err == nil {
			t.Errorf("%s is no error", realm)
		}
		p.isGood(t, s, p.first, p.good[p.first])
	}
	s.reload()
	p.isGood(t, s, p.first, p.good[p.first])
}

// F8: the log at debug level holds no secret, whatever happens.
func TestF8_Foreign_TheLogHoldsNoSecret(t *testing.T) {
	p := djangoProgram(t, "postgres")
	url := freshDB["postgres"](t)
	db := openProgramDB(t, url)
	for _, table := range p.tables {
		db.exec(table)
	}
	p.fill(db)
	config := p.setup(t, url, p.secrets)
	config.global, config.site = "debug", "log\n"+config.site
	s := start(t, config)
	s.secretURL(url)
	for _, secret := range p.secrets {
		s.secret(secret)
	}
	for value := range p.good {
		s.secret(value)
		p.isGood(t, s, value, p.good[value])
	}
	for value, status := range p.bad {
		if len(value) > 16 {
			s.secret(value)
		}
		p.isNobody(t, s, value, status)
	}
	p.faultIsDenied(t, s, db)
	s.reload()
	for _, user := range at(t, vector(t, "django-5.2"), "cases").([]any) {
		if row, ok := user.(map[string]any)["user_row"]; ok {
			s.secret(wordAt(t, row, "password"))
		}
		s.secret(wordAt(t, user, "row.session_data"))
	}
	if log := s.log.String(); len(log) < 10_000 {
		t.Errorf("the log has only %d bytes; is it at debug level?", len(log))
	}
}

// A word of the realm and one of the format name the same cookie.
func TestForeign_TheCookiesName(t *testing.T) {
	for what, realm := range map[string]string{"in the format": "format spring {\n cookie APP\n}", "in the realm": "format spring\ncookie APP", "in both": "format spring {\n cookie OTHER\n}\ncookie APP"} {
		t.Run(what, func(t *testing.T) {
			p := springProgram(t, "sqlite")
			p.realm, p.cookie = realm, "APP"
			s, _ := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", "")
			p.isGood(t, s, p.first, p.good[p.first])
			s.assertStopped(t, s.get("/", "Cookie: SESSION="+p.first), "none")
		})
	}
}
