//go:build unix

package tests

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// begin fills a database and runs the program's realm with further options,
// instead of `cache_ttl 0`, and perhaps a site of its own.
func (p program) begin(t *testing.T, url, realm, site string) (*server, programDB) {
	t.Helper()
	address, _, _ := strings.Cut(url, " ") // of a store with options
	db := openProgramDB(t, address)
	for _, table := range p.tables {
		db.exec(table)
	}
	p.fill(db)
	config := p.setup(t, url, p.secrets)
	config.realm = strings.Replace(config.realm, "cache_ttl 0", realm, 1)
	if site != "" {
		config.site = site
	}
	s := start(t, config)
	s.secretURL(address)
	for _, secret := range p.secrets {
		s.secret(secret)
	}
	return s, db
}

// count counts the rows of the sessions' table.
func (p program) count(db programDB) int64 {
	db.t.Helper()
	return number(db.t, db.db, "SELECT count(*) FROM "+db.tableOf(p.tables[0]))
}

func TestF2_Foreign_ADatabaseThatGoesAwayIsDENY(t *testing.T) {
	server := storetest.StartPostgres(t)
	for name, fault := range map[string]struct{ begin, end func() }{
		"stopped": {server.Stop, server.Start},
		"killed":  {server.Kill, server.Start},
		"frozen":  {server.Freeze, server.Thaw},
	} {
		t.Run(name, func(t *testing.T) {
			p := springProgram(t, "postgres")
			openProgramDB(t, server.URL()).exec("DROP TABLE IF EXISTS spring_session")
			fill := p.fill
			const uncached = "YWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtZWVlZWVlZWVlZWVl"
			p.fill = func(db programDB) {
				fill(db)
				db.exec("INSERT INTO spring_session SELECT 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', creation_time, last_access_time, 1800, expiry_time, 'carol' FROM spring_session")
			}
			s, _ := p.begin(t, server.URL()+" {\n lookup_timeout 500ms\n}", "cache_ttl 1h", "")
			p.isGood(t, s, p.first, p.good[p.first]) // and in the cache from now on
			defer fault.end()
			fault.begin()
			(&faultyDatabase{faultyServer: server}).awaitGone(t)
			for range 3 {
				for _, target := range []string{"/", "/public"} {
					a := s.get(target, p.line(uncached))
					s.assertDENY(a)
					assertEqual(t, "status", a.value("X-Status"), "unavailable")
					s.assertDENY(s.get(target, "Cookie: SESSION="+uncached+"; SESSION=x"))
				}
				p.isGood(t, s, p.first, p.good[p.first])
				s.assertStopped(t, s.get("/"), "none")
				s.assertAnonymous(s.get("/public", mallory.lines(remoteSet)...))
				p.isNobody(t, s, "malformed!", "malformed")
			}
			fault.end()
			eventually(t, "carol is served", func() bool { return s.get("/", p.line(uncached)).status == 200 })
			s.app.take()
			p.isGood(t, s, uncached, identity{user: "carol"})
		})
	}
}

func TestF2_Foreign_ADatabaseThatIsDownAtStart(t *testing.T) {
	server := storetest.StartPostgres(t)
	p := springProgram(t, "postgres")
	db := openProgramDB(t, server.URL())
	db.exec(p.tables[0])
	p.fill(db)
	server.Stop()
	s := p.start(t, server.URL(), nil)
	s.assertDENY(s.get("/", p.line(p.first)))
	s.assertDENY(s.get("/public", p.line(p.first)))
	s.assertStopped(t, s.get("/"), "none")
	server.Start()
	eventually(t, "alice is served", func() bool { return s.get("/", p.line(p.first)).status == 200 })
	s.app.take()
	p.isGood(t, s, p.first, p.good[p.first])
}

