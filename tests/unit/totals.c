// SPDX-License-Identifier: GPL-2.0-only
/* totals.c: totals of a guest that is honest, and of some that are not. */
#include "record/totals.h"

#include "fake_rom.h"

#define TABLE		0x4000u
#define SITES		0x180000u
#define STRIDE		0x800u

static struct totals totals;

static void attach(struct fake_rom *fake, enum run_level level)
{
	struct trace_rom rom = {
		.phys = FAKE_PHYS,
		.image_bytes = FAKE_IMAGE_BYTES,
		.name = "fake",
		.traces = level == RUN_LEVEL_COUNT,
		.aggregates = level == RUN_LEVEL_AGGREGATE,
		.ctl_offset = FAKE_CTL,
		.counters_offset = FAKE_COUNTERS,
		.aggregate_offset = TABLE,
	};

	fake_create(fake);
	totals_attach(&totals, &fake->ram, &rom, level);
}

static uint32_t *sites(struct fake_rom *fake, uint32_t cpu)
{
	return (uint32_t *)(fake->ram.base + SITES + (size_t)cpu * STRIDE);
}

static void tell(struct fake_rom *fake, uint32_t phys, uint32_t cpus,
		 uint32_t stride)
{
	fake->ctl->count_cpus = cpus;
	fake->ctl->count_stride = stride;
	fake->ctl->count_phys = phys;
}

static void test_aggregate(void **state)
{
	struct fake_rom fake;
	struct vmi_aggregate *table;
	const char *call = "";

	(void)state;
	attach(&fake, RUN_LEVEL_AGGREGATE);
	table = (struct vmi_aggregate *)(fake.ram.base + FAKE_PHYS + TABLE);
	table[VMI_CALL_RDTSC].bucket[5] = 0xffffffff;
	table[VMI_CALL_RDTSC].sum_cycles = 0xffffffffull * 20;
	table[VMI_CALL_RDTSC].interrupted = 3;
	assert_true(totals_sample(&totals));
	assert_int_equal(totals_calls(&totals), 0x100000002ull);
	assert_true(totals_fit(&totals, &call));
	/* A bucket wraps. */
	table[VMI_CALL_RDTSC].bucket[5] += 2;
	table[VMI_CALL_RDTSC].sum_cycles += 2ull * 31;
	assert_true(totals_sample(&totals));
	assert_int_equal(totals.call[VMI_CALL_RDTSC].bucket[5], 0x100000001ull);
	assert_int_equal(totals.call[VMI_CALL_RDTSC].interrupted, 3);
	assert_true(totals_fit(&totals, &call));
	assert_true(totals_found(&totals));
	/* A sum below what the buckets add up to, and one above. */
	table[VMI_CALL_INB].bucket[3] = 2;
	table[VMI_CALL_INB].sum_cycles = 7;
	assert_true(totals_sample(&totals));
	assert_false(totals_fit(&totals, &call));
	assert_string_equal(call, "INB");
	table[VMI_CALL_INB].sum_cycles = 15;
	assert_true(totals_sample(&totals));
	assert_false(totals_fit(&totals, &call));
	table[VMI_CALL_INB].sum_cycles = 14;
	assert_true(totals_sample(&totals));
	assert_true(totals_fit(&totals, &call));
	fake_destroy(&fake);
}

static void test_count(void **state)
{
	struct fake_rom fake;

	(void)state;
	attach(&fake, RUN_LEVEL_COUNT);
	fake.counters[VMI_CALL_SetCR3] = 7;
	assert_true(totals_sample(&totals));
	assert_false(totals_found(&totals));
	assert_int_equal(totals_calls(&totals), 7);
	/* Sites on two vCPUs, beside what the ROM counts. */
	sites(&fake, 0)[VMI_CALL_DisableInterrupts] = 0xfffffff0;
	sites(&fake, 1)[VMI_CALL_DisableInterrupts] = 5;
	tell(&fake, SITES, 2, STRIDE);
	assert_true(totals_sample(&totals));
	assert_true(totals_found(&totals));
	sites(&fake, 0)[VMI_CALL_DisableInterrupts] += 0x20;
	assert_true(totals_sample(&totals));
	assert_int_equal(totals.call[VMI_CALL_DisableInterrupts].count,
			 0x100000015ull);
	assert_int_equal(totals.call[VMI_CALL_SetCR3].count, 7);
	/* Told once: another place is not looked at. */
	tell(&fake, 0xfffffffc, 2, STRIDE);
	assert_true(totals_sample(&totals));
	fake_destroy(&fake);
}

