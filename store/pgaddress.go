//go:build !nopostgres

package store

import (
	"net/url"
	"strings"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// postgresURL writes an address for the driver: all as parameters, so that hosts
// and passwords need no rules of their own.
func postgresURL(a address.Address) string {
	params := url.Values{}
	set := func(name, value string) {
		if value != "" {
			params.Set(name, value)
		}
	}
	for name, value := range a.Params {
		set(name, value)
	}
	hosts, ports := make([]string, len(a.Hosts)), make([]string, len(a.Hosts))
	for i, h := range a.Hosts {
		hosts[i], ports[i] = h.Name, h.Port
	}
	set("host", strings.Join(hosts, ","))
	set("port", strings.Join(ports, ",")) // a list of empty ones is as long as that of the hosts
	set("user", a.User)
	set("password", a.Password)
	set("dbname", a.Database)
	set("sslmode", a.TLS.Mode)
	set("sslrootcert", a.TLS.CA)
	set("sslcert", a.TLS.Cert)
	set("sslkey", a.TLS.Key)
	set("sslpassword", a.TLS.Password)
	return "postgres://?" + strings.ReplaceAll(params.Encode(), "+", "%20")
}
