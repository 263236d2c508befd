/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * producer_control.h - memory that vmiprof bench shares with the producer
 *
 * vmiprof-bench-producer RAM CPU maps the file RAM, puts the trace ROM into it as
 * a BIOS would, and makes calls of its slots in a 32-bit process on that CPU.  A
 * line on its standard input is a command:
 *
 *	open ROM	the image anew, Init, and all memory from
 *			PRODUCER_RING_PHYS on donated as the ring
 *	run N		N calls, N a multiple of PRODUCER_TURN
 *
 * When a command is done, `done` is one more.  The program ends, with a message
 * and status 1, at what cannot be done, and at the end of its input.
 */
#ifndef PRODUCER_CONTROL_H
#define PRODUCER_CONTROL_H

#include <stdint.h>

/* Offsets into the file; a physical address is an offset. */
#define PRODUCER_CONTROL_PHYS	0x1000u
#define PRODUCER_ROM_PHYS	0xc8000u
#define PRODUCER_RING_PHYS	(4u << 20)

/* Calls in a turn of its loop, each from a site of its own. */
#define PRODUCER_TURN		24
/* Init records itself. */
#define PRODUCER_OPEN_CALLS	1

struct producer_control {
	uint32_t done;		/* commands */
	uint32_t reserved;
	uint64_t begin_ns;	/* of the last run, CLOCK_MONOTONIC */
	uint64_t end_ns;
};

#endif /* PRODUCER_CONTROL_H */
