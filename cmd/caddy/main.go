// Command caddy is Caddy with its standard modules and this one,
// for those who do not build with xcaddy.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/seed-11312c3d/caddy-session"
)

func main() {
	caddycmd.Main()
}
