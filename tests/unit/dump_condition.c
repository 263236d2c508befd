// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes a flight recorder dump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/dump_condition.h"

static char why[200];

static bool parse(struct dump_condition *condition, const char *text)
{
	why[0] = '\0';
	return dump_condition_parse(condition, text, why, sizeof(why));
}

static void test_parse(void **state)
{
	static const char *const wrong[] = {
		"", ">", ">5", "cycles", "cycles>", "cycles>x", "cycles>5x",
		"cycles>-1", "cycles> 5", "cycles<5", "cycle>5", "halt>5",
		"cycles>99999999999999999999",
		"AVeryLongNameOfACallThatDoesNotExistAtAllInAnyTable>5",
	};
	struct dump_condition condition;

	(void)state;
	assert_true(parse(&condition, "cycles>5000"));
	assert_int_equal(condition.kind, DUMP_ON_ANY_CALL);
	assert_int_equal(condition.over, 5000);
	assert_true(parse(&condition, "lost>0"));
	assert_int_equal(condition.kind, DUMP_ON_LOST);
	assert_int_equal(condition.over, 0);
	assert_true(parse(&condition, "SetInterruptMask>18446744073709551615"));
	assert_int_equal(condition.kind, DUMP_ON_CALL);
	assert_int_equal(condition.call, VMI_CALL_SetInterruptMask);
	assert_true(condition.over == UINT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(parse(&condition, wrong[i]));
		assert_string_not_equal(why, "");
	}
}

static struct {
	struct vmi_packet header;
	struct vmi_record record[4];
} packet;

/* A packet of compact calls, all of so many cycles but one. */
static void make_packet(unsigned int call, uint32_t cycles, uint32_t flags)
{
	memset(&packet, 0, sizeof(packet));
	packet.header.content_bits = sizeof(packet) * 8;
	for (int i = 0; i < 4; i++)
		packet.record[i].word =
			VMI_CALL_EnableInterrupts << VMI_REC_CALL_SHIFT |
			10 << VMI_REC_CYCLES_SHIFT;
	packet.record[2].word = call << VMI_REC_CALL_SHIFT |
				cycles << VMI_REC_CYCLES_SHIFT | flags;
}

static bool met(struct dump_watch *watch)
{
	bool is_met;

	dump_watch_packet(watch, &packet.header);
	is_met = *watch->met;
	dump_watch_rearm(watch, packet.header.lost);
	return is_met;
}

static void test_cycles(void **state)
{
	struct dump_condition conditions[2];
	struct dump_watch watch;

	(void)state;
	assert_true(parse(&conditions[0], "SetInterruptMask>1000"));
	assert_true(parse(&conditions[1], "cycles>5000"));
	dump_watch_init(&watch, conditions, 2);
	make_packet(VMI_CALL_SetInterruptMask, 1000, 0);
	assert_false(met(&watch));
	make_packet(VMI_CALL_SetInterruptMask, 1001, 0);
	dump_watch_packet(&watch, &packet.header);
	assert_string_equal(watch.met,
			    "SetInterruptMask took 1001 cycles, more than 1000");
	assert_true(met(&watch));
	/* Another call has the general limit. */
	make_packet(VMI_CALL_Halt, 5000, 0);
	assert_false(met(&watch));
	make_packet(VMI_CALL_Halt, 5001, 0);
	assert_true(met(&watch));
	/* Cycles that have a handler's in them say nothing. */
	make_packet(VMI_CALL_Halt, 5001, VMI_REC_INTERRUPTED);
	assert_false(met(&watch));
}

static void test_wide(void **state)
{
	struct {
		struct vmi_packet header;
		struct vmi_record_wide record;
	} wide = {
		.header.content_bits = sizeof(wide) * 8,
		.record.head.word = VMI_CALL_Halt << VMI_REC_CALL_SHIFT |
				    VMI_REC_WIDE,
		.record.cycles = 1ull << 33,
	};
	struct dump_condition condition;
	struct dump_watch watch;

	(void)state;
	assert_true(parse(&condition, "cycles>8589934591"));
	dump_watch_init(&watch, &condition, 1);
	dump_watch_packet(&watch, &wide.header);
	assert_string_not_equal(watch.met, "");
}

static void test_lost(void **state)
{
	struct dump_condition condition;
	struct dump_watch watch;

	(void)state;
	assert_true(parse(&condition, "lost>10"));
	dump_watch_init(&watch, &condition, 1);
	make_packet(VMI_CALL_Halt, 1 << 20, 0);
	packet.header.lost = 10;
	dump_watch_packet(&watch, &packet.header);
	assert_string_equal(watch.met, "");
	packet.header.lost = 11;
	assert_true(met(&watch));
	/* From the dump on. */
	packet.header.lost = 21;
	dump_watch_packet(&watch, &packet.header);
	assert_string_equal(watch.met, "");
	packet.header.lost = 22;
	assert_true(met(&watch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
