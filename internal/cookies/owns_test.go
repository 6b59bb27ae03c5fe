package cookies

import (
	"slices"
	"strings"
	"testing"
)

func TestC3_WhichNamesAreOurs(t *testing.T) {
	plain := made(t, Attributes{Name: "sid"})
	two := made(t, Attributes{Name: "sid", Else: "other"})
	chunked := made(t, Attributes{Name: "sid", Else: "other", Chunked: true})
	binding := made(t, Attributes{Name: "sid"})
	binding.App = &Binding{Names: []string{"app"}}
	for _, c := range []struct {
		cookie *Cookie
		name   string
		owns   bool
	}{
		{plain, "sid", true},
		{plain, "SID", true},
		{plain, "\x7fsid", true}, // what lenient readers trim
		{plain, "\u00a0sid ", true},
		{plain, "~sid", false},
		{plain, "sid~", false},
		{plain, "si", false},
		{plain, "sidx", false},
		{plain, "other", false},
		{plain, "", false},
		{plain, "sid-out", true}, // asks for the password again
		{plain, "sid.0", false},
		{plain, "app-bound", false},
		{two, "other", true},
		{two, "OTHER", true},
		{two, "other.0", false},
		{chunked, "sid.0", true},
		{chunked, "sid.12", true},
		{chunked, "other.3", true},
		{chunked, "sid.", false},
		{chunked, "sid.x", false},
		{chunked, "sid.0x", false},
		{chunked, ".0", false},
		{chunked, "0", false},
		{made(t, Attributes{Name: "sid", Chunked: true}), ".0", false},
		{binding, "app-bound", true},
		{binding, "app", false},
		{binding, "-bound", false},
	} {
		if c.cookie.Owns(c.name) != c.owns {
			t.Errorf("%q is ours: %v", c.name, !c.owns)
		}
	}
}

// A second name counts where the first does not stand at all.
func TestC3_WhichOfTwoNamesCounts(t *testing.T) {
	one, two := made(t, Attributes{Name: "sid"}), made(t, Attributes{Name: "sid", Else: "other"})
	for _, c := range []struct {
		cookie *Cookie
		line   string
		want   string
	}{
		{one, "other=1; =2", "sid"},
		{two, "other=1", "other"},
		{two, "other=1; sid=2", "sid"},
		{two, "sid=1; sid=2", "sid"},
		{two, "SID=1", "other"},
		{two, "", "other"},
	} {
		if got := c.cookie.NameIn([]string{c.line}); got != c.want {
			t.Errorf("%q: %s", c.line, got)
		}
	}
	if !slices.Equal(one.Names(), []string{"sid"}) || !slices.Equal(two.Names(), []string{"sid", "other"}) {
		t.Error(one.Names(), two.Names())
	}
	for name, is := range map[string]bool{"sid": true, "other": true, "": false, "SID": false} {
		if two.IsName(name) != is || one.IsName(name) != (name == "sid") {
			t.Errorf("%q", name)
		}
	}
}

func TestC3_WhichRequestsHaveChunks(t *testing.T) {
	chunked := made(t, Attributes{Name: "sid", Chunked: true})
	for line, has := range map[string]bool{"a=b; sid.0=x": true, "sid.0": true, "sid=x; a.0=y": false, "": false} {
		if chunked.HasChunks([]string{"c=d", line}) != has {
			t.Errorf("%q: %v", line, !has)
		}
	}
}

func TestNew_RefusesWhatBrowsersWouldNotStore(t *testing.T) {
	for _, c := range []struct {
		a    Attributes
		want string // a piece of the error; empty: none
	}{
		{Attributes{Name: "a b"}, "no cookie name"},
		{Attributes{Else: "a b"}, "cookie_else"},
		{Attributes{Else: "ab"}, ""},
		{Attributes{SameSite: "other"}, "same_site"},
		{Attributes{SameSite: "STRICT"}, ""},
		{Attributes{Name: "__host-x", Domain: "example.com"}, "__Host-"},
		{Attributes{Name: "__Host-", Path: "/x"}, "__Host-"},
		{Attributes{Name: "__Host", Path: "/x"}, ""},
		{Attributes{Name: "__Secure-x", Insecure: true}, "insecure"},
		{Attributes{Name: "__Host-x", Insecure: true}, "insecure"},
		{Attributes{Name: "x", Insecure: true}, ""},
		{Attributes{SameSite: "none", Insecure: true}, "insecure"},
		{Attributes{SameSite: "none"}, ""},
		{Attributes{Path: "x"}, "must begin with /"},
		{Attributes{Path: "/a;b"}, "must begin with /"},
		{Attributes{Path: "/\x1f"}, "must begin with /"},
		{Attributes{Path: "/\x7f"}, "must begin with /"},
		{Attributes{Path: "/~user a"}, ""},
	} {
		_, err := New(c.a)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.a, err)
		}
	}
}
