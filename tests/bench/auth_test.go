//go:build bench

package bench

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// serveAuth is the least that a server behind forward_auth does: look the
// cookie's session up in PostgreSQL, and answer with headers.
func serveAuth(t *testing.T, url string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", authPort))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, ok := userOf(pool, r)
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		for i, name := range strings.Fields(fourNames) {
			w.Header().Set(name, []string{user, "alice@example.com", "Alice", "admin,ops"}[i])
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		pool.Close()
	})
}

func userOf(pool *pgxpool.Pool, r *http.Request) (user string, ok bool) {
	cookie, err := r.Cookie("session")
	if err != nil {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	const head, mac = 9, 16 // of a token, around its random bytes
	if err != nil || len(raw) < head+sha256.Size+mac {
		return "", false
	}
	key := sha256.Sum256(raw[len(raw)-mac-sha256.Size : len(raw)-mac])
	var claims string
	err = pool.QueryRow(r.Context(), "SELECT user_id, claims FROM caddy_session_sessions WHERE session_number = $1", int64(binary.BigEndian.Uint64(key[:])>>1)).Scan(&user, &claims)
	return user, err == nil
}
