// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench.c - measures each call in each form
 *
 * A round takes one sample of the empty loop and of each form of a call, so that
 * what disturbs the machine for a while disturbs all of them: the ratio of two
 * samples of one round is worth more than that of any two.  What is printed is
 * what one operation takes beyond set-up and loop.
 */
#include <stddef.h>

#include "bench/bench.h"
#include "bench/cases.h"
#include "bench/code.h"
#include "call/call.h"
#include "call/find.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "kernel/pic.h"
#include "lib/console.h"
#include "lib/divide.h"
#include "lib/string.h"
#include "vmi/trace.h"

#define SCALE			10000	/* samples are kept in parts of this */
#define SCALE_DIGITS		4
#define LOOP_CYCLES		500000	/* from here on a loop is long enough */
#define CALIBRATION_RUNS	3
#define ITERATIONS_LIMIT	(1U << 24)
#define WARM_ITERATIONS		2	/* an emulator has translated it then */
#define EXACT_ITERATIONS	1
#define EXACT_RECORDS		64	/* that a trace packet has room for then */
#define CPUID_FEATURES		1
#define CPUID_HYPERVISOR	(1U << 31)	/* leaf 1, ecx */
#define CPUID_HYPERVISOR_NAME	0x40000000
#define NAME_TCG		0x54474354	/* ebx: "TCGT" */

/* One loop: a form of the call, or the empty one. */
struct loop {
	const struct bench_form *form;	/* NULL: no sites */
	const char *why;		/* it is not measured, or NULL */
	int exception;			/* that ended it, or -1 */
	uint32_t iterations;
	int64_t samples[BENCH_SAMPLES_LIMIT];
};

static struct loop loops[1 + BENCH_FORMS];
static const char *unit;
static bool exact;
static bool sound;

/* name is one of the list's, or the list is empty. */
static bool in_list(const char *list, const char *name)
{
	const char *rest;

	if (!*list)
		return true;
	for (;;) {
		rest = string_after(list, name);
		if (rest && (!*rest || *rest == ','))
			return true;
		while (*list && *list != ',')
			list++;
		if (!*list++)
			return false;
	}
}

/* Copies the next name of a list; returns the rest, NULL behind the last. */
static const char *next_name(const char *list, char *name, uint32_t bytes)
{
	uint32_t length = 0;

	for (; *list && *list != ','; list++) {
		if (length < bytes - 1)
			name[length++] = *list;
	}
	name[length] = '\0';
	return *list ? list + 1 : NULL;
}

static bool is_call(const char *name)
{
	uint32_t nr;

	for (nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++) {
		if (string_equal(call_names[nr], name))
			return true;
	}
	return false;
}

static bool is_padding(const char *name)
{
	uint32_t i;

	for (i = 0; i < BENCH_FORMS; i++) {
		if (string_equal(bench_forms[i].padding, name) && *name != '-')
			return true;
	}
	return false;
}

static bool all_known(const char *list, bool (*known)(const char *name),
		      const char *word, const char *expected)
{
	char name[64];

	if (!*list)
		return true;
	do {
		list = next_name(list, name, sizeof(name));
		if (known(name))
			continue;
		print("vmiprof-guest: command line: %s: found '%s', expected "
		      "%s\n", word, name, expected);
		return false;
	} while (list);
	return true;
}

bool bench_understands(const struct bench_options *options)
{
	return all_known(options->calls, is_call, "bench",
			 "names of calls as in docs/calls.md") &&
	       all_known(options->pads, is_padding, "pads",
			 "0x66, nopl or prefix");
}

/* The turns of a loop differ by as many cycles as it has instructions. */
static bool tsc_counts_instructions(void)
{
	const uint32_t turns = 1000;
	uint32_t i;

	bench_build_bare_loop();
	for (i = 0; i < 3; i++) {
		uint64_t one = bench_run_loop(1);

		if (bench_run_loop(1 + turns) - one != BENCH_BARE_LOOP * turns)
			return false;
	}
	return true;
}

static bool is_emulated(void)
{
	uint32_t eax = CPUID_FEATURES, ebx, ecx = 0, edx;

	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	if (!(ecx & CPUID_HYPERVISOR))
		return false;
	eax = CPUID_HYPERVISOR_NAME;
	ecx = 0;
	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	return ebx == NAME_TCG;
}

