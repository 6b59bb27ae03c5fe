package cookies

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"
)

// checkDomain refuses a domain that Go would leave out of the cookie, or for
// which browsers store none: every login would be lost in silence.
func checkDomain(domain string) error {
	host, _, hasPort := strings.Cut(domain, ":")
	suffix, icann := publicsuffix.PublicSuffix(domain)
	switch {
	case domain == "":
		return nil
	case net.ParseIP(strings.Trim(domain, "[]")) != nil, hasPort && net.ParseIP(host) != nil:
		return fmt.Errorf("cookie: %q is an IP address, which has no sub-domains; leave the domain out", domain)
	case hasPort:
		return fmt.Errorf("cookie: the domain %q has a port, which cookies do not know; write %s", domain, host)
	case !httpguts.ValidHostHeader(domain) || strings.ContainsFunc(domain, notCookieText):
		return fmt.Errorf("cookie: %q is no domain", domain)
	case suffix == domain && icann:
		return fmt.Errorf("cookie: %q is a public suffix, for which browsers store no cookie; write your own domain below it", domain)
	}
	if (&http.Cookie{Name: "name", Value: "value", Domain: domain}).Valid() != nil {
		return fmt.Errorf("cookie: %q is no domain", domain)
	}
	return nil
}

// DomainWarning says what is doubtful about the domain, or nothing: in the list
// of public suffixes it is one of a company's, where customers share a domain.
// Most browsers store no cookie for it.
func (c *Cookie) DomainWarning() string {
	suffix, icann := publicsuffix.PublicSuffix(c.Domain)
	if c.Domain == "" || suffix != c.Domain || icann || !strings.Contains(c.Domain, ".") {
		return ""
	}
	return fmt.Sprintf("the cookie's domain %s is in the list of public suffixes: most browsers store no cookie for it, and logins are lost; write your own domain below it", c.Domain)
}
