/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record_inputs.h - the files that a recording boots: guest and ROM
 */
#ifndef RECORD_INPUTS_H
#define RECORD_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "record_options.h"
#include "trace_rom.h"

struct record_inputs {
	const char *guest;		/* what boots, for those who read of it */
	char *kernel;			/* NULL: none */
	char *disk;			/* NULL: none */
	const char *disk_format;	/* as QEMU names it */
	char *initrd;			/* NULL: none */
	char *vmlinux;			/* its symbols; NULL: not known */
	char *append;			/* the whole kernel command line */
	/* Our own guests print this last; NULL when it is not known. */
	const char *last_words;
	bool reset_is_end;		/* a reset is how the guest ends */

	char *rom_file;			/* NULL: no ROM */
	char *rom_for_qemu;		/* that, or a copy with flags preset */
	struct trace_rom rom;
};

/*
 * Find and check what options name.  tsc_hz is the rate of the guest's TSC.
 * Returns false after a message.
 *
 * With --lossless QEMU gets a copy of the ROM in which the host already says
 * that it is attached: else the calls between Init and the moment when the
 * recorder finds the ring could be lost.
 */
bool record_inputs_find(struct record_inputs *inputs,
			const struct record_options *options, uint64_t tsc_hz);

void record_inputs_free(struct record_inputs *inputs);

#endif /* RECORD_INPUTS_H */
