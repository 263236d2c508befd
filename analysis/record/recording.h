/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recording.h - one recording: what its beginning, its loop and its end share
 *
 * record.c begins it, recording_loop.c runs it, recording_end.c ends it, and
 * recording_files.c writes what describes it.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "clock_map.h"
#include "ctf_stream.h"
#include "drain.h"
#include "dump_condition.h"
#include "guest/accel.h"
#include "guest/guest_ram.h"
#include "guest/qemu.h"
#include "guest_symbols.h"
#include "lib/host_info.h"
#include "lib/tsc.h"
#include "modes.h"
#include "perf/perf_record.h"
#include "progress.h"
#include "record_inputs.h"
#include "record_options.h"
#include "run_json.h"
#include "stolen.h"
#include "totals.h"
#include "trace_dir.h"
#include "trace_rom.h"
#include "vmiprof.h"

#define NS_PER_S		1000000000ull
#define NS_PER_MS		1000000ull
#define CALIBRATE_NS		(20 * NS_PER_MS)

/* How the recording ended: the first thing that ends it says so. */
struct ending {
	bool known;
	bool complete;			/* nothing is missing in the trace */
	enum vmiprof_exit status;
	const char *kind;		/* run.json's exit.kind */
	int code;
	char reason[768];		/* "" = the guest ended as it should */
};

/* Dumps of a flight recorder while it goes on. */
struct dumps {
	struct dump_watch watch;
	unsigned int nr;		/* begun so far */
	unsigned int by_condition;	/* of these */
	pid_t pid;			/* writes one now; 0: none is written */
	char what[512];			/* the one written */
	bool deaf;			/* to conditions, until memory is renewed */
	uint64_t bytes_at_last, lost_at_last;
	char error[640];		/* of the last that failed */
	char doubt[200];		/* counts of the last that did not add up */
};

struct recording {
	struct record_options options;
	struct record_inputs inputs;
	struct accel_choice accel;
	struct trace_dir dir;
	struct host_info host;
	struct guest_symbols symbols;
	uint8_t uuid[16];
	char **command;

	struct guest_ram ram;
	struct qemu qemu;
	struct ctf_stream stream;
	struct drain drain;
	struct dumps dumps;
	struct totals totals;
	struct modes modes;
	size_t modes_told;		/* of modes.change, to LTTng */
	bool attached;			/* the drain is */
	bool watching;			/* the totals are */
	enum trace_rom_search search;	/* the best of all so far */
	char rom_problem[200];

	struct tsc_sample begin;
	struct clock_map clock;
	struct perf_record perf;
	uint64_t tsc_hz;
	uint64_t tsc_step;	/* 0: of a clock that counts instructions */
	time_t started;
	uint64_t guest_begin_ns;
	double duration_s;
	struct stolen stolen;
	uint64_t stolen_cycles;
	struct progress progress;
	off_t console_shown;
	off_t console_cut;		/* bytes that console.log has no more */

	bool saved;			/* what a flight recorder held */
	uint64_t saved_events;
	struct lttng_output *lttng;	/* NULL: --lttng was not given */
	char *lttng_dir;		/* temporary, in place of -o; or NULL */

	struct ending ending;
};

/*
 * End the recording.  Only the first to say so is heard.  complete: nothing is
 * missing in the trace; kind: exit.kind of run.json; the text is the reason, ""
 * when the guest ended as it should.
 */
void recording_end(struct recording *r, enum vmiprof_exit status, bool complete,
		   const char *kind, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* End it because the drain failed: the guest broke the ring, or a write did. */
void recording_end_by_drain(struct recording *r);

/* End it because QEMU has reset the machine and let it run on. */
void recording_end_rebooted(struct recording *r);

/*
 * Something is missing, or was not done that the user asked for: once the
 * recording has ended, make it partial; the text joins the reason.  A status
 * that says more than VMIPROF_PARTIAL stays.
 */
void recording_partial(struct recording *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether the ROM keeps anything. */
bool recording_rom_records(const struct recording *r);

/* At level stamp, every how manieth call is measured; else 0. */
uint32_t recording_stamp_every(const struct recording *r);

/* Publish the cycles stolen from the vCPU up to now. */
void recording_feed_stolen(struct recording *r);

/* Add up what the guest counted, at the levels below event. */
void recording_watch(struct recording *r);

/* Watch for the conditions of --dump-on; before the drain is attached. */
void recording_dumps_init(struct recording *r);

/* Dump if a signal or a condition wants it; to be called often. */
void recording_dump_poll(struct recording *r);

/* Wait for a dump that is being written; after the recording has ended. */
void recording_dumps_end(struct recording *r);

/* Record until something ends it. */
void recording_run(struct recording *r);

/* Hear what signals and QEMU have to say; about once a millisecond. */
void recording_tick(struct recording *r);

/* Stop the guest, take the rest, write what describes it, say how it went. */
enum vmiprof_exit recording_finish(struct recording *r);

/* What the ROM counted, and where it went as far as is known now. */
void recording_counts(struct recording *r, struct run_counts *counts);

/* The texts of metadata and run/run.json, to be freed; dump NULL: of the whole. */
char *recording_metadata_text(const struct recording *r);
char *recording_run_json_text(const struct recording *r,
			      const struct run_counts *counts,
			      const struct run_dump *dump);

/*
 * Write metadata, or run/run.json; counts is NULL when nothing was recorded.
 * They return false after a message.
 */
bool recording_write_metadata(const struct recording *r);
bool recording_write_run_json(const struct recording *r,
			      const struct run_counts *counts);

#endif /* RECORDING_H */
