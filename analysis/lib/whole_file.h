/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * whole_file.h - write a file whole or not at all
 *
 * What is written goes to a temporary file beside its place, of a name of its own,
 * and is moved there once it is whole and on the disk: a reader sees the file
 * before or the file after, and of two programs that write the same file each
 * puts its own bytes there.  A link stays a link and the file it leads to is
 * replaced; mode and owner stay as they are.  The temporary file goes away when
 * the program ends, by a signal too.
 *
 * A device, a pipe or standard output under another name cannot be replaced and
 * is written as it is.
 */
#ifndef WHOLE_FILE_H
#define WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct whole_file {
	FILE *out;		/* write here */
	int dir_fd;		/* of the file; -1: it is written in place */
	char name[NAME_MAX + 1];	/* in that directory */
	char temporary[NAME_MAX + 1];	/* the same */
};

/*
 * Begin.  A directory, a file that may not be written and a folder that takes no
 * new file are found now.  Returns 0 or an errno value.
 */
int whole_file_open(struct whole_file *file, const char *path);

/*
 * The same for a name in a directory that is open; a link of that name is not
 * followed but refused (ELOOP).
 */
int whole_file_open_at(struct whole_file *file, int dir_fd, const char *name);

/*
 * All is written: move it to its place.  Returns 0 or an errno value; with that,
 * all is as it was before whole_file_open.
 */
int whole_file_commit(struct whole_file *file);

/* Leave all as it was before whole_file_open. */
void whole_file_drop(struct whole_file *file);

/* Write text as a whole file.  Returns 0 or an errno value. */
int whole_file_text_at(int dir_fd, const char *name, const char *text);

/* Whether the file could be written; nothing is changed.  0 or an errno value. */
int whole_file_check(const char *path);

/* Whether a program that was killed may have left a file of that name behind. */
bool whole_file_is_temporary(const char *name);

#endif /* WHOLE_FILE_H */
