// SPDX-License-Identifier: GPL-2.0-only
/*
 * long.c - cases: page-table entries of 64 bits (PAE), on plain memory
 */
#include "call/call.h"
#include "cases/selftest.h"
#include "vmi/abi.h"

#define VALUE		0x0123456789abcdefULL
#define OTHER		0xfedcba9876543210ULL
#define GUARD		0x5a5a5a5a5a5a5a5aULL

static uint64_t entries[3] __attribute__((aligned(8)));

static void start_with(uint64_t value)
{
	entries[0] = GUARD;
	entries[1] = value;
	entries[2] = GUARD;
}

static void expect_entry(uint64_t value)
{
	expect_equal64("entry", entries[1], value);
	expect_equal64("entry in front", entries[0], GUARD);
	expect_equal64("entry behind", entries[2], GUARD);
}

static void set_long(uint32_t call)
{
	start_with(OTHER);
	if (call == VMI_CALL_SetPxELong)
		vmi_SetPxELong(VALUE, &entries[1]);
	else
		vmi_SetPxELongFlags(VALUE, &entries[1], VMI_PXE_CURRENT_AS);
	expect_entry(VALUE);
}

static void get_long(uint32_t call)
{
	(void)call;
	start_with(VALUE);
	expect_equal64("value", vmi_GetPxELong(&entries[1]), VALUE);
	expect_entry(VALUE);
}

static void swap_long(uint32_t call)
{
	(void)call;
	start_with(VALUE);
	expect_equal64("old entry", vmi_SwapPxELongAtomic(OTHER, &entries[1]),
		       VALUE);
	expect_entry(OTHER);
}

static void deactivate_long(uint32_t call)
{
	(void)call;
	start_with(VALUE);
	expect_equal64("old entry", vmi_DeactivatePxELongAtomic(&entries[1]),
		       VALUE);
	expect_entry(0);
}

static void each_long_bit(uint32_t call)
{
	const bool set = call == VMI_CALL_TestAndSetPxELongBit;
	const uint64_t before = set ? 0 : ~0ULL;
	uint32_t bit, times;

	for (bit = 0; bit < 64; bit++) {
		start_with(before);
		for (times = 0; times < 2; times++) {
			uint32_t old =
				set ? vmi_TestAndSetPxELongBit(&entries[1],
							       bit) :
				      vmi_TestAndClearPxELongBit(&entries[1],
								 bit);
			bool was_set = set == (times > 0);

			expect(!old == !was_set,
			       "bit %u: the old one is said to be %u", bit,
			       old);
			expect_entry(before ^ 1ULL << bit);
		}
	}
}

static const struct test_case cases[] = {
	{ VMI_CALL_SetPxELong, "writes both halves", set_long },
	{ VMI_CALL_SetPxELongFlags, "writes both halves", set_long },
	{ VMI_CALL_GetPxELong, "reads both halves", get_long },
	{ VMI_CALL_SwapPxELongAtomic, "returns the old one", swap_long },
	{ VMI_CALL_DeactivatePxELongAtomic, "clears, returns the old one",
	  deactivate_long },
	{ VMI_CALL_TestAndSetPxELongBit, "each bit", each_long_bit },
	{ VMI_CALL_TestAndClearPxELongBit, "each bit", each_long_bit },
};

TEST_GROUP(long_cases, cases);
