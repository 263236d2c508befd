/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * emulate.c - do what CPL 3 may not, and stop calls on their way
 *
 * Knows exactly the privileged instructions that the ROMs hold.  Inputs read as
 * fixed patterns; memory is left alone but for string input.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ucontext.h>
#include <ucontext.h>
#include <unistd.h>

#include "recorder.h"

#define PATTERN_LOW	0x11223344u
#define PATTERN_HIGH	0x55667788u
#define SIGNAL_STACK	65536
#define TRAP_FLAG	0x100
#define INT3		0xcc
#define RDTSC_CYCLES	26	/* from one to the next */

struct emulation emulation;

typedef greg_t *registers;

/* A register that holds an address. */
static void *pointer(greg_t value)
{
	return (void *)value; /* NOLINT(performance-no-int-to-ptr) */
}

static void die(const char *what, registers regs)
{
	const uint8_t *at = pointer(regs[REG_EIP]);

	fprintf(stderr, "%s at %p: %02x %02x %02x %02x\n", what,
		(const void *)at, at[0], at[1], at[2], at[3]);
	_exit(3);
}

/* rep ins and rep outs of `bytes` at a time, with or without 0x66 */
static unsigned int string_io(registers regs, bool out, uint32_t bytes)
{
	uint32_t total = bytes * (uint32_t)regs[REG_ECX];

	if (out) {
		regs[REG_ESI] += (greg_t)total;
	} else {
		memset(pointer(regs[REG_EDI]), 0x5a, total);
		regs[REG_EDI] += (greg_t)total;
	}
	regs[REG_ECX] = 0;
	return 0;
}

static unsigned int two_bytes(registers regs, uint8_t opcode, uint8_t modrm)
{
	static const uint8_t plain[] = { 0x06, 0x08, 0x09, 0x30 };
	uint32_t *reg[] = {
		(uint32_t *)&regs[REG_EAX], (uint32_t *)&regs[REG_ECX],
		(uint32_t *)&regs[REG_EDX],
	};

	emulation.invd += opcode == 0x08;
	emulation.wbinvd += opcode == 0x09;
	if (memchr(plain, opcode, sizeof(plain)))
		return 2;
	switch (opcode) {
	case 0x32:
	case 0x33:
		regs[REG_EAX] = (greg_t)PATTERN_LOW;
		regs[REG_EDX] = (greg_t)PATTERN_HIGH;
		return 2;
	case 0x31:
		emulation.tsc += RDTSC_CYCLES;
		regs[REG_EAX] = (greg_t)(uint32_t)emulation.tsc;
		regs[REG_EDX] = (greg_t)(emulation.tsc >> 32);
		return 2;
	case 0x35:
		regs[REG_ESP] = regs[REG_ECX];
		regs[REG_EIP] = regs[REG_EDX] - 2;
		return 2;
	case 0x20:
	case 0x21:
		*reg[modrm & 7] = PATTERN_LOW + modrm;
		return 3;
	case 0x00:
		if (modrm >> 6 == 3 && (modrm >> 3 & 7) < 2)
			*reg[modrm & 7] = PATTERN_LOW;
		return 3;
	case 0x01:
	case 0x22:
	case 0x23:
		return 3;
	default:
		die("instruction not known", regs);
		return 0;
	}
}

/* Returns the length of the instruction. */
static unsigned int emulate(registers regs)
{
	const uint8_t *at = pointer(regs[REG_EIP]);
	unsigned int prefixes = 0;
	bool wide = true;

	while (at[prefixes] == 0x66 || at[prefixes] == 0xf3)
		wide &= at[prefixes++] != 0x66;
	switch (at[prefixes]) {
	case 0xfa:
	case 0xfb:
	case 0xf4:
	case 0xee:
	case 0xef:
		return prefixes + 1;
	case 0xe6:
		return 2;
	case 0xec:
		regs[REG_EAX] = (regs[REG_EAX] & ~0xff) | 0xa5;
		return 1;
	case 0xed:
		regs[REG_EAX] = wide ? (greg_t)PATTERN_LOW :
				       (regs[REG_EAX] & ~0xffff) | 0xa5a5;
		return prefixes + 1;
	case 0x6c:
	case 0x6e:
		string_io(regs, at[prefixes] == 0x6e, 1);
		return prefixes + 1;
	case 0x6d:
	case 0x6f:
		string_io(regs, at[prefixes] == 0x6f, wide ? 4 : 2);
		return prefixes + 1;
	case 0x0f:
		return two_bytes(regs, at[1], at[2]);
	default:
		die("instruction not known", regs);
		return 0;
	}
}

