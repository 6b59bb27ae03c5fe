//go:build !unix

package storetest

import (
	"errors"
	"os/exec"
	"testing"
)

// processes says that servers cannot be started here; tests that need one are
// skipped.
const processes = false

type process struct{ done chan struct{} }

func startProcess(*exec.Cmd) (*process, error) { return nil, errors.ErrUnsupported }

func (*process) ended() bool { return true }
func (*process) stop()       {}
func (*process) kill()       {}
func (*process) freeze()     {}
func (*process) thaw()       {}

type account struct{}

func serverAccount(...string) *account { return nil }

func (*account) apply(*exec.Cmd)        {}
func (*account) own(testing.TB, string) {}
