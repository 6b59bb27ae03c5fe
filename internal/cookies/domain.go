package cookies

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"
)

// checkDomain refuses what browsers, or net/http on the way there, would drop
// the cookie or its domain for.
func (c *Cookie) checkDomain() error {
	domain := c.Domain
	if domain == "" {
		return nil
	}
	if !httpguts.ValidHostHeader(domain) || strings.ContainsFunc(domain, notCookieText) {
		return fmt.Errorf("cookie: %q is no domain", domain)
	}
	name, _, err := net.SplitHostPort(domain)
	if net.ParseIP(strings.Trim(domain, "[]")) != nil || net.ParseIP(name) != nil {
		return fmt.Errorf("cookie: the domain %q is an IP address, which has no sub-domains; leave the domain out", domain)
	}
	if err == nil {
		return fmt.Errorf("cookie: the domain %q has a port, which cookies do not know; write %s", domain, name)
	}
	if suffix, icann := publicsuffix.PublicSuffix(domain); icann && suffix == domain {
		return fmt.Errorf("cookie: the domain %q is a public suffix, below which anybody may have a site; write your own, such as example.%s", domain, domain)
	}
	if !strings.Contains(c.With(c.Name, "x").String(), "; Domain="+domain+";") {
		return fmt.Errorf("cookie: %q is no domain", domain)
	}
	return nil
}

// OnPublicSuffix reports whether browsers know the domain as one below which
// anybody may have a site: then most drop the cookie. A browser that is told
// otherwise does not, so this is no error. Names without a dot are a network's own.
func (c *Cookie) OnPublicSuffix() bool {
	if !strings.Contains(c.Domain, ".") {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(c.Domain)
	return suffix == c.Domain
}

// domainsOf are the domains that a host may set cookies for, itself first, and
// never a public suffix.
func domainsOf(host string) (domains []string) {
	suffix, _ := publicsuffix.PublicSuffix(host) // which an address is itself
	for domain := host; len(domain) > len(suffix); {
		domains = append(domains, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return domains
}
