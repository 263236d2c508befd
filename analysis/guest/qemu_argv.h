/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu_argv.h - the command line for QEMU
 */
#ifndef QEMU_ARGV_H
#define QEMU_ARGV_H

#include <stdbool.h>
#include <stddef.h>

#include "guest_ram.h"
#include "qemu.h"

#define QEMU_FILES_MAX	4

/* Arguments, and the files that they name by descriptor. */
struct qemu_argv {
	char **argv;			/* ends with NULL */
	size_t nr;
	int fd[QEMU_FILES_MAX];		/* QEMU inherits them */
	unsigned int nr_fds;
	char error[200];
};

/*
 * Make the command line.  A file whose name QEMU would take apart, at a space or a
 * comma, is opened and named /proc/self/fd/N.  Returns false with args->error set
 * when one cannot be opened.  cpu_log: descriptor for the emulator's log of resets,
 * -1 for none.
 */
bool qemu_argv_build(struct qemu_argv *args, const struct qemu_config *config,
		     const struct guest_ram *ram, int qmp_fd, int cpu_log);

/* Close the files: QEMU has them.  The arguments stay. */
void qemu_argv_close(struct qemu_argv *args);

void qemu_argv_free(char **argv);

#endif /* QEMU_ARGV_H */
