/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit.h - how the guest ends
 *
 * Through QEMU's isa-debug-exit device at port 0xf4: QEMU's exit status is then
 * value << 1 | 1.  The values begin at 16, so that no status is one that QEMU
 * has for its own errors or for a reset.
 */
#ifndef GUEST_EXIT_H
#define GUEST_EXIT_H

#define GUEST_EXIT_PORT		0xf4

#define GUEST_EXIT_DONE		0x10	/* 33: all done */
#define GUEST_EXIT_FAILED	0x11	/* 35: a self-test case failed */
#define GUEST_EXIT_PANIC	0x12	/* 37: an exception that none expected */
#define GUEST_EXIT_REFUSED	0x13	/* 39: done, natively: a VMI ROM was there
					 * and was not usable */
#define GUEST_EXIT_USAGE	0x14	/* 41: the command line */

#ifndef __ASSEMBLER__
/* Ends the guest: powers off where there is no such device. */
_Noreturn void guest_exit(unsigned int value);
#endif

#endif /* GUEST_EXIT_H */
