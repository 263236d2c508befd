/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metadata.h - what the reader needs from a trace's CTF metadata
 */
#ifndef METADATA_H
#define METADATA_H

#include <stdbool.h>
#include <stdint.h>

#define METADATA_FORMAT	1	/* env.vmiprof_format that this program reads */

/* Clocks of a PC, and those that emulators and -icount make. */
#define METADATA_HZ_MIN	1000000
#define METADATA_HZ_MAX	100000000000

struct metadata {
	uint8_t uuid[16];
	uint64_t clock_hz;
	char accelerator[16];
	char cycles[16];	/* "hardware" or "emulated", as it says */
};

/*
 * Take from the text of a metadata file what the reader needs.  path is for
 * messages; returns false after one when it is not a trace of ours.
 */
bool metadata_parse(struct metadata *metadata, const char *text,
		    const char *path);

#endif /* METADATA_H */
