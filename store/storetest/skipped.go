package storetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// skips remembers which tests were skipped, and why.
type skips struct {
	mu    sync.Mutex
	whys  []string // in the order of their first test
	tests map[string][]string
}

var skipped skips

// Skip skips a test for something that this machine lacks. [Run] lists it at
// the end by name and reason, so that nobody takes it for a test that passed.
func Skip(tb testing.TB, why string) {
	tb.Helper()
	skipped.add(tb.Name(), why)
	tb.Skip(why)
}

func (s *skips) add(test, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tests == nil {
		s.tests = make(map[string][]string)
	}
	if s.tests[why] == nil {
		s.whys = append(s.whys, why)
	}
	if !slices.Contains(s.tests[why], test) { // -count runs it again
		s.tests[why] = append(s.tests[why], test)
	}
}

// report writes a line for each reason, which `grep ^skipped` finds among what
// `go test -v` says.
func (s *skips) report(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := strings.TrimSuffix(filepath.Base(os.Args[0]), ".test")
	for _, why := range s.whys {
		tests := s.tests[why]
		fmt.Fprintf(w, "skipped %d of %s: %s: %s\n", len(tests), of, why, strings.Join(tests, ", "))
	}
}