/* The descriptor's promise for a faulting instruction in the ROM. */
static void check_fault(registers regs)
{
	const struct rom *rom = emulation.rom;
	const struct vmi_desc_fault *fault =
		(const void *)(rom->base + rom->desc->fault_offset);
	uint32_t offset = (uint32_t)regs[REG_EIP] - (uint32_t)rom->base;
	const uint32_t *stack = pointer(regs[REG_ESP]);
	uint32_t nr;

	for (nr = 0; nr < rom->desc->nr_faults; nr++)
		if (fault[nr].offset == offset)
			break;
	if (nr == rom->desc->nr_faults)
		return;
	emulation.faults++;
	if (stack[fault[nr].stack_bytes / 4] != emulation.return_address &&
	    fault[nr].call != VMI_CALL_IRET)
		emulation.bad_faults++;
	if ((uint32_t)regs[REG_EBX] != emulation.at_call.ebx ||
	    (uint32_t)regs[REG_ESI] != emulation.at_call.esi ||
	    (uint32_t)regs[REG_EDI] != emulation.at_call.edi ||
	    (uint32_t)regs[REG_EBP] != emulation.at_call.ebp)
		emulation.bad_faults++;
	if (!emulation.fix_up)
		return;
	regs[REG_EIP] = (greg_t)stack[fault[nr].stack_bytes / 4];
	regs[REG_ESP] += fault[nr].stack_bytes + 4;
}

/* A call that is single-stepped gets here. */
static void note_path(const uint8_t *at)
{
	const struct rom *rom = emulation.rom;

	if (at < rom->base || at >= rom->base + rom->bytes ||
	    emulation.path_length == PATH_MAX_STEPS)
		return;
	for (unsigned int i = 0; i < emulation.path_length; i++)
		if (emulation.path[i] == at)
			return;
	emulation.path[emulation.path_length++] = at;
}

static bool is_rdtsc(const uint8_t *at)
{
	return at[0] == 0x0f && at[1] == 0x31;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	registers regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const uint8_t *at = pointer(regs[REG_EIP]);

	(void)signal;
	(void)info;
	if (emulation.sleep_us)
		usleep(emulation.sleep_us);
	if (emulation.rom)
		check_fault(regs);
	if (pointer(regs[REG_EIP]) == at)
		regs[REG_EIP] += (greg_t)emulate(regs);
	if (emulation.unwind_stack && !is_rdtsc(at)) {
		regs[REG_EIP] = (greg_t)rom_invoke_return;
		regs[REG_ESP] = (greg_t)emulation.unwind_stack -
				ROM_STACK_USED + 4;
		emulation.unwind_stack = NULL;
	} else if (regs[REG_EFL] & TRAP_FLAG) {
		note_path(pointer(regs[REG_EIP]));
	}
}

void stop_at(const uint8_t *address)
{
	emulation.stop_at = pointer((greg_t)address);
	emulation.stop_byte = *address;
	*emulation.stop_at = INT3;
}

bool stop_passed(void)
{
	if (emulation.stop_at)
		*emulation.stop_at = emulation.stop_byte;
	emulation.stop_at = NULL;
	return emulation.stopped;
}

static void stop(void)
{
	static const uint32_t none[ROM_STACK_WORDS];

	emulation.stopped = true;
	(void)stop_passed();
	if (emulation.change)
		emulation.change();
	if (emulation.nest)
		rom_invoke(rom_slot(emulation.rom, emulation.nest),
			   &emulation.nested_regs, none, NULL);
}

/* After each instruction of a call with the trap flag; or at the stop. */
static void on_trap(int signal, siginfo_t *info, void *context)
{
	registers regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const uint8_t *at = pointer(regs[REG_EIP]);
	uint32_t flags = __builtin_ia32_readeflags_u32();

	(void)signal;
	(void)info;
	emulation.steps++;
	if (emulation.each_step) {
		emulation.each_step();
	} else if (!emulation.stop_at) {
		note_path(at);
	} else if (at - 1 == emulation.stop_at) {
		regs[REG_EIP]--;
		stop();
	}
	/* A handler keeps the ID flag; sigreturn leaves it as it finds it. */
	__builtin_ia32_writeeflags_u32(flags);
}

void clock_virtual(uint64_t tsc)
{
	emulation.tsc = tsc;
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV)) {
		perror("prctl(PR_SET_TSC)");
		exit(3);
	}
}

void clock_real(void)
{
	prctl(PR_SET_TSC, PR_TSC_ENABLE);
}

void emulation_start(void)
{
	static uint8_t memory[SIGNAL_STACK];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };
	struct sigaction action = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	action.sa_sigaction = on_trap;
	sigaction(SIGTRAP, &action, NULL);
}
