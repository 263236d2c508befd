// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one reading adds up: sites and their limit, streams, some calls only,
 * modes that change between records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "../synth/synth.h"
#include "trace/tally.h"
#include "trace/trace_threads.h"

static struct vmi_record record(unsigned int nr, uint32_t ret, uint32_t cycles)
{
	return (struct vmi_record){
		.word = nr << VMI_REC_CALL_SHIFT |
			cycles << VMI_REC_CYCLES_SHIFT,
		.ret = ret,
	};
}

static void add(struct sites *sites, unsigned int nr, uint32_t ret,
		uint32_t cycles)
{
	const struct vmi_record one = record(nr, ret, cycles);

	sites_add(sites, &one);
}

/* The same address is a site of each call that returns there. */
static void sites_of_calls(void **state)
{
	struct sites *sites = sites_new(), *other = sites_new();
	struct vmi_record_wide wide = {
		.head = record(VMI_CALL_CPUID, 0xc0100000, 0),
		.cycles = UINT64_MAX - 3,
	};

	(void)state;
	add(sites, VMI_CALL_CPUID, 0xc0100000, 10);
	add(sites, VMI_CALL_CPUID, 0xc0100000, 30);
	add(sites, VMI_CALL_RDTSC, 0xc0100000, 7);
	wide.head.word |= VMI_REC_WIDE;
	sites_add(other, &wide.head);
	wide.head.word |= VMI_REC_INTERRUPTED;
	sites_add(other, &wide.head);
	sites_merge(sites, other);
	sites_sort(sites);
	assert_int_equal(sites->nr, 2);
	assert_int_equal(sites->site[0].nr, VMI_CALL_CPUID);
	assert_int_equal(sites->site[0].count, 4);
	assert_int_equal(sites->site[0].interrupted, 1);
	assert_true(sites->site[0].cycles == UINT64_MAX);
	assert_true(sites->site[0].max_cycles == UINT64_MAX - 3);
	assert_int_equal(sites->site[1].cycles, 7);
	sites_free(sites);
	sites_free(other);
}

static void too_many_sites(void **state)
{
	struct sites *sites = sites_new(), *other = sites_new();

	(void)state;
	for (uint32_t i = 0; i < SITES_MAX + 10; i++)
		add(sites, VMI_CALL_CPUID, i, 1);
	assert_int_equal(sites->nr, SITES_MAX);
	assert_int_equal(sites->others, 10);
	add(other, VMI_CALL_CPUID, 0, 1); /* known */
	add(other, VMI_CALL_CPUID, SITES_MAX, 1);
	add(other, VMI_CALL_CPUID, SITES_MAX, 1);
	sites_merge(sites, other);
	assert_int_equal(sites->nr, SITES_MAX);
	assert_int_equal(sites->others, 12);
	sites_free(sites);
	sites_free(other);
}

/* Two vCPUs: 20 calls each, one every 100 ticks from 1000 on, each third Halt.
 */
static struct trace *make_trace(char *dir)
{
	struct trace *trace;
	struct synth s;

	for (uint32_t vcpu = 0; vcpu < 2; vcpu++) {
		synth_init(&s, vcpu);
		for (uint64_t i = 0; i < 20; i++) {
			const uint64_t time = 1000 + 100 * i;

			if (i % 5 == 0)
				synth_begin(&s, time);
			synth_call(&s, i % 3 ? VMI_CALL_CPUID : VMI_CALL_Halt,
				   time, i % 3 ? 10 : 0, 0);
			if (i % 5 == 4)
				synth_end(&s, time, 0);
		}
		synth_write(&s, dir);
		synth_free(&s);
	}
	trace = trace_open(dir);
	assert_non_null(trace);
	trace_piece_bytes = 1;
	return trace;
}

static uint64_t count(const struct stats *stats, unsigned int nr)
{
	return stats ? stats->call[nr].count : 0;
}

