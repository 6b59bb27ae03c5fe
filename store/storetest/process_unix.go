//go:build unix

package storetest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// processes says that servers can be started here.
const processes = true

// process is a running server.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// startProcess starts a command that ends with the tests, even if they are killed.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd, make(chan struct{})}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	dieWithParent(cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		// The child dies with the thread that started it, so the thread must
		// live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop is PostgreSQL's fast shutdown; MariaDB takes it for an ordinary one.
func (p *process) stop() {
	if filepath.Base(p.cmd.Path) == "postgres" {
		_ = p.cmd.Process.Signal(os.Interrupt)
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
}

// kill takes the children along, for those of PostgreSQL keep its memory for a while.
// While one of them lives, a new server refuses to start.
func (p *process) kill() {
	family := children(p.cmd.Process.Pid)
	p.signalAll(syscall.SIGKILL)
	for _, child := range family {
		waitUntil(func() bool { return gone(child) })
	}
}

// freeze stops the server's children as well: each connection of PostgreSQL has
// one. The parent comes first, so that it makes no more of them.
func (p *process) freeze() {
	pid := p.cmd.Process.Pid
	stop(pid)
	for _, child := range children(pid) {
		stop(child)
	}
}

// stop returns when nothing of the process runs any more, which is a moment
// after the signal.
func stop(pid int) {
	_ = syscall.Kill(pid, syscall.SIGSTOP)
	waitUntil(func() bool { return !running(pid) })
}

func waitUntil(done func() bool) {
	for deadline := time.Now().Add(patience); !done() && time.Now().Before(deadline); {
		<-time.After(time.Millisecond)
	}
}

func (p *process) thaw() { p.signalAll(syscall.SIGCONT) }

func (p *process) signalAll(sig syscall.Signal) {
	family := children(p.cmd.Process.Pid)
	_ = p.cmd.Process.Signal(sig)
	for _, child := range family {
		_ = syscall.Kill(child, sig)
	}
}

// account is a system's user that a server runs as.
type account struct{ uid, gid int }

// serverAccount returns the first account that exists, if the tests are run by
// root: PostgreSQL refuses to be.
func serverAccount(names ...string) *account {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range names {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			return &account{uid, gid}
		}
	}
	return nil
}

func (a *account) apply(cmd *exec.Cmd) {
	if a != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}}
	}
}

// own gives a directory to the account.
func (a *account) own(tb testing.TB, dir string) {
	if a == nil {
		return
	}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
	if err != nil {
		tb.Fatal(err)
	}
}
