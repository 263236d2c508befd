/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - recorder_test NATIVE.bin TRACE.bin AGGREGATE.bin: TAP on standard output
 */
#include <stdio.h>
#include <string.h>

#include "recorder.h"

int main(int argc, char **argv)
{
	struct rom native, trace, aggregate;

	if (argc != 4) {
		fprintf(stderr, "usage: recorder_test NATIVE.bin TRACE.bin AGGREGATE.bin\n");
		return 2;
	}
	emulation_start();
	/* The odd one lies across page boundaries other than the image's. */
	for (int odd = 0; odd < 2; odd++) {
		rom_map(&native, argv[1], odd);
		rom_map(&trace, argv[2], odd);
		test_off(&trace);
		memset(&emulation, 0, sizeof(emulation));
		ok(rom_init(&trace) == 0 && trace.ctl->state == VMI_STATE_ON,
		   "Init succeeds");
		test_calls(&native, &trace);
		rom_map(&aggregate, argv[3], odd);
		test_off(&aggregate);
		memset(&emulation, 0, sizeof(emulation));
		ok(rom_init(&aggregate) == 0 &&
		   aggregate.ctl->state == VMI_STATE_ON,
		   "aggregate: Init succeeds");
		test_aggregate_calls(&native, &aggregate);
	}
	test_flags(argv[1], argv[2], argv[3]);
	test_ring(argv[2]);
	test_inside(&trace);
	test_aggregate_inside(&aggregate);
	return done_testing();
}
