// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.json: what the recorder writes is what the reader reads, and what is not
 * there or of another type is not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "../synth/synth.h"
#include "lib/text.h"
#include "trace/run_info.h"
#include "trace/run_settle.h"

static void as_written(void **state)
{
	char *dir = scratch_new();
	struct problems problems = {0};
	struct run_info *info;
	struct synth s;

	(void)state;
	synth_init(&s, 0);
	synth_begin(&s, 0);
	synth_call(&s, VMI_CALL_CPUID, 1, 1, 0);
	synth_call(&s, VMI_CALL_CPUID, 2, 1, 0);
	synth_run(&s, dir, 3, NULL);
	synth_free(&s);
	info = run_info_read(dir, &problems);
	assert_int_equal(problems.nr, 0);
	assert_true(info->known);
	assert_string_equal(info->status, "complete");
	assert_null(info->reason);
	assert_string_equal(info->guest, "made up");
	assert_string_equal(info->rom_file, "rom-trace.bin");
	assert_string_equal(info->rom_name, "trace");
	assert_string_equal(info->rom_api, "13.3");
	assert_string_equal(info->accelerator, "tcg");
	assert_string_equal(info->accelerator_reason, "made up");
	assert_string_equal(info->cpu, "Test CPU");
	assert_string_equal(info->kernel, "Linux 6.1.0");
	assert_string_equal(info->qemu, "7.2.0");
	assert_string_equal(info->started, "2006-03-13T18:03:49Z");
	assert_string_equal(info->exit_kind, "debug-exit");
	assert_true(info->duration_s == 1.5);
	assert_false(info->icount);
	assert_true(info->counts_known);
	assert_int_equal(info->events_counted, 5);
	assert_int_equal(info->events_recorded, 2);
	assert_int_equal(info->events_lost, 3);
	assert_int_equal(info->counted[VMI_CALL_CPUID], 2);
	assert_int_equal(info->counted[VMI_CALL_DisableInterrupts], 3);
	assert_true(info->stolen_known);
	assert_int_equal(info->stolen_cycles, 500);
	run_info_free(info);
	problems_free(&problems);
	scratch_remove(dir);
}

/* Read a document that somebody else has written. */
static struct run_info *read_text(const char *text, struct problems *problems)
{
	char *dir = scratch_new();
	int saved = scratch_quiet();
	struct run_info *info;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/run", dir);
	mkdir(path, 0777);
	synth_file(dir, "run/run.json", text, strlen(text));
	info = run_info_read(dir, problems);
	scratch_loud(saved);
	scratch_remove(dir);
	return info;
}

#define HEAD                                                                   \
	"{ \"format\": \"vmiprof-run\", \"version\": 1, "                      \
	"\"status\": \"complete\", "

static void refused(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"7",
		"\"vmiprof-run\"",
		"{}",
		"{ \"format\": 1 }",
		"{ \"format\": \"vmiprof-run\" }",
		"{ \"format\": \"vmiprof-run\", \"version\": \"1\" }",
		"{ \"format\": \"vmiprof-run\", \"version\": 2 }",
		"{ \"format\": \"other\", \"version\": 1 }",
		"{ \"format\": \"vmiprof-run\", \"version\": 1, ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct problems problems = {0};
		struct run_info *info = read_text(texts[i], &problems);

		assert_int_equal(problems.nr, 1);
		assert_false(info->known);
		assert_false(info->counts_known);
		assert_false(info->stolen_known);
		run_info_free(info);
		problems_free(&problems);
	}
}

