/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.c - what a call costs on this CPU, through the ROMs' own stubs
 *
 * vmiprof-bench-host [--json] [--rounds N] [--cpu N] NATIVE.bin TRACE.bin
 * vmiprof-bench-host --raw [--samples N] [--cpu N] NATIVE.bin TRACE.bin
 *	[AGGREGATE.bin [STAMP.bin]]
 *
 * A 32-bit process maps both ROMs and calls their slots at CPL 3, so only calls
 * whose instructions are legal there can be measured.  Every round measures all
 * forms of all calls one after the other, so that what the machine does to one
 * it does to its neighbours; ratios are taken within a round.  The yardstick is
 * two bare rdtsc: less cannot be paid for two time stamps.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost.h"
#include "raw.h"
#include "rom_map.h"

#define TURNS		1500	/* records: fit in the ring beside each other */
#define WARM_UP_ROUNDS	20
#define ROUNDS_DEFAULT	1001

enum form { BARE, STUB, TRACED, FORMS };

static uint64_t page_entry[2];

struct subject {
	enum vmi_call nr;
	const char *name;
	bool has_args;
	struct cost_args args;
	struct cost_loop loop[FORMS];
	double *cycles[FORMS];
};

#define SUBJECT(call, ...) \
	{ .nr = VMI_CALL_##call, .name = #call, .has_args = true, \
	  .args = { __VA_ARGS__ } }
#define SUBJECT_NO_ARGS(call) \
	{ .nr = VMI_CALL_##call, .name = #call }

/* eax, edx, ecx; flags 0x202 is what SetInterruptMask finds at CPL 3. */
static struct subject subjects[] = {
	SUBJECT_NO_ARGS(GetInterruptMask),
	SUBJECT(SetInterruptMask, 0x202, 0, 0),
	SUBJECT_NO_ARGS(RDTSC),
	SUBJECT(SetPxE, (uint32_t)page_entry, 0, 0),
	SUBJECT(TestAndSetPxEBit, (uint32_t)page_entry, 5, 0),
	SUBJECT(FlushDeferredCalls, 0),
};

#define NR_SUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

struct bench {
	struct rom native, trace, aggregate, stamp;
	struct cost_loop two_rdtsc;
	double *yardstick;
	unsigned int rounds;
	int cpu;
	char cpu_model[128];
};

static double *samples(unsigned int count)
{
	double *values = calloc(count, sizeof(*values));

	if (!values) {
		perror("calloc");
		exit(1);
	}
	return values;
}

static void pin(struct bench *bench)
{
	cpu_set_t set;

	if (bench->cpu < 0)
		bench->cpu = sched_getcpu();
	CPU_ZERO(&set);
	CPU_SET(bench->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		fprintf(stderr, "cannot run on CPU %d: %s\n", bench->cpu,
			strerror(errno));
		exit(1);
	}
}

static void read_cpu_model(struct bench *bench)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	strcpy(bench->cpu_model, "unknown");
	while (file && fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');

		if (!value || strncmp(line, "model name", 10) != 0)
			continue;
		value[strcspn(value, "\n")] = 0;
		snprintf(bench->cpu_model, sizeof(bench->cpu_model), "%s",
			 value + 2);
		break;
	}
	if (file)
		fclose(file);
}

static void init(const struct rom *rom)
{
	if (rom_init(rom)) {
		fprintf(stderr, "%s: Init failed\n", rom->path);
		exit(1);
	}
}

/* The ROMs by what they do; the last one only where it was given. */
static void map_roms(struct bench *bench, char **paths, int nr)
{
	rom_map(&bench->native, paths[0], false);
	rom_map(&bench->trace, paths[1], false);
	if (nr > 2)
		rom_map(&bench->aggregate, paths[2], false);
	if (nr > 3)
		rom_map(&bench->stamp, paths[3], false);
	if (!bench->trace.counters || bench->native.ctl ||
	    (nr > 2 && !bench->aggregate.aggregate) ||
	    (nr > 3 && !(bench->stamp.locator->flags & VMI_DESC_STAMP))) {
		fprintf(stderr, "expected the native ROM, then the trace ROM%s%s\n",
			nr > 2 ? ", then the aggregating one" : "",
			nr > 3 ? ", then the one with one time stamp" : "");
		exit(1);
	}
	init(&bench->trace);
	if (nr > 2)
		init(&bench->aggregate);
	if (nr > 3)
		init(&bench->stamp);
}

