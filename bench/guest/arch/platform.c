// SPDX-License-Identifier: GPL-2.0-only
/*
 * platform.c - set-up before VMI Init
 */
#include "arch/platform.h"
#include "lib/string.h"

#define MULTIBOOT_LOADED	0x2badb002
#define MULTIBOOT_HAS_MEMORY	0x01
#define MULTIBOOT_HAS_CMDLINE	0x04
#define MIB			(1024 * 1024)
#define KIB			1024

/* The first fields of the Multiboot information structure, 3.3. */
struct multiboot_information {
	uint32_t flags;
	uint32_t mem_lower, mem_upper;	/* KiB, from 0 and from 1 MiB */
	uint32_t boot_device;
	uint32_t cmdline;
};

struct platform platform;

/*
 * Descriptors: Intel SDM volume 3, 3.4.5; accessed bits set beforehand.  The
 * limited segment has a limit of 0 and, since QEMU's TCG looks at no limits, a
 * base of 2 GiB, where nothing is mapped.
 */
uint64_t platform_gdt[GDT_ENTRIES] __attribute__((aligned(8))) = {
	[SEL_KERNEL_CS >> 3] = 0x00cf9b000000ffff,
	[SEL_KERNEL_SS >> 3] = 0x00cf93000000ffff,
	[SEL_USER_CS >> 3] = 0x00cffb000000ffff,
	[SEL_USER_DS >> 3] = 0x00cff3000000ffff,
	[SEL_LIMITED >> 3] = 0x8040f30000000000,
};

static void copy_information(const struct multiboot_information *information)
{
	if (information->flags & MULTIBOOT_HAS_MEMORY)
		platform.memory_end = MIB + information->mem_upper * KIB;
	if (information->flags & MULTIBOOT_HAS_CMDLINE)
		string_copy(platform.command_line,
			    (const char *)information->cmdline,
			    sizeof(platform.command_line));
}

void platform_setup(uint32_t magic, const void *boot_information)
{
	const struct descriptor_table gdtr = {
		.limit = sizeof(platform_gdt) - 1,
		.base = (uint32_t)platform_gdt,
	};
	uint32_t cs = platform_read_cs();

	if (magic == MULTIBOOT_LOADED)
		copy_information(boot_information);
	if (cs & 3) {
		uint32_t ds;

		__asm__("movl %%ds, %0" : "=r"(ds));
		platform.kernel_cs = (uint16_t)cs;
		platform.flat_ds = (uint16_t)ds;
		__asm__("movl %%ss, %0" : "=r"(ds));
		platform.kernel_ss = (uint16_t)ds;
		return;
	}
	platform.kernel_cs = SEL_KERNEL_CS;
	platform.kernel_ss = SEL_KERNEL_SS;
	platform.flat_ds = SEL_USER_DS;
	platform.limited_ds = SEL_LIMITED;
	platform_load_gdt(&gdtr);
}