/* Members of another type are told, and as if they were not there. */
static void other_types(void **state)
{
	static const struct {
		const char *text;
		const char *told; /* NULL: nothing, they may be missing */
	} cases[] = {
		{HEAD "\"vcpus\": [], \"rom\": null }", NULL},
		{HEAD "\"rom\": \"x\" }", "rom: found \"x\", expected an object"},
		{HEAD "\"rom\": { \"name\": 7 } }", "rom.name: found 7"},
		{HEAD "\"host\": [] }", "host: found []"},
		{HEAD "\"host\": { \"cpu\": {} } }", "host.cpu: found {}"},
		{HEAD "\"exit\": 7 }", "exit: found 7"},
		{HEAD "\"icount\": \"no\" }", "icount: found \"no\""},
		{HEAD "\"lossless\": 1 }", "lossless: found 1"},
		{HEAD "\"duration_s\": \"1.5\" }", "duration_s: found \"1.5\""},
		{HEAD "\"duration_s\": -1 }", "duration_s: found -1"},
		{HEAD "\"duration_s\": 1e30 }", "duration_s: found 1e30"},
		{HEAD "\"duration_s\": NaN }", "duration_s: found NaN"},
		{HEAD "\"tsc_hz\": 1.5 }", "tsc_hz: found 1.5"},
		{HEAD "\"site_counts\": { \"CPUID\": -1 } }",
		 "site_counts.CPUID: found -1"},
		{HEAD "\"site_counts\": [ 1 ] }", "site_counts: found [1]"},
		{HEAD "\"modes\": {} }", "modes: found {}"},
		{HEAD "\"modes\": [ 1 ] }", "modes[0]: expected"},
		{HEAD "\"level\": \"fine\" }", "level: found 'fine'"},
		{HEAD "\"level\": \"aggregate\" }", "found nothing at level"},
		{HEAD "\"aggregate\": {} }", "found totals at level event"},
		{HEAD "\"level\": \"aggregate\", \"aggregate\": { \"CPUID\": { "
		      "\"count\": 2, \"sum_cycles\": 2 } } }",
		 "aggregate.CPUID.sum_cycles: found 2"},
		{HEAD "\"level\": \"aggregate\", \"aggregate\": { \"CPUID\": { "
		      "\"count\": 2, \"interrupted\": 1 } } }",
		 "aggregate.CPUID.buckets: 1 calls"},
		{HEAD "\"vcpus\": {} }", "vcpus: found {}"},
		{HEAD "\"vcpus\": [ null ] }", "vcpus[0]: expected an object"},
		{HEAD "\"vcpus\": [ 1 ] }", "vcpus[0]: expected an object"},
		{HEAD "\"vcpus\": [ { \"vcpu\": 256 } ] }",
		 "vcpus[0].vcpu: found 256"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = {0};
		struct run_info *info = read_text(cases[i].text, &problems);

		assert_int_equal(problems.nr > 0, cases[i].told != NULL);
		if (cases[i].told)
			assert_non_null(
				strstr(problems.text[0], cases[i].told));
		assert_true(info->known);
		assert_false(info->counts_known);
		assert_false(info->stolen_known);
		assert_null(info->rom_name);
		assert_null(info->cpu);
		assert_null(info->exit_kind);
		assert_false(info->icount);
		assert_true(info->duration_s == 0);
		run_info_free(info);
		problems_free(&problems);
	}
}

/* Who does not say that it is complete is not; nothing else is said there. */
static void status(void **state)
{
	static const struct {
		const char *status;
		bool complete, told;
	} cases[] = {
		{"\"complete\"", true, false}, {"\"partial\"", false, false},
		{"null", false, true},	       {"1", false, true},
		{"\"Complete\"", false, true}, {"[ \"complete\" ]", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = {0};
		struct run_info *info;
		char text[200];

		(void)snprintf(text, sizeof(text),
			       "{ \"format\": \"vmiprof-run\", \"version\": 1, "
			       "\"status\": %s }",
			       cases[i].status);
		info = read_text(text, &problems);
		assert_int_equal(run_info_is_complete(info), cases[i].complete);
		assert_int_equal(problems.nr > 0, cases[i].told);
		run_info_free(info);
		problems_free(&problems);
	}
}

/* Counts that cannot be: none of them may switch a comparison off. */
static void bad_counts(void **state)
{
	static const char *const values[] = {
		"\"5\"", "5.0",	 "-5",	"1e30", "18446744073709551616",
		"null",	 "true", "[5]", "9223372036854775807",
	};
	static const char *const keys[] = {"events_counted", "events_recorded",
					   "events_lost", "CPUID"};

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]);
		     i++) {
			struct problems problems = {0};
			struct run_info *info;
			const char *v[4] = {"5", "5", "0", "5"};
			char text[400];

			v[k] = values[i];
			(void)snprintf(text, sizeof(text),
				       HEAD "\"vcpus\": [ { \"vcpu\": 0, "
					    "\"%s\": %s, \"%s\": %s, "
					    "\"%s\": %s, \"counted\": "
					    "{ \"%s\": %s } } ] }",
				       keys[0], v[0], keys[1], v[1], keys[2],
				       v[2], keys[3], v[3]);
			info = read_text(text, &problems);
			assert_true(problems.nr > 0);
			assert_non_null(strstr(problems.text[0], keys[k]));
			if (k < 3)
				assert_false(info->counts_known);
			run_info_free(info);
			problems_free(&problems);
		}
	}
}

/* A call that does not exist is told; stolen cycles need all vCPUs. */
static void vcpus(void **state)
{
	struct problems problems = {0};
	struct run_info *info = read_text(
		HEAD "\"vcpus\": [ { \"events_counted\": 4, "
		     "\"events_recorded\": 3, \"events_lost\": 1, "
		     "\"stolen_cycles\": 10, \"counted\": { \"NoCall\": 4 } }, "
		     "{ \"vcpu\": 1, \"events_counted\": 2, "
		     "\"events_recorded\": 2, \"counted\": { \"CPUID\": 2 }, "
		     "\"events_lost\": 0, \"stolen_cycles\": null, "
		     "\"stolen_reason\": \"why\" } ] }",
		&problems);

	(void)state;
	assert_int_equal(problems.nr, 2);
	assert_non_null(strstr(problems.text[0], "found 'NoCall'"));
	assert_non_null(strstr(problems.text[1], "adds up to 0, expected 4"));
	assert_true(info->counts_known);
	assert_int_equal(info->events_counted, 6);
	assert_int_equal(info->events_recorded, 5);
	assert_int_equal(info->events_lost, 1);
	assert_int_equal(info->nr_vcpus, 2);
	assert_int_equal(info->vcpus[1].vcpu, 1);
	assert_int_equal(info->vcpus[1].recorded, 2);
	assert_false(info->stolen_known);
	assert_string_equal(info->stolen_reason, "why");
	run_info_free(info);
	problems_free(&problems);
}

