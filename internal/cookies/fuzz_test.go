package cookies

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// FuzzC3_C4_Cookies asks of any Cookie header: is a cookie of ours only what stands
// there letter by letter, is nothing that resembles it passed on, and are all
// others passed on byte for byte and in order?
func FuzzC3_C4_Cookies(f *testing.F) {
	f.Add("__Host-session=token; a=b")
	f.Add("a=b;__Host-session=one; c=d; __Host-session=two")
	f.Add("__HOST-SESSION=x; =__Host-session=y; \u00a0__Host-session=z; __Host-session")
	f.Add(" ;; a ; =b; __Host-session=\"q\"; __Host-session-app=m")
	cookie, err := New(Attributes{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for value := range Values([]string{line}, cookie.Name) {
			if !strings.Contains(line, cookie.Name+"="+value) && !(value == "" && strings.Contains(line, cookie.Name)) {
				t.Errorf("%q is not in %q", value, line)
			}
		}
		header := http.Header{"Cookie": {line}}
		RemoveIfAny(header, func(name, _ string) bool { return cookie.Owns(name) })
		var want, got []string
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.TrimLeft(pair, " \t"); pair != "" && !cookie.Owns(Name(pair)) {
				want = append(want, pair)
			}
		}
		left := strings.Join(header["Cookie"], ";")
		for pair := range strings.SplitSeq(left, ";") {
			if name := Name(pair); cookie.Owns(name) {
				t.Errorf("%q is passed on in %q", pair, left)
			}
			if pair = strings.TrimLeft(pair, " \t"); pair != "" {
				got = append(got, pair)
			}
		}
		if !slices.Equal(want, got) {
			t.Errorf("%q became %q", line, left)
		}
	})
}
