package preset

import (
	"slices"
	"testing"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/store"
)

// C4: what a program's presets know of its other keys. The names are those
// that the programs set.
func TestC4CredentialsOfPrograms(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		o         format.Options
		keys, not []string
	}{
		{
			format.Options{Name: "better_auth"},
			[]string{
				"__Secure-better-auth.session_token_multi-abc", "better-auth.session_token_multi-abc", "__Secure-better-auth.session_data",
				"better-auth.session_data.0", "__Secure-better-auth.admin_session", "better-auth.account_data", "better-auth.trust_device",
			},
			[]string{"better-auth.state", "session_data", "better-auth.session_tokens"},
		},
		{
			format.Options{Name: "better_auth", Cookie: "shop.session_token"},
			[]string{"shop.session_token_multi-abc", "__Secure-shop.session_data"},
			[]string{"better-auth.session_data", "shop.cart"},
		},
		{
			format.Options{Name: "better_auth", Cookie: "sid"},
			[]string{"sid_multi-abc", "better-auth.session_data"},
			[]string{"session_data"},
		},
		{
			format.Options{Name: "laravel"},
			[]string{"remember_web_59ba36addc2b2f9401580f014c7f58ea4e30989d", "remember_web_x", "remember_admin_59ba36addc2b2f9401580f014c7f58ea4e30989d", "__Secure-remember_web_x"},
			[]string{"XSRF-TOKEN", "remember_admin_x", "remember_me"},
		},
		{format.Options{Name: "rails"}, []string{"remember_user_token", "remember_admin_user_token"}, []string{"remember_user", "_app_session"}},
		{format.Options{Name: "spring"}, []string{"remember-me", "__Host-remember-me"}, []string{"remember-me-not", "XSRF-TOKEN"}},
		{format.Options{Name: "joomla", Cookie: "0123"}, []string{"joomla_remember_me_0123"}, []string{"joomla_user_state"}},
		{format.Options{Name: "moodle"}, []string{"MOODLEID1_", "MOODLEID_x"}, []string{"MoodleLang"}},
		{format.Options{Name: "authjs"}, []string{"__Secure-authjs.session-token.0", "authjs.session-token.1"}, []string{"authjs.csrf-token", "authjs.callback-url"}},
		{format.Options{Name: "authjs", Cookie: "next-auth.session-token"}, []string{"next-auth.session-token.0"}, []string{"authjs.session-token.0"}},
		{format.Options{Name: "drupal", Cookie: "SSESS0ab"}, []string{"SESS0ab", "SSESS0ab", "PL0ab", "PLS0ab"}, []string{"SESS0ac", "Drupal.visitor.name"}},
		{format.Options{Name: "drupal", Cookie: "SESS0ab"}, []string{"SSESS0ab"}, []string{"SSESS"}},
		{format.Options{Name: "drupal", Cookie: "own"}, nil, []string{"SESS0ab", "PL"}},
		{format.Options{Name: "django"}, nil, []string{"csrftoken", "messages", "sessionid"}},
		{format.Options{Name: "express"}, nil, []string{"connect.sid", "theme"}},
	} {
		c.o.TablePrefix = "p_"
		if p := presets[c.o.Name]; p.secret != 0 || c.o.Name == "rails" {
			c.o.Secret = []string{secret}
		}
		f := completed(t, c.o)
		for _, name := range c.keys {
			if !f.IsCredential(name) {
				t.Errorf("%s, %s: %s is handed out", c.o.Name, c.o.Cookie, name)
			}
		}
		for _, name := range c.not {
			if f.IsCredential(name) {
				t.Errorf("%s, %s: %s is taken away", c.o.Name, c.o.Cookie, name)
			}
		}
	}
}

// C4: an operator who names one more does not give away those that are known.
func TestC4CredentialsAdd(t *testing.T) {
	o := format.Options{Name: "spring", Credentials: []string{"sso_*"}}
	if f := completed(t, o); !f.IsCredential("remember-me") || !f.IsCredential("sso_x") {
		t.Error("what is known and what is said are not both kept")
	}
	o.Credentials = []string{"off", "sso_*"}
	if f := completed(t, o); f.IsCredential("remember-me") || !f.IsCredential("sso_x") {
		t.Error("off does not take the preset's away")
	}
	o = format.Options{Name: "spring", Query: "SELECT a AS key, b AS user_id, c AS expires_at FROM d WHERE a = ?"}
	if !completed(t, o).IsCredential("remember-me") {
		t.Error("a query of one's own loses the credentials")
	}
}

// C4: no preset takes the session's own cookie for another one, or all of them.
func TestC4CredentialsAreNotTheSession(t *testing.T) {
	everyPreset(t, func(t *testing.T, program format.Program) {
		f, err := format.New(program, func(string) store.Query { return store.Query{} })
		if err != nil {
			t.Fatal(err)
		}
		if f.IsCredential(f.Cookie()) || slices.ContainsFunc([]string{"theme", "csrftoken", "_ga"}, f.IsCredential) {
			t.Error(program.Options.Credentials)
		}
	})
}

func completed(t *testing.T, o format.Options) *format.Foreign {
	t.Helper()
	program, err := Complete(o, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	f, err := format.New(program, func(string) store.Query { return store.Query{} })
	if err != nil {
		t.Fatal(err)
	}
	return f
}
