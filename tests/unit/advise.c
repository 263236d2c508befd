// SPDX-License-Identifier: GPL-2.0-only
/*
 * What inlining saves: pairs and intervals, the choice of a platform and of a
 * policy; sites of a trace; what a guest says of its benchmarks, and what is
 * made of it.
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
#include "advise/advice.h"
#include "advise/macro_lines.h"
#include "advise/policy.h"
#include "advise/verify.h"

/* A case of three samples. */
static void add_case(struct results *results, const char *call,
		     enum result_form form, enum result_platform platform,
		     const char *group, double a, double b, double c)
{
	double samples[] = {a, b, c};
	const enum result_unit unit =
		platform == PLATFORM_EXACT	? UNIT_INSTRUCTIONS
		: platform == PLATFORM_EMULATED ? UNIT_TCG_CYCLES
						: UNIT_CYCLES;
	const struct result_case wanted = {
		.call = (char *)call,
		.form = form,
		.platform = platform,
		.unit = unit,
		.group = (char *)group,
		.samples = samples,
		.nr_samples = 3,
	};
	char why[300];

	results->platform[platform].status = PLATFORM_RAN;
	assert_true(results_add(results, &wanted, why, sizeof(why)));
}

/* The counts of a trace without the trace. */
struct fake {
	struct profile profile;
	struct run_info info;
	struct stats *stats;
	struct sites sites;
	bool may_inline[VMI_NR_SLOTS];
	struct advice_inputs inputs;
};

static void fake_calls(struct fake *f, unsigned int nr, uint64_t count)
{
	f->profile.rows[f->profile.nr_rows++].nr = nr;
	f->info.counted[nr] = count;
	f->may_inline[nr] = true;
}

static struct fake *fake_new(const struct results *results)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->stats = stats_new();
	f->profile.info = &f->info;
	f->profile.stats = f->stats;
	f->info.counts_known = true;
	f->inputs = (struct advice_inputs){
		.profile = &f->profile,
		.sites = &f->sites,
		.results = results,
		.may_inline = f->may_inline,
		.platform = -1,
		.goal = 0.99,
	};
	return f;
}

static void fake_free(struct fake *f)
{
	stats_free(f->stats);
	free(f);
}

static void assert_estimate(struct estimate found, double value, double lo,
			    double hi)
{
	assert_true(fabs(found.value - value) < 1e-9);
	assert_true(fabs(found.ci95.lo - lo) < 1e-9);
	assert_true(fabs(found.ci95.hi - hi) < 1e-9);
}

static void differences(void **state)
{
	struct results *r = results_new();
	struct advice_call call = {.name = "SetCR3", .count = 10};

	(void)state;
	add_case(r, "SetCR3", FORM_INLINE, PLATFORM_KVM, "other", 1, 2, 3);
	add_case(r, "SetCR3", FORM_STUB, PLATFORM_KVM, "g", 70, 80, 90);
	assert_true(advice_difference(&call, r, PLATFORM_KVM, UNIT_CYCLES,
				      FORM_STUB, FORM_INLINE));
	assert_false(call.paired);
	assert_estimate(call.each, 78, 67, 89);

	/* A group that has both is taken before others. */
	add_case(r, "SetCR3", FORM_INLINE, PLATFORM_KVM, "g", 10, 21, 29);
	assert_true(advice_difference(&call, r, PLATFORM_KVM, UNIT_CYCLES,
				      FORM_STUB, FORM_INLINE));
	assert_true(call.paired);
	assert_estimate(call.each, 60, 59, 61);
	assert_estimate(call.all, 600, 590, 610);

	assert_false(advice_difference(&call, r, PLATFORM_HOST, UNIT_CYCLES,
				       FORM_STUB, FORM_INLINE));
	assert_false(advice_difference(&call, r, PLATFORM_KVM, UNIT_NS,
				       FORM_STUB, FORM_INLINE));
	assert_false(advice_difference(&call, r, PLATFORM_KVM, UNIT_CYCLES,
				       FORM_STUB, FORM_NATIVE));
	results_free(r);
}

