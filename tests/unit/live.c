// SPDX-License-Identifier: GPL-2.0-only
/*
 * What top sees of a guest: its rates exactly, of its records none twice and
 * none torn; nothing is ever written, and no lie of the guest does harm.
 */
#include "top/live.h"

#include "fake_rom.h"

#include <math.h>
#include <sys/mman.h>

#define CALL	VMI_CALL_EnableInterrupts

static struct fake_rom fake;
static struct live live;
static struct live_shot shot;

/* A guest with the ROM, drained at once or by nobody. */
static void begin(void)
{
	fake_create(&fake);
	fake_init(&fake);
	fake.host->flags = VMI_HOST_ATTACHED;
	live_begin(&live, &fake.ram, 1e9);
}

static void end(void)
{
	free(shot.site);
	shot.site = NULL;
	live_end(&live);
	fake_destroy(&fake);
}

/* A store to the guest's memory would be a fault from here to there. */
static bool look(void)
{
	bool fine;

	assert_int_equal(mprotect(fake.ram.base, FAKE_RAM_BYTES, PROT_READ), 0);
	fine = live_look(&live);
	assert_int_equal(mprotect(fake.ram.base, FAKE_RAM_BYTES,
				  PROT_READ | PROT_WRITE),
			 0);
	return fine;
}

static void take(void)
{
	free(shot.site);
	assert_int_equal(mprotect(fake.ram.base, FAKE_RAM_BYTES, PROT_READ), 0);
	live_take(&live, &shot);
	assert_int_equal(mprotect(fake.ram.base, FAKE_RAM_BYTES,
				  PROT_READ | PROT_WRITE),
			 0);
}

static void calls(int nr)
{
	fake_calls(&fake, nr);
	fake.host->consumed = fake.ctl->packets;
}

static void test_waits_for_init(void **state)
{
	(void)state;
	begin();
	fake.ctl->state = VMI_STATE_OFF;
	assert_true(look());
	assert_false(live.on);
	take();
	assert_int_equal(shot.nr_calls, 0);
	fake.ctl->state = VMI_STATE_ON;
	assert_true(look());
	assert_true(live.on);
	assert_int_equal(live.level, RUN_LEVEL_EVENT);
	end();
}

static void test_counts(void **state)
{
	(void)state;
	begin();
	calls(70);		/* before: in no interval */
	assert_true(look());
	for (int i = 0; i < 30; i++) {
		calls(i);	/* open packets and closed ones */
		assert_true(look());
		assert_true(look());
	}
	take();
	assert_int_equal(shot.calls, 30 * 29 / 2);
	assert_int_equal(shot.nr_calls, 1);
	assert_int_equal(shot.call[0].nr, CALL);
	assert_true(shot.call[0].per_s == shot.per_s);
	assert_true(shot.call[0].share_calls == 1.0);
	assert_true(shot.sampled == 1.0);
	assert_int_equal(shot.nr_sites, 1);
	assert_int_equal(shot.site[0].ret, 0xc0001000);
	assert_true(fabs(shot.site[0].per_s / shot.per_s - 1) < 1e-9);
	/* Nothing is left of it. */
	take();
	assert_int_equal(shot.calls, 0);
	assert_int_equal(shot.nr_sites, 0);
	end();
}

static void put_cycles(uint32_t cycles, bool interrupted)
{
	struct vmi_record_wide *record = fake_reserve(&fake, VMI_REC_BYTES);

	assert_non_null(record);
	fake_commit(&fake, record, VMI_REC_BYTES);
	record->head.word |= cycles << VMI_REC_CYCLES_SHIFT;
	record->head.word |= interrupted ? VMI_REC_INTERRUPTED : 0;
}

static void test_cycles(void **state)
{
	(void)state;
	begin();
	assert_true(look());
	put_cycles(100, false);
	put_cycles(300, false);
	put_cycles(90000, true);
	assert_true(look());
	take();
	assert_true(shot.call[0].mean_cycles == 200.0);
	assert_true(shot.call[0].max_cycles == 300.0);
	assert_true(shot.call[0].share_cycles == 1.0);
	assert_true(fabs(shot.call[0].share_time -
			 shot.per_s * 200 / 1e9) < 1e-9);
	end();
}

