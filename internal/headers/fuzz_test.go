package headers

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// foldOracle is fold, written down a second time and slowly.
func foldOracle(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, name))
}

// FuzzH1_H3_Strip sends raw bytes through net/http's parser and asks: is anything
// left that a backend could take for a managed header, and is anything else lost?
func FuzzH1_H3_Strip(f *testing.F) {
	f.Add("Remote-User: eve\r\nX: y\r\n")
	f.Add("Remote_User: eve\r\nREMOTE.USER: eve\r\nremote~user: eve\r\n")
	f.Add("Connection: close, rEmOtE-uSeR\r\nConnection: upgrade ,\tRemote_Email\r\nUpgrade: h2c\r\n")
	f.Add("Transfer-Encoding: chunked\r\nTrailer: Remote-User, X-Sum\r\n")
	f.Add("Remote-User-X: stays\r\nAuth-User: stays\r\nX_Other: stays\r\n")
	names := testNames(f, "Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "X-Tenant")
	managed := map[string]bool{"REMOTE_USER": true, "REMOTE_EMAIL": true, "REMOTE_NAME": true, "REMOTE_GROUPS": true, "X_TENANT": true}
	f.Fuzz(func(t *testing.T, head string) {
		raw := "POST / HTTP/1.1\r\nHost: app\r\n" + head + "\r\n"
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return // the server refuses these bytes
		}
		before := r.Header.Clone()
		names.Strip(r)
		for _, header := range []http.Header{r.Header, r.Trailer} {
			for name := range header {
				if managed[foldOracle(name)] {
					t.Errorf("%q is left", name)
				}
			}
		}
		for _, line := range r.Header["Connection"] {
			for option := range strings.SplitSeq(line, ",") {
				if managed[foldOracle(strings.Trim(option, " \t"))] {
					t.Errorf("the Connection header still lists %q", option)
				}
			}
		}
		for name, values := range before {
			if !managed[foldOracle(name)] && name != "Connection" && !slices.Equal(values, r.Header[name]) {
				t.Errorf("%q is lost or changed", name)
			}
		}
	})
}

func testNames(tb testing.TB, names ...string) *Names {
	tb.Helper()
	m := new(Names)
	for _, name := range names {
		if err := m.Add(name); err != nil {
			tb.Fatal(err)
		}
	}
	return m
}
