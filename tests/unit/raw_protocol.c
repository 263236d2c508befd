// SPDX-License-Identifier: GPL-2.0-only
/*
 * What benchmark programs print: taken whole, in pieces, and when it is damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/raw_protocol.h"

static const char console[] =
	"vmi: ROM at 0xc0000: \"native\"\r\n"
	"case call=RDTSC form=native padding=- unit=tcg-cycles group=g samples=1,2.5,3,4,5,6\r\n"
	"case call=RDTSC form=padded padding=nopl unit=tcg-cycles group=g samples=2,2,2,2,2,2\r\n"
	"case call=RDTSC form=stub padding=- unit=tcg-cycles group=g samples=-0.5,3,3,3,3,3\r\n"
	"skip call=Halt form=stub why=it waits: for an interrupt\r\n"
	"skip call=Halt form=padded why=0x66: no room\r\n"
	"bench: done\r\n";

static struct raw_reader new_reader(void)
{
	return (struct raw_reader){
		.results = results_new(),
		.platform = PLATFORM_EMULATED,
		.label = "rom-native",
	};
}

static void free_reader(struct raw_reader *reader)
{
	raw_end(reader);
	results_free(reader->results);
}

static void check_all(const struct raw_reader *reader)
{
	const struct results *r = reader->results;
	const struct result_case *c;

	assert_int_equal(reader->nr_faults, 0);
	assert_true(reader->done);
	assert_int_equal(reader->nr_cases, 3);
	assert_int_equal(reader->nr_skips, 2);
	assert_string_equal(reader->last_case, "RDTSC stub");
	c = results_find(r, "RDTSC", FORM_PADDED, PLATFORM_EMULATED, "nopl");
	assert_non_null(c);
	assert_string_equal(c->group, "rom-native/g");
	c = results_find(r, "RDTSC", FORM_NATIVE, PLATFORM_EMULATED, NULL);
	assert_non_null(c);
	assert_int_equal(c->nr_samples, 6);
	assert_true(c->samples[1] == 2.5);
	assert_string_equal(r->skips[0].why, "it waits: for an interrupt");
	assert_null(r->skips[0].padding);
	assert_string_equal(r->skips[1].why, "no room");
	assert_string_equal(r->skips[1].padding, "0x66");
}

static void whole(void **state)
{
	struct raw_reader reader = new_reader();

	(void)state;
	raw_feed(&reader, console, strlen(console));
	check_all(&reader);
	free_reader(&reader);
}

static void byte_by_byte(void **state)
{
	struct raw_reader reader = new_reader();

	(void)state;
	for (const char *p = console; *p; p++)
		raw_feed(&reader, p, 1);
	check_all(&reader);
	free_reader(&reader);
}

/* A guest that dies in the middle of a line: what was whole before stays. */
static void cut_off(void **state)
{
	struct raw_reader reader = new_reader();
	const char *end = strstr(console, ",3,3,3,3,3");

	(void)state;
	raw_feed(&reader, console, (size_t)(end - console));
	raw_end(&reader);
	assert_false(reader.done);
	assert_int_equal(reader.nr_cases, 2);
	assert_int_equal(reader.nr_faults, 1);
	assert_non_null(strstr(reader.fault, "the last line is cut off"));
	results_free(reader.results);
}

/* One line that is not sound among others that are. */
static void refused(const char *line, const char *expected)
{
	struct raw_reader reader = new_reader();

	raw_feed(&reader, line, strlen(line));
	raw_feed(&reader, "\n", 1);
	raw_feed(&reader, console, strlen(console));
	assert_int_equal(reader.nr_faults, 1);
	if (!strstr(reader.fault, expected))
		fail_msg("'%s' is not in '%s'", expected, reader.fault);
	assert_int_equal(reader.nr_cases, 3);
	free_reader(&reader);
}

#define HEAD	"case call=IN form=stub padding=- "

static void damaged(void **state)
{
	(void)state;
	refused("case call=IN form=stub", "padding= is missing");
	refused(HEAD "unit=tcg-cycles group=g samples=", "samples= is missing");
	refused(HEAD "unit=tcg-cycles group=g samples=1,x",
		"found 'x', expected a decimal number");
	refused(HEAD "unit=tcg-cycles group=g samples=1,,2",
		"expected a decimal number");
	refused(HEAD "unit=tcg-cycles group=g samples=nan", "found 'nan'");
	refused(HEAD "unit=tcg-cycles group=g samples=0x10", "found '0x10'");
	refused(HEAD "unit=tcg-cycles group=g samples=1 2",
		"found '2'");
	refused(HEAD "unit=tcg-cycles unit=ns group=g samples=1",
		"found 'unit'");
	refused(HEAD "unit=hours group=g samples=1", "unit 'hours'");
	refused("case call=IN form=tub padding=- unit=ns group=g samples=1",
		"form 'tub'");
	refused("case call=I;N form=stub padding=- unit=ns group=g samples=1",
		"call 'I;N'");
	refused("case call=IN form=padded padding=int3 unit=tcg-cycles group=g samples=1",
		"padding: found 'int3'");
	refused("skip call=IN form=stub", "skip line");
	refused("skip call=IN form=tub why=x", "skip line");
}

/* Figures of another platform than this run's. */
static void other_platform(void **state)
{
	(void)state;
	refused(HEAD "unit=cycles group=g samples=1",
		"found 'cycles', which is not one of platform emulated");
	refused(HEAD "unit=instructions group=g samples=1",
		"found 'instructions'");
}

static void twice(void **state)
{
	struct raw_reader reader = new_reader();

	(void)state;
	raw_feed(&reader, console, strlen(console));
	raw_feed(&reader, console, strlen(console));
	assert_int_equal(reader.nr_faults, 3);
	assert_non_null(strstr(reader.fault, "twice"));
	assert_int_equal(reader.nr_cases, 3);
	free_reader(&reader);
}

static void endless_line(void **state)
{
	struct raw_reader reader = new_reader();
	static char junk[1 << 16];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 100; i++)
		raw_feed(&reader, junk, sizeof(junk));
	assert_true(reader.nr_faults > 0);
	assert_true(reader.line_bytes <= 1 << 20);
	free_reader(&reader);
}

/* A clock is that of its group, and of no other. */
static void clocks(void **state)
{
	static const char lines[] =
		"clock group=h step=26 operations=13\n"
		"case call=RDTSC form=native padding=- unit=tcg-cycles group=h samples=9,9\n"
		"case call=RDTSC form=stub padding=- unit=tcg-cycles group=g samples=9,9\n"
		"clock group=h step=26 operations=0\n";
	struct raw_reader reader = new_reader();

	(void)state;
	raw_feed(&reader, lines, sizeof(lines) - 1);
	assert_int_equal(reader.nr_cases, 2);
	assert_true(reader.results->cases[0].resolution == 4);
	assert_true(reader.results->cases[1].resolution == 0);
	assert_int_equal(reader.nr_faults, 1);
	assert_non_null(strstr(reader.fault, "operations=0"));
	free_reader(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks),
		cmocka_unit_test(whole),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(damaged),
		cmocka_unit_test(other_platform),
		cmocka_unit_test(twice),
		cmocka_unit_test(endless_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
