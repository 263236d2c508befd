/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * probe.h - one VMI call under a magnifying glass
 *
 * Every register and flag is known before the call and looked at after it, and
 * so is the stack below the return address.
 */
#ifndef GUEST_PROBE_H
#define GUEST_PROBE_H

#define PROBE_EAX	0x00
#define PROBE_EBX	0x04
#define PROBE_ECX	0x08
#define PROBE_EDX	0x0c
#define PROBE_ESI	0x10
#define PROBE_EDI	0x14
#define PROBE_EBP	0x18
#define PROBE_ESP	0x1c
#define PROBE_FLAGS	0x20
#define PROBE_OVERFLOW	0x24
#define PROBE_BACKWARD	0x28
#define PROBE_OUT	0x2c	/* the second set */
#define PROBE_ENTRY	0x58
#define PROBE_SEGMENT	0x5c
#define PROBE_FAULTED	0x60

/* Carry, parity, adjust, zero and sign as LAHF sees them. */
#define PROBE_FLAGS_MASK	0xd5

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_STACK_WORDS	5

struct probe_registers {
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp, esp;
	uint32_t flags;		/* PROBE_FLAGS_MASK */
	uint32_t overflow;	/* OF, 0 or 1 */
	uint32_t backward;	/* DF, 0 or 1 */
};

struct probe {
	struct probe_registers in, out;
	uint32_t entry;		/* address to call */
	uint32_t segment;	/* DS and ES during the call, 0 = flat */
	uint32_t faulted;	/* it faulted, and was fixed up or given up */
	/* From here on probe_run()'s own. */
	uint32_t stack[PROBE_STACK_WORDS];	/* st1, ...: at [esp + 4] */
	uint32_t stack_words;
	bool interrupts;	/* open during the call */
	bool at_packet_end;	/* with a trace ROM: the call's record is the
				 * first one of a packet, which takes the
				 * recorder's slow path
				 */
	bool interrupts_after;
	uint32_t stack_used_bytes;	/* below the return address */
};

static_assert(sizeof(struct probe_registers) == PROBE_OUT, "probe");
static_assert(offsetof(struct probe, entry) == PROBE_ENTRY, "probe");
static_assert(offsetof(struct probe, faulted) == PROBE_FAULTED, "probe");

/* The one that probe_entry.S works on. */
extern struct probe probe;

/* All registers hold different values that are no use to any call. */
void probe_clear(uint32_t call);

/* Makes the call; interrupts are off afterwards. */
void probe_run(void);

/*
 * With a trace ROM: makes calls until its packet has room for so many more
 * records.  Does nothing if the ring is full.
 */
void probe_fill_packet(uint32_t records_left);

/* probe_entry.S */
void probe_call(void);
void probe_return(void);

/* Where a handler goes on that gives a call up, at any stack depth. */
void probe_give_up(void);
#endif /* __ASSEMBLER__ */

#endif /* GUEST_PROBE_H */