// The connections themselves refuse to write, whatever a query does.
func TestForeign_ConnectionsAreReadOnly(t *testing.T) {
	const realm = `format custom {
		cookie sid
		table  app_sessions
		columns {
			key        sid
			user_id    person
			expires_at ends
			wrote      ` + "`(%s)`" + `
		}
		expires_unit unix
		claims wrote wrote
	}`
	writing := func(made string) program {
		return program{
			tables: []string{"CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, person integer, ends bigint)", "CREATE TABLE notes (n integer)", made},
			fill:   func(db programDB) { db.exec("INSERT INTO app_sessions VALUES ('a', 7, ?)", in(time.Hour).Unix()) },
			realm:  fmt.Sprintf(realm, "note()"), cookie: "sid",
		}
	}
	t.Run("postgres", func(t *testing.T) {
		p := writing("CREATE FUNCTION note() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO notes VALUES (1) RETURNING 1'")
		s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", "")
		for range 3 {
			s.assertDENY(s.get("/", p.line("a")))
		}
		assertEqual(t, "notes", number(t, db.db, "SELECT count(*) FROM notes"), 0)
		assertEqual(t, "written by the program", number(t, db.db, "SELECT note()"), 1)
	})
	t.Run("mysql", func(t *testing.T) { // which refuses already to prepare it
		p := writing("CREATE FUNCTION note() RETURNS int BEGIN INSERT INTO notes VALUES (1); RETURN 1; END")
		url := freshDB["mysql"](t)
		db := openProgramDB(t, url)
		for _, statement := range p.tables {
			db.exec(statement)
		}
		s := newServer(t, setup{store: url})
		if err := s.tryLoad(p.setup(t, url, nil)); err == nil {
			t.Error("a query that writes is no error")
		}
		assertEqual(t, "notes", number(t, db.db, "SELECT count(*) FROM notes"), 0)
		assertEqual(t, "written by the program", number(t, db.db, "SELECT note()"), 1)
		// A query that can tell says that its connection cannot write.
		p = program{
			tables: []string{"DROP TABLE app_sessions", p.tables[0]}, fill: p.fill, cookie: "sid", first: "a", good: map[string]identity{"a": {user: "7"}},
			realm: fmt.Sprintf(realm, "@@tx_read_only"), claims: map[string]string{"wrote": "1"},
		}
		s, _ = p.begin(t, url, "cache_ttl 0", "")
		p.isGood(t, s, "a", p.good["a"])
	})
	t.Run("sqlite", func(t *testing.T) {
		p := program{
			tables: []string{"CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, person integer, ends bigint)"},
			fill:   func(db programDB) { db.exec("INSERT INTO app_sessions VALUES ('a', 7, ?)", in(time.Hour).Unix()) },
			realm:  fmt.Sprintf(realm, "SELECT query_only FROM pragma_query_only"), cookie: "sid",
			first: "a", good: map[string]identity{"a": {user: "7"}}, claims: map[string]string{"wrote": "1"},
		}
		url := freshDB["sqlite"](t)
		s, db := p.begin(t, url, "cache_ttl 0", "")
		db.db.Close()
		path := strings.TrimPrefix(url, "sqlite:")
		before := readFile(t, path)
		for range 20 {
			p.isGood(t, s, "a", identity{user: "7"})
		}
		assertEqual(t, "the file is as it was", readFile(t, path) == before, true)
	})
}

// A realm that is read makes no tables of its own.
func TestForeign_NothingIsMade(t *testing.T) {
	p := towerProgram(t, "sqlite", towerText)
	url := freshDB["sqlite"](t)
	s, db := p.begin(t, url, "cache_ttl 0", "")
	p.isGood(t, s, p.first, p.good[p.first])
	assertEqual(t, "tables", strings.Join(texts(t, db.db, "SELECT name FROM sqlite_schema WHERE type = 'table'"), " "), "tower_sessions")
	// Nor a database.
	missing := t.TempDir() + "/none.db"
	m := newServer(t, setup{store: "sqlite:" + missing})
	if err := m.tryLoad(setup{realm: "format tower", site: "session\nrespond ok"}); err == nil {
		t.Error("a database that is not there is no error")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a database was made")
	}
}

// Expiry holds to the second, cached or not.
func TestS4_Foreign_ACachedSessionDoesNotOutliveItsRow(t *testing.T) {
	p := springProgram(t, "sqlite")
	s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 1h", "")
	end := time.Now().Add(3 * time.Second).Truncate(time.Millisecond)
	db.exec("UPDATE SPRING_SESSION SET EXPIRY_TIME = ?", end.UnixMilli())
	for {
		began := time.Now()
		a := s.get("/", p.line(p.first))
		done := time.Now()
		if a.status == 200 && began.After(end) {
			t.Fatalf("served %v after its end", began.Sub(end))
		}
		if a.status != 200 {
			if done.Before(end) {
				t.Fatalf("status %d %v before its end", a.status, end.Sub(done))
			}
			assertEqual(t, "status", a.value("X-Status"), "expired")
			break
		}
	}
	s.app.take()
	// The program extends the session, and it is one again.
	db.exec("UPDATE SPRING_SESSION SET EXPIRY_TIME = ?", in(time.Hour).UnixMilli())
	p.isGood(t, s, p.first, p.good[p.first])
}

