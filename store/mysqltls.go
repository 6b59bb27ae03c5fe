//go:build !nomariadb && (!nomysql || (nobadger && nopgx))

package store

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/go-sql-driver/mysql"

	"github.com/seed-11312c3d/caddy-session/store/address"
)

// mysqlTLSNames are the driver's own settings. They do where no file is named.
var mysqlTLSNames = map[string]string{
	address.Prefer: "preferred", address.Allow: "preferred", address.Require: "skip-verify", address.VerifyFull: "true",
}

// mysqlTLS reads the certificates that the URL names, which [Settings.Check]
// does not.
func (s Settings) mysqlTLS(cfg *mysql.Config) error {
	a, err := address.Parse(s.URL)
	if err != nil {
		return err
	}
	t := a.TLS
	if t.Mode == "" || t.Mode == address.Disable || cfg.Net != "tcp" {
		return nil
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return err
	}
	if cfg.TLS, err = clientTLS(t, host); err != nil {
		return err
	}
	cfg.AllowFallbackToPlaintext = cfg.TLSConfig == mysqlTLSNames[address.Prefer]
	return nil
}

// clientTLS is the client's part of a connection to a host. Without a CA the
// system's count.
func clientTLS(t address.TLS, host string) (*tls.Config, error) {
	cfg := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if t.CA != "" && t.CA != "system" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("reading the CA of the database's server: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the CA of the database's server: %s holds no certificate in PEM form", t.CA)
		}
	}
	if t.Cert != "" {
		if t.Password != "" {
			return nil, errors.New("a key with a password is not read for MySQL; store it without one, readable for Caddy's user only")
		}
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate for the database: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	switch t.Mode {
	case address.VerifyFull:
	case address.VerifyCA:
		cfg.InsecureSkipVerify = true // of the name; the chain is verified here
		cfg.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, cfg.RootCAs) }
	default:
		cfg.InsecureSkipVerify = true
	}
	return cfg, nil
}

// verifyChain verifies that a CA vouches for the server, whatever its name.
func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the database's server shows no certificate")
	}
	between := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		between.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}
