// SPDX-License-Identifier: GPL-2.0-only
/*
 * exit.c - how the guest ends
 */
#include "arch/exit.h"
#include "call/call.h"

_Noreturn void guest_exit(unsigned int value)
{
	vmi_DisableInterrupts();
	vmi_OUT(value, GUEST_EXIT_PORT);
	for (;;)
		vmi_Shutdown();
}
