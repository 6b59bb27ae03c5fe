//go:build unix

package tests

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

// setup describes a Caddy to test. In all its texts {app} is the address of
// the upstream, {page} that of the login page, {store} the database's URL, {dir}
// a directory of the test.
type setup struct {
	store  string // the database's URL; a SQLite file unless given
	realm  string // further options of the realm `default`
	global string // further global options
	site   string // the site; mostly a guard in front of {app}
	sites  string // more sites
	bare   bool   // without the global option `session`
	admin  string // where the admin API listens; nowhere unless given
	listen string // the site's address and how it is bound; a Unix socket unless given
	level  string // of the log; DEBUG unless given
}

// The site that most stories need: a guarded app, a login page, a login as
// anybody, and a logout. Further options of the guard go where %s is.
const defaultSite = `
	handle /login {
		session_login
		reverse_proxy {page}
	}
	handle /become {
		session_login {
			user {query.user}
			claim email {query.email}
			claim name {query.name}
			claim groups {query.group} {query.group2}
		}
		respond "welcome"
	}
	handle /logout {
		session_logout {
			redirect /bye
		}
	}
	handle /public* {
		session {
			optional
		}
		reverse_proxy {app}
	}
	handle {
		session {
			%s
		}
		reverse_proxy {app}
	}
`

func guarded(options ...string) string {
	return fmt.Sprintf(defaultSite, strings.Join(options, "\n"))
}

// server is a whole Caddy in the test process. There is one at a time.
type server struct {
	t       testing.TB
	network string // where it listens
	address string
	dir     string
	store   string
	app     *upstream // what the guard protects
	page    *upstream // the login page
	log     *logBuffer

	secrets []string // what must not be in the log
	config  setup
}

// start runs a Caddy until the test ends.
func start(t testing.TB, config setup) *server {
	t.Helper()
	s := newServer(t, config)
	s.load(config)
	t.Cleanup(func() { stopCaddy(s) })
	return s
}

// startTCP is like start, with a port on loopback.
func startTCP(t testing.TB, config setup) *server {
	t.Helper()
	s := newServer(t, config)
	s.listenTCP(config, func(address string) string {
		_, port, _ := strings.Cut(address, ":")
		return "http://:" + port + " {\n\tbind 127.0.0.1"
	})
	t.Cleanup(func() { stopCaddy(s) })
	return s
}

// listenTCP loads a configuration with a port that is free.
func (s *server) listenTCP(config setup, listen func(address string) string) {
	s.t.Helper()
	for range 10 { // until nobody else takes the port before Caddy does
		s.network, s.address = "tcp", freePort(s.t)
		config.listen = listen(s.address)
		err := s.tryLoad(config)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			s.t.Fatalf("loading the configuration: %v\n%s", err, s.caddyfile(config))
		}
	}
	s.t.Fatal("no port is free")
}

func stopCaddy(s *server) {
	if err := caddy.Stop(); err != nil {
		s.t.Error(err)
	}
	s.checkLog()
}

// newServer prepares a server without starting it.
func newServer(t testing.TB, config setup) *server {
	t.Helper()
	dir := shortDir(t)
	s := &server{
		t: t, dir: dir, network: "unix", address: filepath.Join(dir, "caddy.sock"), store: config.store,
		app: newUpstream(t), page: newUpstream(t), log: captureLog(dir),
	}
	s.page.answers(alice.loginPage())
	if s.store == "" {
		s.store = "sqlite:" + filepath.Join(dir, "session.db")
	}
	return s
}

// load makes a configuration the running one; any other goes.
func (s *server) load(config setup) {
	s.t.Helper()
	if err := s.tryLoad(config); err != nil {
		s.t.Fatalf("loading the configuration: %v\n%s", err, s.caddyfile(config))
	}
}

func (s *server) tryLoad(config setup) error {
	adapted, err := adapt(s.caddyfile(config))
	if err != nil {
		return err
	}
	if err := caddy.Load(adapted, true); err != nil {
		return err
	}
	s.config = config
	return nil
}

// reload loads the running configuration again.
func (s *server) reload() {
	s.t.Helper()
	s.load(s.config)
}

// adapt turns a Caddyfile into JSON.
func adapt(text string) ([]byte, error) {
	adapted, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	return adapted, err
}

// caddyfile writes the configuration that the setup describes.
func (s *server) caddyfile(config setup) string {
	config.site = cmp.Or(config.site, guarded())
	config.listen = cmp.Or(config.listen, "http:// {\n\tbind unix/{socket}")
	text := `{
	admin ` + cmp.Or(config.admin, "off") + `
	persist_config off
	skip_install_trust
	auto_https disable_redirects
	grace_period 10s
	storage file_system {dir}/storage
	log {
		output capture {dir}
		level ` + cmp.Or(config.level, "DEBUG") + `
	}
	` + config.global + `
	` + s.realmOption(config) + `
}
` + config.listen + `
	` + config.site + `
}
` + config.sites
	return s.expand(text)
}

func (s *server) realmOption(config setup) string {
	if config.bare {
		return ""
	}
	return "session {\n\t\tstore " + s.store + "\n\t\t" + config.realm + "\n\t\t" + cacheOption(config.realm) + "\n\t}"
}

// cacheOption has the stories told with another cache than the default one,
// where they do not say themselves which they are about.
func cacheOption(realm string) string {
	ttl := os.Getenv("TEST_CACHE_TTL")
	if ttl == "" || strings.Contains(realm, "cache_ttl") {
		return ""
	}
	return "cache_ttl " + ttl
}

// expand fills in what a setup's texts stand for.
func (s *server) expand(text string) string {
	return strings.NewReplacer("{dir}", s.dir, "{socket}", s.address,
		"{store}", s.store, "{app}", s.app.address, "{page}", s.page.address).Replace(text)
}

// shortDir is like TempDir, but leaves room for the name of a Unix socket,
// which the system limits to about a hundred bytes.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// F8: the log of every test, at debug level, holds no token, password or DSN.
func (s *server) checkLog() {
	log := s.log.String()
	for _, secret := range s.secrets {
		if at := strings.Index(log, secret); at >= 0 {
			s.t.Errorf("F8: the log holds a secret: ...%s...", log[max(0, at-300):min(len(log), at+len(secret)+100)])
		}
	}
	if t, failed := s.t.(*testing.T); failed && t.Failed() {
		s.t.Logf("the log:\n%s", tail(log, 6000))
	}
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

// secret notes what must not be in the log.
func (s *server) secret(text string) { s.secrets = append(s.secrets, text) }
