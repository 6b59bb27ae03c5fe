package navigation

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Site is what a configuration says of the hosts that a session reaches.
type Site struct {
	// Domain is the session cookie's; empty where it is of one host only.
	Domain string
	// Hosts are further names of the site, lower case, with a port or without.
	Hosts []string
	// Insecure: plain http is the site's, too.
	Insecure bool
}

// Origin is the scheme and the host of a request as its client sees them: what
// stands in the address bar.
type Origin struct {
	// Scheme is http or https.
	Scheme string
	// Host is in lower case, with a port unless it is the scheme's own.
	Host string
	// Certain: the scheme is the client's. On a plain connection it may not be,
	// since TLS may end at a balancer that nobody has named a trusted proxy.
	Certain bool
}

// OriginOf returns what the client of r sees. From a trusted proxy
// X-Forwarded-Proto counts, and X-Forwarded-Host where it is a name of the
// request's own host or of the site. From anybody else both are an attacker's.
func OriginOf(r *http.Request, trusted bool, site Site) Origin {
	o := Origin{Scheme: "http", Host: strings.ToLower(r.Host)}
	if r.TLS != nil {
		o.Scheme, o.Certain = "https", true
	}
	if !trusted {
		return o.normal()
	}
	if scheme, ok := onlyValue(r.Header["X-Forwarded-Proto"]); ok && (scheme == "http" || scheme == "https") {
		o.Scheme, o.Certain = scheme, true
	}
	if host, ok := onlyValue(r.Header["X-Forwarded-Host"]); ok && IsHost(host) && (hostname(host) == hostname(o.Host) || site.Has(host)) {
		o.Host = host
	}
	return o.normal()
}

func (o Origin) normal() Origin {
	if o.Certain {
		o.Host = withoutPort(o.Host, o.Scheme)
	}
	return o
}

// onlyValue returns the value of a header that is one line with one value.
func onlyValue(lines []string) (string, bool) {
	if len(lines) != 1 || strings.Contains(lines[0], ",") {
		return "", false
	}
	return strings.ToLower(strings.Trim(lines[0], " \t")), true
}

// Has reports whether a host is one of the site's by its configuration.
func (s Site) Has(host string) bool {
	name := hostname(host)
	if s.Domain != "" && (name == s.Domain || strings.HasSuffix(name, "."+s.Domain)) {
		return true
	}
	for _, own := range s.Hosts {
		if own == host || own == name {
			return true
		}
	}
	return false
}

// is reports whether a scheme and a host are this origin's.
func (o Origin) is(scheme, host string) bool {
	if scheme != o.Scheme && (o.Certain || scheme != "https") {
		return false
	}
	return withoutPort(strings.ToLower(host), scheme) == withoutPort(o.Host, scheme)
}

// Hostname is the origin's host without a port.
func (o Origin) Hostname() string { return hostname(o.Host) }

// hostname is a host without its port.
func hostname(host string) string { return (&url.URL{Host: host}).Hostname() }

// withoutPort takes a scheme's own port off a host.
func withoutPort(host, scheme string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// IsHost reports whether text, in lower case, is a host and perhaps a port, and
// nothing besides that a reader of addresses could take for the host's end.
func IsHost(text string) bool {
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("-._:[]", rune(c)) {
			return false
		}
	}
	u, err := url.Parse("//" + text)
	return err == nil && u.Host == text && u.Hostname() != ""
}

// IsLocal reports whether the origin's host is the client's own machine, to
// which browsers send Secure cookies over plain http, too.
func (o Origin) IsLocal() bool {
	name := o.Hostname()
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || name == "::1" || strings.HasPrefix(name, "127.")
}

// Hosts returns names of hosts in the form in which requests are compared with
// them.
func Hosts(names []string) ([]string, error) {
	hosts := make([]string, len(names))
	for i, name := range names {
		if hosts[i] = strings.ToLower(name); !IsHost(hosts[i]) {
			return nil, fmt.Errorf("hosts: %q is no host; write its name alone, such as app.example.com", hosts[i])
		}
	}
	return hosts, nil
}

// WhyLost says why a browser drops the cookie of a login at an origin, or the way
// back from it is lost; empty: neither. A Secure cookie that comes over plain http is
// dropped, except on the browser's own machine. said is what the request says of its
// scheme in X-Forwarded-Proto, which has counted if it may.
func WhyLost(o Origin, site Site, said string) string {
	switch {
	case site.Domain != "" && !(Site{Domain: site.Domain}).Has(o.Hostname()):
		return "a login on a host that is not below the cookie's domain " + site.Domain + ": browsers drop its cookie, so nobody stays logged in"
	case site.Insecure || o.Scheme == "https" || o.IsLocal():
		return ""
	case strings.EqualFold(said, "https"):
		return "a login over plain http says X-Forwarded-Proto: https and is not believed, so nobody is led back to their page; " +
			"if its sender is your balancer, name it in `trusted_proxies`"
	}
	return "a login over plain http: browsers drop its cookie, which is Secure, so nobody stays logged in; serve the site by https; " +
		"where a balancer in front does, name it in `trusted_proxies`; for development only, write `insecure` into the realm's `cookie`"
}
