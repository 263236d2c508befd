/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * input_file.h - the one way to open what a path from outside names
 *
 * A trace or a results file may have been made by anybody: a FIFO in it would
 * block for ever, a link to a device would never end, a sparse file would fill
 * memory.  So only regular files are opened, and none is read whole that is
 * longer than its kind can be.
 */
#ifndef INPUT_FILE_H
#define INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>

#define INPUT_WHY_BYTES	160

/*
 * Open a regular file for reading; links are followed, nothing blocks.  Returns
 * the descriptor, its size in *size (may be NULL); or -1 and the reason in why.
 */
int input_open(const char *path, uint64_t *size, char why[INPUT_WHY_BYTES]);

/*
 * The whole content of a regular file of up to bytes_max bytes, with a NUL behind
 * it; *bytes (may be NULL): how many there are.  Free it.  NULL: why says why.
 */
char *input_text(const char *path, size_t bytes_max, size_t *bytes,
		 char why[INPUT_WHY_BYTES]);

#endif /* INPUT_FILE_H */
