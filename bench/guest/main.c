// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - the embedded guest, from boot to exit
 */
#include "arch/exit.h"
#include "arch/platform.h"
#include "arch/trap.h"
#include "arch/user.h"
#include "bench/bench.h"
#include "call/call.h"
#include "call/find.h"
#include "cases/selftest.h"
#include "kernel/paging.h"
#include "kernel/pic.h"
#include "kernel/task.h"
#include "kernel/timer.h"
#include "lib/console.h"
#include "lib/words.h"
#include "profile/profile.h"

void main(uint32_t magic, const void *boot_information);

static _Noreturn void done(unsigned int value)
{
	if (value == GUEST_EXIT_DONE && vmi.refused)
		value = GUEST_EXIT_REFUSED;
	print("vmiprof-guest: done, exit value %u\n", value);
	guest_exit(value);
}

static void start_kernel(void)
{
	trap_start();
	paging_start();
	task_start();
	user_setup();
	pic_start();
	timer_start();
}

static void donate(const struct words *words)
{
	if (words->donate && !words->count && paging_has_ring())
		vmi_donate(PAGING_RING, PAGING_RING_BYTES);
}

static _Noreturn void bench(const struct words *words)
{
	const struct bench_options options = {
		.calls = words->calls,
		.pads = words->pads,
		.samples = words->samples,
		.exact = words->exact,
	};

	if (!bench_understands(&options))
		done(GUEST_EXIT_USAGE);
	donate(words);
	done(bench_run_all(&options) ? GUEST_EXIT_DONE : GUEST_EXIT_FAILED);
}

void main(uint32_t magic, const void *boot_information)
{
	static struct words words;
	bool understood, counts;

	platform_setup(magic, boot_information);
	understood = words_read(platform.command_line, &words);
	vmi_find(words.init);
	counts = !words.count || vmi_count();
	console_start();
	if (!understood)
		done(GUEST_EXIT_USAGE);
	if (!counts)
		done(GUEST_EXIT_FAILED);
	start_kernel();
	switch (words.work) {
	case WORK_PROFILE:
		donate(&words);
		profile_run(words.rounds);
		done(GUEST_EXIT_DONE);
	case WORK_SELFTEST:
		done(selftest_run() ? GUEST_EXIT_DONE : GUEST_EXIT_FAILED);
	case WORK_REBOOT:
		selftest_reboot();
		done(GUEST_EXIT_FAILED);
	case WORK_SHUTDOWN:
		selftest_shutdown();
		done(GUEST_EXIT_FAILED);
	case WORK_BENCH:
		bench(&words);
	}
	done(GUEST_EXIT_USAGE);
}
