//go:build unix

package tests

import (
	"slices"
	"strings"
	"testing"
)

// logoutSite lets the owner of the sessions log out through Caddy.
const logoutSite = `
	handle /logout {
		session_logout {
			redirect /bye
		}
	}
	handle {
		session
		reverse_proxy {app}
	}
	handle_errors {
		header X-Status {http.session.status}
		respond "{err.status_code}" {err.status_code}
	}
`

// revocable adds a word to the realm's format.
func (p program) revocable() program {
	if before, after, ok := strings.Cut(p.realm, "{\n"); ok {
		p.realm = before + "{\n revocable\n" + after
	} else {
		p.realm += " {\n revocable\n}"
	}
	return p
}

// revocablePrograms are programs whose rows a logout may delete.
func revocablePrograms(t *testing.T) map[string]func(kind string) program {
	return map[string]func(kind string) program{
		"spring": func(kind string) program { return springProgram(t, kind) },
		"django": func(kind string) program { return djangoProgram(t, kind) },
		"authly": func(kind string) program { return authlyProgram("l4", kind) },
	}
}

func TestForeign_LogoutDeletesTheRow(t *testing.T) {
	for name, made := range revocablePrograms(t) {
		for _, kind := range []string{"sqlite", "postgres", "mysql"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				p := made(kind).revocable()
				s, db := p.begin(t, freshDB[kind](t), "cache_ttl 1h", logoutSite)
				s.assertOK(s.get("/", p.line(p.first)), p.good[p.first])
				before := p.count(db)
				// 1. No link, no other site and no forger ends it.
				assertStatus(t, s.get("/logout", p.line(p.first)), 405)
				assertStatus(t, s.post("/logout", p.line(p.first), "Sec-Fetch-Site: cross-site"), 403)
				for _, value := range []string{p.first + "x", p.first[:len(p.first)-1], swapCase(p.first), "", "%"} {
					assertStatus(t, s.post("/logout", p.line(value), "Sec-Fetch-Site: same-origin"), 303)
				}
				assertEqual(t, "rows", p.count(db), before)
				s.assertOK(s.get("/", p.line(p.first)), p.good[p.first])
				// 2. Its owner does.
				a := s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin")
				assertStatus(t, a, 303)
				assertEqual(t, "Location", a.value("Location"), "/bye")
				value, attributes := setCookie(t, a, p.cookie)
				assertEqual(t, "the expired cookie's value", value, "")
				for _, want := range []string{"Max-Age=0", "Path=/"} {
					if !slices.Contains(attributes, want) {
						t.Errorf("the cookie is expired with %q, without %s", attributes, want)
					}
				}
				assertEqual(t, "rows", p.count(db), before-1)
				s.assertStopped(t, s.get("/", p.line(p.first)), "unknown") // on this node at once
				for value, who := range p.good {
					if value != p.first {
						s.assertOK(s.get("/", p.line(value)), who)
					}
				}
				// 3. Another time is no error.
				assertStatus(t, s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin"), 303)
				assertEqual(t, "rows", p.count(db), before-1)
			})
		}
	}
}