static void platforms(void **state)
{
	struct results *r = results_new();
	struct fake *f = fake_new(r);
	struct advice advice;
	char why[600];

	(void)state;
	fake_calls(f, VMI_CALL_DisableInterrupts, 60);
	fake_calls(f, VMI_CALL_SetInterruptMask, 40);
	assert_false(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_non_null(strstr(why, "kvm: not measured"));

	/* The only one that knows anything, be it little. */
	add_case(r, "SetInterruptMask", FORM_STUB, PLATFORM_HOST, "g", 9, 9, 9);
	add_case(r, "SetInterruptMask", FORM_INLINE, PLATFORM_HOST, "g", 2, 2,
		 2);
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.platform, PLATFORM_HOST);
	assert_true(fabs(advice.covered - 0.4) < 1e-9);
	/* Of the four that know calls, the others are told. */
	assert_int_equal(advice.nr_passed, 3);

	/* One that knows more is better. */
	add_case(r, "DisableInterrupts", FORM_STUB, PLATFORM_EMULATED, "g", 60,
		 60, 60);
	add_case(r, "DisableInterrupts", FORM_INLINE, PLATFORM_EMULATED, "g", 1,
		 1, 1);
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.platform, PLATFORM_EMULATED);
	assert_int_equal(advice.unit, UNIT_TCG_CYCLES);
	assert_int_equal(advice.nr_passed, 3);
	/* Never costs of two platforms. */
	assert_int_equal(advice.nr_policy, 1);

	f->inputs.platform = PLATFORM_EXACT;
	assert_false(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_non_null(strstr(why, "exact"));

	/* What knows all calls is better than a real CPU that knows 57 %. */
	f->inputs.platform = -1;
	add_case(r, "DisableInterrupts", FORM_STUB, PLATFORM_HOST, "g", 9, 9,
		 9);
	add_case(r, "DisableInterrupts", FORM_INLINE, PLATFORM_HOST, "g", 2, 2,
		 2);
	fake_calls(f, VMI_CALL_EnableInterrupts, 75);
	for (int form = FORM_INLINE; form <= FORM_STUB; form++) {
		if (form != FORM_INLINE && form != FORM_STUB)
			continue;
		for (int i = 0; i < 3; i++)
			add_case(r,
				 (const char *[]){"DisableInterrupts",
						  "EnableInterrupts",
						  "SetInterruptMask"}[i],
				 (enum result_form)form, PLATFORM_EXACT, "g", 5,
				 5, 5);
	}
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.platform, PLATFORM_EXACT);
	assert_true(advice.covered == 1);
	fake_free(f);
	results_free(r);
}

static void policies(void **state)
{
	static const unsigned int nr[] = {
		VMI_CALL_InvalPage, VMI_CALL_DisableInterrupts, VMI_CALL_SetCR3,
		VMI_CALL_FlushTLB, VMI_CALL_RDTSC};
	static const char *const name[] = {"InvalPage", "DisableInterrupts",
					   "SetCR3", "FlushTLB", "RDTSC"};
	static const uint64_t count[] = {100, 8900, 1000, 50, 7};
	struct results *r = results_new();
	struct fake *f = fake_new(r);
	struct advice advice;
	char *words;
	char why[600];

	(void)state;
	for (int i = 0; i < 5; i++) {
		fake_calls(f, nr[i], count[i]);
		add_case(r, name[i], FORM_STUB, PLATFORM_EXACT, "g", 3, 3, 3);
		if (i < 3)
			add_case(r, name[i], FORM_INLINE, PLATFORM_EXACT, "g",
				 1, 1, 1);
	}
	/* Without a body; its native form is what it could be. */
	f->may_inline[VMI_CALL_FlushTLB] = false;
	add_case(r, "FlushTLB", FORM_NATIVE, PLATFORM_EXACT, "g", 2, 2, 2);

	f->inputs.goal = 0.99;
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_estimate(advice.possible, 20000, 20000, 20000);
	assert_estimate(advice.policy, 19800, 19800, 19800);
	words = policy_words(advice.order, advice.nr_policy);
	assert_string_equal(words, "stub,cli:inline,SetCR3:inline");
	free(words);
	words = policy_form(advice.order, advice.nr_policy);
	assert_string_equal(words, "cli:inline+SetCR3:inline");
	free(words);
	assert_int_equal(advice.nr, 5);
	assert_int_equal(advice.call[2].nr, VMI_CALL_InvalPage);
	assert_false(advice.call[2].in_policy);
	assert_int_equal(advice.call[3].kind, ADVICE_NO_BODY);
	assert_estimate(advice.call[3].all, 50, 50, 50);
	assert_int_equal(advice.call[4].kind, ADVICE_NO_COST);
	assert_false(advice.call[4].known);

	f->inputs.goal = 1;
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.nr_policy, 3);
	f->inputs.top = 1;
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.nr_policy, 1);
	assert_int_equal(advice.order[0], VMI_CALL_DisableInterrupts);
	fake_free(f);
	results_free(r);
}

