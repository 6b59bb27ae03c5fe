package caddysession

import (
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// A Caddyfile cannot say these; JSON can.
func TestConfig_JSONThatCannotWork(t *testing.T) {
	for want, c := range map[string]interface{ refusal() error }{
		"":                                  guardOf{Require: []RequireConfig{{"groups", []string{"a"}}}},
		"needs a claim and at least":        guardOf{Require: []RequireConfig{{"", []string{"a"}}}},
		"a claim and at least one value":    guardOf{Require: []RequireConfig{{"groups", nil}}},
		"control characters":                guardOf{Separator: "\n"},
		"is no cookie name":                 guardOf{AppCookies: []string{"a b"}},
		"claim name: it needs a value":      loginOf{User: "x", Claim: []ClaimConfig{{"name", nil}}},
		"it needs a claim and at":           loginOf{Keep: []KeepConfig{{"", []string{"*"}}}},
		"needs a claim and at least one":    loginOf{Keep: []KeepConfig{{"groups", nil}}},
		"the user id is no list":            loginOf{Keep: []KeepConfig{{"user", []string{"*"}}}},
		"without `user` the claims":         loginOf{Claim: []ClaimConfig{{"name", []string{"x"}}}},
		"a login needs names":               loginOf{Headers: "none"},
		"unknown set":                       loginOf{Headers: "other"},
		"redirect: \"x\" is neither":        loginOf{Redirect: "x"},
		"fallback: \"x\" is neither a path": loginOf{Fallback: "x"},
	} {
		if err := c.refusal(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
	for name, c := range map[string]Guard{
		"optional": {Optional: true}, "observe": {Observe: true}, "redirect": {Redirect: "/"}, "forward_cookie": {ForwardCookie: true},
		"require":               {Require: []RequireConfig{{"groups", []string{"a"}}}},
		"forward_authorization": {ForwardAuthorization: true}, "public": {Public: []string{"/"}},
		"allow_preflight": {AllowPreflight: true}, "no_store": {NoStore: true},
		"passive": {Passive: true}, "streams": {Streams: "keep"},
	} {
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c.StripOnly = true
		if err := c.check(); err == nil {
			t.Errorf("%s goes together with strip_only", name)
		}
	}
	strips := Guard{StripOnly: true, Headers: "remote", Header: []HeaderConfig{{Name: "X-A", Value: "x"}}, AppCookies: []string{"a"}}
	if err := strips.check(); err != nil {
		t.Error(err)
	}
}

// What is refused is so before any realm is asked for.
func TestConfig_WhatIsRefusedFirst(t *testing.T) {
	ctx, err := caddy.ProvisionContext(new(caddy.Config))
	if err != nil {
		t.Fatal(err)
	}
	for want, module := range map[string]caddy.Provisioner{
		"control characters":                &Guard{Separator: "\n"},
		"redirect: \"x\" is neither":        &Guard{Redirect: "x"},
		"a login needs names":               &Login{Headers: "none"},
		"fallback: \"x\" is neither a path": &Login{Fallback: "x"},
		"redirect: \"y\" is neither":        &Logout{Redirect: "y"},
	} {
		if err := module.Provision(ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %q", module, err, want)
		}
	}
	for separator, good := range map[string]bool{"": true, " ": true, ",": true, "\t": false, "  ": false} {
		if err := (loginOf{Separator: separator}).refusal(); (err == nil) != good {
			t.Errorf("separator %q: %v", separator, err)
		}
	}
}

type guardOf Guard

func (c guardOf) refusal() error { g := Guard(c); return g.check() }

type loginOf Login

func (c loginOf) refusal() error { l := Login(c); return l.provisionNames() }
