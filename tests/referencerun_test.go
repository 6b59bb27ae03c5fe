//go:build unix

package tests

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every status that is counted is in the reference, and no other.
func TestReference_StatusesAndMetrics(t *testing.T) {
	s := startWithAdmin(t, setup{})
	s.get("/")
	s.get("/public")
	a, err := dial(t, "unix", s.dir+"/admin.sock").exchange("GET /metrics HTTP/1.1\r\nHost: \r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	var counted []string
	for _, found := range regexp.MustCompile(`caddy_session_requests_total\{realm="default",status="([a-z]+)"\}`).FindAllStringSubmatch(a.body, -1) {
		counted = append(counted, found[1])
	}
	assertContains(t, a.body, `caddy_session_requests_total{realm="default",status="none"} 2`)
	assertSame(t, "statuses", namesUnder(t, "Statuses", "`{http.session.status}`"), counted)
	for _, metric := range regexp.MustCompile(`(?m)^# TYPE (caddy_session_\w+)`).FindAllStringSubmatch(a.body, -1) {
		assertContains(t, section(t, "Metrics"), metric[1])
	}
}

// Every placeholder in the reference has a value behind a guard, and those that
// the guard's own comment lists are the same.
func TestReference_Placeholders(t *testing.T) {
	var told, options []string
	for i, row := range rowsUnder(t, "Placeholders", "placeholder") {
		name := codeIn(row[0])[0]
		told = append(told, regexp.MustCompile("<[a-z]+>").ReplaceAllString(name, "*"))
		options = append(options, fmt.Sprintf("header X-P%d %s", i, regexp.MustCompile("<[a-z]+>").ReplaceAllString(name, "email")))
	}
	s := start(t, setup{site: guarded(options...)})
	s.get("/", cookie(s.login(alice)))
	got := s.app.one(t)
	for i := range told {
		if value := got.value(fmt.Sprintf("X-P%d", i)); value == "" || strings.Contains(value, "{") {
			t.Errorf("%s is %q", told[i], value)
		}
	}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var commented []string
	for _, file := range files {
		for line := range strings.Lines(readFile(t, file)) {
			if row, ok := strings.CutPrefix(line, "// `{http."); ok {
				first, _, _ := strings.Cut("`{http."+row, " | ")
				commented = append(commented, codeIn(first)...)
			}
		}
	}
	assertSame(t, "placeholders", told, commented)
}

// The events in the reference are those that come of what it says.
func TestReference_Events(t *testing.T) {
	s := start(t, setup{realm: "cache_ttl 0", site: guarded("header X-Name {http.session.claims.name} ascii")})
	db := s.database()
	spoil := func(change string) {
		token := s.become(alice)
		execute(t, db, "UPDATE "+table+" SET "+change)
		s.get("/", cookie(token))
	}
	spoil("claims = '{'")
	spoil(`user_id = 'ali' || char(8203) || 'ce'`)
	s.get("/", cookie(s.become(identity{user: "bob", name: "Bób"})))
	s.get("/become?user=%20x")
	s.get("/become?user=bob&email=%ff")
	p := groupsProgram()
	foreign, programs := p.begin(t, freshDB["sqlite"](t), "cache_ttl 0", "")
	programs.exec(`UPDATE s SET g = '["a,b"]'`)
	foreign.get("/", p.line(strings.Repeat("k", 32)))
	var seen []string
	for _, entry := range append(s.log.entries(t, ""), foreign.log.entries(t, "")...) {
		if what, _ := entry["event"].(string); what != "" {
			seen = append(seen, "session_"+what)
		}
	}
	slices.Sort(seen)
	assertSame(t, "events", namesUnder(t, "Events", "event"), slices.Compact(seen))
}

// What the reference says of the command line is what its help says.
func TestReference_CommandLine(t *testing.T) {
	flag := regexp.MustCompile(`--[a-z]+`)
	help := func(words ...string) string {
		out, err := exec.Command("caddy", append(append([]string{"session"}, words...), "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	var subcommands, flags []string
	_, usage, _ := strings.Cut(help(), "caddy session create")
	usage, _, _ = strings.Cut("create"+usage, " ")
	subcommands = strings.Split(usage, "|")
	for _, subcommand := range subcommands {
		flags = append(flags, flag.FindAllString(help(subcommand), -1)...)
	}
	told := section(t, "Command line")
	var toldSubcommands []string
	for _, found := range regexp.MustCompile(`(?m)^caddy session (\w+)`).FindAllStringSubmatch(told, -1) {
		toldSubcommands = append(toldSubcommands, found[1])
	}
	assertSame(t, "subcommands", toldSubcommands, subcommands)
	unique := func(names []string) []string {
		return slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(names))), func(name string) bool { return name == "--help" })
	}
	assertSame(t, "flags", unique(flag.FindAllString(told, -1)), unique(flags))
}

// Every call of the admin API in the reference can be made.
func TestReference_AdminAPI(t *testing.T) {
	s := startWithAdmin(t, setup{})
	for _, row := range rowsUnder(t, "Admin API", "call") {
		s.become(alice)
		var all []map[string]any
		s.api("GET", "default/sessions", "", &all)
		call := strings.NewReplacer("<realm>", "default", "<user>", "alice", "<id>", fmt.Sprint(all[0]["id"]), "&limit=", "&limit=5").Replace(codeIn(row[0])[0])
		method, path, _ := strings.Cut(call, " ")
		body := ""
		if call == "POST /session/default/sessions" {
			body = `{"user": "dora", "claims": {"groups": ["a"]}}`
		}
		a := s.api(method, strings.TrimPrefix(path, "/session/"), body, nil)
		if a.status >= 300 {
			t.Errorf("%s: %d %s", call, a.status, a.body)
		}
		if body != "" { // what a session is
			var created map[string]any
			if err := json.Unmarshal([]byte(a.body), &created); err != nil {
				t.Fatal(err)
			}
			for field := range created {
				assertContains(t, section(t, "Admin API"), "`"+field+"`")
			}
		}
	}
}
