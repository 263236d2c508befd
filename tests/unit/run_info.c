// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.json: what the recorder writes is what the reader reads, and what is not
 * there or of another type is not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "../synth/synth.h"
#include "trace/run_info.h"

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

#define HEAD "{ \"format\": \"vmiprof-run\", \"version\": 1, "

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
		HEAD,
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

/* Members of another type are as if they were not there. */
static void other_types(void **state)
{
	static const char *const texts[] = {
		HEAD
		"\"status\": 1, \"rom\": \"x\", \"host\": [], \"exit\": 7 }",
		HEAD "\"vcpus\": {} }",
		HEAD "\"vcpus\": [] }",
		HEAD "\"vcpus\": [ null ] }",
		HEAD "\"vcpus\": [ 1, \"x\", [] ] }",
		HEAD "\"vcpus\": [ { \"events_counted\": -1 } ] }",
		HEAD "\"vcpus\": [ { \"events_counted\": \"5\", "
		     "\"events_recorded\": 5, \"events_lost\": 0, "
		     "\"counted\": [ 1, 2 ] } ] }",
		HEAD "\"vcpus\": [ { \"counted\": { \"CPUID\": \"x\" } } ] }",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct problems problems = {0};
		struct run_info *info = read_text(texts[i], &problems);

		assert_int_equal(problems.nr, 0);
		assert_true(info->known);
		assert_false(info->counts_known);
		assert_false(info->stolen_known);
		assert_null(info->status);
		assert_null(info->rom_name);
		assert_null(info->cpu);
		assert_null(info->exit_kind);
		run_info_free(info);
		problems_free(&problems);
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
		     "{ \"events_counted\": 2, \"events_recorded\": 2, "
		     "\"events_lost\": 0, \"stolen_cycles\": null, "
		     "\"stolen_reason\": \"why\" } ] }",
		&problems);

	(void)state;
	assert_int_equal(problems.nr, 1);
	assert_non_null(strstr(problems.text[0], "found 'NoCall'"));
	assert_true(info->counts_known);
	assert_int_equal(info->events_counted, 6);
	assert_int_equal(info->events_recorded, 5);
	assert_int_equal(info->events_lost, 1);
	assert_false(info->stolen_known);
	assert_string_equal(info->stolen_reason, "why");
	run_info_free(info);
	problems_free(&problems);
}

/* The clock is known when both numbers are there; why not is text. */
static void guest_clock(void **state)
{
	static const struct {
		const char *text;
		bool known;
	} cases[] = {
		{ HEAD "\"clock\": { \"offset_ns\": -5, \"error_ns\": 7, \"how\": \"so\" } }",
		  true },
		{ HEAD "\"clock\": { \"offset_ns\": null, \"error_ns\": null, \"how\": \"so\" } }",
		  false },
		{ HEAD "\"clock\": { \"offset_ns\": 5, \"error_ns\": -1, \"how\": \"so\" } }",
		  false },
		{ HEAD "\"clock\": { \"offset_ns\": \"5\", \"error_ns\": 7, \"how\": \"so\" } }",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct problems problems = { 0 };
		struct run_info *info = read_text(cases[i].text, &problems);

		assert_int_equal(problems.nr, 0);
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
		cmocka_unit_test(vcpus),
		cmocka_unit_test(guest_clock),
	};

	return cmocka_run_group_tests_name("run_info", tests, NULL, NULL);
}
