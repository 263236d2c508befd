/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * producer.h - the program that makes calls, and the memory shared with it
 */
#ifndef PRODUCER_H
#define PRODUCER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "guest/guest_ram.h"
#include "lib/child.h"
#include "producer_control.h"
#include "record/trace_rom.h"
#include "vmi/trace.h"

struct producer {
	struct guest_ram ram;	/* base NULL: there is none */
	struct child child;	/* pid 0: it does not run */
	struct trace_rom rom;	/* after producer_open */
	uint32_t done;		/* commands, when the last one is done */
	char error[300];	/* set by what returns false */
};

/* Start it on that CPU. */
bool producer_start(struct producer *producer, int cpu);

/*
 * A ROM as after boot: nothing recorded, nobody attached, the ring donated.
 * rom_file is the path of rom-trace.bin; waiting ends when *stop is not 0.
 */
bool producer_open(struct producer *producer, const char *rom_file,
		   const volatile sig_atomic_t *stop);

/* Have it make so many calls, a multiple of PRODUCER_TURN; it has begun. */
bool producer_begin(struct producer *producer, uint32_t calls);

/* Whether what was begun is done. */
bool producer_is_done(const struct producer *producer);

/* Wait until it is; false when the program ended, or *stop is not 0. */
bool producer_wait(struct producer *producer, const volatile sig_atomic_t *stop);

/* Whether it still runs; to be asked now and then while waiting by oneself. */
bool producer_runs(struct producer *producer);

/* What it wrote: times of the last calls. */
const struct producer_control *producer_control(const struct producer *producer);

/* What the ROM shares with the host, checked when it was opened. */
struct vmi_trace_ctl *producer_ctl(const struct producer *producer);
struct vmi_trace_host *producer_host(const struct producer *producer);

/* End it and free all. */
void producer_end(struct producer *producer);

#endif /* PRODUCER_H */
