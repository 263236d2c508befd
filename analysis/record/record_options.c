// SPDX-License-Identifier: GPL-2.0-only
#include "record_options.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/guest_ram.h"
#include "guest/qemu_words.h"
#include "lib/options.h"
#include "vmiprof.h"

#define MEMORY_MIN_MIB	16
#define SMP_MAX		255
#define TIMEOUT_MAX_S	(7ul * 24 * 3600)
#define SIZE_MIN_BYTES	(64u << 10)
#define OVERWRITE_MIB	64	/* unless a size is given */
#define MAX_DUMPS	10
#define STAMP_EVERY_MAX	(1u << 20)

enum {
	KEY_FORCE = 0x100,
	KEY_ROM,
	KEY_DISK,
	KEY_LEVEL,
	KEY_STAMP_EVERY,
	KEY_INITRD,
	KEY_VMLINUX,
	KEY_APPEND,
	KEY_ACCEL,
	KEY_ICOUNT,
	KEY_MEMORY,
	KEY_SMP,
	KEY_LOSSLESS,
	KEY_TIMEOUT,
	KEY_DURATION,
	KEY_MAX_SIZE,
	KEY_OVERWRITE,
	KEY_DUMP_ON,
	KEY_MAX_DUMPS,
	KEY_PERF,
	KEY_LTTNG,
	KEY_LTTNG_URL,
	KEY_CONSOLE,
};

static const struct argp_option options_table[] = {
	{ "output", 'o', "DIR", 0, "the trace is written to DIR (required without --lttng)", 1 },
	{ "force", KEY_FORCE, NULL, 0, "overwrite a trace that DIR holds", 1 },
	{ "guest", 'g', "embedded|linux|none|KERNEL", 0,
	  "what to boot: the embedded guest (default), the patched Linux, a kernel that QEMU can load, or none: what --disk or QEMU-ARGS say",
	  2 },
	{ "disk", KEY_DISK, "FILE", 0,
	  "disk image; without --guest the BIOS boots from it", 2 },
	{ "rom", KEY_ROM, "trace|stamp|aggregate|native|none|FILE", 0,
	  "VMI ROM that the guest finds (default: the one for the level)",
	  2 },
	{ "level", KEY_LEVEL, "help|LEVEL", 0,
	  "what to keep: each call at level event (default), or less; help lists the levels",
	  2 },
	{ "stamp-every", KEY_STAMP_EVERY, "N", 0,
	  "at level stamp, measure the cycles of every Nth call on average (default 32)",
	  2 },
	{ "initrd", KEY_INITRD, "FILE", 0, "initial RAM disk", 2 },
	{ "vmlinux", KEY_VMLINUX, "FILE", 0,
	  "where the guest's symbols are: its vmlinux, another ELF file or a System.map; known for embedded and linux",
	  2 },
	{ "append", KEY_APPEND, "WORDS", 0, "words for the kernel command line",
	  2 },
	{ "accel", KEY_ACCEL, "auto|tcg|kvm", 0,
	  "emulate (tcg) or use the CPU (kvm); auto (default) uses kvm only with VMX or SVM behind it",
	  3 },
	{ "icount", KEY_ICOUNT, NULL, 0,
	  "count instructions: a TSC tick is one instruction; needs tcg",
	  3 },
	{ "memory", KEY_MEMORY, "MIB", 0, "guest memory (default 256)", 3 },
	{ "smp", KEY_SMP, "N", 0,
	  "number of vCPUs (default 1); the trace ROM records one", 3 },
	{ "lossless", KEY_LOSSLESS, NULL, 0,
	  "let the guest wait when the ring is full, instead of losing events",
	  4 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "end the guest after so long; the exit status is 4 then", 4 },
	{ "duration", KEY_DURATION, "SECONDS", 0,
	  "record for so long, then end the guest; the exit status is 0", 4 },
	{ "max-size", KEY_MAX_SIZE, "SIZE", 0,
	  "end the recording before the events take more than SIZE on the disk, as 500M",
	  4 },
	{ "overwrite", KEY_OVERWRITE, "MIB", OPTION_ARG_OPTIONAL,
	  "flight recorder: keep the last MIB (default 64) in memory, write them to DIR at the end; SIGUSR2 writes them to DIR/dump-N",
	  5 },
	{ "dump-on", KEY_DUMP_ON, "CONDITION", 0,
	  "with --overwrite: also dump when CALL>CYCLES, cycles>CYCLES (of any call) or lost>CALLS; may be given many times",
	  5 },
	{ "max-dumps", KEY_MAX_DUMPS, "N", 0,
	  "dump at most so often by --dump-on (default 10)", 5 },
	{ "perf", KEY_PERF, NULL, 0,
	  "let perf sample where the host runs the vCPU's thread, into DIR/run/perf.data, for report --perf",
	  4 },
	{ "lttng", KEY_LTTNG, "SESSION", OPTION_ARG_OPTIONAL,
	  "emit the events as tracepoints into this LTTng session, or one of their own",
	  4 },
	{ "lttng-url", KEY_LTTNG_URL, "URL", 0,
	  "let a new session go to the LTTng relay at URL, net://HOST", 4 },
	{ "console", KEY_CONSOLE, NULL, 0,
	  "show the guest's serial console on standard output", 6 },
	{ "quiet", 'q', NULL, 0, "no progress and no summary", 6 },
	{ 0 },
};

