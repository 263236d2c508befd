/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_map.c - map a ROM image into a 32-bit process and call it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmi/abi.h>

#include "rom_map.h"

#define PAGE_BYTES	4096
#define IMAGE_BYTES_MAX	(VMI_ROM_LENGTH_MAX * VMI_ROM_LENGTH_UNIT)

static void __attribute__((noreturn, format(printf, 2, 3)))
rom_fail(const struct rom *rom, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", rom->path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* The image to where it is to lie. */
static void rom_load(struct rom *rom)
{
	int fd = open(rom->path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		rom_fail(rom, "%s", strerror(errno));
	got = read(fd, rom->base, IMAGE_BYTES_MAX);
	close(fd);
	if (got < VMI_HDR_BYTES)
		rom_fail(rom, "no ROM: %zd bytes, expected %d and more", got,
			 VMI_HDR_BYTES);
	rom->bytes = (uint32_t)got;
}

void rom_map(struct rom *rom, const char *path, bool odd_2k)
{
	uint8_t *area = mmap(NULL, IMAGE_BYTES_MAX + 2 * PAGE_BYTES,
			     PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	rom->path = path;
	if (area == MAP_FAILED)
		rom_fail(rom, "no memory: %s", strerror(errno));
	rom_map_at(rom, path, area + (odd_2k ? VMI_ROM_SCAN_STEP : 0));
}

void rom_map_at(struct rom *rom, const char *path, void *memory)
{
	const struct vmi_rom_header *header;

	*rom = (struct rom){ .path = path, .base = memory };
	rom_load(rom);
	header = (const void *)rom->base;
	rom->locator = (const void *)header->locator;
	if (header->vmi_signature != VMI_SIGNATURE)
		rom_fail(rom, "signature is 0x%08x, expected 0x%08x (\"cVmi\")",
			 header->vmi_signature, VMI_SIGNATURE);
	if (rom->locator->magic != VMI_LOCATOR_MAGIC ||
	    rom->locator->version != VMI_DESC_VERSION ||
	    rom->locator->bytes != sizeof(*rom->desc) ||
	    rom->locator->offset > rom->bytes - sizeof(*rom->desc))
		rom_fail(rom, "no descriptor of version %d", VMI_DESC_VERSION);
	rom->desc = (const void *)(rom->base + rom->locator->offset);
	if (!(rom->locator->flags & (VMI_DESC_TRACE | VMI_DESC_AGGREGATE)))
		return;
	if (rom->desc->ring_offset + rom->desc->ring_bytes > rom->bytes)
		rom_fail(rom, "the ring lies outside the image");
	rom->ctl = (void *)(rom->base + rom->desc->ctl_offset);
	rom->host = (void *)(rom->base + rom->desc->host_offset);
	if (rom->locator->flags & VMI_DESC_AGGREGATE) {
		rom->aggregate = (void *)(rom->base +
					  rom->desc->aggregate_offset);
		return;
	}
	rom->counters = (void *)(rom->base + rom->desc->counters_offset);
}

/*
 * void rom_invoke(entry, regs, stack_words, stack).  All registers are the
 * call's, and a signal handler may be here at the same time, so everything lies
 * on the stack.  Above the return address: three stack arguments, regs, and the
 * stack pointer to go back to; below it, what popf and pop take and the entry
 * for ret to go to.
 */
__asm__(
	"	.text\n"
	"	.globl rom_invoke, rom_invoke_return, rom_invoke_return_iret\n"
	"rom_invoke:\n"
	"	pushal\n"
	"	mov	40(%esp), %ecx\n"
	"	mov	44(%esp), %ebx\n"
	"	mov	48(%esp), %edx\n"
	"	mov	%esp, %esi\n"
	"	test	%edx, %edx\n"
	"	jz	1f\n"
	"	mov	%edx, %esp\n"
	"1:	push	%esi\n"
	"	push	%ecx\n"
	"	pushl	8(%ebx)\n"
	"	pushl	4(%ebx)\n"
	"	pushl	0(%ebx)\n"
	"	pushl	$rom_invoke_return\n"
	"	pushl	36(%esi)\n"
	"	pushl	4(%ecx)\n"
	"	pushl	28(%ecx)\n"
	"	mov	0(%ecx), %eax\n"
	"	mov	8(%ecx), %edx\n"
	"	mov	12(%ecx), %ebx\n"
	"	mov	16(%ecx), %esi\n"
	"	mov	20(%ecx), %edi\n"
	"	mov	24(%ecx), %ebp\n"
	"	popf\n"
	"	pop	%ecx\n"
	"	ret\n"
	"rom_invoke_return_iret:\n"
	"	lea	-12(%esp), %esp\n"
	"rom_invoke_return:\n"
	"	pushf\n"
	"	push	%ecx\n"
	"	mov	20(%esp), %ecx\n"
	"	mov	%eax, 0(%ecx)\n"
	"	mov	%edx, 8(%ecx)\n"
	"	mov	%ebx, 12(%ecx)\n"
	"	mov	%esi, 16(%ecx)\n"
	"	mov	%edi, 20(%ecx)\n"
	"	mov	%ebp, 24(%ecx)\n"
	"	popl	4(%ecx)\n"
	"	popl	28(%ecx)\n"
	"	pushl	$0x202\n"
	"	popf\n"
	"	mov	16(%esp), %esp\n"
	"	popal\n"
	"	ret\n");

int rom_init(const struct rom *rom)
{
	struct rom_regs regs = { .eflags = ROM_FLAGS };
	static const uint32_t none[ROM_STACK_WORDS];

	rom_invoke(rom_slot(rom, VMI_CALL_Init), &regs, none, NULL);
	return (int)regs.eax;
}

struct vmi_packet *rom_packet(const struct rom *rom, uint32_t nr)
{
	const struct vmi_trace_ctl *ctl = rom->ctl;
	uint32_t mask = rom->desc->ring_bytes - 1;
	uint32_t delta = rom->desc->ring_offset;

	if (ctl->ring_phys && nr >= ctl->first_packet) {
		nr -= ctl->first_packet;
		mask = ctl->ring_mask;
		delta = ctl->ring_delta;
	}
	return (void *)(rom->base + delta + ((nr * ctl->subbuf_bytes) & mask));
}
