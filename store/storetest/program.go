package storetest

import (
	"os/exec"
	"testing"
)

// Program runs a command until the test is over, or until stop is called. It
// ends with the tests even if they are killed.
func Program(tb testing.TB, cmd *exec.Cmd) (stop func()) {
	tb.Helper()
	if !processes {
		Skip(tb, "programs cannot be started here")
	}
	p, err := startProcess(cmd)
	if err != nil {
		tb.Fatalf("starting %s: %v", cmd.Path, err)
	}
	stop = func() {
		if !p.ended() {
			p.kill()
		}
		<-p.done
	}
	tb.Cleanup(stop)
	return stop
}
