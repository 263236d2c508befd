/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_json.h - write run/run.json: what ran, where, how it ended, what was counted
 *
 * docs/trace-format.md lists the members; run_info.h reads them.
 */
#ifndef RUN_JSON_H
#define RUN_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "clock_map.h"
#include "guest/accel.h"
#include "guest_symbols.h"
#include "modes.h"
#include "trace/run_info.h"
#include "vmi/calls.h"

/* Counts of one vCPU. */
struct run_counts {
	uint64_t counted;	/* calls that the ROM counted */
	uint64_t recorded;	/* of those, events in the trace */
	uint64_t lost;		/* of those, not in the trace */
	uint64_t overwritten;	/* by later ones, in the flight recorder */
	uint64_t after_end;	/* made after what the trace holds last */
	uint64_t wait_cycles;
	uint64_t stolen_cycles;
	const char *no_stolen;	/* why stolen is not known, or NULL */
	const uint64_t *by_call;	/* [VMI_NR_SLOTS] */
};

/* A dump of a flight recorder, while it went on. */
struct run_dump {
	unsigned int number;
	const char *why;
	const char *problem;		/* counts that do not add up; or NULL */
};

struct run_json {
	bool complete;
	const char *reason;		/* why not complete, or NULL */
	char *const *command;		/* vmiprof's own, ends with NULL */
	char *const *qemu_command;	/* NULL before QEMU was started */
	const char *guest;
	const char *rom_file;		/* NULL: no ROM */
	const char *rom_name;
	unsigned int rom_api_major, rom_api_minor;
	const struct accel_choice *accel;
	const struct guest_symbols *symbols;
	const struct modes *modes;
	enum run_level level;
	uint32_t every;			/* Nth call is measured; 0: each */
	const struct call_totals *totals;	/* [VMI_NR_SLOTS] or NULL */
	const struct call_totals *site_counts;	/* the same, beside a trace */
	bool icount;
	bool lossless;
	uint64_t overwrite_bytes;	/* size of the flight recorder; 0: none */
	const struct run_dump *dump;	/* NULL: this is none */
	const char *cpu, *kernel, *qemu_version;
	uint64_t tsc_hz;
	uint64_t tsc_step;	/* cycles that it moves at a time; 0: not known */
	struct clock_reading clock;
	time_t started;
	double duration_s;
	uint32_t ring_bytes;		/* 0: there was none */
	uint32_t subbuf_bytes;
	bool ring_donated;
	const char *exit_kind;		/* NULL: it runs */
	int exit_code;
	const struct run_counts *vcpu0;	/* NULL: nothing was recorded */
};

/* The text, to be freed. */
char *run_json_text(const struct run_json *run);

#endif /* RUN_JSON_H */
