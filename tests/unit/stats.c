// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the events add up to: undisturbed and interrupted calls, wide records,
 * idle time and where it cannot be known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "../synth/synth.h"
#include "trace/profile.h"
#include "report/report.h"
#include "trace/stats.h"
#include "trace/tally.h"

/* Whatever the pieces, and whoever reads them. */
static void check_threads(const char *dir, const struct stats *expected)
{
	static const size_t piece_bytes[] = {1, 1 << 19};

	for (size_t i = 0; i < sizeof(piece_bytes) / sizeof(size_t); i++) {
		const struct tally_request request = {
			.threads = 2, .streams = true, .sites = true};
		struct trace *trace = trace_open(dir);
		struct tally *tally;

		assert_non_null(trace);
		trace_piece_bytes = piece_bytes[i];
		tally = tally_read(trace, &request, NULL);
		assert_memory_equal(tally->stats, expected, sizeof(*expected));
		assert_memory_equal(&tally->stream[0]->idle, &expected->idle,
				    sizeof(expected->idle));
		assert_true(tally->stream[0]->events == expected->events);
		tally_free(tally);
		trace_close(trace);
	}
}

static struct stats *add_up(struct synth *s)
{
	char *dir = scratch_new();
	struct stats *stats = stats_new();
	struct trace *trace;

	synth_write(s, dir);
	synth_free(s);
	trace = trace_open(dir);
	assert_non_null(trace);
	trace_read(trace, stats_visit, stats);
	stats_finish(stats);
	assert_int_equal(trace->problems.nr, 0);
	trace_close(trace);
	check_threads(dir, stats);
	scratch_remove(dir);
	return stats;
}

static void cycles(void **state)
{
	const struct call_stats *cli;
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	for (uint32_t i = 1; i <= 200; i++)
		synth_call(&s, VMI_CALL_DisableInterrupts, 1000 + i, i, 0);
	synth_call(&s, VMI_CALL_DisableInterrupts, 1300, 7777,
		   VMI_REC_INTERRUPTED);
	synth_wide(&s, VMI_CALL_DisableInterrupts, 1400, 1ULL << 40, 30, 0);
	synth_wide(&s, VMI_CALL_DisableInterrupts, 1500, 201, 12, 5);
	synth_end(&s, 2000, 0);
	stats = add_up(&s);
	cli = &stats->call[VMI_CALL_DisableInterrupts];
	assert_int_equal(stats->events, 203);
	assert_int_equal(cli->count, 203);
	assert_int_equal(cli->interrupted, 1);
	assert_int_equal(cli->cycles, 201 * 202 / 2 + (1ULL << 40));
	assert_int_equal(cli->max_cycles, 1ULL << 40);
	assert_int_equal(cli->stolen_cycles, 42);
	assert_int_equal(cli->wait_cycles, 5);
	/* Of 202 undisturbed ones. */
	assert_int_equal(stats_quantile(stats, VMI_CALL_DisableInterrupts, 0.5),
			 101);
	assert_int_equal(
		stats_quantile(stats, VMI_CALL_DisableInterrupts, 0.99), 200);
	assert_int_equal(stats_quantile(stats, VMI_CALL_DisableInterrupts, 1),
			 1ULL << 40);
	assert_int_equal(stats->time_begin, 1000);
	assert_int_equal(stats->time_end, 2000);
	stats_free(stats);
}

/* A guest may write what it likes into a wide record. */
static void sums_do_not_wrap(void **state)
{
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	for (int i = 0; i < 3; i++)
		synth_wide(&s, VMI_CALL_CPUID, 1000, UINT64_MAX - 5,
			   UINT64_MAX - 5, UINT64_MAX - 5);
	synth_call(&s, VMI_CALL_CPUID, 1000, 10, 0);
	synth_end(&s, 1000, 0);
	stats = add_up(&s);
	assert_true(stats->call[VMI_CALL_CPUID].cycles == UINT64_MAX);
	assert_true(stats->call[VMI_CALL_CPUID].stolen_cycles == UINT64_MAX);
	assert_true(stats->call[VMI_CALL_CPUID].wait_cycles == UINT64_MAX);
	stats_free(stats);
}