// The program keeps a session alive that is in the cache with an earlier end.
func TestS4_Foreign_ACachedSessionLivesAsLongAsTheProgramSays(t *testing.T) {
	p := springProgram(t, "sqlite")
	s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 1h", "")
	end := time.Now().Add(time.Second)
	db.exec("UPDATE SPRING_SESSION SET EXPIRY_TIME = ?", end.UnixMilli())
	p.isGood(t, s, p.first, p.good[p.first])
	db.exec("UPDATE SPRING_SESSION SET EXPIRY_TIME = ?", in(time.Hour).UnixMilli())
	waitUntil(end.Add(time.Millisecond))
	p.isGood(t, s, p.first, p.good[p.first])
}

// A session that the program's own activity extends lives on in the cache.
func TestS4_Foreign_ActivityInTheProgramCounts(t *testing.T) {
	p := program{
		tables: []string{"CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, seen bigint)"},
		fill:   func(db programDB) { db.exec("INSERT INTO sessions VALUES ('a', 7, ?)", in(0).UnixMilli()) },
		realm: "format custom {\n cookie sid\n table sessions\n columns {\n key id\n user_id user_id\n last_seen seen\n }\n" +
			"expires since\n expires_unit unix_ms\n max_age 3s\n}", cookie: "sid",
	}
	s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 1h", "")
	seen := func() time.Time { return time.UnixMilli(number(t, db.db, "SELECT seen FROM sessions")) }
	end := seen().Add(3 * time.Second)
	p.isGood(t, s, "a", identity{user: "7"})
	db.exec("UPDATE sessions SET seen = ?", in(time.Minute).UnixMilli())
	waitUntil(end.Add(time.Millisecond))
	p.isGood(t, s, "a", identity{user: "7"})
	// Requests to the guard are no activity: the row is as the program left it.
	before := seen()
	db.exec("UPDATE sessions SET seen = ?", in(-2*time.Second).UnixMilli())
	s.load(setup{realm: "cache_ttl 59m\n" + p.realm, site: s.config.site})
	end = seen().Add(3 * time.Second)
	for time.Now().Before(end) {
		s.get("/", p.line("a"))
	}
	s.app.take()
	p.isNobody(t, s, "a", "expired")
	assertEqual(t, "seen", seen().Before(before), true)
}

// The app's own cookies go with the user, where there is a key to bind them with.
func TestS13_Foreign_AppCookiesGoWithTheUser(t *testing.T) {
	p := djangoProgram(t, "sqlite")
	s, _ := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", "session {\n app_cookies app\n}\nreverse_proxy {app}")
	s.app.answers(reply(200, "ok", "Set-Cookie: app=hers"))
	seal, _ := setCookie(t, s.get("/", p.line(p.first)), "app-bound")
	s.app.answers(reply(200, "ok"))
	s.app.take()
	mine := "; app-bound=" + seal + "; app=hers"
	assertStatus(t, s.get("/", p.line(p.first)+mine), 200)
	assertContains(t, s.app.one(t).value("Cookie"), "app=hers")
	for value, who := range p.good {
		if value == p.first {
			continue
		}
		a := s.get("/", p.line(value)+mine)
		got := s.app.one(t)
		assertID(t, got, who)
		assertEqual(t, "cookies", got.value("Cookie"), "before=1; after=2")
		expired, _ := setCookie(t, a, "app")
		assertEqual(t, "app", expired, "")
	}
}

// Other programs make a session of an id that was none a moment ago.
func TestForeign_NobodyIsNotRemembered(t *testing.T) {
	p := springProgram(t, "sqlite")
	s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 1h", "")
	for _, c := range []change{
		{"unknown", "DELETE FROM SPRING_SESSION", nil, "unknown"},
		{"anonymous", "UPDATE SPRING_SESSION SET PRINCIPAL_NAME = NULL", nil, "anonymous"},
		{"expired", "UPDATE SPRING_SESSION SET EXPIRY_TIME = 1", nil, "expired"},
	} {
		s.reload()
		db.exec(c.statement, c.args...)
		s.load(setup{realm: "cache_ttl 59m\n" + p.realm, site: s.config.site}) // an empty cache
		p.isNobody(t, s, p.first, c.status)
		p.refill(db)
		p.isGood(t, s, p.first, p.good[p.first])
		s.load(setup{realm: "cache_ttl 1h\n" + p.realm, site: s.config.site})
	}
}