static bool choose_unit(void)
{
	bool counts = tsc_counts_instructions();

	unit = counts ? "instructions" : is_emulated() ? "tcg-cycles" : "cycles";
	if (exact && !counts) {
		print("bench: exact: found a time-stamp counter that does not "
		      "count instructions, expected one that does; boot with "
		      "-accel tcg -icount shift=0,sleep=off\n");
		return false;
	}
	return true;
}

static volatile struct vmi_trace_host *trace_host(void)
{
	if (!vmi.descriptor || !vmi.descriptor->host_offset)
		return NULL;
	return (volatile struct vmi_trace_host *)(vmi.base +
						  vmi.descriptor->host_offset);
}

/* A call that is measured takes another path: none is, for longer than we run. */
static void measure_no_call(void)
{
	volatile struct vmi_trace_ctl *ctl =
		(volatile struct vmi_trace_ctl *)(vmi.base +
						  vmi.descriptor->ctl_offset);

	ctl->countdown = INT32_MAX;
}

/*
 * Nobody drains the ring here.  So that calls are recorded and not lost, the
 * oldest packet goes, as in a recorder that keeps the end of a trace.
 */
static bool open_ring(void)
{
	volatile struct vmi_trace_host *host = trace_host();

	if (!vmi.called_init) {
		print("bench: found a ROM whose Init was not called, expected "
		      "one that is ready; boot without init=no\n");
		return false;
	}
	if (host)
		host->flags |= VMI_HOST_OVERWRITE;
	if (exact && vmi.flags & VMI_DESC_STAMP)
		measure_no_call();
	return true;
}

static bool ring_was_ours(void)
{
	volatile struct vmi_trace_host *host = trace_host();

	if (!host || !(host->flags & VMI_HOST_ATTACHED))
		return true;
	print("bench: found a recorder attached to the ROM, expected none: its "
	      "waits would be measured too\n");
	return false;
}

static bool is_measured(const struct loop *loop)
{
	return !loop->why && loop->exception < 0;
}

/*
 * A form whose counter does not agree did not do what it is measured for.
 */
static uint64_t run_counted(const struct loop *loop, uint32_t call,
			    uint32_t iterations)
{
	uint32_t before = bench_counters[call], moved;
	uint64_t cycles = bench_run_loop(iterations);

	moved = bench_counters[call] - before;
	if (bench_exception < 0 && loop->form &&
	    string_equal(loop->form->name, "count") &&
	    moved != iterations * BENCH_UNROLL) {
		print("bench: %s: the sites of form count counted %u, expected "
		      "%u\n", call_names[call], moved,
		      iterations * BENCH_UNROLL);
		sound = false;
	}
	return cycles;
}

/* The quickest of some runs: what is disturbed would seem long enough. */
static uint64_t least_of_runs(const struct loop *loop, uint32_t call)
{
	uint64_t least = UINT64_MAX, cycles;
	uint32_t i;

	for (i = 0; i < CALIBRATION_RUNS; i++) {
		cycles = run_counted(loop, call, loop->iterations);
		if (cycles < least)
			least = cycles;
	}
	return least;
}

/* Can the form be made at all, and how many turns take long enough? */
static void calibrate(struct loop *loop, uint32_t call,
		      const struct bench_setup *setup)
{
	loop->exception = -1;
	loop->why = bench_build(loop->form, call, setup);
	if (loop->why)
		return;
	loop->iterations = EXACT_ITERATIONS;
	run_counted(loop, call, loop->iterations);
	loop->exception = bench_exception;
	if (loop->exception >= 0 || exact)
		return;
	while (least_of_runs(loop, call) < LOOP_CYCLES &&
	       loop->iterations < ITERATIONS_LIMIT)
		loop->iterations *= 2;
}

/*
 * What one operation takes, with the set-up and the loop around it.  Exact
 * counts are those of the recorder's common path: no packet ends in a sample.
 */
static int64_t take_sample(const struct loop *loop, uint32_t call,
			   const struct bench_setup *setup)
{
	uint64_t cycles;

	bench_build(loop->form, call, setup);
	run_counted(loop, call, WARM_ITERATIONS);
	if (exact && bench_rom() & (BENCH_ROM_TRACE | BENCH_ROM_STAMP))
		probe_fill_packet(EXACT_RECORDS);
	cycles = run_counted(loop, call, loop->iterations) * SCALE;
	divide(&cycles, loop->iterations * BENCH_UNROLL);
	return (int64_t)cycles;
}

