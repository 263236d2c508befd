/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recorder.h - tests of the recording ROMs at CPL 3
 *
 * The stubs are the ROM's own bytes, mapped by bench/host/rom_map.c.  What is
 * privileged faults, and emulate.c does it instead, so that every stub runs from
 * its first to its last instruction.
 */
#ifndef TESTS_RECORDER_H
#define TESTS_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rom_map.h"

/* tap.c: prints "ok" or "not ok"; returns condition. */
bool ok(bool condition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void diag(const char *format, ...) __attribute__((format(printf, 1, 2)));
int done_testing(void);

/* A record as read back, with 64-bit time. */
struct event {
	uint64_t time, cycles, stolen_cycles, wait_cycles;
	uint32_t ret, arg;
	uint8_t call;
	bool interrupted, wide, measured;
};

/* Return address of records that no call made. */
#define FABRICATED	0xfab01ca7u

/* What has been read from a ring so far. */
struct reader {
	const struct rom *rom;
	struct event *events;
	size_t count, room;
	uint32_t next;		/* packet to read */
	size_t open_done;	/* records of the open packet already read */
	uint64_t last_time;
	uint64_t lost_before;
	uint32_t counted_before;
	bool ordered;		/* no time stamp ever stepped back */
};

/* reader.c: starts at what the ring holds now; counts from here on. */
void reader_start(struct reader *reader, const struct rom *rom);

/*
 * Takes closed packets, and frees them; with_open takes what is in the open one,
 * too.  Returns false, with a message, for anything that is not as trace.h says.
 */
bool reader_take(struct reader *reader, bool with_open);

/* Takes closed packets that are committed whole: what a host does meanwhile. */
void reader_poll(struct reader *reader);

/* Makes the open packet, which there must be, one of the epoch before. */
void age_packet(const struct rom *rom);

/* Records that are there and that the reader has not read yet. */
size_t reader_unread(const struct reader *reader);

/*
 * Is the outer call marked as interrupted if and only if the inner one was done
 * between its time stamps, and the inner one never?
 */
bool reader_marked_right(const struct reader *reader, enum vmi_call outer,
			 enum vmi_call inner);

/* All taken: is what the ROM counted since the start recorded or lost? */
bool reader_adds_up(const struct reader *reader);
void reader_free(struct reader *reader);
uint32_t counted(const struct rom *rom);

/*
 * emulate.c: does privileged instructions that fault, finds out where a call goes,
 * and stops it on its way to change things and to nest another.
 */
#define PATH_MAX_STEPS	1000
struct emulation {
	/* Checked at each fault of a slot, against the descriptor. */
	const struct rom *rom;
	struct rom_regs at_call;
	uint32_t return_address;
	unsigned int faults, bad_faults;
	uint32_t sleep_us;	/* how long an emulated instruction takes */
	bool fix_up;		/* skip the call, as a kernel's fixup does */
	void *unwind_stack;	/* calls that do not return end here */
	/*
	 * With the trap flag, where the call goes: the address of each of its
	 * instructions inside the ROM, once.
	 */
	const uint8_t *path[PATH_MAX_STEPS];
	unsigned int path_length;
	/* At this address, once: change what is to change, call `nest`. */
	uint8_t *stop_at;
	void (*change)(void);
	enum vmi_call nest;	/* 0: none */
	bool stopped;
	struct rom_regs nested_regs;
	uint8_t stop_byte;	/* that int3 stands for */
	uint64_t tsc;		/* see clock_virtual() */
	/* With the trap flag, if not NULL: at each step, and no path is noted. */
	void (*each_step)(void);
	unsigned int steps;
	unsigned int invd, wbinvd;	/* executed */
};
extern struct emulation emulation;
void emulation_start(void);

/* Stop in front of this instruction of the ROM, once. */
void stop_at(const uint8_t *address);

/* The call is over: did it get there?  There is no stop any more. */
bool stop_passed(void);

/* From now on the TSC is emulation.tsc, which moves on with each rdtsc; or not. */
void clock_virtual(uint64_t tsc);
void clock_real(void);


/* cases.c: arguments for each call that it can be made with here. */
struct call_case {
	struct rom_regs regs;
	uint32_t stack[ROM_STACK_WORDS];
};
#define MEMORY_WORDS	64
extern uint32_t case_memory[MEMORY_WORDS];

/* Sets up the case and fills case_memory; the stack is as for rom_invoke(). */
void call_case(struct call_case *test, enum vmi_call nr, void *stack);

/* Makes the call on a stack of its own. */
#define TEST_STACK_BYTES	16384
extern uint8_t test_stack[TEST_STACK_BYTES];
void call_make(const struct rom *rom, enum vmi_call nr, struct call_case *test);

/* Name of a call. */
const char *call_name(enum vmi_call nr);

/* The groups of tests.  countdown: ctl.countdown at the start of each call */
void test_calls(const struct rom *native, const struct rom *trace,
		uint32_t countdown);
void test_off(const struct rom *trace);
void test_flags(const char *path);
void test_ring(const char *path);
void test_cycles(const char *path);
void test_replace(const char *path);
void test_inside(const struct rom *rom, uint32_t countdown);
void test_stamp(const struct rom *rom);
void test_aggregate_calls(const struct rom *native, const struct rom *rom);
void test_aggregate_inside(const struct rom *rom);

/* Of the aggregating ROM: calls of that number, in buckets or interrupted. */
uint32_t aggregated(const struct rom *rom, enum vmi_call nr);

#endif /* TESTS_RECORDER_H */
