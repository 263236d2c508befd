/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workload.c - the table of workloads and what runs it
 *
 * The rounds are chosen so that "all" is a mix in which no workload drowns the
 * others, and takes some ten seconds under TCG with a trace ROM.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "workload.h"

/* clang-format off */
#define ANY	false
#define GUEST	true

const struct workload workloads[] = {
	{ "syscall",  run_syscall,  40000, ANY,   "getpid by sysenter and by int 0x80" },
	{ "fork",     run_fork,       800, ANY,   "fork, _exit, wait" },
	{ "exec",     run_exec,       200, ANY,   "fork, exec of a static program, wait" },
	{ "shell",    run_shell,        8, ANY,   "busybox shell script: pipes, loops, small programs" },
	{ "pipe",     run_pipe,      8000, ANY,   "one byte there and back between two processes" },
	{ "thread",   run_thread,     800, ANY,   "thread create, futex hand-over, join" },
	{ "fault",    run_fault,      400, ANY,   "64 anonymous pages mapped, touched, unmapped" },
	{ "cow",      run_cow,        120, ANY,   "fork; the child writes to 64 shared pages" },
	{ "mmap",     run_mmap,      1200, ANY,   "mmap, mprotect, mremap, madvise, munmap" },
	{ "signal",   run_signal,    4000, ANY,   "delivery, handler, sigreturn" },
	{ "badframe", run_badframe,    20, ANY,   "sigreturn to a bad CS and a bad SS: the IRET faults" },
	{ "debug",    run_debug,       20, ANY,   "ptrace: watchpoint in a debug register, single steps" },
	{ "files",    run_files,     1200, ANY,   "create, write, read, rename, unlink in tmpfs" },
	{ "proc",     run_proc,        20, ANY,   "read files of /proc and /sys" },
	{ "sleep",    run_sleep,       50, ANY,   "nanosleep of 1 ms" },
	{ "timer",    run_timer,       50, ANY,   "timerfd and setitimer, 1 ms" },
	{ "ldt",      run_ldt,        200, ANY,   "modify_ldt, a segment of it, a 16-bit stack" },
	{ "tsc",      run_tsc,        200, ANY,   "prctl(PR_SET_TSC): CR4.TSD on and off" },
	{ "cpuid",    run_cpuid,      100, ANY,   "cpuid through /dev/cpu/0/cpuid" },
	{ "msr",      run_msr,        100, GUEST, "rdmsr, wrmsr through /dev/cpu/0/msr" },
	{ "mtrr",     run_mtrr,        10, GUEST, "a range in /proc/mtrr set and cleared" },
	{ "port",     run_port,       200, GUEST, "ioperm with task switches, /dev/port" },
	{ "pci",      run_pci,          5, GUEST, "configuration space of all PCI devices" },
	{ "cdrom",    run_cdrom,       20, GUEST, "SCSI INQUIRY of the IDE CD-ROM drive by PIO" },
	{ "rtc",      run_rtc,         50, ANY,   "time of the CMOS clock" },
};
/* clang-format on */

const size_t nr_workloads = sizeof(workloads) / sizeof(workloads[0]);

static const char *running = "?"; /* name, for skip() and fail() */

static void say_why(const char *verdict, const char *format, va_list args)
{
	int error = errno;

	printf("workload: %s: %s: ", running, verdict);
	vprintf(format, args);
	if (error)
		printf(": %s", strerror(error));
	printf("\n");
	(void)fflush(stdout);
}

enum outcome skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_why("skipped", format, args);
	va_end(args);
	return WORKLOAD_SKIPPED;
}

enum outcome fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_why("FAILED", format, args);
	va_end(args);
	return WORKLOAD_FAILED;
}

bool child_succeeded(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid) {
		if (errno != EINTR)
			return false;
	}
	errno = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run_one(const struct workload *workload, unsigned int rounds,
		    bool in_guest)
{
	enum outcome outcome;
	double start;

	if (!rounds)
		rounds = workload->rounds;
	running = workload->name;
	printf("workload: %s: %u rounds of: %s\n", running, rounds,
	       workload->what);
	(void)fflush(stdout);
	errno = 0;
	start = now_s();
	if (workload->guest_only && !in_guest)
		outcome = skip("it would change this machine");
	else
		outcome = workload->run(rounds);
	if (outcome == WORKLOAD_OK)
		printf("workload: %s: ok, %.3f s\n", running, now_s() - start);
	(void)fflush(stdout);
	return outcome != WORKLOAD_FAILED;
}

void take_name(const char **list, char name[NAME_BYTES])
{
	size_t length = strcspn(*list, ",");

	(void)snprintf(name, NAME_BYTES, "%.*s", (int)length, *list);
	*list += length;
	*list += **list == ',';
}

const struct workload *find_workload(const char *name)
{
	for (size_t i = 0; i < nr_workloads; i++) {
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	}
	printf("workload: no workload is called '%s'; there are: all", name);
	for (size_t i = 0; i < nr_workloads; i++)
		printf(",%s", workloads[i].name);
	printf("\n");
	return NULL;
}

bool run_workloads(const char *list, unsigned int rounds, bool in_guest)
{
	char name[NAME_BYTES];
	bool good = true;

	if (!strcmp(list, "all")) {
		for (size_t i = 0; i < nr_workloads; i++)
			good &= run_one(&workloads[i], rounds, in_guest);
		return good;
	}
	do {
		const struct workload *workload;

		take_name(&list, name);
		workload = find_workload(name);
		good &= workload && run_one(workload, rounds, in_guest);
	} while (*list);
	return good;
}