static void prepare(struct bench *bench)
{
	static const uint8_t two_rdtsc[] = { 0x0f, 0x31, 0x0f, 0x31 };
	size_t i, form;

	bench->two_rdtsc = cost_loop_bytes(NULL, two_rdtsc, sizeof(two_rdtsc),
					   1);
	bench->yardstick = samples(bench->rounds);
	for (i = 0; i < NR_SUBJECTS; i++) {
		struct subject *subject = &subjects[i];
		const struct vmi_desc_call *body =
			&bench->native.desc->call[subject->nr];
		const struct cost_args *args =
			subject->has_args ? &subject->args : NULL;

		subject->loop[BARE] = cost_loop_bytes(args,
			bench->native.base + body->body_offset,
			body->inline_bytes, 1);
		subject->loop[STUB] = cost_loop_call(args,
			rom_slot(&bench->native, subject->nr), 1);
		subject->loop[TRACED] = cost_loop_call(args,
			rom_slot(&bench->trace, subject->nr), 1);
		for (form = 0; form < FORMS; form++)
			subject->cycles[form] = samples(bench->rounds);
	}
}

/* Empties the ring first, as a host that keeps up does. */
static double measure(const struct bench *bench, const struct cost_loop *loop)
{
	bench->trace.host->consumed = bench->trace.ctl->packets;
	return cost_measure(loop, TURNS);
}

static void run(struct bench *bench)
{
	unsigned int round, slot;
	size_t i, form;

	for (round = 0; round < WARM_UP_ROUNDS + bench->rounds; round++) {
		slot = round < WARM_UP_ROUNDS ? 0 : round - WARM_UP_ROUNDS;
		bench->yardstick[slot] = measure(bench, &bench->two_rdtsc);
		for (i = 0; i < NR_SUBJECTS; i++)
			for (form = 0; form < FORMS; form++)
				subjects[i].cycles[form][slot] = measure(bench,
					&subjects[i].loop[form]);
	}
	if (bench->trace.ctl->lost) {
		fprintf(stderr, "%llu calls were not recorded: the ring is too "
			"small for a round\n",
			(unsigned long long)bench->trace.ctl->lost);
		exit(1);
	}
}

/* Of traced calls to the yardstick of the same round. */
static struct cost_median ratio(const struct bench *bench,
				const struct subject *subject)
{
	double *values = samples(bench->rounds);
	struct cost_median result;
	unsigned int round;

	for (round = 0; round < bench->rounds; round++)
		values[round] = subject->cycles[TRACED][round] /
				bench->yardstick[round];
	result = cost_median(values, bench->rounds);
	free(values);
	return result;
}

static void print_text(const struct bench *bench,
		       const struct cost_median *ratios)
{
	size_t i;

	printf("%s, CPU %d, ring 3; TSC cycles, medians of %u rounds of %d "
	       "calls\n", bench->cpu_model, bench->cpu, bench->rounds, TURNS);
	printf("two bare rdtsc: %.1f\n\n",
	       cost_median(bench->yardstick, bench->rounds).median);
	printf("%-20s %8s %8s %8s %8s   %s\n", "call", "bare", "stub", "traced",
	       "added", "traced / two rdtsc (95 %)");
	for (i = 0; i < NR_SUBJECTS; i++) {
		double cycles[FORMS];

		printf("%-20s", subjects[i].name);
		for (size_t form = 0; form < FORMS; form++) {
			cycles[form] = cost_median(subjects[i].cycles[form],
						   bench->rounds).median;
			printf(" %8.1f", cycles[form]);
		}
		printf(" %8.1f", cycles[TRACED] - cycles[BARE]);
		printf("   %.3f (%.3f to %.3f)\n", ratios[i].median,
		       ratios[i].low, ratios[i].high);
	}
}

