/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.c - the table of operations that exact.c and macro.c measure
 */
#include "operation.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "syscall.h"
#include "workload.h"

#define PAGE_BYTES   4096
#define CREATED_FILE "/tmp/vmiprof-operation"
#define TIMER_US     200

static const void *entry; /* of the vDSO */
static int pipe_ends[2];
static int there[2], back[2]; /* to the child of "switch" */
static volatile char *page;

uint64_t operation_waited_ticks;

static bool empty(void)
{
	return true;
}

const struct operation no_operation = {
	"nothing", empty, empty, 0, 1000, "an empty function",
};

static bool do_getpid(void)
{
	return vdso_getpid(entry) > 0;
}

static bool do_getpid_int80(void)
{
	return int80_getpid() > 0;
}

static bool do_brk(void)
{
	return syscall(SYS_brk, 0) != 0;
}

static bool do_sched_yield(void)
{
	return sched_yield() == 0;
}

static bool do_pipe(void)
{
	char byte = 'x';

	return write(pipe_ends[1], &byte, 1) == 1 &&
	       read(pipe_ends[0], &byte, 1) == 1;
}

static bool do_switch(void)
{
	char byte = 'x';

	return write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1;
}

static bool do_fork(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return child > 0 && child_succeeded(child);
}

static bool do_exec(void)
{
	return run_exec(1) == WORKLOAD_OK;
}

static bool drop_page(void)
{
	return madvise((void *)page, PAGE_BYTES, MADV_DONTNEED) == 0;
}

static bool do_fault(void)
{
	*page = 1;
	return true;
}

static bool do_mmap(void)
{
	void *pages = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages != MAP_FAILED && munmap(pages, PAGE_BYTES) == 0;
}

static void on_signal(int signal)
{
	(void)signal;
}

static bool do_signal(void)
{
	return raise(SIGUSR1) == 0;
}

static bool do_create(void)
{
	int fd = open(CREATED_FILE, O_CREAT | O_EXCL | O_WRONLY, 0600);

	return fd >= 0 && !close(fd) && !unlink(CREATED_FILE);
}

static volatile sig_atomic_t alarmed;

static void on_alarm(int signal)
{
	(void)signal;
	alarmed = 1;
}

static bool set_alarm(void)
{
	const struct itimerval once = {.it_value.tv_usec = TIMER_US};

	alarmed = 0;
	return setitimer(ITIMER_REAL, &once, NULL) == 0;
}

/*
 * User mode reads the clock over and over.  The step in which the alarm came,
 * less a common step, is what it took; it may come before or after the flag is
 * looked at.
 */
static bool do_timer(void)
{
	const uint64_t start = __rdtsc();
	uint64_t last = start, common = UINT64_MAX, longest = 0;
	int steps_left = 2;

	while (steps_left) {
		const uint64_t now = __rdtsc(), step = now - last;

		last = now;
		if (step < common)
			common = step;
		if (alarmed) {
			steps_left--;
			longest = step > longest ? step : longest;
		}
	}
	operation_waited_ticks = __rdtsc() - start - (longest - common);
	return true;
}

/* clang-format off */
#define BOTH (IN_EXACT | IN_MACRO)

static const struct operation operations[] = {
	{ "getpid",       do_getpid,       empty,       BOTH,     200, "getpid by sysenter" },
	{ "getpid-int80", do_getpid_int80, empty,       IN_EXACT, 200, "getpid by int 0x80" },
	{ "brk",          do_brk,          empty,       IN_EXACT, 200, "brk(0)" },
	{ "sched_yield",  do_sched_yield,  empty,       IN_EXACT, 200, "sched_yield with nobody to yield to" },
	{ "pipe",         do_pipe,         empty,       BOTH,     200, "write and read one byte" },
	{ "switch",       do_switch,       empty,       BOTH,     100, "one byte to another process and back" },
	{ "fork",         do_fork,         empty,       BOTH,      50, "fork, exit of the child, wait" },
	{ "exec",         do_exec,         empty,       IN_MACRO,  20, "fork, exec of a static program, exit, wait" },
	{ "fault",        do_fault,        drop_page,   BOTH,     200, "write to an anonymous page" },
	{ "mmap",         do_mmap,         empty,       BOTH,     100, "mmap and munmap of a page" },
	{ "signal",       do_signal,       empty,       BOTH,     100, "raise, handler, sigreturn" },
	{ "create",       do_create,       empty,       IN_MACRO,  50, "create, close, unlink a file in tmpfs" },
	{ "timer",        do_timer,        set_alarm,   IN_MACRO,  10, "a timer's interrupt and signal, from user mode and back" },
};
/* clang-format on */

#define NR_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

_Static_assert(NR_OPERATIONS <= OPERATIONS_LIMIT, "operations_choose");

/* The child of "switch" sends back what it gets until we are gone. */
static bool start_echo(void)
{
	pid_t child;
	char byte;

	if (pipe(there) || pipe(back))
		return false;
	child = fork();
	if (child)
		return child > 0;
	close(there[1]);
	close(back[0]);
	while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	_exit(0);
}

bool operations_prepare(void)
{
	const struct sigaction action = {.sa_handler = on_signal};
	const struct sigaction alarm_action = {.sa_handler = on_alarm};

	entry = vdso_entry();
	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return entry && page != MAP_FAILED && !pipe(pipe_ends) &&
	       start_echo() && !sigaction(SIGUSR1, &action, NULL) &&
	       !sigaction(SIGALRM, &alarm_action, NULL);
}

static const struct operation *find(const char *name, const char *user)
{
	for (size_t i = 0; i < NR_OPERATIONS; i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	printf("%s: no operation is called '%s'; there are: all", user, name);
	for (size_t i = 0; i < NR_OPERATIONS; i++)
		printf(",%s", operations[i].name);
	printf("\n");
	return NULL;
}

static size_t choose_set(unsigned int set,
			 const struct operation *chosen[OPERATIONS_LIMIT])
{
	size_t nr = 0;

	for (size_t i = 0; i < NR_OPERATIONS; i++) {
		if (operations[i].sets & set)
			chosen[nr++] = &operations[i];
	}
	return nr;
}

size_t operations_choose(const char *list, unsigned int set, const char *user,
			 const struct operation *chosen[OPERATIONS_LIMIT])
{
	char name[NAME_BYTES];
	size_t nr = 0;

	if (!strcmp(list, "all"))
		return choose_set(set, chosen);
	do {
		take_name(&list, name);
		if (nr == OPERATIONS_LIMIT) {
			printf("%s: more than %d operations are named\n", user,
			       OPERATIONS_LIMIT);
			return 0;
		}
		chosen[nr] = find(name, user);
		if (!chosen[nr++])
			return 0;
	} while (*list);
	return nr;
}