static void no_gain(void **state)
{
	struct results *r = results_new();
	struct fake *f = fake_new(r);
	struct advice advice;
	char why[600];

	(void)state;
	fake_calls(f, VMI_CALL_SetCR3, 10);
	add_case(r, "SetCR3", FORM_STUB, PLATFORM_KVM, "g", 70, 80, 90);
	add_case(r, "SetCR3", FORM_INLINE, PLATFORM_KVM, "g", 10, 20, 90);
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_int_equal(advice.call[0].kind, ADVICE_NO_GAIN);
	assert_int_equal(advice.nr_policy, 0);
	fake_free(f);
	results_free(r);
}

/* Samples of the same number, but of other boots, are no pairs. */
static void other_boots(void **state)
{
	double samples[] = {10, 20, 30, 40};
	struct results *r = results_new();
	struct advice_call call = {.name = "SetCR3", .count = 1};
	struct result_case wanted = {
		.call = "SetCR3",
		.form = FORM_INLINE,
		.platform = PLATFORM_KVM,
		.unit = UNIT_CYCLES,
		.group = "g",
		.samples = samples,
		.nr_samples = 4,
	};
	char why[300];

	(void)state;
	r->platform[PLATFORM_KVM].status = PLATFORM_RAN;
	assert_true(results_add(r, &wanted, why, sizeof(why)));
	wanted.form = FORM_STUB;
	wanted.nr_samples = 1;
	assert_true(results_add(r, &wanted, why, sizeof(why)));
	wanted.samples = samples + 1;
	wanted.nr_samples = 3;
	wanted.repetition = 1;
	assert_true(results_add(r, &wanted, why, sizeof(why)));
	assert_true(advice_difference(&call, r, PLATFORM_KVM, UNIT_CYCLES,
				      FORM_STUB, FORM_INLINE));
	assert_false(call.paired);
	assert_estimate(call.each, 0, -30, 30);
	results_free(r);
}

/* Of 40 calls 10 are at a site where the body does not fit. */
static void sites_that_stay(void **state)
{
	struct site seen[] = {
		{.ret = 0xc0100010, .nr = VMI_CALL_SetCR3, .count = 30},
		{.ret = 0xc0100020, .nr = VMI_CALL_SetCR3, .count = 10},
		{.ret = 0xc0100030, .nr = VMI_CALL_CPUID, .count = 1000},
	};
	struct kernel_site site[] = {
		{0xc0100010, VMI_CALL_SetCR3, true, 3, 1},
		{0xc0100020, VMI_CALL_SetCR3, false, 7, 0},
	};
	const struct kernel_sites kernel = {.nr = 2, .site = site};
	struct results *r = results_new();
	struct fake *f = fake_new(r);
	struct advice advice;
	char why[600];

	(void)state;
	add_case(r, "SetCR3", FORM_STUB, PLATFORM_EXACT, "g", 3, 3, 3);
	add_case(r, "SetCR3", FORM_INLINE, PLATFORM_EXACT, "g", 1, 1, 1);
	add_case(r, "SetCR3", FORM_STUB, PLATFORM_KVM, "g", 70, 80, 90);
	add_case(r, "SetCR3", FORM_INLINE, PLATFORM_KVM, "g", 10, 20, 30);
	fake_calls(f, VMI_CALL_SetCR3, 40);
	f->sites = (struct sites){.nr = 3, .site = seen};
	f->inputs.kernel = &kernel;
	assert_true(fabs(advice_sites_known(&f->sites, &kernel) - 40.0 / 1040) <
		    1e-9);

	f->inputs.platform = PLATFORM_EXACT;
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_true(fabs(advice.call[0].inlines - 0.75) < 1e-9);
	assert_true(fabs(advice.call[0].around - 1.5) < 1e-9);
	assert_estimate(advice.call[0].each, 3, 3, 3);
	assert_estimate(advice.call[0].all, 120, 120, 120);

	/* Instructions have no known cost in cycles. */
	f->inputs.platform = PLATFORM_KVM;
	assert_true(advice_make(&advice, &f->inputs, why, sizeof(why)));
	assert_estimate(advice.call[0].each, 45, 45, 45);

	/* Nowhere: as if the ROM had no body. */
	site[0].inlines = false;
	assert_false(advice_make(&advice, &f->inputs, why, sizeof(why)));
	fake_free(f);
	results_free(r);
}