// What is in the cache is served without a query; others are not.
func TestForeign_TheCacheIsOfOneCookie(t *testing.T) {
	p := authlyProgram("l3", "postgres")
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 1h", "")
	p.isGood(t, s, authlyUser, p.good[authlyUser])
	db.exec("ALTER TABLE authkestra_sessions RENAME TO away")
	p.isGood(t, s, authlyUser, p.good[authlyUser])
	s.assertDENY(s.get("/", p.line(authlyOther)))
	db.exec("ALTER TABLE away RENAME TO authkestra_sessions")
	p.isGood(t, s, authlyOther, p.good[authlyOther])
	p.isGood(t, s, authlyUser, p.good[authlyUser])
}

// Several cookies of one name are tried only where the program does so itself.
func TestC1_Foreign_SeveralCookies(t *testing.T) {
	const other = "YWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtZWVlZWVlZWVlZWVl"
	p := springProgram(t, "postgres")
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", "")
	name := p.cookie + "="
	for _, line := range []string{
		name + "x; " + name + p.first, name + p.first + "; " + name + "x", name + other + "; " + name + p.first,
		name + "x; " + name + other + "; " + name + p.first, name + p.first + "; " + name + p.first,
	} {
		s.assertOK(s.get("/", "Cookie: "+line), identity{user: "alice"})
	}
	// The fourth is not tried.
	nobodys := ""
	for i := range 3 {
		nobodys += name + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "cccccccc-bbbb-cccc-dddd-eeeeeeeeeee%d", i)) + "; "
	}
	a := s.get("/", "Cookie: "+nobodys+name+p.first)
	assertStatus(t, a, 401)
	s.app.untouched(t)
	// Two sessions of one user are that user's, of two are nobody's.
	db.exec("INSERT INTO spring_session SELECT 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', creation_time, last_access_time, 1800, expiry_time, 'alice' FROM spring_session")
	s.assertOK(s.get("/", "Cookie: "+name+other+"; "+name+p.first), identity{user: "alice"})
	db.exec("UPDATE spring_session SET principal_name = 'carol' WHERE primary_id LIKE 'bbb%'")
	s.assertStopped(t, s.get("/", "Cookie: "+name+other+"; "+name+p.first), "ambiguous")
	s.assertStopped(t, s.get("/", "Cookie: "+name+p.first+"; "+name+other), "ambiguous")

	another := map[string]string{"tower": "AAAAAAAAAAAAAAAAAAAAAA", "django": "0123456789abcdefghijklmnopqrstuv", "authly": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}
	for kind, q := range map[string]program{"tower": towerProgram(t, "sqlite", towerText), "django": djangoProgram(t, "sqlite"), "authly": authlyProgram("l4", "sqlite")} {
		t.Run(kind, func(t *testing.T) {
			s, _ := q.begin(t, freshDB["sqlite"](t), "cache_ttl 0", "")
			name := q.cookie + "="
			for _, line := range []string{name + "x; " + name + q.first, name + q.first + "; " + name + "x", name + q.first + "; " + name} {
				s.assertOK(s.get("/", "Cookie: "+line), q.good[q.first]) // the program could not have made these
			}
			another := another[kind]
			s.assertStopped(t, s.get("/", "Cookie: "+name+q.first+"; "+name+another), "ambiguous")
			s.assertStopped(t, s.get("/", "Cookie: "+name+another+"; "+name+q.first), "ambiguous")
			s.assertOK(s.get("/", "Cookie: "+name+q.first+"; "+name+q.first), q.good[q.first])
		})
	}
}

// A cookie of the strategy jwt has the same name as one of the strategy
// database; large ones come in chunks.
func TestForeignAuthjs_CookiesOfAnotherStrategy(t *testing.T) {
	const name, jwt = "__Secure-authjs.session-token", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbb.cccccccc"
	for what, line := range map[string]string{
		"jwt":                       name + "=" + jwt,
		"chunked":                   name + ".0=" + jwt[:60] + "; " + name + ".1=" + jwt[60:],
		"chunked, in another order": name + ".1=" + jwt[60:] + "; a=b; " + name + ".0=" + jwt[:60],
	} {
		t.Run(what, func(t *testing.T) {
			p := program{
				tables: []string{`CREATE TABLE sessions (id integer, "userId" integer, expires timestamptz, "sessionToken" text)`, "CREATE TABLE users (id integer, name text, email text)"},
				fill:   func(programDB) {},
				realm:  "format authjs", cookie: name,
			}
			s, _ := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", "")
			s.secret(jwt[:60])
			s.assertStopped(t, s.get("/", "Cookie: "+line), "malformed")
			assertContains(t, s.log.String(), "strategy to database")
			a := s.get("/public", "Cookie: before=1; "+line+"; after=2")
			assertStatus(t, a, 200)
			if got := s.app.one(t).value("Cookie"); strings.Contains(got, "authjs") {
				t.Errorf("the upstream got the session's cookie: %q", got)
			}
		})
	}
}

