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
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		text_set(text, sizeof(text), "%s", cases[i].text);
		text_clean(text);
		assert_string_equal(text, cases[i].expected);
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
		cmocka_unit_test(cut_to_fit),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
