// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text from outside: what a terminal may act on and what is not UTF-8 goes, the
 * rest stays as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/text.h"

static void cleaned(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"", ""},
		{"linux 6.1 'x' \"y\" \\", "linux 6.1 'x' \"y\" \\"},
		{"\033[31mred\033[0m", "?[31mred?[0m"},
		{"a\nb\tc\x7f", "a?b?c?"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"\xe2\x82\xac \xf0\x9f\x98\x80",
		 "\xe2\x82\xac \xf0\x9f\x98\x80"},
		/* C1 controls, alone and as UTF-8. */
		{"\x9b\x31m \xc2\x9b", "?1m ??"},
		/* Cut, overlong, surrogate, beyond U+10FFFF. */
		{"\xe2\x82", "??"},
		{"\xe2", "?"},
		{"\xf0\x9f\x98", "???"},
		{"\xc0\xaf \xe0\x80\xaf", "?? ???"},
		{"\xed\xa0\x80", "???"},
		{"\xf4\x90\x80\x80 \xff", "???? ?"},
		/* Marks of direction, line ends, what is not seen. */
		{"\xe2\x80\xa8 \xd8\x9c \xef\xbb\xbf", "??? ?? ???"},
		/* No characters: U+FFFE, U+FFFF, U+1FFFE; but U+FFFD is one. */
		{"\xef\xbf\xbe\xef\xbf\xbf", "??????"},
		{"\xf0\x9f\xbf\xbe \xef\xbf\xbd", "???? \xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		text_set(text, sizeof(text), "%s", cases[i].text);
		text_clean(text);
		assert_string_equal(text, cases[i].expected);
	}
}

/* U+202A to U+202E and U+2066 to U+2069. */
static void directions(void **state)
{
	(void)state;
	for (int last = 0xa6; last <= 0xae; last++) {
		const char text[] = {'a', '\xe2',
				     last < 0xaa ? '\x81' : '\x80',
				     (char)last, 'b', '\0'};
		char *clean = text_clean_copy(text);

		assert_string_equal(clean, "a???b");
		free(clean);
	}
}

/* What is shown line by line, in parts that end anywhere. */
static void streamed(void **state)
{
	static const char text[] = "a\tgr\xc3\xbc\xc3\x9f\r\n\033[2J "
				   "\xe2\x82\xac \xe2\x80\x8f\xf0\x9f\x98\x80 \x9b!\n";
	static const char expected[] = "a\tgr\xc3\xbc\xc3\x9f\r\n?[2J "
				       "\xe2\x82\xac ???\xf0\x9f\x98\x80 ?!\n";
	const size_t bytes = sizeof(text) - 1;

	(void)state;
	for (size_t part = 4; part <= bytes; part++) {
		char all[sizeof(text)] = "", one[sizeof(text)];
		size_t done = 0;

		while (done < bytes) {
			size_t n = part < bytes - done ? part : bytes - done;

			memcpy(one, text + done, n);
			one[n] = '\0';
			n = text_clean_stream(one, n);
			assert_true(n > 0);
			memcpy(all + done, one, n);
			done += n;
		}
		assert_string_equal(all, expected);
	}
}

static void cut_to_fit(void **state)
{
	char text[8];

	(void)state;
	text_set(text, sizeof(text), "%d", 12345);
	text_append(text, sizeof(text), "%s", "6789");
	assert_string_equal(text, "1234567");
	text_append(text, sizeof(text), "more");
	assert_string_equal(text, "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaned),
		cmocka_unit_test(directions),
		cmocka_unit_test(streamed),
		cmocka_unit_test(cut_to_fit),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
