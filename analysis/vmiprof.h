/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmiprof.h - the subcommands and what their exit status means
 */
#ifndef VMIPROF_H
#define VMIPROF_H

/*
 * Exit status.  Misuse of options exits with 64 (EX_USAGE, argp's default), a
 * signal n that ends a recording with 128 + n.
 */
enum vmiprof_exit {
	VMIPROF_OK = 0,
	VMIPROF_ERROR = 1,	/* nothing was done */
	VMIPROF_PARTIAL = 2,	/* done as far as possible; a message says why */
	/* record only */
	VMIPROF_GUEST_FAILED = 3,	/* the guest says that it failed */
	VMIPROF_TIMEOUT = 4,		/* --timeout ended the guest */
	VMIPROF_QEMU_FAILED = 5,	/* missing, died or hung */
	VMIPROF_GUEST_CORRUPT = 6,	/* the guest broke the ring; also top */
	VMIPROF_NOT_TRACED = 7,		/* the guest never called Init */
	/* diff only */
	VMIPROF_DIFFERS = 8,		/* --exit-code: something changed */
};

/* A subcommand.  argv[0] is its name as usage messages show it. */
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_rom(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_regress(int argc, char **argv);
int cmd_advise(int argc, char **argv);

#endif /* VMIPROF_H */