/* Idle ends where the next call begins, be it in the next packet. */
static void idle(void **state)
{
	const uint64_t next_epoch = 1ULL << 32;
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	synth_call(&s, VMI_CALL_Halt, 2000, 0, 0);
	synth_call(&s, VMI_CALL_CPUID, 3100, 100, 0); /* 1000 idle */
	synth_call(&s, VMI_CALL_Halt, 4000, 0, 0);
	synth_end(&s, 4000, 0);
	synth_begin(&s, next_epoch);
	synth_wide(&s, VMI_CALL_CPUID, next_epoch + 500, 700, 0, 0);
	synth_end(&s, next_epoch + 500, 0);
	stats = add_up(&s);
	assert_int_equal(stats->idle.nr_known, 2);
	assert_int_equal(stats->idle.nr_unknown, 0);
	assert_int_equal(stats->idle.cycles, 1000 + next_epoch - 200 - 4000);
	assert_int_equal(stats->idle.max_cycles, next_epoch - 200 - 4000);
	stats_free(stats);
}

/* Packets without a record say nothing of a Halt. */
static void idle_over_packets(void **state)
{
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	synth_call(&s, VMI_CALL_Halt, 2000, 0, 0);
	synth_end(&s, 2000, 0);
	for (uint64_t time = 2100; time < 2900; time += 100) {
		synth_begin(&s, time);
		synth_end(&s, time, 0);
	}
	synth_begin(&s, 3000);
	synth_call(&s, VMI_CALL_Halt, 3000, 0, 0);
	synth_end(&s, 3000, 0);
	stats = add_up(&s);
	assert_int_equal(stats->idle.nr_known, 1);
	assert_int_equal(stats->idle.nr_unknown, 1);
	assert_int_equal(stats->idle.cycles, 1000);
	stats_free(stats);
}

static void idle_not_known(void **state)
{
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	/* A call that had begun before Halt ends after it. */
	synth_call(&s, VMI_CALL_Halt, 2000, 0, 0);
	synth_call(&s, VMI_CALL_EnableInterrupts, 3000, 1500,
		   VMI_REC_INTERRUPTED);
	/* Events were discarded after this one. */
	synth_call(&s, VMI_CALL_Halt, 4000, 0, 0);
	synth_end(&s, 4000, 0);
	synth_begin(&s, 9000);
	synth_call(&s, VMI_CALL_CPUID, 9100, 10, 0);
	synth_end(&s, 9100, 5);
	/* A packet is missing after this one. */
	synth_begin(&s, 9200);
	synth_call(&s, VMI_CALL_Halt, 9300, 0, 0);
	synth_end(&s, 9300, 5);
	s.seq++;
	stats = NULL;
	{
		char *dir = scratch_new();
		int saved = scratch_quiet();
		struct trace *trace;

		synth_begin(&s, 9400);
		synth_call(&s, VMI_CALL_Halt, 9500, 0, 0);
		synth_end(&s, 9500, 5);
		synth_write(&s, dir);
		trace = trace_open(dir);
		assert_non_null(trace);
		stats = stats_new();
		trace_read(trace, stats_visit, stats);
		stats_finish(stats);
		check_threads(dir, stats);
		scratch_loud(saved);
		assert_int_equal(trace->problems.nr, 1);
		trace_close(trace);
		scratch_remove(dir);
	}
	assert_int_equal(stats->idle.nr_known, 0);
	assert_int_equal(stats->idle.nr_unknown, 4);
	assert_int_equal(stats->call[VMI_CALL_Halt].count, 4);
	stats_free(stats);
	synth_free(&s);
}

/* The row of a call, as report and plot show it. */
static const struct profile_row *row(const struct profile *profile,
				     unsigned int nr)
{
	for (size_t i = 0; i < profile->nr_rows; i++) {
		if (profile->rows[i].nr == nr)
			return &profile->rows[i];
	}
	return NULL;
}

