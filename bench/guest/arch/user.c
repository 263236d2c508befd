// SPDX-License-Identifier: GPL-2.0-only
/*
 * user.c - excursions to ring 3 and back
 */
#include "arch/exit.h"
#include "arch/platform.h"
#include "arch/user.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/task.h"
#include "lib/console.h"

#define EFLAGS_FIXED	0x002

uint32_t (*user_service)(uint32_t number, uint32_t argument);
struct trap_frame user_last_frame;

void user_setup(void)
{
	if (!(cpu_features() & CPU_FEATURE_SEP))
		return;
	vmi_WRMSR(MSR_SYSENTER_CS, platform.kernel_cs);
	vmi_WRMSR(MSR_SYSENTER_ESP, (uint32_t)&task_tss.esp0);
	vmi_WRMSR(MSR_SYSENTER_EIP, (uint32_t)user_sysenter);
}

struct user_start user_program(void (*program)(void))
{
	return (struct user_start){
		.eip = USER_TEXT + ((uint32_t)program - (uint32_t)user_text),
		.cs = SEL_USER_CS,
		.eflags = EFLAGS_FIXED | VMI_FLAG_IF,
		.esp = USER_STACK_TOP,
		.ss = SEL_USER_DS,
	};
}

int32_t user_run(const struct user_start *start)
{
	uint32_t mask = vmi_GetInterruptMask();
	int32_t result;

	vmi_DisableInterrupts();
	result = user_enter(start, &task_current->user_saved_esp);
	vmi_SetInterruptMask(mask);
	return result;
}

_Noreturn void user_leave(int32_t result)
{
	vmi_DisableInterrupts();
	user_return(result, task_current->user_saved_esp);
}

_Noreturn void user_kill_bad_iret(void)
{
	user_leave(-TRAP_GP);
}

static uint32_t serve(uint32_t number, uint32_t argument)
{
	if (number == USER_EXIT)
		user_leave((int32_t)argument);
	return user_service ? user_service(number, argument) : 0;
}

void user_system_call(struct trap_frame *frame)
{
	if (frame->eax == USER_EXIT)
		user_last_frame = *frame;
	vmi_EnableInterrupts();
	frame->eax = serve(frame->eax, frame->ebx);
	vmi_DisableInterrupts();
}

uint32_t user_sysenter_call(uint32_t number, uint32_t argument)
{
	return serve(number, argument);
}
