/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operation.h - single operations of the kernel that can be measured
 *
 * A workload does its work many times; an operation is done once, between two
 * readings of the time-stamp counter, by measure.c.
 */
#ifndef BENCH_LINUX_OPERATION_H
#define BENCH_LINUX_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * prepare runs before each round and is not measured.  Both return false when
 * the kernel refused.
 */
struct operation {
	const char *name;
	bool (*measured)(void);
	bool (*prepare)(void);
	unsigned int sets;   /* of IN_*: where "all" has it */
	unsigned int rounds; /* whose least settles within a few percent */
	const char *what;
};

#define IN_EXACT 1u
#define IN_MACRO 2u

/* Does nothing: what measuring costs by itself. */
extern const struct operation no_operation;

/*
 * Ticks that the operation just measured spent waiting in user mode for what it
 * measures; they are not the operation's.
 */
extern uint64_t operation_waited_ticks;

/* Makes what the operations need.  Call once, before anything is measured. */
bool operations_prepare(void);

/*
 * The operations that `list` names: "all" those of `set`, or any names with
 * commas between.  Returns their number, or 0 after it said which name is not
 * known; `user` is who says it.
 */
#define OPERATIONS_LIMIT 32
size_t operations_choose(const char *list, unsigned int set, const char *user,
			 const struct operation *chosen[OPERATIONS_LIMIT]);

#endif /* BENCH_LINUX_OPERATION_H */
