/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu_guard.h - nothing of QEMU's outlives vmiprof
 *
 * The kernel kills a child whose parent goes away, but not what that child
 * started: QEMU below a wrapper script would run on for ever.
 */
#ifndef QEMU_GUARD_H
#define QEMU_GUARD_H

#include <sys/types.h>

/*
 * Start a process that waits for the death of this one and then kills the process
 * group.  Returns its id, or 0 when it cannot be had.
 */
pid_t qemu_guard_start(pid_t group);

/* The group has ended, or was killed: end the guard, too. */
void qemu_guard_end(pid_t guard);

#endif /* QEMU_GUARD_H */
