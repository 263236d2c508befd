/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_dir.h - the directory of a trace, see docs/trace-format.md
 *
 * It is held open and locked as long as a recording writes to it: there is one
 * recording in a directory at a time.  All in it is made, replaced and removed
 * through its descriptor, so that it may be given another name meanwhile; no link
 * in it is followed.
 */
#ifndef TRACE_DIR_H
#define TRACE_DIR_H

#include <stdbool.h>

/* Names in the directory. */
#define TRACE_DIR_STREAM	"vcpu0"

struct trace_dir {
	int fd;			/* -1: not open */
	int run_fd;		/* of run/, where all is that is not CTF */
	/* Names to be shown, or to be given to other programs. */
	char *path;
	char *run;
	char *stream;		/* of vCPU 0 */
	char *console_log;
	char *qemu_log;
	/* The same files for this process, whatever the directory's name is. */
	char *console_file;
	char *qemu_file;
};

/*
 * Make the directory, and its parents, and lock it.  A directory that is not empty
 * is refused, but with force an old trace of ours is removed from it first; one
 * in which not a single call was counted is so in any case.  What is in it is
 * looked at before the first file is removed.  Returns false after a message.
 */
bool trace_dir_create(struct trace_dir *dir, const char *path, bool force);

/*
 * The directory of dump number n of the trace in parent, DIR/dump-N; nothing is
 * made yet.  Free with trace_dir_free.
 */
void trace_dir_name_dump(struct trace_dir *dir, const struct trace_dir *parent,
			 unsigned int n);

/* Make that directory.  Returns 0 or an errno value. */
int trace_dir_make_dump(struct trace_dir *dir, const struct trace_dir *parent);

/*
 * Write the file `metadata`, or run/run.json, whole.  They return 0 or an errno
 * value.
 */
int trace_dir_write_metadata(const struct trace_dir *dir, const char *text);
int trace_dir_write_run_json(const struct trace_dir *dir, const char *text);

/*
 * Give up the room that was kept, so that metadata and run.json can be written
 * at the end even though the stream filled the disk.
 */
void trace_dir_free_reserve(const struct trace_dir *dir);

/* Remove the directory and all that a recording makes in it, as far as it goes. */
void trace_dir_remove(const struct trace_dir *dir);

void trace_dir_free(struct trace_dir *dir);

#endif /* TRACE_DIR_H */
