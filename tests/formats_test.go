//go:build unix

package tests

import (
	"regexp"
	"strings"
	"testing"
)

var realmBlock = regexp.MustCompile("(?s)```(?:caddyfile)?\n(session \\{.*?\n\\})\n```")

// Every realm that the README and the page on formats show is valid, once its
// placeholders stand for something.
func TestExamples_Formats(t *testing.T) {
	for name, value := range map[string]string{
		"DATABASE_URL": "postgres://u@h/d", "GRAFANA_DATABASE_URL": "mysql://u@h/d", "BODHI_SESSION_DB_URL": "sqlite:bodhi.db",
		"DJANGO_SECRET_KEY": "a", "SESSION_SECRET": "b", "BETTER_AUTH_SECRET": "c", "GF_SECURITY_SECRET_KEY": "d",
		"SECRET_KEY_BASE": strings.Repeat("e", 64), "APP_KEY": "base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	} {
		t.Setenv(name, value)
	}
	for file, least := range map[string]int{"../README.md": 16, "../docs/formats.md": 17} {
		blocks := realmBlock.FindAllStringSubmatch(readFile(t, file), -1)
		if len(blocks) < least {
			t.Errorf("%s shows %d realms", file, len(blocks))
		}
		for _, block := range blocks {
			if got := adaptAndValidate(t, "{\n"+block[1]+"\n}\nhttp://app.test {\n\tsession\n}\n"); strings.HasPrefix(got, "error: ") {
				t.Errorf("%s\n%s", got, block[1])
			}
		}
	}
}
