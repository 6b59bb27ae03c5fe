package cookies

import (
	"strings"
	"testing"
	"time"
)

// A domain that browsers would drop, or Go before them, is an error: each login
// would be lost in silence (D6).
func TestD6_ADomainThatWouldLoseLoginsIsAnError(t *testing.T) {
	for domain, want := range map[string]string{
		"app.example.com:8443": "has a port", "localhost:8080": "has a port",
		"192.168.1.10": "IP address", "192.168.1.10:8443": "IP address", "::1": "IP address", "[2001:db8::1]": "IP address",
		"com": "public suffix", "co.uk": "public suffix", ".de": "public suffix", "CO.UK": "public suffix",
		"exa mple.com": "is no domain", "a;b": "is no domain", "example..com": "is no domain", "-a-.example.com": "is no domain",
	} {
		if _, err := New(Attributes{Domain: domain}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q: %v", domain, want, err)
		}
	}
	for domain, doubtful := range map[string]bool{
		"example.com": false, ".example.com": false, "app.example.co.uk": false, "intranet": false, "localhost": false, "apps.internal": false,
		"github.io": true, "herokuapp.com": true, "me.github.io": false, "": false,
	} {
		c, err := New(Attributes{Domain: domain})
		if err != nil {
			t.Errorf("%s: %v", domain, err)
			continue
		}
		if line := c.Set("token", time.Hour); domain != "" && !strings.Contains(line, "Domain="+strings.TrimPrefix(domain, ".")) {
			t.Errorf("%s is not in %s", domain, line)
		}
		if c.OnPublicSuffix() != doubtful {
			t.Errorf("%s: warned of: %v", domain, !doubtful)
		}
	}
}
