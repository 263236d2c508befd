// SPDX-License-Identifier: GPL-2.0-only
/* modes.c: modes of a guest that is honest, and of some that are not. */
#include "record/modes.h"

#include "fake_rom.h"
#include "lib/site_modes.h"

#define PUBLISHED	0x180004u	/* as i386 aligns it */

static struct modes modes;

static void attach(struct fake_rom *fake)
{
	const struct trace_rom rom = {
		.phys = FAKE_PHYS,
		.name = "fake",
		.traces = true,
		.ctl_offset = FAKE_CTL,
	};

	fake_create(fake);
	modes_attach(&modes, &fake->ram, &rom);
}

static void detach(struct fake_rom *fake)
{
	modes_free(&modes);
	fake_destroy(fake);
}

static void publish(struct fake_rom *fake, const struct vmi_modes *now)
{
	memcpy(fake->ram.base + PUBLISHED, now, sizeof(*now));
	fake->ctl->modes_phys = PUBLISHED;
}

static void followed(void **state)
{
	struct vmi_modes now = { .seq = 2, .since = 1000 };
	struct fake_rom fake;

	(void)state;
	attach(&fake);
	assert_false(modes_poll(&modes));
	now.sites[VMI_CALL_RDTSC] = VMI_SITES_STUB;
	now.sites[VMI_CALL_SetCR3] = VMI_SITES_INLINE | VMI_SITES_STUB;
	publish(&fake, &now);
	assert_true(modes_poll(&modes));
	assert_int_equal(modes.nr, 2);
	assert_false(modes_poll(&modes));

	/* In the middle of a change nothing is taken. */
	now.seq = 3;
	now.since = 2000;
	now.sites[VMI_CALL_RDTSC] = VMI_SITES_NATIVE;
	publish(&fake, &now);
	assert_false(modes_poll(&modes));
	now.seq = 4;
	publish(&fake, &now);
	assert_true(modes_poll(&modes));
	assert_int_equal(modes.nr, 3);
	assert_int_equal(modes.change[2].nr, VMI_CALL_RDTSC);
	assert_int_equal(modes.change[2].sites, VMI_SITES_NATIVE);
	assert_int_equal(modes.change[2].time, 2000);
	assert_int_equal(modes.left_out, 0);

	/* Two changes between two looks: the first is known to be missing. */
	now.seq = 8;
	now.sites[VMI_CALL_RDTSC] = VMI_SITES_COUNT;
	publish(&fake, &now);
	assert_true(modes_poll(&modes));
	assert_int_equal(modes.left_out, 1);
	detach(&fake);
}

static void not_memory(void **state)
{
	static const uint32_t places[] = {
		FAKE_RAM_BYTES, FAKE_RAM_BYTES - 4, 0xfffffffc, PUBLISHED + 1
	};
	struct fake_rom fake;

	(void)state;
	attach(&fake);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		fake.ctl->modes_phys = places[i];
		assert_false(modes_poll(&modes));
	}
	assert_int_equal(modes.nr, 0);
	detach(&fake);
}

/* All calls change all the time: memory stays bounded, the rest is counted. */
static void too_many(void **state)
{
	struct vmi_modes now = { .seq = 0 };
	struct fake_rom fake;

	(void)state;
	attach(&fake);
	for (int i = 1; i < 3000; i++) {
		now.seq += 2;
		now.since = UINT64_MAX;
		memset(now.sites, i & 0xff, sizeof(now.sites));
		publish(&fake, &now);
		(void)modes_poll(&modes);
	}
	assert_int_equal(modes.nr, MODES_KEPT_MAX);
	assert_true(modes.left_out > 0);
	detach(&fake);
}

/* A number that fell, or went on by more than there can have been. */
static void unbelievable(void **state)
{
	static const uint32_t next[] = { 2, 6 + (1u << 26), 0xfffffffe };

	(void)state;
	for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++) {
		struct vmi_modes now = { .seq = 6 };
		struct fake_rom fake;

		attach(&fake);
		now.sites[VMI_CALL_RDTSC] = VMI_SITES_STUB;
		publish(&fake, &now);
		assert_true(modes_poll(&modes));
		now.seq = next[i];
		now.sites[VMI_CALL_RDTSC] = VMI_SITES_NATIVE;
		publish(&fake, &now);
		assert_false(modes_poll(&modes));
		assert_non_null(strstr(modes.error, "was 3 and is "));
		assert_int_equal(modes.nr, 1);
		assert_int_equal(modes.left_out, 2);
		detach(&fake);
	}
}

static void names(void **state)
{
	static const struct {
		uint8_t sites;
		const char *text;
	} cases[] = {
		{ 0, "none" },
		{ VMI_SITES_NATIVE, "native" },
		{ VMI_SITES_INLINE, "inline" },
		{ VMI_SITES_STUB | VMI_SITES_INLINE, "stub+inline" },
		{ 0x0f, "native+stub+inline+count" },
		{ 0xf0, "none" },
		{ 0xff, "native+stub+inline+count" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(site_modes_name(cases[i].sites),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(followed),
		cmocka_unit_test(not_memory),
		cmocka_unit_test(too_many),
		cmocka_unit_test(unbelievable),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
