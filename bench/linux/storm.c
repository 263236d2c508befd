/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storm.c - switches the call sites over and over while workloads run
 *
 * Each workload runs in a process of its own, again and again, and checks its
 * results.  Between two switches this process sleeps for a time drawn anew and
 * then goes before all others, so that a switch finds them at any instruction:
 * in user mode, in a system call, in a page fault.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sites.h"
#include "workload.h"

#define SLEEP_LIMIT_NS	  300000
#define PROGRESS_SWITCHES 1000

/* Each call alone, too, so that sites of one call differ from the others'. */
static const char *const settings[] = {
	"native",
	"stub",
	"inline",
	"count",
	"native,DisableInterrupts:stub,EnableInterrupts:inline",
	"stub,GetInterruptMask:inline,SetInterruptMask:native",
	"inline,IRET:stub,SYSEXIT:native",
	"stub,DisableInterrupts:native,IRET:inline",
};

#define NR_SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const struct load {
	const char *name;
	unsigned int rounds; /* between two looks at whether it is over */
} loads[] = {
	{"fork", 2},  {"pipe", 20}, {"signal", 20},  {"timer", 2},
	{"fault", 2}, {"files", 2}, {"syscall", 50}, {"exec", 1},
};

#define NR_LOADS (sizeof(loads) / sizeof(loads[0]))

/* Shared with the processes that run the loads. */
struct storm {
	atomic_bool over;
	atomic_uint runs[NR_LOADS];
};

static void run_load(struct storm *storm, size_t nr)
{
	const struct workload *workload = find_workload(loads[nr].name);
	enum outcome outcome = WORKLOAD_OK;

	if (!workload)
		_exit(1);
	do {
		outcome = workload->run(loads[nr].rounds);
		atomic_fetch_add(&storm->runs[nr], 1);
	} while (outcome == WORKLOAD_OK && !atomic_load(&storm->over));
	(void)fflush(stdout);
	_exit(outcome != WORKLOAD_OK);
}

static bool start_loads(struct storm *storm, pid_t pids[NR_LOADS])
{
	for (size_t nr = 0; nr < NR_LOADS; nr++) {
		pids[nr] = fork();
		if (!pids[nr])
			run_load(storm, nr);
		if (pids[nr] < 0) {
			printf("storm: FAILED: fork\n");
			return false;
		}
	}
	return true;
}

static bool end_loads(struct storm *storm, const pid_t pids[NR_LOADS])
{
	bool good = true;

	atomic_store(&storm->over, true);
	for (size_t nr = 0; nr < NR_LOADS; nr++) {
		const bool ended = pids[nr] > 0 && child_succeeded(pids[nr]);

		printf("storm: %s: %u runs of %u rounds%s\n", loads[nr].name,
		       atomic_load(&storm->runs[nr]), loads[nr].rounds,
		       ended ? "" : ": FAILED");
		good &= ended;
	}
	return good;
}

/* The settings that this kernel takes; says which it does not. */
static size_t try_settings(const char *possible[NR_SETTINGS])
{
	char why[128];
	size_t nr = 0;

	for (size_t i = 0; i < NR_SETTINGS; i++) {
		if (sites_switch(settings[i], why, sizeof(why)))
			possible[nr++] = settings[i];
		else
			printf("storm: left out: %s\n", why);
	}
	return nr;
}

static bool switch_often(unsigned int switches, const char *const *possible,
			 size_t nr)
{
	const struct sched_param first = {.sched_priority = 1};
	unsigned int random = 2006;
	char why[128];

	if (sched_setscheduler(0, SCHED_FIFO, &first))
		printf("storm: the loads decide when a switch may come\n");
	for (unsigned int i = 0; i < switches; i++) {
		struct timespec pause = {0};

		random = random * 1103515245 + 12345;
		pause.tv_nsec = (long)((random >> 8) % SLEEP_LIMIT_NS);
		nanosleep(&pause, NULL);
		if (!sites_switch(possible[i % nr], why, sizeof(why))) {
			printf("storm: FAILED: switch %u: %s\n", i + 1, why);
			return false;
		}
		if ((i + 1) % PROGRESS_SWITCHES == 0) {
			printf("storm: %u switched\n", i + 1);
			(void)fflush(stdout);
		}
	}
	return true;
}

#define SYSLOG_ACTION_READ_ALL 3
#define LOG_BYTES	       (1 << 20)

/* What a kernel says when it was harmed but lives on. */
static bool kernel_is_calm(void)
{
	static const char *const bad[] = {"BUG:", "WARNING:", "Oops",
					  "Call Trace", "general protection"};
	char *log = malloc(LOG_BYTES);
	int length =
		log ? klogctl(SYSLOG_ACTION_READ_ALL, log, LOG_BYTES - 1) : -1;
	bool calm = true;

	if (length < 0) {
		printf("storm: FAILED: the kernel's log cannot be read\n");
		free(log);
		return false;
	}
	log[length] = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *found = strstr(log, bad[i]);

		if (!found)
			continue;
		printf("storm: FAILED: the kernel says %.*s\n",
		       (int)strcspn(found, "\n"), found);
		calm = false;
	}
	free(log);
	return calm;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool run_storm(unsigned int switches)
{
	struct storm *storm = mmap(NULL, sizeof(*storm), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const double start = now_s();
	const char *possible[NR_SETTINGS];
	const size_t nr_possible = try_settings(possible);
	pid_t pids[NR_LOADS] = {0};
	bool good;

	if (storm == MAP_FAILED || nr_possible < 2) {
		printf("storm: FAILED: there is nothing to switch between\n");
		return false;
	}
	printf("storm: %u switches while %zu workloads run\n", switches,
	       NR_LOADS);
	(void)fflush(stdout);
	good = start_loads(storm, pids) &&
	       switch_often(switches, possible, nr_possible);
	good &= end_loads(storm, pids);
	good &= kernel_is_calm();
	printf("storm: %u switches, workloads %s\n", switches,
	       good ? "ok" : "FAILED");
	printf("storm: took %.1f s\n", now_s() - start);
	return good;
}
