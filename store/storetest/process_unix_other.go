//go:build unix && !linux

package storetest

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

func dieWithParent(*syscall.SysProcAttr) {} // only Linux can

// running cannot be told here; a signal is delivered soon enough.
func running(int) bool { return false }

func gone(pid int) bool { return syscall.Kill(pid, 0) != nil }

// children lists the processes that a process has started.
func children(pid int) (pids []int) {
	text, _ := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	for field := range strings.FieldsSeq(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}
