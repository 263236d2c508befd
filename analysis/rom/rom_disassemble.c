// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/child.h"
#include "rom_print.h"

#define CODE_BYTES_MAX 512 /* of one piece of code: a bound, no promise */

/* Where the code goes on that was printed last. */
struct flow {
	unsigned long furthest; /* target of a jump within the piece */
	unsigned long jumps_to; /* the jump at its end; 0: there is none */
};

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/*
 * Follow one instruction.  Returns true behind the last one: it does not go on
 * to the next, and no jump before has led further.
 */
static bool follow(struct flow *flow, unsigned long offset,
		   const char *instruction)
{
	const char *operand = strstr(instruction, "0x");
	unsigned long target = 0;
	bool ends = starts_with(instruction, "ret") ||
		    starts_with(instruction, "iret") ||
		    starts_with(instruction, "sysexit") ||
		    starts_with(instruction, "jmp");

	if (instruction[0] == 'j' && operand && !strchr(instruction, '['))
		target = strtoul(operand, NULL, 16);
	if (!ends && target > flow->furthest)
		flow->furthest = target;
	if (!ends || flow->furthest > offset)
		return false;
	flow->jumps_to = target;
	return true;
}

/*
 * Print the "  offset:\tbytes\tinstruction" lines of one piece of code; the
 * rest of what objdump says is about its sections.
 */
static void print_code(FILE *objdump, struct flow *flow)
{
	char *line = NULL;
	size_t size = 0;
	bool done = false;

	while (getline(&line, &size, objdump) > 0) {
		char *end;
		unsigned long offset = strtoul(line, &end, 16);
		const char *instruction = strrchr(line, '\t');

		if (done || *end != ':' || !instruction)
			continue;
		printf("  %s", line + strspn(line, " "));
		done = follow(flow, offset, instruction + 1);
	}
	free(line);
}

/*
 * Print the code from begin on, to its end but not beyond limit.  A run of
 * objdump of its own: the data around it cannot put it out of step.
 */
static bool disassemble_code(const struct rom_image *rom, size_t begin,
			     size_t limit, struct flow *flow)
{
	char start[48], stop[48];
	char *argv[] = {"objdump", "-D",   "-b", "binary",
			"-m",	   "i386", "-M", "intel",
			start,	   stop,   "--", (char *)rom->path,
			NULL};
	struct child child;
	int error, status;

	(void)snprintf(start, sizeof(start), "--start-address=0x%zx", begin);
	(void)snprintf(stop, sizeof(stop), "--stop-address=0x%zx", limit);
	error = child_open(&child, argv, CHILD_STDOUT);
	if (error == ENOENT) {
		warnx("objdump not found: install binutils");
		return false;
	}
	if (error) {
		warnx("objdump: %s", strerror(error));
		return false;
	}
	*flow = (struct flow){0};
	print_code(child.pipe, flow);
	status = child_close(&child);
	if (status)
		warnx("objdump: exit status %d", status);
	return status == 0;
}

/* Code outside a slot, with a line that says why it is shown. */
static bool disassemble_other(const struct rom_image *rom, size_t begin,
			      const char *why)
{
	size_t limit = begin + CODE_BYTES_MAX;
	struct flow flow;

	if (begin >= rom->bytes)
		return true;
	if (limit > rom->bytes)
		limit = rom->bytes;
	printf(" %s 0x%04zx:\n", why, begin);
	return disassemble_code(rom, begin, limit, &flow);
}

static bool disassemble_body(const struct rom_image *rom, unsigned int nr)
{
	const struct vmi_desc_call *call = &rom->descriptor.call[nr];
	const size_t end = (size_t)call->body_offset + call->inline_bytes;
	struct flow flow;

	if (!call->inline_bytes || end > rom->bytes)
		return true;
	printf(" to be inlined: %u byte%s at 0x%04x\n", call->inline_bytes,
	       call->inline_bytes == 1 ? "" : "s", call->body_offset);
	if (call->body_offset / VMI_SLOT_BYTES == nr)
		return true;
	return disassemble_code(rom, call->body_offset, end, &flow);
}

static bool disassemble_call(const struct rom_image *rom, unsigned int nr)
{
	const size_t begin = (size_t)nr * VMI_SLOT_BYTES;
	const size_t end = begin + rom_image_slot_bytes(rom, nr);
	struct flow flow;

	printf("%s (%u), slot at 0x%04zx:\n", call_table[nr].name, nr, begin);
	if (end <= begin) {
		puts("  empty");
		return true;
	}
	if (!disassemble_code(rom, begin, end, &flow))
		return false;
	if ((flow.jumps_to < begin || flow.jumps_to >= end) && flow.jumps_to &&
	    !disassemble_other(rom, flow.jumps_to, "goes on at"))
		return false;
	return disassemble_body(rom, nr);
}

bool rom_disassemble(const struct rom_image *rom, int nr)
{
	if (nr >= 0)
		return disassemble_call(rom, (unsigned int)nr);
	for (unsigned int i = VMI_FIRST_CALL; i < VMI_NR_CALLS; i++) {
		if (i > VMI_FIRST_CALL)
			putchar('\n');
		if (!disassemble_call(rom, i))
			return false;
	}
	return true;
}
