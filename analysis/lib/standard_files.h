/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * standard_files.h - standard input, output and error, as they should be
 */
#ifndef STANDARD_FILES_H
#define STANDARD_FILES_H

#include <stdbool.h>

/*
 * To be called first.  Those of the three that are closed are opened on /dev/null,
 * the wrong way round, so that no other file gets their numbers and what is
 * written there still fails.  What could not be written to standard output is told
 * when the program ends, whatever ends it, and its status is 1 then.
 */
void standard_files_begin(void);

/*
 * Write out what standard output holds.  False after a message when not all of it
 * could be written.  When nobody reads the pipe any more, as after
 * "vmiprof ... | head", the program ends without a word, as by SIGPIPE.
 */
bool standard_output_flush(void);

#endif /* STANDARD_FILES_H */
