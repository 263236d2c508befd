/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verify_boot.h - boot the patched Linux and keep what its console says
 */
#ifndef ADVISE_VERIFY_BOOT_H
#define ADVISE_VERIFY_BOOT_H

#include <stdbool.h>

#include "guest/accel.h"

struct verify_boot {
	const char *rom;		/* "rom-native.bin", as locate() finds it */
	const char *words;		/* for the kernel command line */
	const char *console_path;	/* files to write */
	const char *log_path;
	enum accel accel;
	bool icount;			/* count instructions, always the same */
	unsigned int timeout_s;
};

/*
 * Run the guest to its end.  Returns VMIPROF_OK, or after a message what failed:
 * VMIPROF_ERROR (a file is missing), _QEMU_FAILED, _GUEST_FAILED, _TIMEOUT, or
 * 128 + n after signal n.
 */
int verify_boot(const struct verify_boot *boot);

#endif /* ADVISE_VERIFY_BOOT_H */
