// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock map: bounds by cause and effect, kept when they are narrower, and no
 * mapping where they contradict each other.  The drain feeds it from a guest in C
 * whose counter is the host's less a number that the test knows.
 */
#include "fake_rom.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "record/clock_map.h"
#include "record/drain.h"

#define HZ	1000000000ull	/* a tick is a nanosecond */

static void begin(struct clock_map *map, uint64_t tsc, uint64_t ns)
{
	const struct tsc_sample sample = { tsc, ns, 0 };

	clock_map_begin(map, &sample);
}

static struct clock_reading read_map(const struct clock_map *map)
{
	struct clock_reading reading;

	clock_map_read(map, HZ, &reading);
	return reading;
}

static void test_narrowest_bounds(void **state)
{
	struct clock_map map;
	struct clock_reading reading;

	(void)state;
	begin(&map, 1000000, 5000000);
	assert_false(read_map(&map).known);
	clock_map_started(&map, 2000000, 2000400);
	reading = read_map(&map);
	assert_true(reading.known);
	assert_int_equal(reading.monotonic_ns, 6000200);
	assert_int_equal(reading.error_ns, 200);
	assert_non_null(strstr(reading.how, "start of the guest"));

	/* Wider ones change nothing, narrower ones do. */
	clock_map_seen(&map, 100, 2000600);
	assert_int_equal(read_map(&map).monotonic_ns, 6000200);
	clock_map_seen(&map, 100, 2000400);
	clock_map_release(&map, 1, 8, 2005100);
	clock_map_used(&map, 1, 8, 5000);
	reading = read_map(&map);
	assert_int_equal(reading.monotonic_ns, 6000200);
	assert_int_equal(reading.error_ns, 100);
	assert_string_equal(reading.how,
			    "not before room made in the ring and used, not after a packet seen");

	/* Once the guest may be stopped nothing counts. */
	clock_map_freeze(&map);
	clock_map_seen(&map, 100, 2000200);
	assert_int_equal(map.high.cycles, 2000300);
}

static void test_contradiction(void **state)
{
	struct clock_map map;
	struct clock_reading reading;

	(void)state;
	begin(&map, 0, 0);
	clock_map_started(&map, 1000, 1100);
	clock_map_seen(&map, 500, 1400);	/* the guest's clock ran on */
	reading = read_map(&map);
	assert_false(reading.known);
	assert_non_null(strstr(reading.how, "contradict each other by 100 ns"));

	/* A guest that lies makes a number, not a fault. */
	begin(&map, 0, 0);
	clock_map_seen(&map, 0, INT64_MAX);
	clock_map_release(&map, 1, 8, 1);
	clock_map_used(&map, 1, 8, (uint64_t)INT64_MAX + 2);
	clock_map_read(&map, 1, &reading);

	begin(&map, 0, 0);
	clock_map_started(&map, 1, 2);
	clock_map_without(&map, "there is a reason");
	reading = read_map(&map);
	assert_false(reading.known);
	assert_string_equal(reading.how, "there is a reason");
}

static void test_releases(void **state)
{
	struct clock_map map;

	(void)state;
	begin(&map, 0, 0);
	clock_map_used(&map, 0, 8, 1);
	clock_map_used(&map, 3, 8, 1);	/* never released */
	assert_int_equal(map.low.cause, CLOCK_NOTHING);

	/* Of a large ring some releases are kept; an earlier one is used. */
	for (uint32_t n = UINT32_MAX - 4099; n != 4097; n++)
		clock_map_release(&map, n, 4096, 100000 + n);
	clock_map_used(&map, 3, 4096, 50);
	assert_int_equal(map.low.cause, CLOCK_ROOM);
	assert_int_equal(map.low.cycles, 100000 - 50);
	clock_map_used(&map, 21, 4096, 50);
	assert_int_equal(map.low.cycles, 100016 - 50);
}

