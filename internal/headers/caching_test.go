package headers

import (
	"net/http"
	"slices"
	"testing"
)

func TestMakePrivate(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  []string
	}{
		{nil, []string{"private"}},
		{[]string{"public, max-age=60", "S-MaxAge=3600, , immutable"}, []string{"private, max-age=60, immutable"}},
		{[]string{`private="x"`, "Private"}, []string{"private"}},
		{[]string{"public, no-store"}, []string{"public, no-store"}}, // stricter already
		{[]string{"No-Store"}, []string{"No-Store"}},
	} {
		h := http.Header{"Cache-Control": c.lines}
		if MakePrivate(h); !slices.Equal(h["Cache-Control"], c.want) {
			t.Errorf("%q became %q", c.lines, h["Cache-Control"])
		}
	}
}

func TestAddVary(t *testing.T) {
	for _, c := range []struct{ lines, want []string }{
		{nil, []string{"Cookie"}},
		{[]string{"Accept-Encoding"}, []string{"Accept-Encoding", "Cookie"}},
		{[]string{"Accept", "Origin ,cookie"}, []string{"Accept", "Origin ,cookie"}},
		{[]string{"*"}, []string{"*"}},
		{[]string{"Cookie-X"}, []string{"Cookie-X", "Cookie"}},
	} {
		h := http.Header{"Vary": c.lines}
		if AddVary(h); !slices.Equal(h["Vary"], c.want) {
			t.Errorf("%q became %q", c.lines, h["Vary"])
		}
	}
}

func TestNoStore(t *testing.T) {
	h := http.Header{"Cache-Control": {"public", "max-age=60"}}
	NoStore(h)
	if !slices.Equal(h["Cache-Control"], []string{"no-store"}) || h.Get("Vary") != "Cookie" {
		t.Error(h)
	}
}

func TestKeepSiteData(t *testing.T) {
	for _, c := range []struct{ lines, want []string }{
		{[]string{`"cache", "cookies"`, `"storage"`}, []string{`"cache"`, `"storage"`}},
		{[]string{`"cookies"`, ` "*"`}, nil},
	} {
		h := http.Header{"Clear-Site-Data": c.lines}
		KeepSiteData(h, c.lines)
		got, ok := h["Clear-Site-Data"]
		if !slices.Equal(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%q became %q", c.lines, got)
		}
	}
}

func TestIsTargetedCacheControl(t *testing.T) {
	for name, targeted := range map[string]bool{
		"Surrogate-Control": true, "X-Accel-Expires": true, "Cdn-Cache-Control": true, "Cloudflare-Cdn-Cache-Control": true, "x-CDN-cache-control": true,
		"Cache-Control": false, "X-Accel-Redirect": false, "Cdn-Cache-Control-X": false, "dn-Cache-Control": true, "Akamai-Cache-Control": true, "X-LiteSpeed-Cache-Control": true, "Edge-Control": true, "XCache-Control": false, "": false,
	} {
		if IsTargetedCacheControl(name) != targeted {
			t.Errorf("%q: %v", name, !targeted)
		}
	}
}