static void print_json(const struct bench *bench,
		       const struct cost_median *ratios)
{
	static const char *const names[FORMS] = {
		"bare_cycles", "stub_cycles", "traced_cycles",
	};
	size_t i;

	printf("{\n  \"format\": \"vmiprof-bench-host\",\n  \"version\": 1,\n"
	       "  \"cpu\": \"%s\",\n  \"cpu_nr\": %d,\n  \"rounds\": %u,\n"
	       "  \"calls_per_round\": %d,\n  \"two_rdtsc_cycles\": %.3f,\n"
	       "  \"calls\": [\n", bench->cpu_model, bench->cpu, bench->rounds,
	       TURNS, cost_median(bench->yardstick, bench->rounds).median);
	for (i = 0; i < NR_SUBJECTS; i++) {
		printf("    { \"name\": \"%s\", \"nr\": %d", subjects[i].name,
		       subjects[i].nr);
		for (size_t form = 0; form < FORMS; form++)
			printf(", \"%s\": %.3f", names[form],
			       cost_median(subjects[i].cycles[form],
					   bench->rounds).median);
		printf(",\n      \"ratio\": %.4f, \"ratio_low\": %.4f, "
		       "\"ratio_high\": %.4f }%s\n", ratios[i].median,
		       ratios[i].low, ratios[i].high,
		       i + 1 < NR_SUBJECTS ? "," : "");
	}
	printf("  ]\n}\n");
}

static unsigned int number(const char *option, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value > 1000000) {
		fprintf(stderr, "--%s %s: expected a number up to 1000000\n",
			option, text);
		exit(2);
	}
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "raw", no_argument, NULL, 'w' },
		{ "samples", required_argument, NULL, 'r' },
		{ "cpu", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	struct bench bench = { .rounds = ROUNDS_DEFAULT, .cpu = -1 };
	struct cost_median ratios[NR_SUBJECTS];
	bool json = false, raw = false;
	int option, index = 0;

	while ((option = getopt_long(argc, argv, "", options, &index)) !=
	       -1) {
		if (option == 'j')
			json = true;
		else if (option == 'w')
			raw = true;
		else if (option == 'r')
			bench.rounds = number(options[index].name, optarg);
		else if (option == 'c')
			bench.cpu = (int)number("cpu", optarg);
		else
			return 2;
	}
	if (argc - optind < 2 || argc - optind > (raw ? 4 : 2) ||
	    !bench.rounds || (json && raw)) {
		fprintf(stderr, "usage: vmiprof-bench-host [--json] [--rounds N] "
			"[--cpu N] NATIVE.bin TRACE.bin\n"
			"       vmiprof-bench-host --raw [--samples N] [--cpu N] "
			"NATIVE.bin TRACE.bin [AGGREGATE.bin [STAMP.bin]]\n");
		return 2;
	}
	pin(&bench);
	read_cpu_model(&bench);
	map_roms(&bench, argv + optind, argc - optind);
	if (raw) {
		raw_run(&(struct raw_roms){ &bench.native, &bench.trace,
			bench.aggregate.aggregate ? &bench.aggregate : NULL,
			bench.stamp.ctl ? &bench.stamp : NULL },
			bench.rounds, bench.cpu, argv[0]);
		return 0;
	}
	prepare(&bench);
	run(&bench);
	/* Medians sort their samples: the paired ratios come first. */
	for (size_t i = 0; i < NR_SUBJECTS; i++)
		ratios[i] = ratio(&bench, &subjects[i]);
	if (json)
		print_json(&bench, ratios);
	else
		print_text(&bench, ratios);
	return 0;
}
