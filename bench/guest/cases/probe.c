// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe.c - one VMI call under a magnifying glass
 */
#include "call/call.h"
#include "call/find.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "lib/string.h"
#include "vmi/trace.h"

#define STACK_WORDS	256
#define STACK_PATTERN	0x5ac35ac3
#define PACKET_RECORDS	8192	/* more than fit into one */

struct probe probe;
static uint32_t stack[STACK_WORDS] __attribute__((aligned(16)));

void probe_clear(uint32_t call)
{
	probe = (struct probe){
		.in = {
			.eax = 0xa1b2c3d4,
			.ebx = 0xb0b1b2b3,
			.ecx = 0xc5c4c7c6,
			.edx = 0xd9dadbdc,
			.esi = 0x51525354,
			.edi = 0xd1d2d3d4,
			.ebp = 0xbeb4b5b6,
		},
		.entry = vmi_entry[call],
	};
}

/* The lowest word that changed tells how deep the call went. */
static uint32_t used_bytes(uint32_t return_at)
{
	uint32_t i = 0;

	while (i < return_at && stack[i] == STACK_PATTERN)
		i++;
	return (return_at - i) * sizeof(stack[0]);
}

void probe_fill_packet(uint32_t records_left)
{
	const uint32_t left = records_left * VMI_REC_BYTES;
	const volatile struct vmi_trace_ctl *ctl;
	uint32_t i;

	if (!vmi.descriptor || !vmi.descriptor->ctl_offset)
		return;
	ctl = (const volatile struct vmi_trace_ctl *)(vmi.base +
						      vmi.descriptor->ctl_offset);
	/* A ring that is full has no open packet. */
	for (i = 0; i < PACKET_RECORDS &&
		    (-ctl->pos & (ctl->subbuf_bytes - 1)) != left; i++) {
		if (i && !ctl->open)
			break;
		vmi_RDTSC();
	}
	expect(i < PACKET_RECORDS || !vmi.called_init,
	       "the trace packet did not fill: position %u", ctl->pos);
}

void probe_run(void)
{
	const uint32_t top = STACK_WORDS - PROBE_STACK_WORDS;
	uint32_t i;

	for (i = 0; i < STACK_WORDS; i++)
		stack[i] = STACK_PATTERN;
	memcpy(&stack[top], probe.stack, sizeof(probe.stack));
	probe.in.esp = (uint32_t)&stack[top];
	probe.faulted = 0;
	probe.out = (struct probe_registers){ 0 };
	if (probe.interrupts)
		vmi_EnableInterrupts();
	else
		vmi_DisableInterrupts();
	if (probe.at_packet_end)
		probe_fill_packet(0);
	probe_call();
	probe.interrupts_after = vmi_GetInterruptMask() & VMI_FLAG_IF;
	vmi_DisableInterrupts();
	probe.out.flags &= PROBE_FLAGS_MASK;
	probe.stack_used_bytes = used_bytes(top - 1);
}
