package cookies

import (
	"slices"
	"strings"
	"testing"
)

func made(t *testing.T, a Attributes) *Cookie {
	t.Helper()
	c, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forms writes what the lines expire as domain and path.
func forms(t *testing.T, lines []string) (all []string) {
	t.Helper()
	for _, line := range lines {
		parts, domain, path := strings.Split(line, "; "), "", ""
		for _, part := range parts[1:] {
			name, value, _ := strings.Cut(part, "=")
			switch name {
			case "Domain":
				domain = value
			case "Path":
				path = value
			}
		}
		if parts[0] != "sid=" || !slices.Contains(parts, "Max-Age=0") {
			t.Errorf("%q expires nothing", line)
		}
		all = append(all, domain+path)
	}
	return all
}

func TestD2_WhichFormsAreExpired(t *testing.T) {
	for _, c := range []struct {
		name       string
		a          Attributes
		host, path string
		want       string
	}{
		{"host-only", Attributes{}, "app.example.com", "/", "app.example.com/ example.com/"},
		{"of a domain", Attributes{Domain: "example.com"}, "app.example.com", "/", "/ app.example.com/"},
		{"of a path", Attributes{Path: "/app"}, "example.com", "/app", "example.com/app / example.com/"},
		{"the shortest first", Attributes{}, "example.com", "/a/b/c", "example.com/ /a example.com/a /a/ example.com/a/ /a/b example.com/a/b /a/b/ example.com/a/b/ /a/b/c example.com/a/b/c"},
		{"never a public suffix", Attributes{}, "app.co.uk", "/", "app.co.uk/"},
		{"nor a private one", Attributes{}, "me.github.io", "/", "me.github.io/"},
		{"a suffix has none", Attributes{}, "github.io", "/", ""},
		{"localhost has none", Attributes{}, "localhost", "/x", "/x"},
		{"an address has none", Attributes{}, "192.0.2.1", "/x", "/x"},
		{"nor has another", Attributes{}, "2001:db8::1", "/x", "/x"},
		{"what Path cannot say", Attributes{}, "localhost", "/a/b;c/d", "/a /a/"},
	} {
		c.a.Name = "sid"
		got := strings.Join(forms(t, made(t, c.a).ExpireOthers(c.host, c.path)), " ")
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestD2_TheFormsHaveABound(t *testing.T) {
	c := made(t, Attributes{Name: "sid"})
	many := c.ExpireOthers("a.b.c.d.e.f.g.h.example.com", strings.Repeat("/x", 50))
	long := c.ExpireOthers("example.com", "/"+strings.Repeat("x", 1500)+"/y")
	if len(many) != 16 || len(long) == 0 {
		t.Errorf("%d and %d lines", len(many), len(long))
	}
	for _, lines := range [][]string{many, long} {
		if n := len(strings.Join(lines, "")); n > 4096 {
			t.Errorf("%d bytes", n)
		}
	}
}

func TestD2_AHostCookieHasOneForm(t *testing.T) {
	for _, name := range []string{"__Host-session", "__HOST-session"} {
		if lines := made(t, Attributes{Name: name}).ExpireOthers("app.example.com", "/a/b"); lines != nil {
			t.Errorf("%s is expired as %q", name, lines)
		}
	}
}

func TestD2_WhichDomainsACookieCanHave(t *testing.T) {
	for domain, ok := range map[string]bool{
		"example.com": true, "app.example.com": true, ".Example.com": true, "xn--mller-kva.example": true, "github.io": true, "internal": true, "localhost": true,
		"example.com:443": false, "localhost:8080": false, "192.0.2.1": false, "[2001:db8::1]": false, "2001:db8::1": false, "com": false, "co.uk": false,
		"a_b.example": false, "-a.example": false, "a..example": false, "a b": false, "a;b": false, "a/b": false,
	} {
		if _, err := New(Attributes{Name: "sid", Domain: domain}); (err == nil) != ok {
			t.Errorf("%q: %v", domain, err)
		}
	}
	for domain, known := range map[string]bool{"": false, "example.com": false, "github.io": true, "internal": false, "me.github.io": false} {
		if got := made(t, Attributes{Name: "sid", Domain: domain}).OnPublicSuffix(); got != known {
			t.Errorf("%q on a public suffix: %v", domain, got)
		}
	}
}