/* More sites than the table begins with. */
#define MANY_SITES 9000

static void many_sites(void **state)
{
	char *dir = scratch_new();
	struct sites *sites;
	struct trace *trace;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 1000);
	for (uint32_t i = 0; i < 2 * MANY_SITES; i++) {
		synth_call(&s, VMI_CALL_DisableInterrupts, 1000, 1, 0);
		((struct vmi_record *)(s.data + s.bytes) - 1)->ret =
			0xc0100000 + i % MANY_SITES * 16;
	}
	/* The same address, another call. */
	synth_call(&s, VMI_CALL_SetCR3, 1000, 1, 0);
	((struct vmi_record *)(s.data + s.bytes) - 1)->ret = 0xc0100000;
	synth_call(&s, VMI_CALL_DisableInterrupts, 1000, 1, 0);
	((struct vmi_record *)(s.data + s.bytes) - 1)->ret = 0xc0100010;
	synth_end(&s, 2000, 0);
	synth_write(&s, dir);
	synth_free(&s);
	trace = trace_open(dir);
	assert_non_null(trace);
	sites = sites_read(trace);
	sites_sort(sites);
	assert_int_equal(sites->nr, MANY_SITES + 1);
	assert_int_equal(sites_of_call(sites, VMI_CALL_DisableInterrupts),
			 MANY_SITES);
	assert_int_equal(sites_of_call(sites, VMI_CALL_SetCR3), 1);
	assert_int_equal(sites->site[0].ret, 0xc0100010);
	assert_int_equal(sites->site[0].count, 3);
	assert_int_equal(sites->site[MANY_SITES].count, 1);
	assert_int_equal(sites->site[MANY_SITES].nr, VMI_CALL_SetCR3);
	sites_free(sites);
	trace_close(trace);
	scratch_remove(dir);
}

static void take(struct macro_lines *lines, const char *text)
{
	char line[300];

	(void)snprintf(line, sizeof(line), "%s", text);
	macro_lines_take(lines, line);
}

static void bad_lines(void **state)
{
	static const char *const bad[] = {
		"case call=pipe form=stub padding=- unit=instructions group=g",
		"case call=pipe form=stub padding=- unit=instructions group=g "
		"samples=",
		"case call=pipe form=stub padding=- unit=instructions group=g "
		"samples=1,",
		"case call=pipe form=stub padding=- unit=instructions group=g "
		"samples=1;2",
		"case call=pipe form=stub padding=- unit=instructions group=g "
		"samples=nan",
		"case call=pipe form=stub padding=- unit=miles group=g "
		"samples=1",
		"case call=pipe padding=- unit=instructions group=g samples=1",
		"case form=stub unit=instructions group=g samples=1",
		"calls call=pipe vmi=NoSuchCall per_op=1",
		"calls call=pipe vmi=SetCR3 per_op=-1",
		"calls call=pipe vmi=SetCR3 per_op=1x",
		"calls call=pipe vmi=SetCR3",
		"calls vmi=SetCR3 per_op=1",
	};
	const int saved = scratch_quiet();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct macro_lines lines = {0};

		take(&lines, bad[i]);
		assert_int_equal(lines.nr_bad, 1);
		assert_int_equal(lines.nr_cases + lines.nr_counts, 0);
		macro_lines_free(&lines);
	}
	scratch_loud(saved);
}

