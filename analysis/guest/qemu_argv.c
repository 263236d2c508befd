// SPDX-License-Identifier: GPL-2.0-only
#include "qemu_argv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"

/*
 * For counting instructions: a clock that starts at a fixed date and follows the
 * instructions, or a Linux boot differs by some per cent from run to run.
 */
#define ICOUNT			"shift=0,sleep=off"
#define ICOUNT_RTC		"base=2006-03-13T18:03:49,clock=vm"

/* QEMU needs nothing of this after its start; a guest that broke into it would. */
#define SANDBOX								\
	"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

#define MAX_ARGS		64

__attribute__((format(printf, 2, 3)))
static void add(struct qemu_argv *list, const char *format, ...)
{
	va_list args;
	char *arg;

	va_start(args, format);
	if (vasprintf(&arg, format, args) < 0)
		abort();
	va_end(args);
	list->argv[list->nr++] = arg;
	list->argv[list->nr] = NULL;
}

static void add_option(struct qemu_argv *list, const char *name,
		       const char *value)
{
	add(list, "%s", name);
	add(list, "%s", value);
}

/* An option with a path in it.  QEMU ends a value at a comma; two are one. */
static void add_path(struct qemu_argv *list, const char *option,
		     const char *prefix, const char *path)
{
	size_t n = strlen(prefix);
	char *arg = malloc(n + 2 * strlen(path) + 1);

	if (!arg)
		abort();
	memcpy(arg, prefix, n);
	for (; *path; path++) {
		arg[n++] = *path;
		if (*path == ',')
			arg[n++] = ',';
	}
	arg[n] = '\0';
	add_option(list, option, arg);
	free(arg);
}

/* Open a file for QEMU: its number, or -1 with an error. */
static int hand_over(struct qemu_argv *list, const char *path, int flags)
{
	/* Not close-on-exec: QEMU opens it anew as /proc/self/fd/N. */
	int fd = open(path, flags);

	if (fd < 0) {
		text_set(list->error, sizeof(list->error), "cannot open %s: %s",
			 path, strerror(errno));
		return -1;
	}
	list->fd[list->nr_fds++] = fd;
	return fd;
}

/*
 * QEMU takes a kernel's path apart at spaces when the kernel is a multiboot one,
 * and an initrd's at commas, too, and nothing quotes them.
 */
static bool add_file(struct qemu_argv *list, const char *option,
		     const char *path)
{
	int fd;

	if (!path[strcspn(path, " ,")]) {
		add_option(list, option, path);
		return true;
	}
	fd = hand_over(list, path, O_RDONLY);
	if (fd < 0)
		return false;
	add(list, "%s", option);
	add(list, "/proc/self/fd/%d", fd);
	return true;
}

/* Written as QEMU's -hda is; one that may not be written keeps what it holds. */
static bool add_disk(struct qemu_argv *list, const struct qemu_config *config)
{
	bool writable = !access(config->disk, W_OK);
	int fd = hand_over(list, config->disk, writable ? O_RDWR : O_RDONLY);

	if (fd < 0)
		return false;
	add(list, "-drive");
	add(list, "file=/proc/self/fd/%d,format=%s,if=ide,index=0,media=disk%s",
	    fd, config->disk_format, writable ? "" : ",snapshot=on");
	return true;
}

static bool has_argument(char *const *extra, const char *name)
{
	for (; extra && *extra; extra++) {
		const char *arg = *extra;

		if (!strncmp(arg, "--", 2))
			arg++;
		if (!strcmp(arg, name))
			return true;
	}
	return false;
}

static void add_confinement(struct qemu_argv *list,
			    const struct qemu_config *config)
{
	add(list, "-nodefaults");
	if (!has_argument(config->extra, "-sandbox"))
		add_option(list, "-sandbox", SANDBOX);
}

/* Where -cdrom and -drive put one. */
static void add_cdrom(struct qemu_argv *list, const struct qemu_config *config)
{
	if (config->cdrom && !has_argument(config->extra, "-cdrom") &&
	    !has_argument(config->extra, "-drive") &&
	    !has_argument(config->extra, "-device"))
		add_option(list, "-device", "ide-cd,bus=ide.1");
}

/* Only one such log there can be: the user's goes first. */
static void add_cpu_log(struct qemu_argv *list, const struct qemu_config *config,
			int cpu_log)
{
	if (cpu_log < 0 || has_argument(config->extra, "-d") ||
	    has_argument(config->extra, "-D"))
		return;
	add_option(list, "-d", "cpu_reset");
	add(list, "-D");
	add(list, "/proc/self/fd/%d", cpu_log);
}

static void add_machine(struct qemu_argv *list,
			const struct qemu_config *config,
			const struct guest_ram *ram)
{
	add_option(list, "-accel", accel_name(config->accel));
	if (config->accel == ACCEL_KVM)
		add_option(list, "-cpu", "host");
	if (config->icount) {
		add_option(list, "-icount", ICOUNT);
		add_option(list, "-rtc", ICOUNT_RTC);
		add_option(list, "-seed", "1");
	}
	add(list, "-smp");
	add(list, "%u", config->smp);
	add(list, "-m");
	add(list, "%zuM", ram->bytes >> 20);
	add(list, "-object");
	add(list,
	    "memory-backend-file,id=ram,share=on,size=%zuM,mem-path=/proc/self/fd/%d",
	    ram->bytes >> 20, ram->fd);
	add_option(list, "-machine", "pc,memory-backend=ram");
}

static bool add_guest(struct qemu_argv *list, const struct qemu_config *config)
{
	if (config->rom)
		add_path(list, "-option-rom", "", config->rom);
	if (config->kernel && !add_file(list, "-kernel", config->kernel))
		return false;
	if (config->initrd && !add_file(list, "-initrd", config->initrd))
		return false;
	if (config->append && *config->append)
		add_option(list, "-append", config->append);
	return !config->disk || add_disk(list, config);
}

bool qemu_argv_build(struct qemu_argv *args, const struct qemu_config *config,
		     const struct guest_ram *ram, int qmp_fd, int cpu_log)
{
	size_t nr_extra = 0;

	*args = (struct qemu_argv){ 0 };
	while (config->extra && config->extra[nr_extra])
		nr_extra++;
	args->argv = calloc(MAX_ARGS + nr_extra, sizeof(*args->argv));
	if (!args->argv)
		abort();
	add(args, "%s", config->program);
	add_option(args, "-name", "vmiprof");
	add_confinement(args, config);
	add_cdrom(args, config);
	add_option(args, "-display", "none");
	/* No other option ROM: theirs is all of the area that guests scan. */
	add_option(args, "-vga", "none");
	add_option(args, "-nic", "none");
	add(args, "-no-reboot");
	add(args, "-S");
	add_machine(args, config, ram);
	add(args, "-chardev");
	add(args, "socket,id=qmp,fd=%d", qmp_fd);
	add_option(args, "-mon", "chardev=qmp,mode=control");
	add_path(args, "-chardev", "file,id=console,path=",
		 config->console_path);
	add_option(args, "-serial", "chardev:console");
	add_option(args, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
	add_cpu_log(args, config, cpu_log);
	if (!add_guest(args, config))
		return false;
	for (size_t i = 0; i < nr_extra; i++)
		add(args, "%s", config->extra[i]);
	return true;
}

void qemu_argv_close(struct qemu_argv *args)
{
	while (args->nr_fds)
		close(args->fd[--args->nr_fds]);
}

void qemu_argv_free(char **argv)
{
	for (char **arg = argv; arg && *arg; arg++)
		free(*arg);
	free(argv);
}
