// SPDX-License-Identifier: GPL-2.0-only
#include "verify_boot.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/guest_ram.h"
#include "guest/qemu.h"
#include "lib/locate.h"
#include "lib/log_tail.h"
#include "lib/signals.h"
#include "lib/tsc.h"
#include "vmiprof.h"

#define GUEST_BYTES	(256ul << 20)
#define START_MS	60000
#define POLL_US		10000
#define NS_PER_S	1000000000ull
#define LOG_LINES	8
#define LAST_WORDS	"workload: done"

static int failed(const struct verify_boot *boot, int status, const char *how)
{
	char *tail = log_tail(boot->console_path, LOG_LINES);

	warnx("%s; %s ends with:\n%s", how, boot->console_path,
	      tail ? tail : "");
	free(tail);
	return status;
}

static int wait_for_end(struct qemu *qemu, const struct verify_boot *boot)
{
	const uint64_t deadline_ns = clock_ns() + boot->timeout_s * NS_PER_S;
	enum qemu_status status;

	while ((status = qemu_poll(qemu)) == QEMU_RUNS) {
		if (stop_signal) {
			warnx("interrupted by signal %d (%s)", stop_signal,
			      strsignal(stop_signal));
			return 128 + stop_signal;
		}
		if (clock_ns() >= deadline_ns) {
			warnx("the guest did not end within %u s",
			      boot->timeout_s);
			return failed(boot, VMIPROF_TIMEOUT, "it was ended");
		}
		if (!qemu_answers(qemu)) {
			warnx("%s", qemu->error);
			return VMIPROF_QEMU_FAILED;
		}
		usleep(POLL_US);
	}
	if (status == QEMU_DIED || status == QEMU_QUIT ||
	    status == QEMU_STOPPED) {
		warnx("%s", qemu->error);
		return VMIPROF_QEMU_FAILED;
	}
	if (!log_tail_has(boot->console_path, LAST_WORDS))
		return failed(boot, VMIPROF_GUEST_FAILED,
			      "the guest ended without \"" LAST_WORDS "\"");
	return VMIPROF_OK;
}

static int run(const struct qemu_config *config, const struct verify_boot *boot)
{
	struct guest_ram ram;
	struct qemu qemu = {.qmp.fd = -1};
	int error = guest_ram_create(&ram, GUEST_BYTES);
	int status = VMIPROF_QEMU_FAILED;

	if (error) {
		warnx("cannot allocate guest memory: %s", guest_ram_why(error));
		return VMIPROF_ERROR;
	}
	if (qemu_start(&qemu, config, &ram, START_MS, &stop_signal) &&
	    qemu_cont(&qemu))
		status = wait_for_end(&qemu, boot);
	else if (stop_signal)
		status = 128 + stop_signal;
	else
		warnx("%s", qemu.error);
	qemu_free(&qemu);
	guest_ram_destroy(&ram);
	return status;
}

int verify_boot(const struct verify_boot *boot)
{
	const char *program = getenv("QEMU");
	char *kernel = locate("linux/bzImage");
	char *initrd = kernel ? locate("initramfs.cpio.gz") : NULL;
	char *rom = initrd ? locate(boot->rom) : NULL;
	int status = VMIPROF_ERROR;

	catch_signals();
	if (rom) {
		const struct qemu_config config = {
			.program = program && *program ? program
						       : "qemu-system-x86_64",
			.accel = boot->accel,
			.icount = boot->icount,
			.smp = 1,
			.rom = rom,
			.kernel = kernel,
			.initrd = initrd,
			.append = boot->words,
			.console_path = boot->console_path,
			.log_path = boot->log_path,
		};

		status = run(&config, boot);
	}
	free(rom);
	free(initrd);
	free(kernel);
	return status;
}
