/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_map.h - a ROM image in this process, ready to be called at CPL 3
 *
 * For 32-bit programs: the stubs are the ROM's own bytes.  What Init does to the
 * recorder, beside opening the region for writing, is to set ctl.state; Init's
 * way for a region that can be written already does just that, so rom_map()
 * leaves it to the caller to call Init.
 */
#ifndef BENCH_HOST_ROM_MAP_H
#define BENCH_HOST_ROM_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include <vmi/descriptor.h>
#include <vmi/trace.h>

struct rom {
	const char *path;
	uint8_t *base;
	uint32_t bytes;
	const struct vmi_locator *locator;
	const struct vmi_descriptor *desc;
	/* NULL without VMI_DESC_TRACE or VMI_DESC_AGGREGATE */
	struct vmi_trace_ctl *ctl;
	struct vmi_trace_host *host;
	uint32_t *counters;			/* VMI_DESC_TRACE only */
	struct vmi_aggregate *aggregate;	/* VMI_DESC_AGGREGATE only */
};

/*
 * Maps the image at path, readable, writable and executable, at an address that
 * is 2 KiB-aligned but not page-aligned when odd_2k is set.  Exits with a
 * message when the file is no ROM of ours.
 */
void rom_map(struct rom *rom, const char *path, bool odd_2k);

/*
 * The same into memory at a multiple of 2 KiB with room for the largest image,
 * which may be read, written and executed.
 */
void rom_map_at(struct rom *rom, const char *path, void *memory);

/* Address of a call's slot. */
static inline void *rom_slot(const struct rom *rom, enum vmi_call nr)
{
	return rom->base + nr * VMI_SLOT_BYTES;
}

/* All registers that a call can read or write. */
struct rom_regs {
	uint32_t eax, ecx, edx, ebx, esi, edi, ebp, eflags;
};

/*
 * Calls `entry` with these registers and stack arguments and stores what it
 * leaves; flags are plain afterwards, so a trap flag in regs->eflags single-steps
 * the call alone.  With `stack`, the call runs on a stack that ends there, its
 * return address ROM_STACK_USED below.
 *
 * A call returns to rom_invoke_return; IRET and SYSEXIT, which drop the return
 * address and a frame of three words, are to go to rom_invoke_return_iret.
 */
#define ROM_STACK_WORDS	3
#define ROM_STACK_USED	24
#define ROM_FLAGS	0x202
void rom_invoke(void *entry, struct rom_regs *regs,
		const uint32_t stack_words[ROM_STACK_WORDS], void *stack);
extern const uint8_t rom_invoke_return[], rom_invoke_return_iret[];

/* Calls Init; returns its eax. */
int rom_init(const struct rom *rom);

/* Address of packet nr, in the ring that holds it. */
struct vmi_packet *rom_packet(const struct rom *rom, uint32_t nr);

#endif /* BENCH_HOST_ROM_MAP_H */
