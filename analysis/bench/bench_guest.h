/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_guest.h - boot a guest that measures, and take what its console shows
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include "bench_run.h"

/*
 * Boot what the plan says and feed the reader.  False, with run->failure set, unless it ended as it
 * should, after its last line.
 */
bool bench_guest(struct bench_run *run, struct raw_reader *reader);

#endif /* BENCH_GUEST_H */
