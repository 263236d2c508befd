/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu.h - QEMU as a child: start it, talk to it, know how it ended
 *
 * Neither it nor what it started outlives vmiprof: they are killed when this
 * process goes away, whatever the reason.  It gains no privileges, may start no
 * programs, and has no devices but those that it is told to have.  It runs in a process group of its own, so that Ctrl-C
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
	const char *kernel;		/* NULL: what else there is boots */
	const char *initrd;		/* NULL: none */
	const char *append;		/* NULL: nothing */
	const char *disk;		/* the first one, an image; NULL: none */
	const char *disk_format;	/* as QEMU names it */
	bool cdrom;			/* an empty drive, unless `extra` has one */
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
	QEMU_RESET,			/* it asked for a reset */
	QEMU_TRIPLE_FAULT,		/* the processor had to be reset */
	QEMU_REBOOTED,			/* and QEMU, which runs on, did it */
	QEMU_STOPPED,			/* QEMU stands still, why in qemu->error */
	QEMU_PANIC,			/* it told a pvpanic device */
	QEMU_QUIT,			/* somebody else ended it: a signal, QMP */
	QEMU_DIED,			/* why in qemu->error */
};

struct qemu {
	pid_t pid;			/* 0: not running */
	pid_t group;			/* it, and what it started; 0: gone */
	pid_t guard;			/* see qemu_guard.h; 0: none */
	pid_t vcpu_tid;			/* thread of the first vCPU */
	unsigned int nr_vcpus;
	struct qmp qmp;
	char **argv;			/* the command line, for the record */
	char shutdown_reason[32];	/* of the SHUTDOWN event, "" before it */
	uint64_t shutdown_ns;
	uint64_t asked_ns;		/* when qemu_answers asked last */
	uint64_t looked_ns;		/* when it was called last */
	uint64_t closed_ns;		/* when it found the monitor closed, or 0 */
	bool halted;			/* by qemu_stop */
	bool stopped;			/* as QEMU says, whoever asked for it */
	bool was_reset;			/* and runs anew */
	bool forced;			/* killed, because it did not end */
	int cpu_log;			/* why processors were reset; -1: not known */
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

/*
 * Whether QEMU has reset the machine and let it run on; asks, so that it is known
 * before anybody wonders about what is in memory then.
 */
bool qemu_was_reset(struct qemu *qemu);

/*
 * Hear what QEMU has to say.  Returns QEMU_RUNS, or how it ended; at QEMU_REBOOTED
 * and QEMU_STOPPED it is still there.
 */
enum qemu_status qemu_poll(struct qemu *qemu);

/*
 * Whether QEMU answers: asks now and then.  False: it has said nothing for half
 * a minute in which this process was there to hear it, or its monitor is closed.
 */
bool qemu_answers(struct qemu *qemu);

/* End it, by asking and then by force, and wait. */
void qemu_kill(struct qemu *qemu);

void qemu_free(struct qemu *qemu);

#endif /* QEMU_H */
