// SPDX-License-Identifier: GPL-2.0-only
#include "bench_guest.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "guest/qemu.h"
#include "lib/locate.h"
#include "lib/log_tail.h"
#include "lib/text.h"
#include "lib/tsc.h"

#define NS_PER_S	1000000000ull
#define LOOK_NS		5000000		/* between two looks at the console */
#define START_TIMEOUT_MS	30000
#define MEMORY_MIB	256
#define TAIL_LINES	3

/* As bench/linux/exact.sh: what makes Linux the same in every boot. */
#define LINUX_WORDS	"console=ttyS0 panic=-1 norandmaps"
#define LINUX_EXACT_WORDS	" noapictimer"

static bool is_exact(enum result_platform platform)
{
	return platform_table[platform].allows[UNIT_INSTRUCTIONS];
}

struct boot {
	struct bench_run *run;
	struct raw_reader *reader;
	struct guest_ram ram;
	struct qemu qemu;
	char *kernel, *initrd, *rom, *append;
	char *console, *log, *perf;
	int console_fd;
};

/* The kernel's command line; the guests' words are in docs/benchmarks.md. */
static char *command_line(const struct bench_run *run)
{
	const struct bench_plan *plan = run->plan;
	const char *only = run->options->only;
	bool linux_guest = plan->set == SET_LINUX;
	char *append;

	if (linux_guest ? asprintf(&append, "%s%s macro=%s samples=%u%s%s",
				   LINUX_WORDS,
				   is_exact(run->platform) ? LINUX_EXACT_WORDS
							   : "",
				   only ? only : "all", run->samples,
				   plan->words ? " " : "",
				   plan->words ? plan->words : "") < 0
			: asprintf(&append, "bench%s%s samples=%u%s",
				   only ? "=" : "", only ? only : "",
				   run->samples,
				   is_exact(run->platform) ? " exact" : "") < 0)
		abort();
	return append;
}

static bool find_files(struct boot *boot)
{
	const struct bench_plan *plan = boot->run->plan;
	bool linux_guest = plan->set == SET_LINUX;

	boot->kernel = locate(linux_guest ? "linux/bzImage" : "guest.elf");
	if (linux_guest)
		boot->initrd = locate("initramfs.cpio.gz");
	if (plan->rom)
		boot->rom = locate(plan->rom);
	if (!boot->kernel || (linux_guest && !boot->initrd) ||
	    (plan->rom && !boot->rom))
		return bench_run_failed(boot->run, "%s is missing",
					!boot->kernel ? (linux_guest ? "linux/bzImage"
								     : "guest.elf")
					: plan->rom && !boot->rom ? plan->rom
								  : "initramfs.cpio.gz");
	boot->append = command_line(boot->run);
	boot->console = bench_run_file(boot->run->dir, "console.log");
	boot->log = bench_run_file(boot->run->dir, "qemu.log");
	boot->perf = bench_run_file(boot->run->dir, "perf");
	return true;
}

static bool start(struct boot *boot)
{
	const char *program = getenv("QEMU");
	const char *accel = platform_table[boot->run->platform].accelerator;
	const struct qemu_config config = {
		.program = program && *program ? program : "qemu-system-x86_64",
		.accel = !strcmp(accel, "kvm") ? ACCEL_KVM : ACCEL_TCG,
		.icount = is_exact(boot->run->platform),
		.smp = 1,
		.rom = boot->rom,
		.kernel = boot->kernel,
		.initrd = boot->initrd,
		.append = boot->append,
		.console_path = boot->console,
		.log_path = boot->log,
	};
	int error = guest_ram_create(&boot->ram, (size_t)MEMORY_MIB << 20);

	if (error)
		return bench_run_failed(boot->run, "cannot allocate %u MiB of guest memory: %s",
					MEMORY_MIB, guest_ram_why(error));
	(void)remove(boot->console);
	if (!qemu_start(&boot->qemu, &config, &boot->ram, START_TIMEOUT_MS,
			boot->run->stop))
		return bench_run_failed(boot->run, "%s", boot->qemu.error);
	boot->run->qemu = strdup(boot->qemu.qmp.qemu_version);
	boot->console_fd = open(boot->console, O_RDONLY | O_CLOEXEC);
	if (boot->console_fd < 0)
		return bench_run_failed(boot->run, "%s: %s", boot->console,
					strerror(errno));
	return true;
}