static void other_lines(void **state)
{
	struct macro_lines lines = {0};

	(void)state;
	take(&lines, "[    0.1] vmi: 1000 sites of 60 calls");
	take(&lines, "bench: don");
	assert_false(lines.done);
	assert_int_equal(lines.nr_bad, 0);
	take(&lines, "bench: done");
	assert_true(lines.done);
	macro_lines_free(&lines);
}

static void comparison(void **state)
{
	struct verify *v = calloc(1, sizeof(*v));
	struct advice *advice = calloc(1, sizeof(*advice));
	const struct estimate two = {2, {1, 3}};

	(void)state;
	assert_non_null(v);
	assert_non_null(advice);
	advice->unit = UNIT_TCG_CYCLES;
	advice->nr = 2;
	advice->call[0] = (struct advice_call){.nr = VMI_CALL_SetCR3,
					       .each = two,
					       .known = true,
					       .in_policy = true};
	advice->call[1] = (struct advice_call){
		.nr = VMI_CALL_RDTSC, .each = two, .known = true};
	take(&v->counts, "calls call=pipe vmi=SetCR3 per_op=2.5");
	take(&v->counts, "calls call=pipe vmi=RDTSC per_op=100");
	take(&v->counts, "calls call=pipe vmi=CPUID per_op=100");
	take(&v->counts, "calls call=null vmi=RDTSC per_op=1");
	take(&v->times, "case call=pipe form=stub padding=- unit=tcg-cycles "
			"group=macro-pipe samples=100,200,300");
	take(&v->times, "case call=pipe form=policy padding=- unit=tcg-cycles "
			"group=macro-pipe samples=96,195,294");
	take(&v->times, "case call=null form=stub padding=- unit=tcg-cycles "
			"group=macro-null samples=10,10,10");
	take(&v->times, "case call=null form=policy padding=- unit=tcg-cycles "
			"group=macro-null samples=9,9,9");
	/* Not counted, so not predicted. */
	take(&v->times, "case call=fork form=stub padding=- unit=tcg-cycles "
			"group=macro-fork samples=1");
	take(&v->times, "case call=fork form=policy padding=- unit=tcg-cycles "
			"group=macro-fork samples=1");
	/* Of no use: another unit, one form only. */
	take(&v->counts, "calls call=exec vmi=SetCR3 per_op=1");
	take(&v->times, "case call=exec form=stub padding=- unit=ns "
			"group=macro-exec samples=1");
	take(&v->times, "case call=exec form=policy padding=- unit=ns "
			"group=macro-exec samples=1");
	take(&v->counts, "calls call=mmap vmi=SetCR3 per_op=1");
	take(&v->times, "case call=mmap form=policy padding=- unit=tcg-cycles "
			"group=macro-mmap samples=1");
	assert_int_equal(v->times.nr_bad + v->counts.nr_bad, 0);
	assert_true(verify_compare(v, advice));
	assert_int_equal(v->nr, 3);
	assert_string_equal(v->benchmark[0].name, "pipe");
	assert_true(fabs(v->benchmark[0].calls - 2.5) < 1e-9);
	assert_estimate(v->benchmark[0].predicted, 5, 2.5, 7.5);
	assert_estimate(v->benchmark[0].measured, 5, 4, 6);
	assert_estimate(v->benchmark[0].stub, 200, 100, 300);
	assert_true(v->benchmark[0].agrees);
	/* Nothing of it is inlined, but it became faster. */
	assert_estimate(v->benchmark[1].predicted, 0, 0, 0);
	assert_estimate(v->benchmark[1].measured, 1, 1, 1);
	assert_false(v->benchmark[1].agrees);
	assert_string_equal(v->benchmark[2].name, "fork");
	assert_false(v->benchmark[2].predicted_known);
	assert_false(v->benchmark[2].agrees);
	verify_free(v);
	free(advice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences),
		cmocka_unit_test(platforms),
		cmocka_unit_test(policies),
		cmocka_unit_test(no_gain),
		cmocka_unit_test(other_boots),
		cmocka_unit_test(sites_that_stay),
		cmocka_unit_test(many_sites),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(comparison),
	};

	return cmocka_run_group_tests_name("advise", tests, NULL, NULL);
}
