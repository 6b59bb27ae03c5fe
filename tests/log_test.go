//go:build unix

package tests

import (
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

func init() { caddy.RegisterModule(captureWriter{}) }

// captureWriter is a log output that a test can read: `output capture NAME`.
type captureWriter struct {
	Name string `json:"name"`
}

var (
	captured   = make(map[string]*logBuffer)
	capturedMu sync.Mutex
)

// captureLog returns the log that is written under a name.
func captureLog(name string) *logBuffer {
	capturedMu.Lock()
	defer capturedMu.Unlock()
	if captured[name] == nil {
		captured[name] = new(logBuffer)
	}
	return captured[name]
}

func (captureWriter) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "caddy.logging.writers.capture",
		New: func() caddy.Module { return new(captureWriter) },
	}
}

func (w *captureWriter) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if !d.Args(&w.Name) {
		return d.ArgErr()
	}
	return nil
}

func (w captureWriter) String() string                      { return "capture " + w.Name }
func (w captureWriter) WriterKey() string                   { return "capture " + w.Name }
func (w captureWriter) OpenWriter() (io.WriteCloser, error) { return captureLog(w.Name), nil }

// logBuffer holds a log.
type logBuffer struct{ storetest.Log }

// Close implements io.Closer. A reload closes and opens logs as it likes.
func (*logBuffer) Close() error { return nil }

// entries returns the log's entries whose logger begins with a name.
func (b *logBuffer) entries(t testing.TB, logger string) (entries []map[string]any) {
	t.Helper()
	for line := range strings.Lines(b.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("log line %q: %v", line, err)
		}
		if name, _ := entry["logger"].(string); strings.HasPrefix(name, logger) {
			entries = append(entries, entry)
		}
	}
	return entries
}