static void rows(void **state)
{
	char *dir = scratch_new();
	struct profile *profile;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	synth_call(&s, VMI_CALL_CPUID, 2000, 300, 0);
	synth_call(&s, VMI_CALL_RDTSC, 2100, 100, 0);
	synth_call(&s, VMI_CALL_IRET, 2200, 0, 0);
	synth_call(&s, VMI_CALL_CLTS, 2900, 600, VMI_REC_INTERRUPTED);
	synth_end(&s, 3000, 8);
	synth_write(&s, dir);
	synth_run(&s, dir, 8, "nothing feeds it");
	synth_free(&s);
	profile = profile_load(dir);
	assert_non_null(profile);
	assert_false(profile_is_partial(profile));
	assert_int_equal(profile->nr_rows, 5);
	assert_true(profile->emulated);

	assert_true(row(profile, VMI_CALL_CPUID)->share_calls == 0.25);
	assert_true(row(profile, VMI_CALL_CPUID)->share_cycles == 0.75);
	assert_true(row(profile, VMI_CALL_CPUID)->mean_cycles == 300);
	assert_true(isnan(row(profile, VMI_CALL_CPUID)->stolen_cycles));
	/* No cycles of its own; none undisturbed; none recorded. */
	assert_true(isnan(row(profile, VMI_CALL_IRET)->mean_cycles));
	assert_true(isnan(row(profile, VMI_CALL_CLTS)->p50_cycles));
	assert_true(row(profile, VMI_CALL_DisableInterrupts)->count == 0);
	assert_true(row(profile, VMI_CALL_DisableInterrupts)->counted == 8);
	assert_true(row(profile, VMI_CALL_DisableInterrupts)->lost == 8);

	report_sort(profile, report_column("mean", REPORT_BY_CALL));
	assert_string_equal(profile->rows[0].name, "CPUID");
	assert_string_equal(profile->rows[1].name, "RDTSC");
	assert_true(isnan(profile->rows[4].mean_cycles));
	report_sort(profile, NULL);
	assert_string_equal(profile->rows[0].name, "CLTS");
	profile_free(profile);
	scratch_remove(dir);
}

/* Measured or not, in both forms, by threads, too: check_threads(). */
static void sampled(void **state)
{
	struct cycle_estimate estimate;
	struct stats *stats;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	for (uint32_t i = 0; i < 500; i++)
		synth_call(&s, VMI_CALL_DisableInterrupts, 1000 + i,
			   i % 5 ? VMI_REC_NO_CYCLES : i / 5 + 1, 0);
	synth_wide(&s, VMI_CALL_InvalPage, 1600, VMI_REC_WIDE_NO_CYCLES, 70, 3);
	synth_wide(&s, VMI_CALL_CPUID, 1700, VMI_REC_NO_CYCLES, 0, 0);
	synth_end(&s, 2000, 0);
	stats = add_up(&s);
	assert_int_equal(stats->events, 502);
	assert_int_equal(stats->call[VMI_CALL_DisableInterrupts].count, 500);
	assert_int_equal(stats->call[VMI_CALL_DisableInterrupts].unmeasured,
			 400);
	assert_int_equal(stats->call[VMI_CALL_DisableInterrupts].max_cycles,
			 100);
	/* 1 to 100: deviation 29.0115; t 1.9842; what is left is 400 of 500. */
	estimate = stats_cycles(stats, VMI_CALL_DisableInterrupts);
	assert_true(fabs(estimate.mean - 50.5) < 1e-9);
	assert_true(fabs(estimate.sum - 25250) < 1e-6);
	assert_true(fabs(estimate.error - 5.1487) < 0.01);
	assert_int_equal(stats->call[VMI_CALL_InvalPage].unmeasured, 1);
	assert_int_equal(stats->call[VMI_CALL_InvalPage].stolen_cycles, 70);
	estimate = stats_cycles(stats, VMI_CALL_InvalPage);
	assert_true(isnan(estimate.mean) && isnan(estimate.sum));
	/* In the wide form that number of cycles is one. */
	estimate = stats_cycles(stats, VMI_CALL_CPUID);
	assert_true(estimate.mean == VMI_REC_NO_CYCLES && estimate.error == 0);
	stats_free(stats);
	/* So few that they say nothing of how far off they are. */
	estimate = cycle_estimate(100, ESTIMATE_MIN - 1, 40, 400);
	assert_true(estimate.mean == 10 && isnan(estimate.error));
	/* All the same: exact as far as is known. t of 4 is 2.776. */
	estimate = cycle_estimate(1000000, 5, 15, 55);
	assert_true(fabs(estimate.error - 2.776 * sqrt(0.5)) < 0.03);
}

static void counts_look(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0"},
		{999, "999"},
		{1000, "1,000"},
		{123456, "123,456"},
		{1234567, "1,234,567"},
		{-1234, "-1,234"},
		{-123, "-123"},
	};
	char cell[REPORT_CELL_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report_format_count(cell, cases[i].value);
		assert_string_equal(cell, cases[i].text);
	}
	report_format_count(cell, 0x1p64);
	assert_string_equal(cell, "18,446,744,073,709,551,616");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cycles),
		cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(idle),
		cmocka_unit_test(idle_not_known),
		cmocka_unit_test(idle_over_packets),
		cmocka_unit_test(rows),
		cmocka_unit_test(sampled),
		cmocka_unit_test(counts_look),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
