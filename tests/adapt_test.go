package tests

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

var update = flag.Bool("update", false, "write what adapting and validating yields into adapt/*.caddyfiletest")

const dashes = "----------\n"

// Each file in adapt holds a Caddyfile, ten dashes, and what becomes of it:
// JSON, or the error of adapting or validating it.
func TestAdapt(t *testing.T) {
	files, err := filepath.Glob("adapt/*.caddyfiletest")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			caddyfile, want, _ := strings.Cut(string(text), dashes)
			got := adaptAndValidate(t, caddyfile)
			if *update {
				if err := os.WriteFile(file, []byte(caddyfile+dashes+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if strings.HasPrefix(filepath.Base(file), "error-") != strings.HasPrefix(got, "error: ") {
				t.Errorf("the file's name says otherwise:\n%s", got)
			}
		})
	}
}

var namesALine = regexp.MustCompile(`Caddyfile:\d+`)

// provisioning is the way to the module that failed. Caddy takes its apps in no
// fixed order.
var provisioning = regexp.MustCompile(`^.*provision [a-z._]+: `)

// adaptAndValidate returns JSON, or the error as a line.
func adaptAndValidate(t *testing.T, caddyfile string) string {
	t.Helper()
	adapted, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		if !namesALine.MatchString(err.Error()) {
			t.Errorf("the error names no line: %v", err)
		}
		return "error: " + err.Error() + "\n"
	}
	for _, warning := range warnings {
		if !strings.Contains(warning.Message, "not formatted") {
			t.Errorf("warning: %v", warning)
		}
	}
	var config caddy.Config
	if err := json.Unmarshal(adapted, &config); err != nil {
		t.Fatal(err)
	}
	if err := caddy.Validate(&config); err != nil {
		return "error: " + provisioning.ReplaceAllString(err.Error(), "") + "\n"
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, adapted, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return pretty.String() + "\n"
}

func TestAdapt_ValidatingTouchesNoDatabase(t *testing.T) {
	dir := t.TempDir()
	for _, url := range []string{"sqlite:" + dir + "/session.db", "postgres://u:p@127.0.0.1:1/x", "mysql://u:p@127.0.0.1:1/x"} {
		got := adaptAndValidate(t, "{\n\tsession {\n\t\tstore "+url+"\n\t}\n}\nhttp://app.test {\n\tsession\n}\n")
		if strings.HasPrefix(got, "error: ") {
			t.Error(got)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("files came into being: %v", entries)
	}
}

func TestAdapt_PasswordsFromPlaceholdersStayOut(t *testing.T) {
	t.Setenv("ADAPT_DB_URL", "postgres://u:hush-hush@127.0.0.1:1/x")
	t.Setenv("ADAPT_DB_PASSWORD", "hush-hush")
	for _, url := range []string{"{env.ADAPT_DB_URL}", "postgres://u:{env.ADAPT_DB_PASSWORD}@127.0.0.1:1/x"} {
		got := adaptAndValidate(t, "{\n\tsession {\n\t\tstore "+url+"\n\t}\n}\nhttp://app.test {\n\tsession\n}\n")
		if strings.HasPrefix(got, "error: ") || strings.Contains(got, "hush") {
			t.Error(got)
		}
	}
	// An error about a DSN does not show it.
	for _, url := range []string{"oracle://u:hush-hush@db/x", "postgres://u:hush-hush@[bad/x", "postgres://u:hush-hush@db:port/x", "mysql://u:hush-hush@db/x?nonsense=%zz", "hush-hush"} {
		t.Setenv("ADAPT_DB_URL", url)
		got := adaptAndValidate(t, "{\n\tsession {\n\t\tstore {env.ADAPT_DB_URL}\n\t}\n}\nhttp://app.test {\n\tsession\n}\n")
		if !strings.HasPrefix(got, "error: ") || strings.Contains(got, "hush") {
			t.Errorf("store %s: %.300s", url, got)
		}
	}
}
