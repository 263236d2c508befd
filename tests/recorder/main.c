/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - recorder_test NATIVE.bin TRACE.bin STAMP.bin AGGREGATE.bin: TAP on
 * standard output
 */
#include <stdio.h>
#include <string.h>

#include "recorder.h"

static void test_recorder(const struct rom *native, struct rom *rom,
			  const char *path, bool odd)
{
	rom_map(rom, path, odd);
	test_off(rom);
	memset(&emulation, 0, sizeof(emulation));
	ok(rom_init(rom) == 0 && rom->ctl->state == VMI_STATE_ON,
	   "%s: Init succeeds", rom->locator->name);
	test_calls(native, rom, 1000);
	if (rom->locator->flags & VMI_DESC_STAMP)
		test_calls(native, rom, 1);
}

int main(int argc, char **argv)
{
	struct rom native, trace, stamp, aggregate;

	if (argc != 5) {
		fprintf(stderr, "usage: recorder_test NATIVE.bin TRACE.bin STAMP.bin AGGREGATE.bin\n");
		return 2;
	}
	emulation_start();
	/* The odd one lies across page boundaries other than the image's. */
	for (int odd = 0; odd < 2; odd++) {
		rom_map(&native, argv[1], odd);
		test_recorder(&native, &trace, argv[2], odd);
		test_recorder(&native, &stamp, argv[3], odd);
		rom_map(&aggregate, argv[4], odd);
		test_off(&aggregate);
		memset(&emulation, 0, sizeof(emulation));
		ok(rom_init(&aggregate) == 0 &&
		   aggregate.ctl->state == VMI_STATE_ON,
		   "aggregate: Init succeeds");
		test_aggregate_calls(&native, &aggregate);
	}
	for (int i = 1; i < argc; i++) {
		test_flags(argv[i]);
		test_replace(argv[i]);
	}
	for (int i = 2; i < argc; i++)
		test_cycles(argv[i]);
	test_ring(argv[2]);
	test_inside(&trace, 0);
	test_stamp(&stamp);
	test_inside(&stamp, 1000);
	test_inside(&stamp, 1);
	test_aggregate_inside(&aggregate);
	return done_testing();
}
