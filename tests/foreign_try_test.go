//go:build unix

package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// try runs `caddy session try` with something on its standard input.
func try(t *testing.T, config, in string, words ...string) (out, said string, ok bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, file, config)
	cmd := exec.Command("caddy", append([]string{"session", "try", "--config", file, "--adapter", "caddyfile"}, words...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &stdout, &stderr
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	err := cmd.Run()
	return stdout.String(), stderr.String(), err == nil
}

// An administrator sees at which step a cookie is lost, and nothing that could
// log anybody in.
func TestForeignCommand_Try(t *testing.T) {
	url := freshDB["sqlite"](t)
	db := openProgramDB(t, url)
	const id, secretPart = "0123456789abcdef0123456789abcdef", "c2lnbmF0dXJl"
	db.exec("CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess text, expired datetime)")
	db.exec(`INSERT INTO sessions VALUES (?, '{"token":"hush","user":{"id":42}}', ?)`, id, in(time.Hour).UTC().Format("2006-01-02 15:04:05"))
	config := "{\n\tsession shop {\n\t\tstore " + url + "\n\t\tformat express {\n\t\t\tvariant knex\n\t\t\tinsecure_unsigned\n\t\t}\n\t}\n}\n"
	cookie := "s%3A" + id + "." + secretPart
	for what, text := range map[string]string{"value": cookie, "pair": "connect.sid=" + cookie, "line": "Cookie: a=1; connect.sid=" + cookie + "; b=2\n"} {
		out, said, ok := try(t, config, text)
		if !ok {
			t.Fatal(said)
		}
		for _, part := range []string{
			"token express_unsigned: 32 bytes", "row: found", "column payload: string of 33 bytes", "column expires_at: 20",
			"payload, json: decoded", "user at passport.user: nothing", "user at user.id: int64 of 2 bytes", `verdict: ok, user "42"`,
		} {
			if !strings.Contains(out, part) {
				t.Errorf("%s: %q is not in\n%s", what, part, out)
			}
		}
		for _, secret := range []string{id, secretPart, "hush", url} {
			if strings.Contains(out+said, secret) {
				t.Errorf("%s: it shows %q:\n%s", what, secret, out)
			}
		}
	}
	for text, verdict := range map[string]string{"nonsense": "verdict: session is malformed", "s%3A" + strings.Repeat("0", 32) + ".x": "verdict: session is unknown"} {
		out, said, ok := try(t, config, text)
		if !ok || !strings.Contains(out, verdict) {
			t.Errorf("%s: %s%s", text, out, said)
		}
	}
	for _, text := range []string{"", "Cookie: a=1", "a=1; b=2"} {
		if out, _, ok := try(t, config, text); ok {
			t.Errorf("%q: %s", text, out)
		}
	}
	db.exec("UPDATE sessions SET expired = '2020-01-01 00:00:00'")
	out, _, _ := try(t, config, cookie)
	assertContains(t, out, "verdict: session is expired")
	db.exec("UPDATE sessions SET sess = '{', expired = ?", in(time.Hour).UTC().Format("2006-01-02 15:04:05"))
	out, _, _ = try(t, config, cookie)
	assertContains(t, out, "payload, json: ")
	assertContains(t, out, "verdict: ")
}

// Where a configuration has one realm it is meant; of several none is guessed.
func TestCommand_TheOnlyRealm(t *testing.T) {
	url := freshDB["sqlite"](t)
	one := "\tsession shop {\n\t\tstore " + url + "\n\t}\n"
	run := func(config string, words ...string) (string, bool) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "Caddyfile")
		write(t, file, "{\n"+config+"}\n")
		cmd := exec.Command("caddy", append(words, "--config", file, "--adapter", "caddyfile")...)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		return string(out), err == nil
	}
	if out, ok := run(one, "session", "migrate"); !ok {
		t.Fatal(out)
	}
	out, ok := run(one, "session", "status")
	if !ok || !strings.Contains(out, "shop") {
		t.Error(out)
	}
	two := one + "\tsession wiki {\n\t\tstore " + url + "\n\t}\n"
	if out, ok := run(two, "session", "status"); ok || !strings.Contains(out, "shop, wiki") || !strings.Contains(out, "--realm") {
		t.Error(out)
	}
	if out, ok := run(two, "session", "status", "--realm", "wiki"); !ok || !strings.Contains(out, "wiki") {
		t.Error(out)
	}
	if out, ok := run(one, "session", "status", "--realm", "default"); ok {
		t.Error("a realm that is not there:", out)
	}
}
