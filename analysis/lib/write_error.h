/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_error.h - whether all that was printed has been written
 */
#ifndef WRITE_ERROR_H
#define WRITE_ERROR_H

#include <stdio.h>

/*
 * Write out what the stream holds.  Returns 0, or an errno value when that failed
 * or an earlier write of the stream had.
 */
int write_error(FILE *out);

#endif /* WRITE_ERROR_H */
