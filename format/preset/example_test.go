package preset_test

import (
	"fmt"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/preset"
)

// The operator says what is his own; the rest is what the program does.
func ExampleComplete() {
	program, err := preset.Complete(format.Options{
		Name:    "laravel",
		Secret:  []string{"base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
		Table:   "app_sessions",
		Columns: map[string]string{"user_id": "off"},
	}, "mysql")
	if err != nil {
		fmt.Println(err)
		return
	}
	o := program.Options
	fmt.Println(o.Cookie, o.Token, o.Table, o.Columns["key"], o.Columns["user_id"] == "")
	fmt.Println(o.Expires, o.MaxAge, o.ExpiresUnit)

	_, err = preset.Complete(format.Options{Name: "laravel"}, "mysql")
	fmt.Println(err)

	// Output:
	// laravel-session [laravel] app_sessions id true
	// since 2h unix
	// format laravel: secret is missing: add secret {env.NAME} with the program's own, or insecure_unsigned to do without its signatures
}