/* Beside a trace: only what the sites count, and nothing told is no error. */
static void test_sites(void **state)
{
	struct fake_rom fake;

	(void)state;
	attach(&fake, RUN_LEVEL_COUNT);
	totals_attach_sites(&totals, &fake.ram, &totals.rom);
	fake.counters[VMI_CALL_SetCR3] = 7;
	assert_true(totals_sample(&totals));
	assert_false(totals_found(&totals));
	sites(&fake, 0)[VMI_CALL_DisableInterrupts] = 5;
	tell(&fake, SITES, 1, 0);
	assert_true(totals_sample(&totals));
	assert_true(totals_found(&totals));
	assert_int_equal(totals.call[VMI_CALL_DisableInterrupts].count, 5);
	assert_int_equal(totals_calls(&totals), 5);
	fake_destroy(&fake);
}

static void refused(uint32_t phys, uint32_t cpus, uint32_t stride,
		    const char *why)
{
	struct fake_rom fake;

	attach(&fake, RUN_LEVEL_COUNT);
	tell(&fake, phys, cpus, stride);
	assert_false(totals_sample(&totals));
	assert_non_null(strstr(totals.error, why));
	assert_false(totals_sample(&totals));
	fake_destroy(&fake);
}

static void test_lies(void **state)
{
	(void)state;
	refused(SITES, 0, STRIDE, "0 vCPUs count, expected 1 to 256");
	refused(SITES, 257, STRIDE, "257 vCPUs count");
	refused(FAKE_RAM_BYTES - 4, 1, STRIDE, "not all memory");
	refused(0xfffffffc, 1, STRIDE, "not all memory");
	refused(SITES + 1, 1, STRIDE, "not all memory");
	refused(SITES, 2, 0xfffffffc, "vCPU 1 counts at 0x10017fffc");
	refused(SITES, 2, STRIDE + 2, "vCPU 1");
	refused(SITES, 2, 256, "256 bytes apart: expected memory of their own");
	refused(FAKE_PHYS + FAKE_COUNTERS, 1, 0, "outside the ROM");
}

/* A counter that fell, in the ROM, the table or a site, and one too fast. */
static void test_counters_that_were_set(void **state)
{
	static const uint32_t set[] = { 0, 4, 0x7fffffff, 0xfffffff0 };
	const uint32_t nr = VMI_CALL_SetCR3;

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct fake_rom fake;
		uint32_t *counter;

		attach(&fake, i % 3 == 2 ? RUN_LEVEL_AGGREGATE
					 : RUN_LEVEL_COUNT);
		counter = &fake.counters[nr];
		if (i % 3 == 1)
			counter = &sites(&fake, 0)[nr];
		else if (i % 3 == 2)
			counter = &((struct vmi_aggregate *)(
					    fake.ram.base + FAKE_PHYS +
					    TABLE))[nr].bucket[2];
		tell(&fake, SITES, 1, STRIDE);
		*counter = 1000;
		assert_true(totals_sample(&totals));
		*counter += 1000;
		assert_true(totals_sample(&totals));
		*counter = set[i / 3];
		assert_false(totals_sample(&totals));
		assert_non_null(strstr(totals.error,
				       "a counter of SetCR3 was 2000 and is"));
		assert_int_equal(totals_calls(&totals), 2000);
		fake_destroy(&fake);
	}
}

static void test_no_such_call(void **state)
{
	struct fake_rom fake;

	(void)state;
	attach(&fake, RUN_LEVEL_COUNT);
	fake.counters[VMI_NR_SLOTS - 1] = 1;
	assert_false(totals_sample(&totals));
	assert_non_null(strstr(totals.error, "1 calls of slot 127"));
	fake_destroy(&fake);
}

/* No sum is taken modulo 2^64, nor believed beyond the guest's time. */
static void test_sums(void **state)
{
	struct fake_rom fake;
	struct vmi_aggregate *table;
	const char *call = "";

	(void)state;
	attach(&fake, RUN_LEVEL_AGGREGATE);
	table = (struct vmi_aggregate *)(fake.ram.base + FAKE_PHYS + TABLE);
	table[VMI_CALL_INB].bucket[31] = 2;
	table[VMI_CALL_INB].sum_cycles = 1ull << 63;
	assert_true(totals_sample(&totals));
	assert_true(totals_fit(&totals, &call));
	totals.cycles_max = 1ull << 40;
	assert_false(totals_fit(&totals, &call));
	table[VMI_CALL_INB].sum_cycles = 1ull << 41;
	assert_true(totals_sample(&totals));
	assert_true(totals_fit(&totals, &call));
	/* These would make 0 in 64 bits. */
	totals.call[VMI_CALL_INB].bucket[31] = 1ull << 34;
	totals.call[VMI_CALL_INB].sum_cycles = 0;
	assert_false(totals_fit(&totals, &call));
	fake_destroy(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aggregate),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_counters_that_were_set),
		cmocka_unit_test(test_no_such_call),
		cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
