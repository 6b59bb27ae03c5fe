package address

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// reader is an address of a server while its parameters are read.
type reader struct {
	*Address
	isJava         bool
	strict, accept bool // Prisma's sslaccept
	java           javaTLS
	hostParam      bool     // Hosts are the parameter's
	ports          []string // of the parameter `port`
}

var errHalfCertificate = errors.New("the database's URL names a client certificate without its key, or a key without its certificate; give both, sslcert and sslkey")

// readServer reads a URL of PostgreSQL or MySQL.
func (a *Address) readServer(s scheme) error {
	p, err := split(s.rest)
	if err != nil {
		return err
	}
	a.User, a.Password, a.Hosts, a.Database = p.user, p.password, p.hosts, p.database
	a.Params = make(map[string]string)
	r := &reader{Address: a, isJava: s.java}
	for _, q := range p.params {
		if err := r.read(q); err != nil {
			return err
		}
	}
	if err := r.finishHosts(); err != nil {
		return err
	}
	return r.finishTLS(s.java && s.name == "mariadb")
}

// read gives a parameter to the first that knows it.
func (r *reader) read(p param) error {
	own := r.readPostgres
	if r.Kind == MySQL {
		own = r.readMySQL
	}
	for _, known := range []func(param) (bool, error){r.readTLS, own, r.readPlace, r.refuse, r.ignore} {
		if ok, err := known(p); ok || err != nil {
			return err
		}
	}
	return p.unknown(r.Kind)
}

// readPlace takes what could have stood before the `?`. It counts more.
func (r *reader) readPlace(p param) (bool, error) {
	switch p.key {
	case "user", "username":
		r.User = p.value
	case "password", "pass":
		r.Password = p.value
	case "dbname", "database":
		r.Database = p.value
	case "socket", "unixsocket", "socketpath":
		if p.value == "" {
			return true, nil
		}
		r.Hosts = []Host{{Name: p.value}}
		if !strings.HasPrefix(p.value, "/") {
			return true, p.wrong("the full path of a Unix socket")
		}
	case "port":
		r.ports = strings.Split(p.value, ",")
	case "host", "hostaddr":
		hosts, err := splitHosts(p.value, false)
		if err != nil {
			return true, p.wrong("a host, or several separated by commas")
		}
		if r.hostParam { // SQLAlchemy repeats it
			hosts = append(slices.Clone(r.Hosts), hosts...)
		}
		r.Hosts, r.hostParam = hosts, true
	default:
		return false, nil
	}
	return true, nil
}

// finishHosts gives the hosts the ports of the parameter `port`: one for all, or
// one for each.
func (r *reader) finishHosts() error {
	if len(r.ports) == 0 {
		return nil
	}
	if len(r.Hosts) == 0 {
		r.Hosts = []Host{{}}
	}
	r.Hosts = slices.Clone(r.Hosts)
	if len(r.ports) > 1 && len(r.ports) != len(r.Hosts) {
		return param{name: "port"}.wrong("one port for all hosts, or one for each")
	}
	for i := range r.Hosts {
		port := r.ports[min(i, len(r.ports)-1)]
		if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) {
			return param{name: "port"}.wrong("a number from 1 to 65535")
		}
		r.Hosts[i].Port = port
	}
	return nil
}

// unreadable are parameters for files that cannot be read here, and for checks
// that cannot be made. Without them a connection would be less than was asked for.
var unreadable = map[string]string{
	"sslidentity": pemOnly, "trustcertificatekeystoreurl": pemOnly, "clientcertificatekeystoreurl": pemOnly,
	"truststore": pemOnly, "keystore": pemOnly, "sslfactory": pemOnly, "sslhostnameverifier": pemOnly, "sslcapath": pemOnly,
	"sslcrl": noRevocation, "sslcrldir": noRevocation,
}

const (
	pemOnly      = "certificates are read from PEM files; name them with sslrootcert, sslcert and sslkey"
	noRevocation = "lists of revoked certificates are not read; leave it out"
)

func (r *reader) refuse(p param) (bool, error) {
	if why, ok := unreadable[p.key]; ok {
		return true, p.refused(why)
	}
	return false, nil
}

// ignore notes what is another program's own.
func (r *reader) ignore(p param) (bool, error) {
	own := ignoredByPostgres
	if r.Kind == MySQL {
		own = ignoredByMySQL
	}
	if !slices.Contains(ignored, p.key) && !slices.Contains(own, p.key) {
		return false, nil
	}
	r.Ignored = append(r.Ignored, p.name)
	return true, nil
}

// readCharset accepts UTF-8, which connections use anyhow.
func (r *reader) readCharset(p param) {
	if !strings.HasPrefix(fold(p.value), "utf8") && fold(p.value) != "unicode" {
		r.Ignored = append(r.Ignored, p.name)
	}
}
