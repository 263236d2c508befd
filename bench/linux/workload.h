/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workload.h - what the programs of the Linux guest share
 *
 * A workload is a function that does one kind of work `rounds` times.  The
 * table in workload.c names them all; a new one is a function, a line here and
 * a line there.
 */
#ifndef BENCH_LINUX_WORKLOAD_H
#define BENCH_LINUX_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum outcome {
	WORKLOAD_OK,
	WORKLOAD_SKIPPED, /* the kernel or the machine lacks something */
	WORKLOAD_FAILED,
};

struct workload {
	const char *name;
	enum outcome (*run)(unsigned int rounds);
	unsigned int rounds; /* unless the command line says otherwise */
	bool guest_only;     /* it changes the machine, not only the process */
	const char *what;
};

/* workload.c */
extern const struct workload workloads[];
extern const size_t nr_workloads;

/*
 * Runs the workloads that `list` names ("all", or names and commas).  rounds 0
 * stands for the table's.  Prints a line before and after each.  False when one
 * failed or is not known.
 */
bool run_workloads(const char *list, unsigned int rounds, bool in_guest);

/* The workload of that name; NULL after it said that there is none. */
const struct workload *find_workload(const char *name);

/*
 * Says why the running workload cannot run here, or what went wrong; both add
 * the text of errno when it is not 0.
 */
__attribute__((format(printf, 1, 2))) enum outcome skip(const char *format,
							...);
__attribute__((format(printf, 1, 2))) enum outcome fail(const char *format,
							...);

#define NAME_BYTES 32

/* Takes the first name off a list with commas between. */
void take_name(const char **list, char name[NAME_BYTES]);

/* Waits for `pid` to exit with status 0. */
bool child_succeeded(pid_t pid);

/*
 * What follows takes a `list` of operations, "all" or names of the table in
 * operation.c, and returns false when one failed or is not known.
 */

/* exact.c: the least number of ticks of `rounds` rounds. */
bool run_exact(const char *list, unsigned int rounds);

/*
 * macro.c: `samples` samples of blocks of `rounds` operations in each of the
 * `forms` of the call sites.  NULL and 0 stand for what is usual.
 */
bool run_macro(const char *list, const char *forms, unsigned int samples,
	       unsigned int rounds);

/*
 * storm.c: switches the call sites that often while workloads run.  False when
 * a workload, a switch or the kernel failed.
 */
bool run_storm(unsigned int switches);

/* process.c */
enum outcome run_fork(unsigned int rounds);
enum outcome run_exec(unsigned int rounds);
enum outcome run_shell(unsigned int rounds);
enum outcome run_pipe(unsigned int rounds);
enum outcome run_thread(unsigned int rounds);

/* signal.c */
enum outcome run_signal(unsigned int rounds);
enum outcome run_badframe(unsigned int rounds);
enum outcome run_debug(unsigned int rounds);

/* memory.c */
enum outcome run_fault(unsigned int rounds);
enum outcome run_cow(unsigned int rounds);
enum outcome run_mmap(unsigned int rounds);

/* file.c */
enum outcome run_files(unsigned int rounds);
enum outcome run_proc(unsigned int rounds);

/* timer.c */
enum outcome run_sleep(unsigned int rounds);
enum outcome run_timer(unsigned int rounds);

/* cpu.c */
enum outcome run_syscall(unsigned int rounds);
enum outcome run_ldt(unsigned int rounds);
enum outcome run_tsc(unsigned int rounds);
enum outcome run_cpuid(unsigned int rounds);
enum outcome run_msr(unsigned int rounds);
enum outcome run_mtrr(unsigned int rounds);

/* device.c */
enum outcome run_port(unsigned int rounds);
enum outcome run_pci(unsigned int rounds);
enum outcome run_cdrom(unsigned int rounds);
enum outcome run_rtc(unsigned int rounds);

#endif /* BENCH_LINUX_WORKLOAD_H */
