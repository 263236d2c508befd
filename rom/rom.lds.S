/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom.lds.S - layout of both ROMs, and the assertions that keep it
 */
#include <vmi/abi.h>
#include <vmi/calls.h>

OUTPUT_FORMAT("elf32-i386")
OUTPUT_ARCH(i386)
ENTRY(rom)

#define MESSAGE(text)	#text

/* MAX lets an oversized slot reach the assertion that names it. */
#define X(nr, name, ...) \
	. = MAX(., nr * VMI_SLOT_BYTES); \
	*(.slot.name)

SECTIONS
{
	.rom 0 : {
		*(.head)
		VMI_CALLS(X)
		*(.slot.unused)
		. = MAX(., VMI_NR_SLOTS * VMI_SLOT_BYTES);
		*(.text)
		*(.text.slow)
		*(.text.rare)
		*(.data16)
		*(.rodata)
		. = ALIGN(4);
		faults = .;
		*(.faults)
		faults_end = .;
		code_end = .;
	} = 0xcccccccc

	/*
	 * A ROM may lie at any 2 KiB boundary and is written to by its
	 * recorder.  A store to a page that holds code costs a translator a
	 * retranslation and a processor a pipeline flush, so 2 KiB and more
	 * stay empty between code and state.
	 */
	.state ALIGN(code_end, VMI_ROM_SCAN_STEP) + VMI_ROM_SCAN_STEP : {
		state = .;
		*(.state)
	}

	rom_end = .;

	/DISCARD/ : { *(*) }
}
#undef X

nr_faults = (faults_end - faults) / 4;

#define X(nr, name, ...) \
ASSERT(slot_##name == nr * VMI_SLOT_BYTES, \
       MESSAGE(slot name does not lie at nr times 32)) \
ASSERT(slot_end_##name - slot_##name <= VMI_SLOT_BYTES, \
       MESSAGE(slot name is longer than 32 bytes))
VMI_CALLS(X)
#undef X

ASSERT(SIZEOF(.state) == 0 || state % VMI_ROM_SCAN_STEP == 0,
       "state does not start at a multiple of 2 KiB")
ASSERT(SIZEOF(.state) == 0 || state - code_end >= VMI_ROM_SCAN_STEP,
       "code and state may share a page")
ASSERT(rom_end <= VMI_ROM_LENGTH_MAX * VMI_ROM_LENGTH_UNIT,
       "the image is longer than 127 * 512 bytes")
ASSERT(code_end < 0x10000, "code lies beyond 16-bit offsets")
