// SPDX-License-Identifier: GPL-2.0-only
/*
 * What --call, --vcpu, --from and --to let pass, and what they refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "trace/filter.h"

#define BEGIN 5000000000U
#define HZ    1000000000UL

static error_t parse_to(const char *a, const char *b,
			struct trace_filter *filter)
{
	char *argv[] = {(char *)"test", (char *)a, (char *)b, NULL};

	*filter = (struct trace_filter){0};
	return argp_parse(&filter_argp, b ? 3 : 2, argv, 0, NULL, filter);
}

static struct trace_filter parse(const char *a, const char *b)
{
	struct trace_filter filter;

	assert_int_equal(parse_to(a, b, &filter), 0);
	return filter;
}

/* The exit status of a command line; argp ends the program. */
static int refused(const char *a, const char *b)
{
	struct trace_filter filter;
	int status, quiet = scratch_quiet();
	pid_t child = fork();

	if (!child)
		_exit(parse_to(a, b, &filter));
	assert_true(waitpid(child, &status, 0) == child);
	scratch_loud(quiet);
	return WEXITSTATUS(status);
}

static void options(void **state)
{
	struct trace_filter filter = parse("--call=CPUID,Halt", NULL);

	(void)state;
	assert_true(filter_given(&filter));
	assert_true(filter.calls_given && !filter.vcpus_given);
	assert_true(filter.call[VMI_CALL_CPUID] && filter.call[VMI_CALL_Halt]);
	assert_false(filter.call[VMI_CALL_IRET]);
	filter = parse("--vcpu=0,2-4,255", NULL);
	assert_true(filter.vcpus_given);
	assert_true(filter.vcpu[0] && filter.vcpu[2] && filter.vcpu[4] &&
		    filter.vcpu[255]);
	assert_false(filter.vcpu[1] || filter.vcpu[5] || filter.vcpu[254]);
	filter = (struct trace_filter){0};
	assert_false(filter_given(&filter));
}

static void wrong_options(void **state)
{
	static const char *const wrong[] = {"--call=",
					    "--call=CPUID,",
					    "--call=cpuid",
					    "--vcpu=",
					    "--vcpu=-1",
					    "--vcpu=256",
					    "--vcpu=3-2",
					    "--vcpu=1,",
					    "--vcpu=1-",
					    "--vcpu=99999999999999999999",
					    "--from=",
					    "--from=-1",
					    "--from=1h",
					    "--from=@",
					    "--from=@1.5",
					    "--to=x",
					    "--to=1e999",
					    "--to=nan",
					    "--from=@99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (refused(wrong[i], NULL) != argp_err_exit_status)
			fail_msg("%s was taken", wrong[i]);
	}
	assert_int_equal(refused("--from=2", "--to=2"), argp_err_exit_status);
	assert_int_equal(refused("--from=@9", "--to=@8"), argp_err_exit_status);
	assert_int_equal(refused("--from=1", "--to=@8"), 0);
}

static void times(void **state)
{
	const struct trace_stream stream = {.clock_hz = HZ,
					    .time_begin = BEGIN};
	struct trace_filter filter;
	uint64_t from, to;

	(void)state;
	filter = parse("--from=1.5", "--to=2500ms");
	filter_times(&filter, &stream, &from, &to);
	assert_int_equal(from, BEGIN + HZ / 2 * 3);
	assert_int_equal(to, BEGIN + HZ / 2 * 5);
	filter = parse("--from=@77", "--to=1e300");
	filter_times(&filter, &stream, &from, &to);
	assert_int_equal(from, 77);
	assert_true(to == UINT64_MAX);
	filter = parse("--vcpu=1", NULL);
	filter_times(&filter, &stream, &from, &to);
	assert_int_equal(from, 0);
	assert_true(to == UINT64_MAX);
}

/* A packet of vCPU 1 from BEGIN + 1000 to BEGIN + 2000 ns. */
static bool passes(const char *a, const char *b, struct filter_window *window)
{
	static const struct trace_stream stream = {
		.clock_hz = HZ, .time_begin = BEGIN, .vcpu = 1};
	const struct vmi_packet header = {.time_begin = BEGIN + 1000,
					  .time_end = BEGIN + 2000,
					  .vcpu = 1};
	const struct trace_packet packet = {
		.stream = &stream,
		.header = &header,
		.epoch = header.time_begin >> 32 << 32,
	};
	const struct trace_filter filter = parse(a, b);

	return filter_packet(&filter, &packet, window);
}

static void packets(void **state)
{
	struct filter_window window;

	(void)state;
	assert_true(passes("--vcpu=1", NULL, &window) && window.all);
	assert_false(passes("--vcpu=0", NULL, &window));
	assert_true(passes("--call=CPUID", NULL, &window) && !window.all);
	assert_true(passes("--from=1us", NULL, &window) && window.all);
	assert_true(passes("--from=2us", NULL, &window) && !window.all);
	assert_false(passes("--from=2001ns", NULL, &window));
	assert_true(passes("--to=2001ns", NULL, &window) && window.all);
	assert_true(passes("--to=2us", NULL, &window) && !window.all);
	assert_false(passes("--to=1us", NULL, &window));
}

static void records(void **state)
{
	const struct trace_filter filter = parse("--call=CPUID", NULL);
	const struct filter_window window = {
		.epoch = 1ULL << 32,
		.from = (1ULL << 32) + 10,
		.to = (1ULL << 32) + 20,
	};
	struct vmi_record record = {
		.time = 10, .word = VMI_CALL_CPUID << VMI_REC_CALL_SHIFT};

	(void)state;
	assert_true(filter_record(&filter, &window, &record));
	record.time = 9;
	assert_false(filter_record(&filter, &window, &record));
	record.time = 19;
	assert_true(filter_record(&filter, &window, &record));
	record.time = 20;
	assert_false(filter_record(&filter, &window, &record));
	record.time = 15;
	record.word = VMI_CALL_Halt << VMI_REC_CALL_SHIFT;
	assert_false(filter_record(&filter, &window, &record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options), cmocka_unit_test(wrong_options),
		cmocka_unit_test(times),   cmocka_unit_test(packets),
		cmocka_unit_test(records),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