static void read_console(struct boot *boot)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(boot->console_fd, bytes, sizeof(bytes))) > 0)
		raw_feed(boot->reader, bytes, (size_t)n);
	bench_progress_update(boot->run->progress, boot->reader->nr_cases);
}

/* Until QEMU ends, or has to be ended: then false, with why. */
static bool wait_for_end(struct boot *boot, enum qemu_status *status)
{
	const struct bench_options *options = boot->run->options;
	uint64_t deadline_ns = clock_ns() + options->timeout_s * NS_PER_S;
	const struct timespec nap = { .tv_nsec = LOOK_NS };

	while ((*status = qemu_poll(&boot->qemu)) == QEMU_RUNS) {
		read_console(boot);
		if (*boot->run->stop)
			return bench_run_failed(boot->run, "interrupted by signal %d",
						*boot->run->stop);
		if (!qemu_answers(&boot->qemu))
			return bench_run_failed(boot->run, "%s", boot->qemu.error);
		if (clock_ns() > deadline_ns)
			return bench_run_failed(boot->run, "it did not end within %u s (--timeout)",
						options->timeout_s);
		nanosleep(&nap, NULL);
	}
	return true;
}

/* The guest's last words may say more than we can. */
static void quote_console(struct boot *boot)
{
	char *tail = log_tail(boot->console, TAIL_LINES);

	if (tail)
		text_clean(tail);
	if (tail && *tail)
		text_append(boot->run->failure, sizeof(boot->run->failure),
			    "; its console ends with: %s", tail);
	free(tail);
}

/* How a guest ended that did not get to its last line. */
static bool died(struct boot *boot, enum qemu_status status)
{
	static const char *const how[] = {
		[QEMU_DEBUG_EXIT] = "it exited",
		[QEMU_SHUTDOWN] = "it switched itself off",
		[QEMU_RESET] = "it reset the machine",
		[QEMU_TRIPLE_FAULT] = "a triple fault, an exception that it could not handle, reset it",
		[QEMU_REBOOTED] = "it rebooted",
		[QEMU_PANIC] = "it reported a panic",
		[QEMU_DIED] = NULL,	/* the last; QEMU says why */
	};
	const char *after = boot->reader->last_case;

	bench_run_failed(boot->run, "the guest died %s%s: %s",
			 *after ? "after " : "before the first case", after,
			 how[status] ? how[status] : boot->qemu.error);
	if (status == QEMU_DEBUG_EXIT)
		text_append(boot->run->failure, sizeof(boot->run->failure),
			    " with code %d", boot->qemu.code);
	return false;
}

static bool run_guest(struct boot *boot)
{
	struct counters counters = { .error = ENOENT };
	bool kvm = !strcmp(platform_table[boot->run->platform].accelerator,
			   "kvm");
	enum qemu_status status;
	bool ended;

	if (kvm)
		counters_attach(&counters, boot->qemu.pid, boot->perf);
	if (!qemu_cont(&boot->qemu))
		return bench_run_failed(boot->run, "%s", boot->qemu.error);
	ended = wait_for_end(boot, &status);
	qemu_kill(&boot->qemu);
	read_console(boot);
	if (kvm) {
		counters_detach(&counters);
		boot->run->perf = counters_text(boot->perf);
	}
	raw_end(boot->reader);
	if (ended && (!boot->reader->done ||
		      (status == QEMU_DEBUG_EXIT && boot->qemu.code)))
		ended = died(boot, status);
	if (!ended)
		quote_console(boot);
	return ended;
}

bool bench_guest(struct bench_run *run, struct raw_reader *reader)
{
	struct boot boot = { .run = run, .reader = reader, .console_fd = -1 };
	bool ok = find_files(&boot);

	boot.qemu.qmp.fd = -1;
	ok = ok && start(&boot) && run_guest(&boot);
	qemu_free(&boot.qemu);
	if (boot.ram.base)
		guest_ram_destroy(&boot.ram);
	if (boot.console_fd >= 0)
		close(boot.console_fd);
	free(boot.kernel);
	free(boot.initrd);
	free(boot.rom);
	free(boot.append);
	free(boot.console);
	free(boot.log);
	free(boot.perf);
	return ok;
}
