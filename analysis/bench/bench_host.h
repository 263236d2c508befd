/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench_host.h - the program that runs the ROMs' stubs on the host's CPU
 */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include "bench_run.h"

/*
 * Run the program and feed the reader.  False, with run->failure set, unless it ended as it
 * should, after its last line.
 */
bool bench_host(struct bench_run *run, struct raw_reader *reader);

#endif /* BENCH_HOST_H */
