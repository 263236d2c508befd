/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * raw.h - every form of a call at CPL 3, as lines for a program to read
 *
 * The protocol is that of docs/benchmarks.md: "case" and "skip" lines, and
 * "bench: done" at the end.
 */
#ifndef BENCH_HOST_RAW_H
#define BENCH_HOST_RAW_H

#include "rom_map.h"

struct raw_roms {
	const struct rom *native, *trace;	/* trace: Init is done */
	const struct rom *aggregate, *stamp;	/* Init is done; NULL = none */
};

/*
 * Measures `samples` rounds and prints the lines.  Sample i of each case was
 * taken in round i.  `cpu` is where this process is pinned; `program`, argv[0],
 * says where the program that measures LTTng lies.  Exits with a message when
 * the trace ROM lost a call.
 */
void raw_run(const struct raw_roms *roms, unsigned int samples, int cpu,
	     const char *program);

#endif /* BENCH_HOST_RAW_H */