/* What must be the same in run.json, in metadata and in the stream. */
static void settle(void **state)
{
	static const struct {
		const char *run; /* accelerator and more; NULL: no run.json */
		const char *accelerator, *cycles; /* of the metadata */
		enum run_cycles expected;
		bool told;
	} cases[] = {
		{"\"kvm\"", "kvm", "hardware", RUN_CYCLES_HARDWARE, false},
		{"\"host\"", "host", "hardware", RUN_CYCLES_HARDWARE, false},
		{"\"tcg\"", "tcg", "emulated", RUN_CYCLES_EMULATED, false},
		{"\"tcg\", \"icount\": true", "tcg", "emulated",
		 RUN_CYCLES_EMULATED, false},
		{NULL, "tcg", "emulated", RUN_CYCLES_EMULATED, false},
		{NULL, "kvm", "hardware", RUN_CYCLES_HARDWARE, false},
		{"null", "tcg", "emulated", RUN_CYCLES_UNKNOWN, true},
		{"null", "kvm", "hardware", RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\"", "tcg", "emulated", RUN_CYCLES_UNKNOWN, true},
		{"\"tcg\"", "kvm", "hardware", RUN_CYCLES_UNKNOWN, true},
		{"\"TCG\"", "TCG", "emulated", RUN_CYCLES_UNKNOWN, true},
		{"\"tcg,thread=multi\"", "tcg,thread=mul", "emulated",
		 RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\"", "kvm", "emulated", RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\"", "kvm", "", RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\"", "", "hardware", RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\", \"icount\": true", "kvm", "hardware",
		 RUN_CYCLES_UNKNOWN, true},
		{"\"kvm\", \"tsc_hz\": 2000000000", "kvm", "hardware",
		 RUN_CYCLES_HARDWARE, true},
		{NULL, "", "", RUN_CYCLES_UNKNOWN, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trace trace = {.dir = (char *)"DIR",
				      .clock_hz = 1000000000};
		struct problems problems = {.quiet = true};
		struct problems ignored = {.quiet = true};
		struct run_info *info;
		char text[300];

		(void)snprintf(text, sizeof(text), "%s%s }",
			       cases[i].run ? HEAD "\"accelerator\": " : "{",
			       cases[i].run ? cases[i].run : "");
		info = read_text(text, &ignored);
		text_set(trace.accelerator, sizeof(trace.accelerator), "%s",
			 cases[i].accelerator);
		text_set(trace.cycles, sizeof(trace.cycles), "%s",
			 cases[i].cycles);
		run_info_settle(info, &trace, &problems);
		assert_int_equal(info->cycles, cases[i].expected);
		assert_int_equal(problems.nr > 0, cases[i].told);
		if (info->cycles == RUN_CYCLES_UNKNOWN) {
			assert_string_equal(info->accelerator, "unknown");
			assert_non_null(strstr(run_info_cycles_meaning(info),
					       "perhaps emulated"));
		}
		run_info_free(info);
		problems_free(&problems);
		problems_free(&ignored);
	}
}

/* The clock is known when both numbers are there; why not is text. */
static void guest_clock(void **state)
{
	static const struct {
		const char *text;
		bool known, told;
	} cases[] = {
		{ HEAD "\"clock\": { \"offset_ns\": -5, \"error_ns\": 7, \"how\": \"so\" } }",
		  true, false },
		{ HEAD "\"clock\": { \"offset_ns\": null, \"error_ns\": null, \"how\": \"so\" } }",
		  false, false },
		{ HEAD "\"clock\": { \"offset_ns\": 5, \"error_ns\": -1, \"how\": \"so\" } }",
		  false, true },
		{ HEAD "\"clock\": { \"offset_ns\": \"5\", \"error_ns\": 7, \"how\": \"so\" } }",
		  false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct run_info *info = read_text(cases[i].text, &problems);

		assert_int_equal(problems.nr > 0, cases[i].told);
		assert_int_equal(info->clock_known, cases[i].known);
		assert_string_equal(info->clock_how, "so");
		if (info->clock_known) {
			assert_int_equal(info->clock_offset_ns, -5);
			assert_int_equal(info->clock_error_ns, 7);
		}
		run_info_free(info);
		problems_free(&problems);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_written),
		cmocka_unit_test(refused),
		cmocka_unit_test(other_types),
		cmocka_unit_test(status),
		cmocka_unit_test(bad_counts),
		cmocka_unit_test(vcpus),
		cmocka_unit_test(settle),
		cmocka_unit_test(guest_clock),
	};

	return cmocka_run_group_tests_name("run_info", tests, NULL, NULL);
}
