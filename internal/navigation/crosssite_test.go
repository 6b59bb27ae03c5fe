package navigation

import "testing"

func TestS8_WhatSaysWhereARequestComesFrom(t *testing.T) {
	own := Origin{"https", "app.example.com", true}
	site := Site{Domain: "example.com", Hosts: []string{"friend.test"}}
	for _, c := range []struct {
		lines           []string
		same, crossSite bool
	}{
		{nil, true, false}, // no browser
		{[]string{"Sec-Fetch-Site", "same-origin"}, true, false},
		{[]string{"Sec-Fetch-Site", "none"}, true, false},
		{[]string{"Sec-Fetch-Site", "same-site"}, false, false},
		{[]string{"Sec-Fetch-Site", "cross-site"}, false, true},
		{[]string{"Sec-Fetch-Site", ""}, false, true},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.com"}, false, true},
		{[]string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Site", "cross-site"}, false, true},
		{[]string{"Origin", "https://app.example.com"}, true, false},
		{[]string{"Origin", "https://other.example.com"}, false, false},
		{[]string{"Origin", "https://friend.test"}, false, false},
		{[]string{"Origin", "http://other.example.com"}, false, true},
		{[]string{"Origin", "https://evil.test"}, false, true},
		{[]string{"Origin", "https://app.example.com", "Origin", "https://evil.test"}, false, true},
		{[]string{"Origin", "null"}, false, true},
		{[]string{"Origin", ""}, false, true},
		{[]string{"Origin", "/"}, false, true},
		{[]string{"Origin", "/path"}, false, true},
		{[]string{"Origin", "x"}, false, true},
		{[]string{"Origin", "https://["}, false, true},
	} {
		r := request("POST", c.lines...)
		if got := IsSameOrigin(r, own); got != c.same {
			t.Errorf("%q: same origin %v", c.lines, got)
		}
		if got := IsCrossSite(r, own, site); got != c.crossSite {
			t.Errorf("%q: cross-site %v", c.lines, got)
		}
	}
}

func TestS7_WhichTargetsStayOnTheSite(t *testing.T) {
	site := Site{Domain: "example.com", Hosts: []string{"friend.test:8443"}}
	plain := Site{Domain: "example.com", Insecure: true}
	for _, c := range []struct {
		target string
		site   Site
		safe   bool
	}{
		{"/", Site{}, true},
		{"/a b~?x#y", Site{}, true},
		{"/\u00e4", Site{}, true},
		{"//evil", Site{}, false},
		{"/\\evil", Site{}, false},
		{"/\t/evil", Site{}, false},
		{"/\x7f", Site{}, false},
		{"/\x1f", Site{}, false},
		{"", Site{}, false},
		{"a", Site{}, false},
		{"https://example.com/", Site{}, false},
		{"https://example.com/", site, true},
		{"https://App.Example.com", site, true},
		{"https://friend.test:8443/x", site, true},
		{"https://friend.test/x", site, false},
		{"https://evilexample.com/", site, false},
		{"https://a@example.com/", site, false},
		{"https:example.com", site, false},
		{"http://example.com/", site, false},
		{"http://example.com/", plain, true},
		{"ftp://example.com/", plain, false},
		{"https://[", site, false},
	} {
		if got := IsSafeTarget(c.target, c.site); got != c.safe {
			t.Errorf("%q, %+v: %v", c.target, c.site, got)
		}
	}
	if got := EscapeTarget("/a b\u00e4\x7f~!%20"); got != "/a%20b%C3%A4%7F~!%20" {
		t.Error(got)
	}
}