static void take_round(uint32_t sample, uint32_t nr_loops, uint32_t call,
		       const struct bench_setup *setup)
{
	uint32_t i;

	for (i = 0; i < nr_loops; i++) {
		if (is_measured(&loops[i]))
			loops[i].samples[sample] =
				take_sample(&loops[i], call, setup);
	}
}

/*
 * What all forms have around the operation is one cost, and disturbances only
 * add to it: the least that the empty loop took.
 */
static void subtract_empty_loop(uint32_t nr_loops, uint32_t samples)
{
	int64_t least = loops[0].samples[0];
	uint32_t i, k;

	for (k = 1; k < samples; k++) {
		if (loops[0].samples[k] < least)
			least = loops[0].samples[k];
	}
	for (i = 1; i < nr_loops; i++) {
		for (k = 0; k < samples; k++)
			loops[i].samples[k] -= least;
	}
}

/* As short as it can be said: 1, 0.5, -0.0123 */
static void print_sample(int64_t sample)
{
	uint64_t whole = (uint64_t)(sample < 0 ? -sample : sample);
	uint32_t fraction = divide(&whole, SCALE), width = SCALE_DIGITS;
	char digits[SCALE_DIGITS + 1] = "";
	uint32_t i;

	for (i = SCALE_DIGITS; i > 0; i--) {
		digits[i - 1] = (char)('0' + fraction % 10);
		fraction /= 10;
	}
	while (width > 0 && digits[width - 1] == '0')
		digits[--width] = '\0';
	print("%s%llu%s%s", sample < 0 ? "-" : "", (unsigned long long)whole,
	      width ? "." : "", digits);
}

static void print_skip(const struct bench_form *form, uint32_t call,
		       const char *why, int exception)
{
	bool padded = *form->padding != '-';

	print("skip call=%s form=%s why=%s%s", call_names[call], form->name,
	      padded ? form->padding : "", padded ? ": " : "");
	if (why)
		print("%s\n", why);
	else
		print("exception %d\n", exception);
}

static void print_case(const struct loop *loop, uint32_t call, uint32_t samples)
{
	uint32_t i;

	if (!is_measured(loop)) {
		print_skip(loop->form, call, loop->why, loop->exception);
		return;
	}
	print("case call=%s form=%s padding=%s unit=%s group=%s samples=",
	      call_names[call], loop->form->name, loop->form->padding, unit,
	      call_names[call]);
	for (i = 0; i < samples; i++) {
		if (i)
			print(",");
		print_sample(loop->samples[i]);
	}
	print("\n");
}

/* The empty loop and the forms that this ROM and these options ask for. */
static uint32_t choose_loops(const struct bench_options *options)
{
	uint32_t i, nr_loops = 0;

	loops[nr_loops++].form = NULL;
	for (i = 0; i < BENCH_FORMS; i++) {
		const struct bench_form *form = &bench_forms[i];

		if (form->roms & bench_rom() &&
		    (*form->padding == '-' ||
		     in_list(options->pads, form->padding)))
			loops[nr_loops++].form = form;
	}
	return nr_loops;
}

static void measure(const struct bench_case *row, uint32_t nr_loops,
		    uint32_t samples)
{
	struct bench_setup setup = row->setup;
	const char *why = row->skip;
	uint32_t i;

	if (!why && row->prepare)
		why = row->prepare(&setup);
	for (i = 0; i < nr_loops; i++) {
		loops[i].why = why;
		if (!why)
			calibrate(&loops[i], row->call, &setup);
	}
	for (i = 0; !why && i < samples; i++)
		take_round(i, nr_loops, row->call, &setup);
	subtract_empty_loop(nr_loops, samples);
	for (i = 1; i < nr_loops; i++)
		print_case(&loops[i], row->call, samples);
}

bool bench_run_all(const struct bench_options *options)
{
	uint32_t i, nr_loops;

	sound = true;
	exact = options->exact;
	pic_mask(PIC_IRQ_TIMER);
	if (!choose_unit() || !open_ring())
		return false;
	nr_loops = choose_loops(options);
	print("bench: %s, %u samples\n", vmi.name, options->samples);
	for (i = 0; i < VMI_NR_CALLS - VMI_FIRST_CALL; i++) {
		const struct bench_case *row = &bench_cases[i];

		if (in_list(options->calls, call_names[row->call]))
			measure(row, nr_loops, options->samples);
	}
	pic_unmask(PIC_IRQ_TIMER);
	if (!ring_was_ours() || !sound || has_failed())
		return false;
	print("bench: done\n");
	return true;
}
