/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trap.c - the handler that emulates cli and sti
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "trap.h"

#define OPCODE_CLI	0xfa
#define OPCODE_STI	0xfb

static volatile sig_atomic_t interrupts_enabled = 1;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)info;
	/* A general protection fault; page faults are somebody's mistake. */
	if (regs[REG_TRAPNO] == 13) {
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): a register's */
		uint8_t opcode = *(const uint8_t *)regs[REG_EIP];

		if (opcode == OPCODE_CLI || opcode == OPCODE_STI) {
			interrupts_enabled = opcode == OPCODE_STI;
			regs[REG_EIP]++;
			return;
		}
	}
	sigaction(signal, &action, NULL);
}

void trap_start(void)
{
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO };

	if (sigaction(SIGSEGV, &action, NULL)) {
		perror("sigaction");
		exit(1);
	}
}

bool trap_interrupts_enabled(void)
{
	return interrupts_enabled;
}
