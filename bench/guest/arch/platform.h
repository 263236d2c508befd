/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * platform.h - what is done before VMI Init, and differs by platform
 *
 * The only code of the guest that loads segments or descriptor tables itself.
 * All else that is privileged goes through the VMI.
 */
#ifndef GUEST_PLATFORM_H
#define GUEST_PLATFORM_H

/*
 * Selectors.  SYSENTER and SYSEXIT want the four flat ones in this order.  The
 * kernel, too, runs with the user's flat DS and ES, as Linux did on i386: a trap
 * from ring 3 and an IRET back to it then need no segment loads.
 */
#define SEL_KERNEL_CS	0x08
#define SEL_KERNEL_SS	0x10
#define SEL_USER_CS	0x1b
#define SEL_USER_DS	0x23
#define SEL_LIMITED	0x2b	/* data: any use of it faults */
#define SEL_TSS		0x30
#define SEL_SPARE	0x38	/* for tests: a second TSS, an LDT */
#define GDT_ENTRIES	16

#define PLATFORM_FLAT_DS	4	/* offsets, for the assembler */

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct descriptor_table {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

struct platform {
	uint16_t kernel_cs;
	uint16_t kernel_ss;
	uint16_t flat_ds;	/* DS and ES at all times */
	uint16_t limited_ds;	/* 0 = this platform has none */
	uint32_t memory_end;	/* of what the boot loader says is there */
	char command_line[512];
};

static_assert(offsetof(struct platform, flat_ds) == PLATFORM_FLAT_DS,
	      "platform");

extern struct platform platform;
extern uint64_t platform_gdt[GDT_ENTRIES];

/*
 * Sets up flat segments where the machine is ours (CPL 0); a host that runs us
 * as a process has done so already.  Copies what the boot loader left, which may
 * lie below 64 KiB and is not looked at again.
 */
void platform_setup(uint32_t magic, const void *boot_information);

/* Loads DS and ES; touches no other register and no memory but the stack. */
void platform_load_ds_es(uint32_t selector);

/* platform_entry.S */
void platform_load_gdt(const struct descriptor_table *gdtr);
uint32_t platform_read_cs(void);
#endif /* __ASSEMBLER__ */

#endif /* GUEST_PLATFORM_H */
