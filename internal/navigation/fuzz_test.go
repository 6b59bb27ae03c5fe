package navigation

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzS7_Redirect asks of any target that passes as safe: would a browser that
// resolves it against the site stay on the site?
func FuzzS7_Redirect(f *testing.F) {
	for _, target := range []string{
		"/", "/app?x=1", "//evil", "/\\evil", "/\t/evil", "/%09/evil", "https:evil", "https://evil", "https://a@site", "\\\\evil",
		"https://app.example.com/x", "https://example.com.evil/", "https://evil/.example.com", "http://app.example.com", "javascript:alert(1)",
	} {
		f.Add(target)
	}
	hostOnly, domain := Site{}, Site{Domain: "example.com"}
	f.Fuzz(func(t *testing.T, target string) {
		for _, site := range []Site{hostOnly, domain} {
			if !IsSafeTarget(target, site) {
				continue
			}
			// A browser drops tabs and line ends anywhere, trims spaces and
			// control characters, and reads backslashes as slashes.
			seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(EscapeTarget(target))
			base := &url.URL{Scheme: "https", Host: "app.example.com", Path: "/login"}
			u, err := base.Parse(seen)
			if err != nil {
				continue // and a browser stays where it is
			}
			host := u.Hostname()
			onSite := host == base.Host || site.Domain != "" && (host == site.Domain || strings.HasSuffix(host, "."+site.Domain))
			if !onSite || u.Scheme != "https" || u.User != nil {
				t.Errorf("%q leads to %q", target, u)
			}
		}
	})
}
