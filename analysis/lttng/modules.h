/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * modules.h - what the shared objects of LTTng and babeltrace2 do for vmiprof
 *
 * They are loaded on demand (lib/module.h), so that nothing else pays for these
 * libraries.  Each has one table of functions.  None uses symbols of vmiprof.
 */
#ifndef LTTNG_MODULES_H
#define LTTNG_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmi/calls.h"

/*
 * One event vmi:call.  run: the first four bytes of the run's UUID, since many
 * runs may share a stream.
 */
struct lttng_call {
	uint64_t time;			/* the guest's TSC */
	uint64_t cycles;
	uint64_t stolen_cycles;
	uint64_t wait_cycles;
	uint32_t run;
	uint32_t ret;
	uint32_t arg;
	uint8_t vcpu;
	uint8_t call;
	bool interrupted;
};

/* vmi:run, repeated each second so that a snapshot has one. */
struct lttng_run {
	uint32_t run;
	char uuid[37];
	uint64_t tsc_hz;
	const char *accelerator;
	bool icount;
	bool lossless;
	const char *guest;
	const char *rom;
	const char *cpu;
	int64_t clock_offset_ns;	/* CLOCK_MONOTONIC at TSC 0 */
	int64_t clock_error_ns;		/* half width; -1: mapping not known */
};

/* vmi:end, once; events_recorded of them were given to LTTng. */
struct lttng_end {
	uint32_t run;
	uint8_t vcpu;
	uint64_t events_counted;
	uint64_t events_recorded;
	uint64_t events_lost;
	uint64_t wait_cycles;
	int64_t stolen_cycles;		/* -1: not known */
	uint64_t duration_ns;
	const char *exit;		/* as exit.kind of run.json */
	const char *reason;		/* "": none */
};

/* vmiprof-lttng-ust.so, symbol "lttng_provider": emits events. */
struct lttng_provider {
	/* Whether a session takes vmi:call. */
	bool (*enabled)(void);
	/*
	 * The records in [begin, end), all of one packet: 16 bytes, or 48 of
	 * the wide form; epoch is the high half of their times.  Returns how
	 * many there were.
	 */
	size_t (*records)(uint32_t run, uint8_t vcpu, uint64_t epoch,
			  const char *begin, const char *end);
	void (*lost)(uint32_t run, uint8_t vcpu, uint64_t time, uint64_t lost,
		     uint64_t skipped);
	void (*mode)(uint32_t run, uint64_t time, uint8_t call,
		     const char *mode);
	void (*run)(const struct lttng_run *run);
	void (*counted)(uint32_t run, uint8_t vcpu, uint8_t call,
			uint64_t count);
	void (*end)(const struct lttng_end *end);
};

#define LTTNG_WHY_BYTES		400

/* What lttng_session->open made, for close and for messages. */
struct lttng_session_state {
	char name[256];
	char path[4200];		/* where the events go */
	bool ours;			/* created by open: close destroys it */
	bool started;			/* by open: close stops it */
	bool blocking;			/* a full buffer makes the program wait */
};

/*
 * vmiprof-lttng.so, symbol "lttng_session_control".  A function that fails
 * returns false and says in why[LTTNG_WHY_BYTES] what was asked and answered.
 */
struct lttng_session_control {
	/* Whether the session daemon of this user answers. */
	bool (*daemon_alive)(void);
	/* How many sessions there are; -1: not known. */
	int (*nr_sessions)(void);
	/*
	 * Create the session, or take the one of that name, with vmi:* enabled
	 * and tracing started.  url: where a new one goes, NULL = LTTng's
	 * default directory.
	 */
	bool (*open)(struct lttng_session_state *state, const char *name,
		     const char *url, char *why);
	/*
	 * Stop and read how many events and packets LTTng discarded, then
	 * destroy; a session that was there before goes on as it was.
	 */
	bool (*close)(const struct lttng_session_state *state,
		      uint64_t *discarded, char *why);
};

/* Events of any LTTng trace as vmiprof-babeltrace.so reads them. */
struct lttng_sink {
	void *arg;
	/* Functions return false to end the reading. */
	bool (*host)(void *arg, const char *name);	/* before all others */
	bool (*call)(void *arg, const struct lttng_call *call);
	bool (*lost)(void *arg, uint32_t run, uint8_t vcpu, uint64_t time,
		     uint64_t lost, uint64_t skipped);
	bool (*mode)(void *arg, uint32_t run, uint64_t time, uint8_t call,
		     const char *mode);
	bool (*run)(void *arg, const struct lttng_run *run);
	bool (*counted)(void *arg, uint32_t run, uint8_t vcpu, uint8_t call,
			uint64_t count);
	bool (*end)(void *arg, const struct lttng_end *end);
	/* LTTng discarded events, of whatever kind; 0: not known how many. */
	bool (*discarded)(void *arg, uint64_t events);
};

/* vmiprof-babeltrace.so, symbol "lttng_reader". */
struct lttng_reader {
	/*
	 * Read the CTF trace in dir, one directory with a file "metadata", in
	 * the order of its time stamps.  Returns false with why
	 * [LTTNG_WHY_BYTES] when it could not be read to its end; the sink has
	 * got all before that.
	 */
	bool (*read)(const char *dir, const struct lttng_sink *sink, char *why);
};

extern const struct lttng_provider lttng_provider;
extern const struct lttng_session_control lttng_session_control;
extern const struct lttng_reader lttng_reader;

#endif /* LTTNG_MODULES_H */
