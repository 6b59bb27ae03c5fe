//go:build unix

package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/rogpeppe/go-internal/testscript"
)

// A store whose URL is empty is never the default database: not in a Caddyfile,
// where a variable that is not set leaves an empty word or none, nor in JSON.
func TestD6_AStoreWithAnEmptyURLIsAnError(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("DATABASE_URL_OF_D6", "")
	load := func(store string) error {
		adapted, err := adapt("{\n\tadmin off\n\tsession {\n\t\tstore " + store + "\n\t}\n}\n")
		if err == nil {
			err = caddy.Validate(mustParse(t, adapted))
		}
		return err
	}
	for _, store := range []string{`""`, `" "`, "{$DATABASE_URL_OF_D6}", `"{$DATABASE_URL_OF_D6}"`, `"{$DATABASE_URL_OF_D6}" {
			max_conns 3
		}`, "{\n\t\t\turl {$DATABASE_URL_OF_D6}\n\t\t}", "{env.DATABASE_URL_OF_D6}"} {
		if err := load(store); err == nil || !strings.Contains(err.Error(), "empty") && !strings.Contains(err.Error(), "needs a value") {
			t.Errorf("store %s: %v", store, err)
		}
	}
	if err := load("{\n\t\t\tmax_conns 3\n\t\t}"); err != nil {
		t.Error("without a URL:", err)
	}
	for url, want := range map[string]string{`{"url": ""}`: "empty", `{"url": " "}`: "empty", `{"url": "sqlite:x", "nonsense": 1}`: "nonsense", `{"max_conns": 3}`: ""} {
		err := caddy.Validate(mustParse(t, []byte(`{"admin": {"disabled": true}, "apps": {"session": {"realms": {"default": {"store": `+url+`}}}}}`)))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func mustParse(t *testing.T, text []byte) *caddy.Config {
	t.Helper()
	config := new(caddy.Config)
	if err := caddy.StrictUnmarshalJSON(text, config); err != nil {
		t.Fatal(err)
	}
	return config
}

// Another program's DATABASE_URL is taken as it lies in its environment, its
// password is whatever it is, and what is ignored is told once.
func TestD6_ADatabaseURLOfAnotherProgramWorksAsItLies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	t.Setenv("DATABASE_URL", "file:"+path+"?connection_limit=1&mode=rwc")
	s := start(t, setup{store: "{env.DATABASE_URL}"})
	s.assertOK(s.get("/", cookie(s.login(alice))), alice)
	s.reload()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if others, _ := filepath.Glob(path + "[?]*"); len(others) > 0 {
		t.Error("the parameters became a part of the file's name:", others)
	}
	assertEqual(t, "warnings", strings.Count(s.log.String(), "mean nothing here"), 1)
	assertContains(t, s.log.String(), `"parameters":"connection_limit"`)
}

// Exit code 0 means done: a command at a path where there is no file makes none.
func TestD7_ACommandMakesNoFile(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/nofile"})
}
