/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.h - bits of control and model-specific registers (Intel SDM volumes 3, 4)
 */
#ifndef GUEST_CPU_H
#define GUEST_CPU_H

#include <stdint.h>

#include "call/call.h"

#define CR0_TS		0x00000008
#define CR0_WP		0x00010000
#define CR0_PG		0x80000000
#define CR4_PSE		0x00000010
#define CR4_PGE		0x00000080

#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_PAT			0x277

/* CPUID leaf 1, edx. */
#define CPU_FEATURE_PSE		0x00000008
#define CPU_FEATURE_TSC		0x00000010
#define CPU_FEATURE_MSR		0x00000020
#define CPU_FEATURE_CX8		0x00000100
#define CPU_FEATURE_APIC	0x00000200
#define CPU_FEATURE_SEP		0x00000800
#define CPU_FEATURE_PGE		0x00002000
#define CPU_FEATURE_PAT		0x00010000

static inline uint32_t cpu_features(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	vmi_CPUID(&eax, &ebx, &ecx, &edx);
	return edx;
}

#endif /* GUEST_CPU_H */