static void streams(void **state)
{
	const struct tally_request request = {
		.streams = true, .sites = true, .threads = 3};
	char *dir = scratch_new();
	struct trace *trace = make_trace(dir);
	struct tally *tally = tally_read(trace, &request, NULL);

	(void)state;
	assert_int_equal(tally->stats->events, 40);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tally->stream[i]->events, 20);
		assert_int_equal(tally->stream[i]->undisturbed, 13);
		assert_int_equal(tally->stream[i]->cycles, 13 * 10);
		assert_int_equal(tally->stream[i]->max_cycles, 10);
		/* Each 100 ticks less the next call's 10. */
		assert_int_equal(tally->stream[i]->idle.nr_known, 7);
		assert_int_equal(tally->stream[i]->idle.nr_unknown, 0);
		assert_int_equal(tally->stream[i]->idle.cycles, 7 * 90);
	}
	assert_int_equal(tally->stats->idle.cycles, 2 * 7 * 90);
	assert_int_equal(tally->stats->idle.nr_unknown, 0);
	assert_int_equal(tally->sites->nr, 2);
	tally_free(tally);
	trace_close(trace);
	scratch_remove(dir);
}

/* Sites, streams and statistics are of the same calls. */
static void some_calls(void **state)
{
	struct tally_request request = {
		.streams = true, .sites = true, .threads = 2};
	struct trace_filter *filter = &request.filter;
	char *dir = scratch_new();
	struct trace *trace = make_trace(dir);
	struct tally *tally;

	(void)state;
	filter->calls_given = true;
	filter->call[VMI_CALL_Halt] = true;
	filter->vcpus_given = true;
	filter->vcpu[1] = true;
	filter->from = (struct filter_time){
		.given = true, .is_stamp = true, .stamp = 1300};
	filter->to = (struct filter_time){
		.given = true, .is_stamp = true, .stamp = 2500};
	tally = tally_read(trace, &request, NULL);
	/* At 1300, 1600, 1900 and 2200. */
	assert_int_equal(tally->stats->events, 4);
	assert_int_equal(tally->stream[1]->events, 4);
	assert_int_equal(tally->stream[0]->events, 0);
	assert_int_equal(tally->sites->nr, 1);
	assert_int_equal(sites_of_call(tally->sites, VMI_CALL_Halt), 1);
	assert_int_equal(tally->stats->idle.nr_known, 4);
	assert_int_equal(tally->stats->idle.cycles, 4 * 90);
	assert_int_equal(tally->stats->time_begin, 1300);
	tally_free(tally);
	trace_close(trace);
	scratch_remove(dir);
}

static void modes(void **state)
{
	/* More names than are told apart: the last one is "not known". */
	struct run_mode changes[] = {
		{VMI_CALL_CPUID, "stub", 1000, 0},
		{VMI_CALL_CPUID, "count+stub", 1700, 0},
		{VMI_CALL_CPUID, "a", 2400, 0},
		{VMI_CALL_CPUID, "b", 2450, 0},
		{VMI_CALL_CPUID, "c", 2460, 0},
		{VMI_CALL_CPUID, "d", 2470, 0},
		{VMI_CALL_CPUID, "e", 2480, 0},
		{VMI_CALL_CPUID, "f", 2490, 0},
	};
	const struct run_info info = {
		.nr_modes = sizeof(changes) / sizeof(changes[0]),
		.modes = changes,
	};
	const struct tally_request request = {.modes = true, .threads = 2};
	char *dir = scratch_new();
	struct trace *trace = make_trace(dir);
	struct tally *tally = tally_read(trace, &request, &info);

	(void)state;
	assert_int_equal(tally->modes->nr, TALLY_MODES);
	assert_string_equal(tally->modes->name[2], "count+stub");
	/* CPUID from 1100 to 1500, from 1700 to 2300, then from 2500 on. */
	assert_int_equal(count(tally->mode[1], VMI_CALL_CPUID), 2 * 4);
	assert_int_equal(count(tally->mode[2], VMI_CALL_CPUID), 2 * 5);
	assert_int_equal(count(tally->mode[0], VMI_CALL_CPUID),
			 count(tally->stats, VMI_CALL_CPUID) - 18 -
				 count(tally->mode[3], VMI_CALL_CPUID));
	assert_int_equal(count(tally->mode[3], VMI_CALL_CPUID), 2);
	assert_int_equal(count(tally->mode[0], VMI_CALL_Halt), 14);
	tally_free(tally);
	trace_close(trace);
	scratch_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sites_of_calls),
		cmocka_unit_test(too_many_sites),
		cmocka_unit_test(streams),
		cmocka_unit_test(some_calls),
		cmocka_unit_test(modes),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
