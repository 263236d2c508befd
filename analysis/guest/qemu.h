/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu.h - QEMU as a child: start it, talk to it, know how it ended
 *
 * It never outlives vmiprof: the kernel kills it when this process goes away,
 * whatever the reason.  It runs in a process group of its own, so that Ctrl-C
 * reaches vmiprof alone, which then stops the guest in order.
 */
#ifndef QEMU_H
#define QEMU_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "accel.h"
#include "guest_ram.h"
#include "qmp.h"

struct qemu_config {
	const char *program;
	enum accel accel;
	bool icount;
	unsigned int smp;
	const char *rom;		/* NULL: none */
	const char *kernel;
	const char *initrd;		/* NULL: none */
	const char *append;
	const char *console_path;
	const char *log_path;		/* as messages have it */
	const char *log_file;		/* to open it by; NULL: log_path */
	char *const *extra;		/* further arguments, ends with NULL */
};

/* How QEMU ended, as far as QEMU knows. */
enum qemu_status {
	QEMU_RUNS,
	QEMU_DEBUG_EXIT,		/* code: what the guest wrote */
	QEMU_SHUTDOWN,			/* the guest switched itself off */
	QEMU_RESET,			/* it asked for a reset, or tripled a fault */
	QEMU_PANIC,			/* it told a pvpanic device */
	QEMU_QUIT,			/* somebody else ended it: a signal, QMP */
	QEMU_DIED,			/* why in qemu->error */
};

struct qemu {
	pid_t pid;			/* 0: not running */
	pid_t vcpu_tid;			/* thread of the first vCPU */
	unsigned int nr_vcpus;
	struct qmp qmp;
	char **argv;			/* the command line, for the record */
	char shutdown_reason[32];	/* of the SHUTDOWN event, "" before it */
	uint64_t shutdown_ns;
	uint64_t asked_ns;		/* when qemu_answers asked last */
	int code;
	const char *log_path, *log_file;	/* of the configuration */
	char error[512];
};

/*
 * Start QEMU with the guest stopped before its first instruction.  Returns
 * false, with qemu->error set, when that fails or takes longer than timeout_ms.
 */
bool qemu_start(struct qemu *qemu, const struct qemu_config *config,
		const struct guest_ram *ram, unsigned int timeout_ms,
		const volatile sig_atomic_t *interrupt);

/* Let the guest run or stop it.  False, with qemu->error set, on failure. */
bool qemu_cont(struct qemu *qemu);
bool qemu_stop(struct qemu *qemu);

/* Hear what QEMU has to say.  Returns QEMU_RUNS, or how it ended. */
enum qemu_status qemu_poll(struct qemu *qemu);

/*
 * Whether QEMU answers: asks now and then.  False: it has said nothing for half
 * a minute.
 */
bool qemu_answers(struct qemu *qemu);

/* End it, by asking and then by force, and wait. */
void qemu_kill(struct qemu *qemu);

void qemu_free(struct qemu *qemu);

#endif /* QEMU_H */
