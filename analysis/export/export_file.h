/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * export_file.h - what is exported goes to standard output or to a file
 *
 * A file is written whole or not at all, so that a reader that comes by, as the
 * textfile collector does, never sees half of it.
 */
#ifndef EXPORT_FILE_H
#define EXPORT_FILE_H

#include <stdbool.h>

#include "export_text.h"
#include "lib/whole_file.h"

struct export_file {
	struct export_out out;
	const char *path;	/* NULL: standard output */
	struct whole_file whole;	/* with a path */
};

/* path: NULL for standard output.  False after a message. */
bool export_file_open(struct export_file *file, const char *path);

/* Whether all was written; false after a message, the file is as before then. */
bool export_file_close(struct export_file *file);

/* Leave the file as it was before. */
void export_file_drop(struct export_file *file);

#endif /* EXPORT_FILE_H */
