/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * find_recording.h - the recordings that run on this machine
 *
 * A recording is a process "vmiprof record" that holds a guest's memory open for
 * writing (guest/guest_ram.h).  QEMU inherits that file; the trace's directory is
 * where QEMU writes its log.
 */
#ifndef FIND_RECORDING_H
#define FIND_RECORDING_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "guest/guest_ram.h"

struct recording_place {
	pid_t pid;		/* of vmiprof */
	int pidfd;		/* readable once the process has ended */
	char ram_path[64];	/* the memory, /proc/PID/fd/N */
	char dir[PATH_MAX];	/* the trace; "" when it has none */
};

/*
 * Find one recording: the one that writes to the directory dir, that of process
 * pid, or with NULL and 0 the only one that runs.  Returns false after a message
 * that says what there is instead.
 */
bool find_recording(struct recording_place *place, const char *dir, pid_t pid);

/*
 * Map the guest's memory for reading; a store to it would end this program, and
 * what could shrink under a reader is not mapped.
 * Returns false after a message.  Undo with unmap_recording().
 */
bool map_recording(struct guest_ram *ram, const struct recording_place *place);

void unmap_recording(struct guest_ram *ram);

/* Whether its process has ended. */
bool recording_ended(const struct recording_place *place);

void recording_place_free(struct recording_place *place);

#endif /* FIND_RECORDING_H */
