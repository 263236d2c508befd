/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - a session daemon of one's own, and programs run beside it
 *
 * The daemon has to know the application before main(), so the program starts
 * the daemon, then itself, with LTTNG_HOME_VARIABLE in the environment.
 */
#ifndef VMIPROF_LTTNG_SESSION_H
#define VMIPROF_LTTNG_SESSION_H

#define LTTNG_HOME_VARIABLE	"VMIPROF_LTTNG_HOME"

/* Say that and why nothing can be measured, and exit with 0. */
void lttng_skip(const char *what) __attribute__((noreturn));

/*
 * Run a program with its output, but not its errors, going to path.  Signals of a
 * terminal do not reach it.  Returns its exit status, 127 when it is not there.
 */
int lttng_run_to(const char *path, const char *const argv[]);

#define LTTNG_RUN(...) \
	lttng_run_to("/dev/null", (const char *const[]){ __VA_ARGS__, NULL })

/* 0 when it runs. */
int lttng_start_daemon(const char *home);

/* End the daemon, by its pid file, and remove the directory. */
void lttng_clean_up(const char *home);

/*
 * From here on SIGTERM and SIGINT end the program only where nothing is left
 * behind: while lttng_run_self waits.
 */
void lttng_catch_signals(void);

/* Run this program again, to its end or a signal; its exit status. */
int lttng_run_self(char **argv);

/* Stay on that CPU. */
void lttng_pin(const char *cpu);

/* stream.c: events to a trace on disk; argv is CPU CONSUMER-CPU EVENTS DIR. */
int lttng_stream(char **argv);

#endif /* VMIPROF_LTTNG_SESSION_H */
