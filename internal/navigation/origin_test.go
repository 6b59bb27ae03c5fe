package navigation

import (
	"crypto/tls"
	"net/http"
	"testing"
)

func TestD1_TheClientsOrigin(t *testing.T) {
	site := Site{Domain: "example.com", Hosts: []string{"other.test", "third.test:8443"}}
	for _, c := range []struct {
		name            string
		host            string
		tls, trusted    bool
		protos, hosts   []string
		scheme, visible string
		certain         bool
	}{
		{name: "plain", host: "App.Test", scheme: "http", visible: "app.test"},
		{name: "plain, with a port that may be the balancer's", host: "app.test:80", scheme: "http", visible: "app.test:80"},
		{name: "TLS", host: "app.test:443", tls: true, scheme: "https", visible: "app.test", certain: true},
		{name: "an attacker", host: "app.test", protos: []string{"https"}, hosts: []string{"app.example.com"}, scheme: "http", visible: "app.test"},
		{name: "a balancer", host: "app.test", trusted: true, protos: []string{"https"}, scheme: "https", visible: "app.test", certain: true},
		{name: "a balancer that encrypts again", host: "app.test:80", tls: true, trusted: true, protos: []string{"HTTP"}, scheme: "http", visible: "app.test", certain: true},
		{name: "a balancer that says nothing", host: "app.test", trusted: true, scheme: "http", visible: "app.test"},
		{name: "two lines", host: "app.test", trusted: true, protos: []string{"https", "https"}, hosts: []string{"app.example.com", "app.example.com"}, scheme: "http", visible: "app.test"},
		{name: "two values", host: "app.test", trusted: true, protos: []string{"https, http"}, hosts: []string{"app.example.com,app.test"}, scheme: "http", visible: "app.test"},
		{name: "another scheme", host: "app.test", trusted: true, protos: []string{"javascript"}, scheme: "http", visible: "app.test"},
		{name: "a host of the domain", host: "backend:8080", trusted: true, hosts: []string{"App.Example.Com"}, scheme: "http", visible: "app.example.com"},
		{name: "the domain", host: "backend", trusted: true, hosts: []string{"example.com:8443"}, scheme: "http", visible: "example.com:8443"},
		{name: "a named host", host: "backend", trusted: true, hosts: []string{"other.test:99"}, scheme: "http", visible: "other.test:99"},
		{name: "a named port", host: "backend", trusted: true, hosts: []string{"third.test:8443"}, scheme: "http", visible: "third.test:8443"},
		{name: "not the named port", host: "backend", trusted: true, hosts: []string{"third.test:99"}, scheme: "http", visible: "backend"},
		{name: "its own, less the port of the hop", host: "app.test:8080", trusted: true, hosts: []string{"app.test"}, scheme: "http", visible: "app.test"},
		{name: "somebody's", host: "app.test", trusted: true, hosts: []string{"evil.example"}, scheme: "http", visible: "app.test"},
		{name: "the end of a name", host: "app.test", trusted: true, hosts: []string{"evilexample.com"}, scheme: "http", visible: "app.test"},
		{name: "a path", host: "app.test", trusted: true, hosts: []string{"evil.example/.example.com"}, scheme: "http", visible: "app.test"},
		{name: "a user", host: "app.test", trusted: true, hosts: []string{"a@b.example.com"}, scheme: "http", visible: "app.test"},
		{name: "nothing", host: "app.test", trusted: true, protos: []string{""}, hosts: []string{""}, scheme: "http", visible: "app.test"},
	} {
		r := &http.Request{Host: c.host, Header: http.Header{"X-Forwarded-Proto": c.protos, "X-Forwarded-Host": c.hosts}}
		if c.tls {
			r.TLS = new(tls.ConnectionState)
		}
		want := Origin{c.scheme, c.visible, c.certain}
		if got := OriginOf(r, c.trusted, site); got != want {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
	}
}

func TestD1_AnotherPortOrSchemeIsAnotherOrigin(t *testing.T) {
	plain, certain := Origin{"http", "app.test", false}, Origin{"https", "app.test", true}
	for _, c := range []struct {
		own    Origin
		header string
		same   bool
	}{
		{plain, "http://app.test", true},
		{plain, "https://app.test", true}, // TLS may end at a balancer
		{plain, "https://APP.test:443", true},
		{plain, "https://app.test:8443", false},
		{plain, "https://app.test:80", false},
		{plain, "ftp://app.test", false},
		{certain, "https://app.test", true},
		{certain, "http://app.test", false},
		{certain, "https://app.test:8443", false},
		{certain, "null", false},
		{certain, "", false},
		{certain, "https://[", false},
		{certain, "//app.test", false},
		{certain, "/", false},
		{certain, "app.test", false},
		{Origin{"http", "app.test", true}, "https://app.test", false},
		{Origin{"http", "app.test", true}, "http://app.test:80", true},
		{Origin{"http", "", false}, "http://", false},
		{Origin{"https", "app.test:8443", true}, "https://app.test:8443", true},
		{Origin{"https", "app.test:8443", true}, "https://app.test", false},
	} {
		r := &http.Request{Header: http.Header{"Origin": {c.header}}}
		if got := IsSameOrigin(r, c.own); got != c.same {
			t.Errorf("%s at %v: same origin %v, want %v", c.header, c.own, got, c.same)
		}
		if got := IsCrossSite(r, c.own, Site{}); got == c.same {
			t.Errorf("%s at %v: cross-site %v, want %v", c.header, c.own, got, !c.same)
		}
	}
}

func TestD1_WhatIsAHost(t *testing.T) {
	for text, host := range map[string]bool{
		"app.test": true, "az-09_.test:8443": true, "[2001:db8::1]:443": true, "192.0.2.1": true, "z": true, "a": true, "0": true, "9": true,
		"": false, ":80": false, "App.test": false, "a b": false, "a/b": false, "a@b": false, "a,b": false, "a%62": false, "a\\b": false,
		"a?b": false, "a#b": false, "a`b": false, "a{b": false, "[::1": false, "a\n": false, "\u00e4.test": false, "http://a": false,
	} {
		if IsHost(text) != host {
			t.Errorf("%q is a host: %v", text, !host)
		}
	}
	if hosts, err := Hosts([]string{"App.test", "b:8443"}); err != nil || len(hosts) != 2 || hosts[0] != "app.test" || hosts[1] != "b:8443" {
		t.Error(hosts, err)
	}
	if hosts, err := Hosts([]string{"a", "https://b"}); err == nil {
		t.Error(hosts)
	}
}

func TestD1_TheClientsOwnMachine(t *testing.T) {
	for host, local := range map[string]bool{
		"localhost": true, "localhost:8080": true, "app.localhost": true, "127.0.0.1:80": true, "[::1]:80": true, "::1": false,
		"localhost.test": false, "app.test": false, "10.0.0.1": false,
	} {
		if got := (Origin{Host: host}).IsLocal(); got != local {
			t.Errorf("%s: %v, want %v", host, got, local)
		}
	}
}
