package docs

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// Each URL on the page is understood as it stands there.
func TestD6_EachURLOfThePageIsUnderstood(t *testing.T) {
	text, err := os.ReadFile("databases.md")
	if err != nil {
		t.Fatal(err)
	}
	urls := regexp.MustCompile("(?m)`([a-z][a-z0-9+:-]*:[^` ]*[./][^` ]*)`|^([a-z]+://.*)$").FindAllStringSubmatch(string(text), -1)
	n := 0
	for _, found := range urls {
		url := found[1] + found[2]
		if strings.HasSuffix(url, "://") {
			continue // a scheme that the page says is refused
		}
		n++
		if _, err := address.Parse(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if n < 40 {
		t.Errorf("only %d URLs are found on the page", n)
	}
}
