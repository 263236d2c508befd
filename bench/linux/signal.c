/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * signal.c - signals and ptrace: signal, badframe, debug
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "workload.h"

static volatile unsigned int delivered;

static void count(int signal)
{
	(void)signal;
	delivered++;
}

enum outcome run_signal(unsigned int rounds)
{
	const struct sigaction action = {.sa_handler = count};

	if (sigaction(SIGUSR1, &action, NULL))
		return fail("sigaction");
	delivered = 0;
	for (unsigned int i = 0; i < rounds; i++)
		(void)raise(SIGUSR1);
	if (delivered != rounds)
		return fail("%u of %u signals were delivered", delivered,
			    rounds);
	return WORKLOAD_OK;
}

/*
 * A selector behind the end of the GDT: the kernel cannot tell from its value,
 * only the IRET to it faults.  The kernel turns that into a signal, whose
 * handler puts the right selector back.
 */
#define BAD_SELECTOR 0x7ff3

static int spoilt_register;
static greg_t good_selector;

static void spoil(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal;
	(void)info;
	good_selector = registers[spoilt_register];
	registers[spoilt_register] = BAD_SELECTOR;
}

static void repair(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal;
	(void)info;
	registers[spoilt_register] = good_selector;
	delivered++;
}

enum outcome run_badframe(unsigned int rounds)
{
	const struct sigaction spoil_it = {
		.sa_sigaction = spoil,
		.sa_flags = SA_SIGINFO,
	};
	const struct sigaction repair_it = {
		.sa_sigaction = repair,
		.sa_flags = SA_SIGINFO,
	};
	static const int caught[] = {SIGSEGV, SIGBUS, SIGILL};
	struct sigaction before[3];

	sigaction(SIGUSR1, &spoil_it, NULL);
	for (int i = 0; i < 3; i++)
		sigaction(caught[i], &repair_it, &before[i]);
	delivered = 0;
	for (unsigned int i = 0; i < rounds; i++) {
		spoilt_register = i & 1 ? REG_SS : REG_CS;
		(void)raise(SIGUSR1);
	}
	for (int i = 0; i < 3; i++)
		sigaction(caught[i], &before[i], NULL);
	if (delivered != rounds)
		return fail("%u of %u returns to a bad frame were caught",
			    delivered, rounds);
	return WORKLOAD_OK;
}

static volatile uint32_t watched;

#define DR7_LOCAL_0 (1u << 0)
#define DR7_WRITE_0 (1u << 16)
#define DR7_LEN4_0  (3u << 18)
#define DR6_HIT_0   (1u << 0)
#define STEPS	    20

static size_t debug_register(unsigned int number)
{
	return offsetof(struct user, u_debugreg) + number * sizeof(int);
}

/* The child stops, writes to what is watched, and runs on. */
static int debugged_child(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		return 1;
	(void)raise(SIGSTOP);
	watched++;
	return 0;
}

static bool stopped_by(pid_t child, int signal)
{
	int status;

	return waitpid(child, &status, 0) == child && WIFSTOPPED(status) &&
	       WSTOPSIG(status) == signal;
}

static enum outcome debug_child(pid_t child)
{
	if (!stopped_by(child, SIGSTOP))
		return fail("the child did not stop");
	if (ptrace(PTRACE_POKEUSER, child, debug_register(0), &watched) ||
	    ptrace(PTRACE_POKEUSER, child, debug_register(7),
		   DR7_LOCAL_0 | DR7_WRITE_0 | DR7_LEN4_0))
		return skip("no watchpoint can be set");
	ptrace(PTRACE_CONT, child, NULL, NULL);
	if (!stopped_by(child, SIGTRAP))
		return fail("the watchpoint did not stop the child");
	if (!(ptrace(PTRACE_PEEKUSER, child, debug_register(6), NULL) &
	      DR6_HIT_0))
		return fail("DR6 does not name the watchpoint");
	ptrace(PTRACE_POKEUSER, child, debug_register(7), 0);
	for (int i = 0; i < STEPS; i++) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		if (!stopped_by(child, SIGTRAP))
			return fail("a single step did not stop the child");
	}
	ptrace(PTRACE_CONT, child, NULL, NULL);
	if (!child_succeeded(child))
		return fail("the child did not exit with 0");
	return WORKLOAD_OK;
}

enum outcome run_debug(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;

	while (outcome == WORKLOAD_OK && rounds--) {
		pid_t child = fork();

		if (child < 0)
			return fail("fork");
		if (!child)
			_exit(debugged_child());
		outcome = debug_child(child);
		if (outcome != WORKLOAD_OK) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
		}
	}
	return outcome;
}
