/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cases.c - each call with arguments that it can be made with in a process
 */
#include <string.h>

#include "recorder.h"

uint32_t case_memory[MEMORY_WORDS];
uint8_t test_stack[TEST_STACK_BYTES] __attribute__((aligned(4096)));

/* Which register points to memory that the call reads or writes. */
static uint32_t *pointer(struct rom_regs *regs, enum vmi_call nr)
{
	switch (nr) {
	case VMI_CALL_SetGDT:
	case VMI_CALL_SetIDT:
	case VMI_CALL_GetGDT:
	case VMI_CALL_GetIDT:
	case VMI_CALL_WriteGDTEntry:
	case VMI_CALL_WriteLDTEntry:
	case VMI_CALL_WriteIDTEntry:
	case VMI_CALL_SetPxE:
	case VMI_CALL_GetPxE:
	case VMI_CALL_SwapPxE:
	case VMI_CALL_GetPxELong:
	case VMI_CALL_TestAndSetPxEBit:
	case VMI_CALL_TestAndClearPxEBit:
	case VMI_CALL_TestAndSetPxELongBit:
	case VMI_CALL_TestAndClearPxELongBit:
	case VMI_CALL_DeactivatePxELongAtomic:
	case VMI_CALL_APICWrite:
	case VMI_CALL_APICRead:
		return &regs->eax;
	case VMI_CALL_SetPxELong:
	case VMI_CALL_SwapPxELongAtomic:
	case VMI_CALL_SetPxELongFlags:
		return &regs->ecx;
	case VMI_CALL_SetPxEFlags:
		return &regs->edx;
	case VMI_CALL_INS:
	case VMI_CALL_INSB:
	case VMI_CALL_INSW:
		return &regs->edi;
	case VMI_CALL_OUTS:
	case VMI_CALL_OUTSB:
	case VMI_CALL_OUTSW:
		return &regs->esi;
	default:
		return NULL;
	}
}

void call_case(struct call_case *test, enum vmi_call nr, void *stack)
{
	uint32_t *memory;

	*test = (struct call_case){
		/* Arithmetic flags all set, and a value in every register. */
		.regs = { .eax = 0x00010203, .ecx = 3, .edx = 5,
			  .ebx = 0xb0b0b0b0, .esi = 0x51515151,
			  .edi = 0xd1d1d1d1, .ebp = 0xebebebeb,
			  .eflags = ROM_FLAGS | 0x8d5 },
		.stack = { 0x57ac0001, 0x57ac0002, 0x57ac0003 },
	};
	for (size_t i = 0; i < MEMORY_WORDS; i++)
		case_memory[i] = 0x01010101u * (uint32_t)i;
	memory = pointer(&test->regs, nr);
	if (memory)
		*memory = (uint32_t)case_memory;
	if (nr == VMI_CALL_SetInterruptMask)
		test->regs.eax = ROM_FLAGS;
	if (nr == VMI_CALL_GetCycleCounter)
		test->regs.eax = VMI_CALL_GetCycleCounter;
	if (nr == VMI_CALL_SetDR || nr == VMI_CALL_GetDR)
		test->regs.eax = 3;
	if (nr == VMI_CALL_IRET) {
		uint16_t cs;

		__asm__("mov %%cs, %0" : "=r"(cs));
		test->stack[0] = (uint32_t)rom_invoke_return_iret;
		test->stack[1] = cs;
		test->stack[2] = ROM_FLAGS;
	}
	if (nr == VMI_CALL_SYSEXIT) {
		test->regs.edx = (uint32_t)rom_invoke_return;
		test->regs.ecx = (uint32_t)stack - ROM_STACK_USED + 4;
	}
}

void call_make(const struct rom *rom, enum vmi_call nr, struct call_case *test)
{
	void *top = test_stack + sizeof(test_stack);

	emulation.rom = rom;
	emulation.at_call = test->regs;
	emulation.return_address = (uint32_t)rom_invoke_return;
	if (nr == VMI_CALL_Reboot || nr == VMI_CALL_Shutdown)
		emulation.unwind_stack = top;
	rom_invoke(rom_slot(rom, nr), &test->regs, test->stack, top);
}

const char *call_name(enum vmi_call nr)
{
	static const char *const names[VMI_NR_SLOTS] = {
#define X(number, name, ...) [number] = #name,
		VMI_CALLS(X)
#undef X
	};

	return names[nr];
}
