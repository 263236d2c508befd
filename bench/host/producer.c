/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * producer.c - a guest's calls without a guest: the trace ROM's stubs at CPL 3,
 * recording into memory that another process drains
 *
 * vmiprof-bench-producer RAM CPU, see analysis/bench/producer_control.h.  The
 * calls are the cheapest that are legal here, so that nearly all time is the
 * recorder's: no guest makes them faster.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/producer_control.h"
#include "rom_map.h"

/* What SetPxE writes; the loop below knows it by name. */
uint64_t producer_entry;

/* turns * PRODUCER_TURN calls of three slots in turn. */
void producer_turns(uint32_t turns, void *const slots[3]);

__asm__("	.text\n"
	"	.globl producer_turns\n"
	"producer_turns:\n"
	"	push	%ebp\n"
	"	push	%ebx\n"
	"	push	%esi\n"
	"	push	%edi\n"
	"	mov	20(%esp), %ebp\n"
	"	mov	24(%esp), %ecx\n"
	"	mov	0(%ecx), %ebx\n"
	"	mov	4(%ecx), %esi\n"
	"	mov	8(%ecx), %edi\n"
	"1:	.rept	8\n"
	"	call	*%ebx\n"
	"	mov	$producer_entry, %eax\n"
	"	mov	$0x67, %edx\n"
	"	xor	%ecx, %ecx\n"
	"	call	*%esi\n"
	"	xor	%eax, %eax\n"
	"	call	*%edi\n"
	"	.endr\n"
	"	dec	%ebp\n"
	"	jnz	1b\n"
	"	pop	%edi\n"
	"	pop	%esi\n"
	"	pop	%ebx\n"
	"	pop	%ebp\n"
	"	ret\n");

struct producer {
	uint8_t *base;
	uint32_t bytes;
	struct producer_control *control;
	struct rom rom;
	void *slots[3];
};

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "vmiprof-bench-producer: %s: %s\n", what,
		strerror(errno));
	exit(1);
}

static void map_memory(struct producer *p, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		die(path);
	if (status.st_size <= (off_t)PRODUCER_RING_PHYS) {
		errno = EINVAL;
		die(path);
	}
	p->bytes = (uint32_t)status.st_size;
	p->base = mmap(NULL, p->bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_SHARED | MAP_POPULATE, fd, 0);
	if (p->base == MAP_FAILED)
		die(path);
	close(fd);
	p->control = (void *)(p->base + PRODUCER_CONTROL_PHYS);
}

static void pin(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(strtoul(cpu, NULL, 10), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot be pinned to its CPU");
}

static bool donate(const struct producer *p)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = {
		.eax = (uint32_t)(p->base + PRODUCER_RING_PHYS),
		.edx = PRODUCER_RING_PHYS,
		.ecx = p->bytes - PRODUCER_RING_PHYS,
		.eflags = ROM_FLAGS,
	};

	rom_invoke(p->rom.base + p->rom.desc->donate_offset, &regs, none, NULL);
	return !regs.eax;
}

static void open_rom(struct producer *p, const char *path)
{
	rom_map_at(&p->rom, path, p->base + PRODUCER_ROM_PHYS);
	if (!p->rom.counters) {
		fprintf(stderr, "%s: expected the trace ROM\n", path);
		exit(1);
	}
	if (rom_init(&p->rom) || !donate(p)) {
		fprintf(stderr, "%s: Init or the donation failed\n", path);
		exit(1);
	}
	p->slots[0] = rom_slot(&p->rom, VMI_CALL_GetInterruptMask);
	p->slots[1] = rom_slot(&p->rom, VMI_CALL_SetPxE);
	p->slots[2] = rom_slot(&p->rom, VMI_CALL_FlushDeferredCalls);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void run(const struct producer *p, uint32_t calls)
{
	if (!p->rom.ctl || !calls || calls % PRODUCER_TURN) {
		fprintf(stderr, "run: found %u calls, expected a multiple of %u, and open before\n",
			calls, PRODUCER_TURN);
		exit(1);
	}
	p->control->begin_ns = now_ns();
	producer_turns(calls / PRODUCER_TURN, p->slots);
	p->control->end_ns = now_ns();
}

int main(int argc, char **argv)
{
	struct producer p = { 0 };
	char line[4200];

	if (argc != 3) {
		fprintf(stderr, "usage: vmiprof-bench-producer RAM CPU\n");
		return 2;
	}
	map_memory(&p, argv[1]);
	pin(argv[2]);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "open ", 5)) {
			open_rom(&p, line + 5);
		} else if (!strncmp(line, "run ", 4)) {
			run(&p, (uint32_t)strtoul(line + 4, NULL, 10));
		} else {
			fprintf(stderr, "'%s' is no command\n", line);
			return 1;
		}
		__atomic_fetch_add(&p.control->done, 1, __ATOMIC_RELEASE);
	}
	return 0;
}
