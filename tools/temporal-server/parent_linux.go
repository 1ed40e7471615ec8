package main

import (
	"os"
	"syscall"
)

// init has the kernel continue this process when its parent dies. The end of stdin is what stops the server, but a
// process that was suspended (SIGSTOP) could not see it.
//
// The setting belongs to the thread that asks, and goes with it: init functions run on the main thread, which stays.
func init() {
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGCONT), 0)
	if errno != 0 {
		_, _ = os.Stderr.WriteString("temporal-server: cannot ask to be woken: " + errno.Error() + "\n")
	}
}