// H6: an identity that must not become a header fails that request, and no other.
func TestH6_Foreign_AnIdentityThatIsNoHeader(t *testing.T) {
	p := authlyProgram("l3", "postgres")
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", "")
	for _, name := range []string{"Al\nice", "Al\rice", "A\x01", "\u202eecila"} {
		db.exec("UPDATE authkestra_sessions SET name = ? WHERE external_id = 'user_888'", name)
		for _, target := range []string{"/", "/public"} {
			a := s.get(target, p.line(authlyUser))
			assertStatus(t, a, 502)
			assertEqual(t, "status", a.value("X-Status"), "invalid")
			s.app.untouched(t)
		}
		p.isGood(t, s, authlyOther, p.good[authlyOther])
	}
	// White space around a claim is taken off; a user's name is never changed.
	db.exec("UPDATE authkestra_sessions SET name = 'rust_dev', external_id = 'user_888 ' WHERE id = ?", authlyUser)
	a := s.get("/", p.line(authlyUser))
	if a.status == 200 {
		t.Error("a user with a space at the end is served as another user")
	}
	s.app.take()
}

// The guard, the matcher and the placeholders know claims of foreign sessions.
func TestForeign_RequireAndMatcher(t *testing.T) {
	p := djangoProgram(t, "postgres")
	s, _ := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", `
		handle /ops {
			session {
				require groups ops wheel
			}
			reverse_proxy {app}
		}
		handle /wheel {
			session {
				require groups wheel
			}
			reverse_proxy {app}
		}
		handle {
			@staff session groups staff
			route {
				session {
					optional
				}
				respond @staff "staff {http.session.user} {http.session.claims.username} {http.auth.user.id}"
				respond "others"
			}
		}`)
	s.assertOK(s.get("/ops", p.line(p.first)), p.good[p.first])
	assertStatus(t, s.get("/wheel", p.line(p.first)), 403)
	s.app.untouched(t)
	assertEqual(t, "body", s.get("/", p.line(p.first)).body, "staff 1 alice 1")
	assertEqual(t, "body", s.get("/").body, "others")
}

// S5: a realm of the module's own and foreign ones live side by side.
func TestS5_Foreign_RealmsAreWalls(t *testing.T) {
	tower, spring := towerProgram(t, "sqlite", towerText), springProgram(t, "sqlite")
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	for _, p := range []program{tower, spring} {
		db.exec(p.tables[0])
		p.fill(db)
	}
	s := start(t, setup{
		global: "session tower {\n store " + url + "\n format tower\n}\nsession again {\n store " + url + "\n format tower\n cookie id2\n}\nsession spring {\n store " + url + "\n format spring\n}",
		site: "handle /tower {\n session tower\n reverse_proxy {app}\n}\nhandle /again {\n session again\n reverse_proxy {app}\n}\n" +
			"handle /spring {\n session spring\n reverse_proxy {app}\n}\n" + guarded(),
	})
	token := s.login(alice)
	s.assertOK(s.get("/tower", tower.line(tower.first)), identity{user: "user123"})
	s.assertOK(s.get("/spring", spring.line(spring.first)), identity{user: "alice"})
	s.assertOK(s.get("/again", "Cookie: id2="+tower.first), identity{user: "user123"})
	s.assertOK(s.get("/", cookie(token)), alice)
	all := "Cookie: " + cookieName + "=" + token + "; id=" + tower.first + "; SESSION=" + spring.first
	s.assertOK(s.get("/tower", all), identity{user: "user123"})
	s.assertOK(s.get("/spring", all), identity{user: "alice"})
	s.assertOK(s.get("/", all), alice)
	for target, line := range map[string]string{"/tower": "Cookie: id=" + spring.first, "/spring": "Cookie: SESSION=" + tower.first, "/again": "Cookie: id=" + tower.first, "/": cookie(tower.first)} {
		s.assertSTOP(s.get(target, line))
	}
}
