package storetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is a certificate authority that a test makes for itself. Its files are
// readable for the servers.
type CA struct {
	// File is the CA's own certificate.
	File string

	dir    string // where the files are
	tb     testing.TB
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	serial int64
}

// NewCA makes a CA.
func NewCA(tb testing.TB) *CA {
	tb.Helper()
	dir := tempDir(tb)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	ca := &CA{dir: dir, File: filepath.Join(dir, "ca.pem"), tb: tb}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "CA of the tests"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	ca.cert, ca.key = ca.sign(template, ca.File, "")
	return ca
}

// Issue makes a certificate for a server of some names, or for a client, and
// returns the files of it and of its key.
func (ca *CA) Issue(name string, hosts ...string) (cert, key string) {
	ca.tb.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	cert, key = filepath.Join(ca.dir, name+".pem"), filepath.Join(ca.dir, name+".key")
	ca.sign(template, cert, key)
	return cert, key
}

// sign makes a certificate, signed by the CA or, for the CA's own, by itself.
func (ca *CA) sign(template *x509.Certificate, certFile, keyFile string) (*x509.Certificate, *ecdsa.PrivateKey) {
	ca.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		ca.tb.Fatal(err)
	}
	ca.serial++
	template.SerialNumber = big.NewInt(ca.serial)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := ca.cert, ca.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		ca.tb.Fatal(err)
	}
	ca.write(certFile, "CERTIFICATE", der, 0o644)
	if keyFile != "" {
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			ca.tb.Fatal(err)
		}
		ca.write(keyFile, "PRIVATE KEY", raw, 0o600)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		ca.tb.Fatal(err)
	}
	return cert, key
}

func (ca *CA) write(file, kind string, der []byte, mode os.FileMode) {
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		ca.tb.Fatal(err)
	}
}

// StartPostgresTLS starts a PostgreSQL server that is reached at 127.0.0.1 by
// TLS only, and wants a certificate of the CA from a client named `certain`.
func StartPostgresTLS(tb testing.TB, ca *CA, cert, key string) *Server {
	return startOwn(tb, func(tb testing.TB, dir string) *Server {
		s := newPostgres(tb, dir)
		cert, key := s.adopt(cert, "server.pem"), s.adopt(key, "server.key")
		rules := "local all all scram-sha-256\nhostssl all certain 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
		hba := filepath.Join(dir, "hba.conf")
		if err := os.WriteFile(hba, []byte(rules), 0o644); err != nil {
			tb.Fatal(err)
		}
		s.onLoopback()
		s.With("-c", "hba_file="+hba, "-c", "ssl=on", "-c", "ssl_cert_file="+cert, "-c", "ssl_key_file="+key, "-c", "ssl_ca_file="+s.adopt(ca.File, "ca.pem"))
		return s
	})
}

// StartMySQLTLS starts a MariaDB server that is reached at 127.0.0.1, by TLS for
// who wants it. Its user `certain` needs a certificate of the CA, `secured` TLS.
// Without a certificate the server knows no TLS.
func StartMySQLTLS(tb testing.TB, ca *CA, cert, key string) *Server {
	return startOwn(tb, func(tb testing.TB, dir string) *Server {
		if cert == "" {
			return mysqlOnLoopback(tb, dir, "--skip-ssl")
		}
		s := mysqlOnLoopback(tb, dir)
		s.With("--ssl-cert="+s.adopt(cert, "server.pem"), "--ssl-key="+s.adopt(key, "server.key"), "--ssl-ca="+s.adopt(ca.File, "ca.pem"))
		return s
	})
}

// adopt copies a file into the server's directory, for the server alone.
func (s *Server) adopt(file, name string) string {
	s.tb.Helper()
	text, err := os.ReadFile(file)
	path := filepath.Join(s.dir, name)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		s.tb.Fatal(err)
	}
	s.user.own(s.tb, path)
	return path
}
