package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// schema is the one that the settings name, or else the URL.
func (s Settings) schema(a address.Address) string { return cmp.Or(s.Schema, a.Schema) }

// place says where the database is, for logs and errors.
func place(a address.Address) string {
	if a.Kind == address.SQLite && a.Relative == "" {
		if path, err := filepath.Abs(a.Path); err == nil {
			return path
		}
	}
	return a.Place()
}

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

// whichFile decides what sqlite:///PATH means: there are programs that write a
// relative path so, and others that write an absolute one. The file, or the
// directory that it could be in, tells. To guess would be to log everybody out.
func whichFile(a address.Address) (string, error) {
	if a.Relative == "" {
		return a.Path, nil
	}
	relative, err := filepath.Abs(a.Relative)
	if err != nil || relative == filepath.Clean(a.Path) {
		return a.Path, err
	}
	for _, there := range []func(string) bool{exists, inDirectory} {
		switch absolute, other := there(a.Path), there(relative); {
		case absolute && other:
			return "", fmt.Errorf("the URL of the database can mean the file %s and the file %s; write sqlite:%s or sqlite:%s", a.Path, relative, a.Path, a.Relative)
		case absolute:
			return a.Path, nil
		case other:
			return relative, nil
		}
	}
	return a.Path, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func inDirectory(path string) bool { return exists(filepath.Dir(path)) }