static void test_stolen(void **state)
{
	struct clock_map map;

	(void)state;
	begin(&map, 0, 0);
	clock_map_publish(&map, 0, 1000);
	clock_map_publish(&map, 70, 2000);
	clock_map_publish(&map, 70, 3000);	/* the same: it was there before */
	clock_map_publish(&map, 90, 4000);
	clock_map_booked(&map, 70, 0);		/* no record behind it */
	assert_int_equal(map.low.cause, CLOCK_NOTHING);
	clock_map_booked(&map, 20, 1500);
	assert_int_equal(map.low.cause, CLOCK_STOLEN);
	assert_int_equal(map.low.cycles, 2500);
	/* Never published: the guest made it up. */
	clock_map_booked(&map, 1, 1);
	assert_int_equal(map.low.cycles, 2500);
	/* Forgotten: it bounds nothing. */
	for (uint64_t i = 0; i < 200; i++)
		clock_map_publish(&map, 100 + i, 5000 + i);
	clock_map_booked(&map, 10, 1);
	assert_int_equal(map.low.cycles, 2500);
	clock_map_booked(&map, 198, 1);
	assert_int_equal(map.low.cycles, 5199 - 1);
}

static void test_samples(void **state)
{
	struct clock_map map;

	(void)state;
	begin(&map, 0, 0);
	for (int i = 0; i < 1000; i++)
		clock_map_sample(&map);
	assert_in_range(map.nr_samples, CLOCK_MAP_SAMPLES / 2,
			CLOCK_MAP_SAMPLES);
	for (uint32_t i = 1; i < map.nr_samples; i++)
		assert_true(map.sample[i].ns >= map.sample[i - 1].ns);

	/* Clocks that drift apart widen the error. */
	begin(&map, 0, 0);
	clock_map_started(&map, 100, 100);
	assert_int_equal(read_map(&map).error_ns, 0);
	map.sample[map.nr_samples++] = (struct tsc_sample){ 1000, 1300, 20 };
	assert_int_equal(read_map(&map).error_ns, 320);
}

/* The guest's counter is the host's less this. */
#define APART	123456789000ull

static void guest_now(struct fake_rom *fake)
{
	/* The call will add some. */
	fake->tsc = clock_host_tsc() - APART - 100;
}

/* A ring that fills and is drained, and stolen cycles in between. */
static void test_fed_by_drain(void **state)
{
	const struct tsc_sample sample = tsc_sample();
	static struct clock_map map;
	struct ctf_stream stream;
	struct drain drain = { .clock = &map };
	struct fake_rom fake;
	struct trace_rom rom;
	char path[] = "/tmp/vmiprof-test-XXXXXX", why[200];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	fake_create(&fake);
	fake_init(&fake);
	assert_int_equal(trace_rom_search(&rom, NULL, &fake.ram, why, sizeof(why)),
			 TRACE_ROM_ON);
	assert_int_equal(ctf_stream_open(&stream, path), 0);
	clock_map_begin(&map, &sample);
	drain_attach(&drain, &fake.ram, &rom, &stream,
		     (const uint8_t *)"0123456789abcdef", VMI_HOST_ATTACHED);
	assert_ptr_equal(drain.clock, &map);
	for (int i = 0; i < 4000; i++) {
		guest_now(&fake);
		fake_call(&fake, VMI_REC_BYTES);
		if (i % 100 == 0)
			assert_true(drain_poll(&drain) >= 0);
	}
	assert_int_equal(map.high.cause, CLOCK_SIGHT);
	assert_int_equal(map.low.cause, CLOCK_ROOM);
	assert_true(map.low.cycles <= (int64_t)APART);
	assert_true(map.high.cycles >= (int64_t)APART);
	assert_int_equal(drain_finish(&drain), 0);
	assert_int_equal(ctf_stream_close(&stream), 0);
	unlink(path);
	fake_destroy(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrowest_bounds),
		cmocka_unit_test(test_contradiction),
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_stolen),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_fed_by_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