static enum accel parse_accel(struct argp_state *state, const char *arg)
{
	static const char *const name[] = {
		[ACCEL_AUTO] = "auto",
		[ACCEL_TCG] = "tcg",
		[ACCEL_KVM] = "kvm",
	};

	for (int i = ACCEL_AUTO; i <= ACCEL_KVM; i++) {
		if (!strcmp(arg, name[i]))
			return (enum accel)i;
	}
	argp_error(state, "--accel=%s: expected auto, tcg or kvm", arg);
	return ACCEL_AUTO;
}

static void print_levels(void)
{
	for (int i = 0; i < NR_RUN_LEVELS; i++)
		printf("%-10s %s\n", run_levels[i].name, run_levels[i].keeps);
}

static enum run_level parse_level(struct argp_state *state, const char *arg)
{
	int level = run_level_by_name(arg);

	if (!strcmp(arg, "help")) {
		print_levels();
		exit(VMIPROF_OK);
	}
	if (level < 0)
		argp_error(state, "--level=%s: expected %s", arg,
			   run_level_names());
	return level < 0 ? RUN_LEVEL_EVENT : (enum run_level)level;
}

static void add_dump_on(struct argp_state *state, const char *arg,
			struct record_options *options)
{
	char why[160];

	if (options->nr_dump_on == DUMP_CONDITIONS_MAX)
		argp_error(state, "--dump-on=%s: there are %d already", arg,
			   DUMP_CONDITIONS_MAX);
	if (!dump_condition_parse(&options->dump_on[options->nr_dump_on++], arg,
				  why, sizeof(why)))
		argp_error(state, "--dump-on=%s: %s", arg, why);
}

