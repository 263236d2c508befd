/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user.h - excursions to ring 3 and back
 *
 * To ring 3 by IRET or SYSEXIT; back by int 0x80 or SYSENTER with eax = number,
 * ebx = argument; SYSENTER also wants edx = eip and ecx = esp to come back to.
 * System call 0 ends the excursion, ebx is its result.
 */
#ifndef GUEST_USER_H
#define GUEST_USER_H

#define USER_TEXT		0x40000000	/* section .user is mapped here */
#define USER_STACK_TOP		0x40100000
#define USER_HEAP		0x40200000

#define USER_EXIT		0	/* system call */

/* Offsets in struct user_start. */
#define USER_START_EIP		0x00
#define USER_START_CS		0x04
#define USER_START_EFLAGS	0x08
#define USER_START_ESP		0x0c
#define USER_START_SS		0x10
#define USER_START_EAX		0x14
#define USER_START_EBX		0x18
#define USER_START_ECX		0x1c
#define USER_START_EDX		0x20
#define USER_START_ESI		0x24
#define USER_START_EDI		0x28
#define USER_START_EBP		0x2c
#define USER_START_SYSEXIT	0x30
#define USER_START_DATA_SEGMENT	0x34

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/trap.h"

struct user_start {
	uint32_t eip, cs, eflags, esp, ss;	/* an IRET frame */
	uint32_t eax, ebx, ecx, edx, esi, edi, ebp;
	uint32_t sysexit;	/* nonzero: by SYSEXIT; ecx = esp, edx = eip;
				 * of eflags the arithmetic ones
				 */
	uint32_t data_segment;	/* DS and ES from before the call on; 0 = flat */
};

static_assert(offsetof(struct user_start, ss) == USER_START_SS, "user_start");
static_assert(offsetof(struct user_start, data_segment) ==
		      USER_START_DATA_SEGMENT, "user_start");

/* MSRs for SYSENTER, where the processor has it. */
void user_setup(void);

/* A start at a program of section .user, given by its kernel address. */
struct user_start user_program(void (*program)(void));

/*
 * Runs ring 3 in the current address space until it ends.  Returns what it gave
 * to USER_EXIT, or minus the vector of the exception that it caused.  Interrupts
 * are open meanwhile, and as before afterwards.
 */
int32_t user_run(const struct user_start *start);

/* System calls but USER_EXIT, by int 0x80 and SYSENTER alike. */
extern uint32_t (*user_service)(uint32_t number, uint32_t argument);

/* What int 0x80 saved at the last USER_EXIT. */
extern struct trap_frame user_last_frame;

/* Ends the excursion from inside a handler. */
_Noreturn void user_leave(int32_t result);

/* int 0x80, from arch/trap.c. */
void user_system_call(struct trap_frame *frame);

/* user_entry.S: where an IRET that faulted goes on. */
void user_bad_iret(void);
int32_t user_enter(const struct user_start *start, uint32_t *saved_esp);
_Noreturn void user_return(int32_t result, uint32_t saved_esp);
void user_sysenter(void);

/* From there. */
uint32_t user_sysenter_call(uint32_t number, uint32_t argument);
_Noreturn void user_kill_bad_iret(void);

/* Programs in ring 3, user_text.S. */
extern const char user_text[];
void user_exit_now(void);	/* int 0x80 at once, eax and ebx as started */
void user_loop_int80(void);	/* system call esi, edi times; then ends */
void user_loop_sysenter(void);	/* the same by SYSENTER */
void user_touch(void);		/* writes to edi pages from esi on */
void user_wait(void);		/* reads esi until not 0, edi times at most;
				 * result 0, or 1 if it stayed 0
				 */
void user_read_port(void);	/* IN from port 0x80; result 1 */
#endif /* __ASSEMBLER__ */

#endif /* GUEST_USER_H */
