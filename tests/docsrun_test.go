//go:build unix

package tests

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// documented is a configuration of the documentation at work. It is what it
// adapts to, but for the places that only exist in an example: its listeners,
// the upstreams that it proxies to, its files and its databases are the test's.
type documented struct {
	*server
	sockets   map[string]string    // of the listeners, by their ports
	upstreams map[string]*upstream // by the hosts that the configuration calls them
	php       *fastCGI             // whatever it proxies to on a Unix socket
	roots     *x509.CertPool       // that trust its certificate
	hosts     []string             // its sites' names
	loaded    []byte               // the configuration, moved
	trusted   string               // where it listens for the proxies that it trusts
}

// newDocumented prepares what a configuration finds around it. A realm without
// a store lives in a SQLite file of the test.
func newDocumented(t *testing.T) *documented {
	t.Helper()
	s := newServer(t, setup{})
	t.Setenv("SESSION_DB_URL", s.store)
	return &documented{
		server: s, sockets: make(map[string]string), php: newFastCGI(t),
		upstreams: map[string]*upstream{"legacy": s.app, "login-page": s.page},
	}
}

// run starts a Caddy with the configuration, which must be formatted as
// `caddy fmt` does it.
func (d *documented) run(text string) {
	d.t.Helper()
	adapted := adaptAndValidate(d.t.(*testing.T), text)
	if strings.HasPrefix(adapted, "error: ") {
		d.t.Fatal(adapted)
	}
	d.runJSON(adapted)
}

// runJSON starts a Caddy with the configuration in JSON.
func (d *documented) runJSON(text string) {
	d.t.Helper()
	var config map[string]any
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		d.t.Fatal(err)
	}
	config["admin"] = map[string]any{"disabled": true, "config": map[string]any{"persist": false}}
	config["storage"] = map[string]any{"module": "file_system", "root": d.dir + "/storage"}
	config["logging"] = map[string]any{"logs": map[string]any{"default": map[string]any{
		"level": "DEBUG", "writer": map[string]any{"output": "capture", "name": d.dir},
	}}}
	apps := config["apps"].(map[string]any)
	for _, server := range apps["http"].(map[string]any)["servers"].(map[string]any) {
		d.listen(server.(map[string]any))
	}
	d.moveIn(config)
	d.roots = writeCertificate(d.t, d.dir, d.hosts...)
	apps["tls"] = map[string]any{"certificates": map[string]any{"load_files": []any{
		map[string]any{"certificate": d.dir + "/cert.pem", "key": d.dir + "/key.pem"},
	}}}
	moved, err := json.Marshal(config)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := caddy.Load(moved, true); err != nil {
		d.t.Fatalf("%v\n%s", err, moved)
	}
	d.loaded = moved
	d.t.Cleanup(func() { stopCaddy(d.server) })
}

// listen has a server listen on a Unix socket, with the test's certificate
// where Caddy would get one.
func (d *documented) listen(server map[string]any) {
	_, port, err := net.SplitHostPort(server["listen"].([]any)[0].(string))
	if err != nil {
		d.t.Fatal(err)
	}
	d.sockets[port] = filepath.Join(d.dir, port+".sock")
	server["listen"] = []any{"unix/" + d.sockets[port]}
	server["protocols"] = []any{"h1", "h2"}
	if port == "443" {
		server["tls_connection_policies"] = []any{map[string]any{}}
	}
	server["automatic_https"] = map[string]any{"disable": true}
	if proxies, ok := server["trusted_proxies"].(map[string]any); ok {
		d.trust(server, proxies)
	}
}

// moveIn replaces the places of the example by the test's.
func (d *documented) moveIn(value any) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			d.moveIn(item)
		}
	case map[string]any:
		for key, inner := range value {
			text, _ := inner.(string)
			switch {
			case key == "dial":
				value[key] = d.place(text)
			case key == "url":
				value[key] = d.database(text)
			case key == "root" && strings.HasPrefix(text, "/srv/"):
				value[key] = d.directory()
			case key == "host":
				for _, name := range inner.([]any) {
					d.hosts = append(d.hosts, name.(string))
				}
			default:
				d.moveIn(inner)
			}
		}
	}
}

// place is where an upstream is: another site of the configuration, or a
// program of the test.
func (d *documented) place(dial string) string {
	if strings.HasPrefix(dial, "unix/") {
		return d.php.address
	}
	host, port, err := net.SplitHostPort(dial)
	if err != nil {
		d.t.Fatal(err)
	}
	if socket, ok := d.sockets[port]; ok && host == "127.0.0.1" {
		return "unix/" + socket
	}
	if d.upstreams[host] == nil {
		d.upstreams[host] = newUpstream(d.t)
	}
	return d.upstreams[host].address
}

// database is where a store is. What the environment says is the story's.
func (d *documented) database(url string) string {
	scheme, path, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return "sqlite:" + filepath.Join(d.dir, filepath.Base(path))
	case "postgres":
		d.store = storetest.Postgres(d.t)
		return d.store
	case "mysql":
		d.store = storetest.MySQL(d.t)
		return d.store
	}
	return url
}

// directory is where the files of a PHP app are.
func (d *documented) directory() string {
	write(d.t, filepath.Join(d.dir, "index.php"), "<?php")
	return d.dir
}

// browser is a browser that has just been started, with a client that tries to
// be mallory wherever it goes.
func (d *documented) browser() *browser {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	transport := &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: d.roots},
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			return new(net.Dialer).DialContext(ctx, "unix", d.sockets[port])
		},
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b := &browser{t: d.t, client: &http.Client{Transport: persistent{transport}, Jar: jar, CheckRedirect: stay, Timeout: patience}}
	b.claimsToBe(mallory.lines(remoteSet))
	return b
}

// persistent asks again when the server closed the connection before it answered
// anything, which Caddy does during a reload with connections that it had not read
// from. Go does so by itself, but not for a POST.
type persistent struct{ http.RoundTripper }

func (p persistent) RoundTrip(r *http.Request) (response *http.Response, err error) {
	for range 20 {
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
		if response, err = p.RoundTripper.RoundTrip(r); !errors.Is(err, io.EOF) {
			break
		}
	}
	return response, err
}