/* Options for how much is kept. */
static error_t parse_limit(int key, char *arg, struct argp_state *state,
			   struct record_options *options)
{
	switch (key) {
	case KEY_DURATION:
		options->duration_s =
			option_number(state, "duration", arg, 1, TIMEOUT_MAX_S);
		return 0;
	case KEY_MAX_SIZE:
		options->max_bytes = option_size(state, "max-size", arg,
						 SIZE_MIN_BYTES, INT64_MAX);
		return 0;
	case KEY_OVERWRITE:
		options->overwrite_bytes =
			(uint64_t)(arg ? option_number(state, "overwrite", arg,
						       1, 1u << 20)
				       : OVERWRITE_MIB)
			<< 20;
		return 0;
	case KEY_DUMP_ON:
		add_dump_on(state, arg, options);
		return 0;
	case KEY_MAX_DUMPS:
		options->max_dumps =
			option_number(state, "max-dumps", arg, 1, 1000000);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What does not go together. */
static void check_limits(struct argp_state *state,
			 const struct record_options *options)
{
	if (!run_levels[options->level].events &&
	    (options->max_bytes || options->overwrite_bytes))
		argp_error(state,
			   "--max-size and --overwrite keep events: --level=%s has none, they need --level=event or stamp",
			   run_levels[options->level].name);
	if (options->stamp_every && !run_levels[options->level].sampled)
		argp_error(state,
			   "--stamp-every: --level=%s does not choose among calls; take --level=stamp",
			   run_levels[options->level].name);
	if (options->max_bytes && options->overwrite_bytes)
		argp_error(state,
			   "--max-size and --overwrite exclude each other: what --overwrite keeps has a size of its own");
	if (options->nr_dump_on && !options->overwrite_bytes)
		argp_error(state,
			   "--dump-on dumps a flight recorder: it needs --overwrite");
}

/* The options with a value that is a number or a choice. */
static error_t parse_value(int key, char *arg, struct argp_state *state,
			   struct record_options *options)
{
	switch (key) {
	case KEY_ACCEL:
		options->accel = parse_accel(state, arg);
		return 0;
	case KEY_LEVEL:
		options->level = parse_level(state, arg);
		return 0;
	case KEY_STAMP_EVERY:
		options->stamp_every = option_number(state, "stamp-every", arg,
						     1, STAMP_EVERY_MAX);
		return 0;
	case KEY_MEMORY:
		options->memory_mib =
			option_number(state, "memory", arg, MEMORY_MIN_MIB,
				      GUEST_RAM_MAX_MIB);
		return 0;
	case KEY_SMP:
		options->smp = option_number(state, "smp", arg, 1, SMP_MAX);
		return 0;
	case KEY_TIMEOUT:
		options->timeout_s =
			option_number(state, "timeout", arg, 1, TIMEOUT_MAX_S);
		return 0;
	default:
		return parse_limit(key, arg, state, options);
	}
}

static error_t parse_flag(int key, struct record_options *options)
{
	switch (key) {
	case KEY_FORCE:
		options->force = true;
		return 0;
	case KEY_ICOUNT:
		options->icount = true;
		return 0;
	case KEY_LOSSLESS:
		options->lossless = true;
		return 0;
	case KEY_PERF:
		options->perf = true;
		return 0;
	case KEY_CONSOLE:
		options->console = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Where to record: to a directory, to LTTng or both. */
static void check_destination(struct argp_state *state,
			      const struct record_options *options)
{
	if (options->output ? !*options->output : !options->lttng)
		argp_error(state, "-o DIR is missing: where to record");
	if (!options->output && (options->max_bytes || options->overwrite_bytes))
		argp_error(state, "--max-size and --overwrite need -o DIR");
	if (options->lttng_url && !options->lttng)
		argp_error(state, "--lttng-url is for --lttng");
	if (options->lttng && run_levels[options->level].sampled)
		argp_error(state,
			   "--lttng: its tracepoints have the cycles of each call, which --level=%s does not measure",
			   run_levels[options->level].name);
	if (options->lttng && !run_levels[options->level].events)
		argp_error(state,
			   "--lttng: --level=%s keeps no events to emit",
			   run_levels[options->level].name);
}

/* One thing is to boot, and it is clear which. */
static void check_guest(struct argp_state *state, struct record_options *options)
{
	const bool chosen = options->guest || options->disk;
	bool none;
	char why[320];

	if (!options->guest)
		options->guest = options->disk ? "none" : "embedded";
	none = !strcmp(options->guest, "none");
	if (!qemu_words_check(options->qemu_args, chosen, none, why, sizeof(why)))
		argp_error(state, "%s", why);
	if (!none)
		return;
	if (!options->disk && !options->qemu_args)
		argp_error(state,
			   "--guest=none: there is nothing to boot; give --disk=FILE, or arguments for QEMU behind --");
	if (options->initrd || *options->append)
		argp_error(state,
			   "--initrd and --append are for a kernel: give --guest=KERNEL");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_options *options = state->input;

	switch (key) {
	case 'o':
		options->output = arg;
		return 0;
	case KEY_LTTNG:
		options->lttng = true;
		options->lttng_session = arg;
		return 0;
	case KEY_LTTNG_URL:
		options->lttng_url = arg;
		return 0;
	case 'g':
		options->guest = arg;
		return 0;
	case KEY_DISK:
		options->disk = arg;
		return 0;
	case KEY_ROM:
		options->rom = arg;
		return 0;
	case KEY_INITRD:
		options->initrd = arg;
		return 0;
	case KEY_VMLINUX:
		options->vmlinux = arg;
		return 0;
	case KEY_APPEND:
		options->append = arg;
		return 0;
	case ARGP_KEY_ARG:
		/* Only what stands behind "--" is QEMU's. */
		if (!state->quoted || state->next <= state->quoted)
			argp_error(state,
				   "'%s' is no option; arguments for QEMU stand behind --",
				   arg);
		options->qemu_args = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		check_guest(state, options);
		check_destination(state, options);
		check_limits(state, options);
		if (!options->rom)
			options->rom = run_levels[options->level].rom;
		return 0;
	default:
		if (!arg && key != KEY_OVERWRITE)
			return parse_flag(key, options);
		return parse_value(key, arg, state, options);
	}
}

void record_options_parse(struct record_options *options, int argc,
			  char **argv)
{
	static const struct argp argp = {
		.options = options_table,
		.parser = parse,
		.args_doc = "[-- QEMU-ARGS...]",
		.doc = "Boot a guest in QEMU and record its VMI calls.\v"
		       "The exit status is 0 when the guest ended by itself or a limit was reached, 3 when it says that it failed, "
		       "4 after --timeout, 5 when QEMU fails, 6 when the guest broke the ring, 7 when it never "
		       "called the ROM, 2 when the trace could not be written whole, 1 when nothing was recorded. "
		       "Whatever ended it, all events up to then are in the trace.\n\n"
		       "QEMU in the environment names another QEMU.",
	};

	*options = (struct record_options){
		.append = "",
		.memory_mib = 256,
		.smp = 1,
		.max_dumps = MAX_DUMPS,
	};
	if (options_parse(&argp, argc, argv, ARGP_IN_ORDER, options))
		exit(argp_err_exit_status);
}

char **record_options_command(int argc, char **argv)
{
	char **command = calloc((size_t)argc + 2, sizeof(*command));

	if (!command)
		err(VMIPROF_ERROR, "memory");
	command[0] = "vmiprof";
	command[1] = "record";
	memcpy(command + 2, argv + 1, (size_t)(argc - 1) * sizeof(*argv));
	return command;
}
