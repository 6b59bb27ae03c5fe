package payload_test

import (
	"testing"

	"github.com/seed-11312c3d/caddy-session/format/payload"
)

// sample is a payload that a program wrote, and where its user stands in it.
type sample struct {
	name  string
	codec string
	data  []byte
	path  string
	want  string
}

// samples are the payloads of all codecs.
func samples(tb testing.TB) []sample {
	tb.Helper()
	django, legacy := vectors(tb, "django-5.2"), vectors(tb, "django-3.2-legacy")
	laravel, php, symfony := vectors(tb, "laravel-13"), vectors(tb, "php-sessions-and-symfony"), vectors(tb, "symfony-security")
	flask, rails72, rails61 := vectors(tb, "flask-session"), vectors(tb, "rails-7.2-json"), vectors(tb, "rails-6.1-marshal")
	tower, express := vectors(tb, "tower"), vectors(tb, "express-session")
	const warden = `"warden.user.user.key".0.0`
	return []sample{
		{"django 5.2", "django", []byte(text(tb, django, "cases.0.row.session_data")), "_auth_user_id", "1"},
		{"django 5.2 not deflated", "django", []byte(text(tb, django, "cases.1.row.session_data")), "a", "1"},
		{"django 3.2", "django", []byte(text(tb, legacy, "new_session_data")), "_auth_user_id", "1"},
		{"django 3.0", "django", []byte(text(tb, legacy, "legacy_session_data")), "_auth_user_id", "1"},
		{"laravel", "base64_php", []byte(text(tb, laravel, "cases.0.row.payload")), "login_web_59ba36addc2b2f9401580f014c7f58ea4e30989d", "7"},
		{"php_serialize", "php", unbase64At(tb, php, "handlers.php_serialize.encoded_base64"), "ref2.k", "v"},
		{"php", "php_session", unbase64At(tb, php, "handlers.php.encoded_base64"), "ref2.k", "v"},
		{"php_binary", "php_binary", unbase64At(tb, php, "handlers.php_binary.encoded_base64"), "ref2.k", "v"},
		{"symfony", "php_session", unbase64At(tb, symfony, "cases.0.row.sess_data_base64"), "_sf2_attributes._security_main|php.1.0.email", "alice@example.com"},
		{"symfony in memory", "php_session", unbase64At(tb, symfony, "cases.1.row.sess_data_base64"), "_sf2_attributes._security_main|php.1.0.username", "bob"},
		{"drupal", "php_session", []byte(text(tb, vectors(tb, "drupal"), "row.session")), "_sf2_attributes.uid", "5"},
		{"flask msgpack", "msgpack", unbase64At(tb, flask, "cases.0.row.data_base64"), "_user_id", "42"},
		{"flask json", "json", unbase64At(tb, flask, "cases.1.row.data_base64"), "email", "alice@example.com"},
		{"express", "json", []byte(text(tb, express, "stores.0.cases.0.row.sess")), "passport.user", "42"},
		{"rails json", "rails", []byte(text(tb, rails72, "ar_session_row.data")), warden, "1"},
		{"rails marshal", "rails", []byte(text(tb, rails61, "ar_session_row.data")), warden, "1"},
		{"scs", "gob", unbase64At(tb, vectors(tb, "scs-hash-false"), "row.data_base64"), "Values.userID", "42"},
		{"scs own type", "gob", unbase64At(tb, vectors(tb, "scs-custom-type"), "data_base64"), "Values.userID", "42"},
		{"gitea", "gob", unbase64At(tb, vectors(tb, "gitea"), "row.data_base64"), "uid", "3"},
		{"phoenix", "etf", unbase64At(tb, vectors(tb, "phoenix"), "etf_base64"), "int", "300"},
		{"tower", "tower", unhex(tb, text(tb, tower, "rows.0.hex")), "user_id", "user123"},
		{"axum-login", "tower", unhex(tb, text(tb, tower, "rows.4.hex")), `"axum-login.data".user_id`, "42"},
	}
}

func (s sample) decode(tb testing.TB, data []byte) (any, error) {
	tb.Helper()
	codec, ok := payload.ByName(s.codec)
	if !ok {
		tb.Fatalf("there is no codec %q", s.codec)
	}
	return codec(data)
}

// TestRealPayloads: what real programs wrote, read by each codec's name.
func TestRealPayloads(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			tree, err := s.decode(t, s.data)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(t, tree, s.path); got != s.want {
				t.Errorf("%s is %q, want %q", s.path, got, s.want)
			}
		})
	}
}

func BenchmarkCodec(b *testing.B) {
	for _, s := range samples(b) {
		b.Run(s.codec+"/"+s.name, func(b *testing.B) {
			codec, _ := payload.ByName(s.codec)
			b.ReportAllocs()
			b.SetBytes(int64(len(s.data)))
			for b.Loop() {
				if _, err := codec(s.data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
