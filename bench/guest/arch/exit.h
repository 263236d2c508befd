/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exit.h - how the guest ends
 *
 * Through QEMU's isa-debug-exit device at port 0xf4, with 0 for success as in
 * kvm-unit-tests.  QEMU's exit status is then value << 1 | 1, in which 1 may also
 * be an error of its own: the last line on the console tells them apart.
 */
#ifndef GUEST_EXIT_H
#define GUEST_EXIT_H

#define GUEST_EXIT_PORT		0xf4

#define GUEST_EXIT_DONE		0	/* 1: all done */
#define GUEST_EXIT_FAILED	1	/* 3: a self-test case failed, or a
					 * benchmark was not sound
					 */
#define GUEST_EXIT_PANIC	2	/* 5: an exception that none expected */
#define GUEST_EXIT_REFUSED	3	/* 7: done, natively: a VMI ROM was there
					 * and was not usable */
#define GUEST_EXIT_USAGE	4	/* 9: the command line */

#ifndef __ASSEMBLER__
/* Ends the guest: powers off where there is no such device. */
_Noreturn void guest_exit(unsigned int value);
#endif

#endif /* GUEST_EXIT_H */
