/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_dir.h - the directory of a trace, see docs/trace-format.md
 */
#ifndef TRACE_DIR_H
#define TRACE_DIR_H

#include <stdbool.h>

struct trace_dir {
	char *path;
	char *run;		/* the directory of all that is not CTF */
	char *metadata;
	char *stream;		/* of vCPU 0 */
	char *run_json;
	char *console_log;
	char *qemu_log;
	char *reserve;		/* keeps room on the disk, see below */
};

/*
 * Make the directory, and its parents.  A directory that is not empty is
 * refused, but with force an old trace of ours is removed from it first; one
 * without a single event is so in any case.  Returns false after a message.
 */
bool trace_dir_create(struct trace_dir *dir, const char *path, bool force);

/*
 * The names of dump number n of the trace in parent, DIR/dump-N; nothing is
 * made.  Free with trace_dir_free.
 */
void trace_dir_name_dump(struct trace_dir *dir, const struct trace_dir *parent,
			 unsigned int n);

/*
 * Give up the room that was kept, so that metadata and run.json can be written
 * at the end even though the stream filled the disk.
 */
void trace_dir_free_reserve(const struct trace_dir *dir);

/*
 * Replace the file `path` by text in one step: a reader sees the old or the new.
 * Returns 0 or an errno value.
 */
int trace_dir_replace(const char *path, const char *text);

void trace_dir_free(struct trace_dir *dir);

#endif /* TRACE_DIR_H */