/* Wide records are stepped over; their odd words are never taken for records. */
static void test_wide(void **state)
{
	(void)state;
	begin();
	assert_true(look());
	for (int i = 0; i < 200; i++) {
		fake_call(&fake, i % 3 ? VMI_REC_BYTES : VMI_REC_WIDE_BYTES);
		fake.host->consumed = fake.ctl->packets;
		assert_true(look());
	}
	take();
	assert_int_equal(shot.calls, 200);
	assert_true(shot.sampled == 1.0);
	assert_int_equal(shot.nr_sites, 1);
	end();
}

/* The ring came round many times: what is left is seen, once. */
static void test_overwritten(void **state)
{
	(void)state;
	begin();
	assert_true(look());
	for (int i = 0; i < 100; i++)
		calls(28);
	assert_true(look());
	take();
	assert_int_equal(shot.calls, 2800);
	assert_true(shot.sampled > 0);
	assert_true(shot.sampled <= 8.0 / 100);
	assert_int_equal(shot.nr_sites, 1);
	end();
}

/* Nobody drains: what is lost is told, and was called all the same. */
static void test_lost(void **state)
{
	(void)state;
	begin();
	assert_true(look());
	fake_calls(&fake, 1000);
	assert_true(look());
	take();
	assert_int_equal(shot.calls, 1000);
	assert_int_equal(shot.lost, fake.ctl->lost);
	assert_true(shot.lost > 0 && shot.lost_per_s > 0);
	end();
}

static void test_donated(void **state)
{
	(void)state;
	begin();
	calls(5);
	assert_true(look());
	fake_donate(&fake, 64 * FAKE_SUBBUF);
	calls(300);
	assert_true(look());
	take();
	assert_int_equal(shot.calls, 300);
	assert_true(shot.sampled == 1.0);
	end();
}

/* A call is being recorded: its bytes are not looked at before the commit. */
static void test_not_committed(void **state)
{
	struct vmi_record_wide *record;

	(void)state;
	begin();
	calls(3);
	assert_true(look());
	record = fake_reserve(&fake, VMI_REC_BYTES);
	assert_true(look());
	assert_int_equal(live.records, 0);
	fake_commit(&fake, record, VMI_REC_BYTES);
	assert_true(look());
	assert_int_equal(live.records, 1);
	end();
}

static void test_lies(void **state)
{
	struct vmi_packet *packet;

	(void)state;
	begin();
	assert_true(look());
	calls(3);
	packet = fake_packet(&fake);
	packet->packet_bits = UINT32_MAX;
	assert_true(look());
	fake.ctl->pos += 7;
	assert_true(look());
	fake.ctl->pos = FAKE_SUBBUF;
	assert_true(look());
	fake.ctl->packets += 0x7fffffff;
	assert_true(look());
	fake.ctl->packets = 1;
	assert_true(look());
	fake.ctl->first_packet = 0x80000000;
	assert_true(look());
	fake.ctl->ring_phys = FAKE_RAM_BYTES - 4096;
	assert_true(look());
	fake.ctl->ring_bytes = 3;
	fake.ctl->subbuf_bytes = 0;
	assert_true(look());
	fake.ctl->lost = UINT64_MAX;
	fake.ctl->wait_cycles = UINT64_MAX;
	take();
	assert_int_equal(shot.calls, 3);
	assert_non_null(strstr(live.error,
			       "ctl.lost was 0 and is 18446744073709551615 after 3 calls"));
	end();

	/* Fewer than before. */
	begin();
	fake.ctl->lost = 5;
	assert_true(look());
	calls(3);
	fake.ctl->lost = 4;
	take();
	assert_non_null(strstr(live.error, "ctl.lost was 5 and is 4"));
	end();

	/* Another ROM than that of the recording. */
	begin();
	live_expect(&live, RUN_LEVEL_AGGREGATE);
	assert_false(look());
	assert_non_null(strstr(live.error, "is \"fake\", but run.json says that level aggregate"));
	end();

	/* A wide record that reaches over the end of its packet. */
	begin();
	assert_true(look());
	calls(28);
	packet = (struct vmi_packet *)fake_at(&fake, 0);
	((struct vmi_record *)(packet + 1))[27].word |= VMI_REC_WIDE;
	assert_true(look());
	assert_int_equal(live.records, 27);
	end();

	begin();
	fake.ctl->count_phys = 0xfffffff0;
	fake.ctl->count_cpus = 1;
	assert_false(look());
	assert_non_null(strstr(live.error, "not all memory"));
	assert_false(look());
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_for_init),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_overwritten),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_donated),
		cmocka_unit_test(test_not_committed),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
