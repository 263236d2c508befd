// SPDX-License-Identifier: GPL-2.0-only
#include "qemu_guard.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The guard's whole life: it waits for one signal. */
static void guard(pid_t group, pid_t parent)
{
	sigset_t all;
	int signal;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setpgid(0, 0);
	(void)prctl(PR_SET_NAME, "qemu-guard");
	/* Neither locks nor pipes of the recording are kept alive by it. */
	(void)close_range(0, ~0u, 0);
	if (!prctl(PR_SET_PDEATHSIG, SIGUSR1) && getppid() == parent) {
		do {
			signal = 0;
			(void)sigwait(&all, &signal);
		} while (signal != SIGUSR1 || getppid() == parent);
	}
	kill(-group, SIGKILL);
	_exit(0);
}

pid_t qemu_guard_start(pid_t group)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (!pid)
		guard(group, parent);
	return pid > 0 ? pid : 0;
}

void qemu_guard_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}
