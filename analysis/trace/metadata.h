/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metadata.h - what the reader needs from a trace's CTF metadata
 */
#ifndef METADATA_H
#define METADATA_H

#include <stdbool.h>
#include <stdint.h>

#define METADATA_FORMAT	1	/* env.vmiprof_format that this program reads */

struct metadata {
	uint8_t uuid[16];
	uint64_t clock_hz;
	char accelerator[16];
};

/*
 * Take from the text of a metadata file what the reader needs.  path is for
 * messages; returns false after one when it is not a trace of ours.
 */
bool metadata_parse(struct metadata *metadata, const char *text,
		    const char *path);

#endif /* METADATA_H */