// S2: a session may have several cookies, signed with an old secret or encrypted
// anew in each response. After a logout none of them is good on this node.
func TestS2_Foreign_LogoutEndsEveryCookieOfTheSession(t *testing.T) {
	stored := at(t, vector(t, "express-session"), "stores").([]any)
	for i, x := range expressStores {
		t.Run(x.framework, func(t *testing.T) {
			p := x.program(t, stored[i]).revocable()
			if len(p.good) != 2 {
				t.Fatalf("the session has %d cookies", len(p.good))
			}
			s, _ := p.begin(t, freshDB[x.kind](t), "cache_ttl 1h", logoutSite)
			for value, who := range p.good {
				s.assertOK(s.get("/", p.line(value)), who)
			}
			assertStatus(t, s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin"), 303)
			for value := range p.good {
				s.assertStopped(t, s.get("/", p.line(value)), "unknown")
			}
		})
	}
}

// Where a program reads several cookies of one name, a logout ends them all.
func TestForeign_LogoutOfSeveralCookies(t *testing.T) {
	const other = "YWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtZWVlZWVlZWVlZWVl"
	p := springProgram(t, "postgres").revocable()
	p.realm += "\ncookie SESSION {\n domain example.com\n}"
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 1h", logoutSite)
	db.exec("INSERT INTO spring_session SELECT 'bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', creation_time, last_access_time, 1800, expiry_time, 'alice' FROM spring_session")
	a := s.post("/logout", "Cookie: SESSION="+other+"; SESSION=x; SESSION="+p.first, "Sec-Fetch-Site: same-origin")
	assertStatus(t, a, 303)
	assertEqual(t, "rows", p.count(db), 0)
	if _, attributes := setCookie(t, a, "SESSION"); !slices.Contains(attributes, "Domain=example.com") {
		t.Errorf("the cookie is expired with %q", attributes)
	}
}

// Where the row stays, the cookie does, too.
func TestF1_Foreign_LogoutFailsWithTheDatabase(t *testing.T) {
	p := springProgram(t, "postgres").revocable()
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", logoutSite)
	db.exec("ALTER TABLE spring_session RENAME TO away")
	a := s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin")
	assertStatus(t, a, 503)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	db.exec("ALTER TABLE away RENAME TO spring_session")
	s.assertOK(s.get("/", p.line(p.first)), p.good[p.first])
	assertStatus(t, s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin"), 303)
	assertEqual(t, "rows", p.count(db), 0)
}

// With `revocable`, too, lookups cannot write: only the deletion can.
func TestForeign_RevocableLookupsAreReadOnly(t *testing.T) {
	p := program{
		tables: []string{
			"CREATE TABLE app_sessions (sid varchar(64) PRIMARY KEY, person integer, ends timestamptz)", "CREATE TABLE notes (n integer)",
			"CREATE FUNCTION note() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO notes VALUES (1) RETURNING 1'",
		},
		fill:   func(db programDB) { db.exec("INSERT INTO app_sessions VALUES ('a', 7, now() + interval '1 hour')") },
		realm:  "format custom {\n revocable\n cookie sid\n table app_sessions\n columns {\n key sid\n user_id person\n expires_at ends\n wrote (note())\n }\n}",
		cookie: "sid",
	}
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", logoutSite)
	s.assertDENY(s.get("/", p.line("a")))
	assertEqual(t, "notes", number(t, db.db, "SELECT count(*) FROM notes"), 0)
	a := s.post("/logout", p.line("a"), "Sec-Fetch-Site: same-origin") // looks first whose session it is
	assertStatus(t, a, 503)
	assertEqual(t, "Set-Cookie", a.value("Set-Cookie"), "")
	assertEqual(t, "notes", number(t, db.db, "SELECT count(*) FROM notes"), 0)
}

// Whoever logs out is logged out in the program as well, though the guard
// would not let them in.
func TestForeign_LogoutOfWhomTheGuardRefuses(t *testing.T) {
	for what, c := range map[string]struct{ statement, status string }{
		"deactivated": {"UPDATE auth_user SET is_active = 0", "inactive"},
		"no header":   {"UPDATE auth_user SET email = 'a' || char(10) || 'b'", "invalid"},
	} {
		t.Run(what, func(t *testing.T) {
			p := djangoProgram(t, "sqlite").revocable()
			s, db := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", logoutSite)
			db.exec(c.statement)
			assertEqual(t, "status", s.get("/", p.line(p.first)).value("X-Status"), c.status)
			before := p.count(db)
			assertStatus(t, s.post("/logout", p.line(p.first), "Sec-Fetch-Site: same-origin"), 303)
			assertEqual(t, "rows", p.count(db), before-1)
		})
	}
}

// A cookie of two halves: who knows only the id, which is no secret, must not
// be able to end the session.
func TestS2_Foreign_LogoutNeedsTheWholeCookie(t *testing.T) {
	const secret = "abcdefghijklmnopqrstuvwxyz234567"
	p := program{
		tables: []string{`CREATE TABLE "session" (id text PRIMARY KEY, user_id integer, secret_hash bytea, created_at bigint)`},
		fill: func(db programDB) {
			db.exec(`INSERT INTO "session" VALUES ('one', 5, sha256(?::bytea), extract(epoch from now())::bigint)`, []byte(secret))
		},
		realm: "format lucia {\n variant secret\n revocable\n}", cookie: "session_token",
	}
	s, db := p.begin(t, freshDB["postgres"](t), "cache_ttl 0", logoutSite)
	s.assertOK(s.get("/", p.line("one."+secret)), identity{user: "5"})
	assertStatus(t, s.post("/logout", p.line("one.wrong"), "Sec-Fetch-Site: same-origin"), 303)
	assertEqual(t, "rows", p.count(db), 1)
	assertStatus(t, s.post("/logout", p.line("one."+secret), "Sec-Fetch-Site: same-origin"), 303)
	assertEqual(t, "rows", p.count(db), 0)
}

// Grafana rotates tokens: a logout with the one before ends the session, too.
func TestForeignGrafana_LogoutWithTheTokenBefore(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres", "mysql"} {
		t.Run(kind, func(t *testing.T) {
			tree := vector(t, "grafana")
			user := map[string]string{"sqlite": "`user`", "mysql": "`user`", "postgres": `"user"`}[kind]
			p := program{
				tables: []string{
					"CREATE TABLE user_auth_token (id integer PRIMARY KEY, user_id bigint, auth_token varchar(100) UNIQUE, prev_auth_token varchar(100) UNIQUE, created_at integer, rotated_at integer, revoked_at integer)",
					"CREATE TABLE " + user + " (id integer PRIMARY KEY, login varchar(190), email varchar(190), name varchar(255), is_disabled bool)",
				},
				fill: func(db programDB) {
					db.exec("INSERT INTO user_auth_token VALUES (1, 1, 'rotated', ?, ?, ?, 0), (2, 1, 'other', 'before', ?, ?, 0)", wordAt(t, tree, "row.auth_token"), in(0).Unix(), in(0).Unix(), in(0).Unix(), in(0).Unix())
					db.exec("INSERT INTO "+user+" VALUES (1, 'admin', 'admin@localhost', '', ?)", false)
				},
				realm: "format grafana {\n secret {secret1}\n revocable\n}", secrets: []string{wordAt(t, tree, "secret_key")}, cookie: "grafana_session",
			}
			s, db := p.begin(t, freshDB[kind](t), "cache_ttl 0", logoutSite)
			value := wordAt(t, tree, "cookie_value")
			s.assertOK(s.get("/", p.line(value)), identity{user: "1", email: "admin@localhost"})
			assertStatus(t, s.post("/logout", p.line(value), "Sec-Fetch-Site: same-origin"), 303)
			s.assertStopped(t, s.get("/", p.line(value)), "unknown")
			assertEqual(t, "rows", p.count(db), 1)
		})
	}
}

// forward_cookie is for the program itself: it gets its cookie, and may set it.
func TestForeign_ForwardCookieIsForTheOwner(t *testing.T) {
	p := towerProgram(t, "sqlite", towerText)
	s, _ := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", `
		handle /owner* {
			session {
				optional
				forward_cookie
			}
			reverse_proxy {app}
		}
		handle {
			session {
				optional
			}
			reverse_proxy {app}
		}`)
	renewed := "id=" + p.first + "; Path=/; HttpOnly; SameSite=Strict"
	s.app.answers(reply(200, "ok", "Set-Cookie: "+renewed, "Set-Cookie: other=1", "Set-Cookie: =id=x"))
	// 1. The program.
	a := s.get("/owner", p.line(p.first))
	got := s.app.one(t)
	assertID(t, got, p.good[p.first])
	assertEqual(t, "cookies", got.value("Cookie"), "before=1; id="+p.first+"; after=2")
	if !slices.Contains(a.values("Set-Cookie"), renewed) || !slices.Contains(a.values("Set-Cookie"), "other=1") {
		t.Errorf("the owner's cookies became %q", a.values("Set-Cookie"))
	}
	// Also for a browser without a session, which logs in there.
	a = s.get("/owner/login")
	assertANON(t, s.app.one(t))
	if !slices.Contains(a.values("Set-Cookie"), renewed) {
		t.Errorf("the owner's cookies became %q", a.values("Set-Cookie"))
	}
	// 2. Other apps.
	a = s.get("/", p.line(p.first))
	got = s.app.one(t)
	assertID(t, got, p.good[p.first])
	assertEqual(t, "cookies", got.value("Cookie"), "before=1; after=2")
	assertEqual(t, "Set-Cookie", strings.Join(a.values("Set-Cookie"), " | "), "other=1")
}

// The program's own cookies are its to set, and no other realm's.
func TestD9_ForwardCookieLetsTheOwnerSetNoOtherRealmsToken(t *testing.T) {
	p := groupsProgram()
	s, _ := p.begin(t, freshDB["sqlite"](t), "", "")
	config := s.config
	config.global += "\nsession staff {\n store sqlite:{dir}/staff.db\n}"
	config.site = `
		handle /staff/login {
			session_login staff {
				user carol
			}
			respond "welcome"
		}
		handle {
			session {
				optional
				forward_cookie
			}
			reverse_proxy {app}
		}`
	s.load(config)
	token, _ := setCookie(t, s.get("/staff/login"), "__Host-staff-session")
	s.secret(token)
	s.app.answers(reply(200, "ok", "Set-Cookie: sid=new", "Set-Cookie: copy="+token))
	assertEqual(t, "Set-Cookie", strings.Join(s.get("/").values("Set-Cookie"), "|"), "sid=new")
}
