//go:build unix

package tests

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// startTLS runs a Caddy that speaks HTTP/1.1, 2 and 3 on loopback, and returns
// the address of its site and a client for each version.
func startTLS(t testing.TB, config setup) (s *server, site string, clients map[string]*http.Client) {
	t.Helper()
	s = newServer(t, config)
	roots := writeCertificate(t, s.dir)
	// At DEBUG, each handshake logs an event for which Caddy 2.11.9 copies its
	// whole TLS app, unsynchronized with the app's start; the race detector sees
	// it where nothing but UDP was between the two.
	config.level = "INFO"
	s.listenTCP(config, func(address string) string {
		return fmt.Sprintf("https://%s {\n\tbind 127.0.0.1\n\ttls {dir}/cert.pem {dir}/key.pem", address)
	})
	t.Cleanup(func() { stopCaddy(s) })
	return s, "https://" + s.address, tlsClients(t, roots)
}

// freePort returns an address on loopback that neither TCP nor UDP uses.
func freePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := tcp.Addr().String()
		udp, err := net.ListenPacket("udp", address)
		tcp.Close()
		if err == nil {
			udp.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// writeCertificate makes a certificate for loopback and for names, and returns
// a pool that trusts it.
func writeCertificate(t testing.TB, dir string, names ...string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, filepath.Join(dir, "cert.pem"), string(certificate))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return roots
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func tlsClients(t testing.TB, roots *x509.CertPool) map[string]*http.Client {
	h2 := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	h1 := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.1"}}}
	h3 := &http3.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(func() {
		h1.CloseIdleConnections()
		h2.CloseIdleConnections()
		h3.Close()
	})
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := func(rt http.RoundTripper) *http.Client {
		return &http.Client{Transport: rt, CheckRedirect: noRedirect, Timeout: patience}
	}
	return map[string]*http.Client{"HTTP/1.1": client(h1), "HTTP/2.0": client(h2), "HTTP/3.0": client(h3)}
}

// do sends a request and reads the whole answer.
func do(t testing.TB, c *http.Client, r *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func newRequest(t testing.TB, method, url string, body io.Reader, header ...string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // what is stuck fails, and says where
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}
