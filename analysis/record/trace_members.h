/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_members.h - what a directory holds that a recording shall go to
 *
 * All is done through descriptors, and no link is followed.
 */
#ifndef TRACE_MEMBERS_H
#define TRACE_MEMBERS_H

#include <stddef.h>

enum trace_content {
	TRACE_NOTHING,
	TRACE_NO_CALLS,		/* a recording that came to nothing */
	TRACE_OF_OURS,		/* run/run.json is there, and no foreign file */
	TRACE_FOREIGN,
};

/*
 * Look into the directory and its folders.  With TRACE_FOREIGN, `foreign` says
 * what else is there.
 */
enum trace_content trace_members_look(int dir_fd, char *foreign, size_t bytes);

/*
 * Remove all that a recording makes; run.json is the last file to go, so that
 * what is left when this is interrupted is still known for a trace of ours.
 * Returns 0, or an errno value and the name of what cannot be removed.
 */
int trace_members_remove(int dir_fd, char *name, size_t bytes);

#endif /* TRACE_MEMBERS_H */
