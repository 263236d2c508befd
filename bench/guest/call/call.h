/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * call.h - the call layer: each VMI call as a C function
 *
 * A call goes through vmi_entry[], so that a ROM, the same ROM at another linear
 * address and the native fallback are interchangeable.  Arguments stand in the
 * order of the registers eax, edx, ecx, then the stack.
 *
 * Clobbers follow include/vmi/calls.h.  All calls are compiler barriers: those
 * that move no memory themselves open or close the way for code that does.
 *
 * IRET and SYSEXIT do not return and are called from arch/trap_entry.S and
 * arch/user_entry.S.
 */
#ifndef GUEST_CALL_H
#define GUEST_CALL_H

#include <stdint.h>

#include "vmi/calls.h"

#define VMI_FLAG_IF	0x200	/* in what GetInterruptMask returns */

/* Linear address of each call; below VMI_FIRST_CALL unused. */
extern uint32_t vmi_entry[VMI_NR_CALLS];

#define VMI_INLINE static inline __attribute__((always_inline))

/* Classes STD and STD_MEM by number of register inputs; result in edx:eax. */
VMI_INLINE uint64_t vmi_std0(enum vmi_call nr)
{
	uint64_t result;

	__asm__ volatile("call *%1"
			 : "=&A"(result)
			 : "m"(vmi_entry[nr])
			 : "ecx", "cc", "memory");
	return result;
}

VMI_INLINE uint64_t vmi_std1(enum vmi_call nr, uint32_t eax)
{
	uint32_t edx;

	__asm__ volatile("call *%2"
			 : "+a"(eax), "=&d"(edx)
			 : "m"(vmi_entry[nr])
			 : "ecx", "cc", "memory");
	return (uint64_t)edx << 32 | eax;
}

VMI_INLINE uint64_t vmi_std2(enum vmi_call nr, uint32_t eax, uint32_t edx)
{
	__asm__ volatile("call *%2"
			 : "+a"(eax), "+d"(edx)
			 : "m"(vmi_entry[nr])
			 : "ecx", "cc", "memory");
	return (uint64_t)edx << 32 | eax;
}

VMI_INLINE uint64_t vmi_std3(enum vmi_call nr, uint32_t eax, uint32_t edx,
			     uint32_t ecx)
{
	__asm__ volatile("call *%3"
			 : "+a"(eax), "+d"(edx), "+c"(ecx)
			 : "m"(vmi_entry[nr])
			 : "cc", "memory");
	return (uint64_t)edx << 32 | eax;
}

VMI_INLINE uint64_t vmi_std4(enum vmi_call nr, uint32_t eax, uint32_t edx,
			     uint32_t ecx, uint32_t st1)
{
	__asm__ volatile("pushl %4\n\t"
			 "call *%3\n\t"
			 "addl $4, %%esp"
			 : "+a"(eax), "+d"(edx), "+c"(ecx)
			 : "m"(vmi_entry[nr]), "ri"(st1)
			 : "cc", "memory");
	return (uint64_t)edx << 32 | eax;
}

VMI_INLINE uint64_t vmi_std5(enum vmi_call nr, uint32_t eax, uint32_t edx,
			     uint32_t ecx, uint32_t st1, uint32_t st2)
{
	__asm__ volatile("pushl %5\n\t"
			 "pushl %4\n\t"
			 "call *%3\n\t"
			 "addl $8, %%esp"
			 : "+a"(eax), "+d"(edx), "+c"(ecx)
			 : "m"(vmi_entry[nr]), "ri"(st1), "ri"(st2)
			 : "cc", "memory");
	return (uint64_t)edx << 32 | eax;
}

/* Calls of one shape: no input or one in eax, nothing or eax or edx:eax out. */
#define VMI_DO(name) \
	VMI_INLINE void vmi_##name(void) { vmi_std0(VMI_CALL_##name); }
#define VMI_GET(name) \
	VMI_INLINE uint32_t vmi_##name(void) \
	{ \
		return (uint32_t)vmi_std0(VMI_CALL_##name); \
	}
#define VMI_GET64(name) \
	VMI_INLINE uint64_t vmi_##name(void) \
	{ \
		return vmi_std0(VMI_CALL_##name); \
	}
#define VMI_SET(name) \
	VMI_INLINE void vmi_##name(uint32_t value) \
	{ \
		vmi_std1(VMI_CALL_##name, value); \
	}
#define VMI_SET2(name, type) \
	VMI_INLINE void vmi_##name(type first, uint32_t second) \
	{ \
		vmi_std2(VMI_CALL_##name, (uint32_t)first, second); \
	}
/* At an address: a pointer in eax. */
#define VMI_AT(name, type) \
	VMI_INLINE void vmi_##name(type pointer) \
	{ \
		vmi_std1(VMI_CALL_##name, (uint32_t)pointer); \
	}

/* Processor registers */
VMI_GET(GetCR0)
VMI_GET(GetCR2)
VMI_GET(GetCR3)
VMI_GET(GetCR4)
VMI_SET(SetCR0)
VMI_SET(SetCR2)
VMI_SET(SetCR3)
VMI_SET(SetCR4)
VMI_DO(CLTS)
VMI_DO(INVD)
VMI_DO(WBINVD)
VMI_GET64(RDTSC)
VMI_SET2(SetDR, uint32_t)

VMI_INLINE uint32_t vmi_GetDR(uint32_t number)
{
	return (uint32_t)vmi_std1(VMI_CALL_GetDR, number);
}

VMI_INLINE void vmi_CPUID(uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
			  uint32_t *edx)
{
	__asm__ volatile("call *%4"
			 : "+a"(*eax), "=&b"(*ebx), "+c"(*ecx), "=&d"(*edx)
			 : "m"(vmi_entry[VMI_CALL_CPUID])
			 : "cc", "memory");
}

VMI_INLINE uint64_t vmi_RDMSR(uint32_t msr)
{
	uint64_t value;

	__asm__ volatile("call *%2"
			 : "=&A"(value), "+c"(msr)
			 : "m"(vmi_entry[VMI_CALL_RDMSR])
			 : "cc", "memory");
	return value;
}

VMI_INLINE void vmi_WRMSR(uint32_t msr, uint64_t value)
{
	vmi_std3(VMI_CALL_WRMSR, (uint32_t)value, (uint32_t)(value >> 32), msr);
}

/* Descriptor tables and kernel stack */
struct descriptor_table;
VMI_AT(SetGDT, const struct descriptor_table *)
VMI_AT(GetGDT, struct descriptor_table *)
VMI_AT(SetIDT, const struct descriptor_table *)
VMI_AT(GetIDT, struct descriptor_table *)
VMI_SET(SetLDT)
VMI_SET(SetTR)
VMI_GET(GetLDT)
VMI_GET(GetTR)
VMI_SET2(UpdateKernelStack, void *)

#define VMI_WRITE_ENTRY(name) \
	VMI_INLINE void vmi_##name(uint64_t *table, uint32_t index, \
				   uint64_t entry) \
	{ \
		vmi_std4(VMI_CALL_##name, (uint32_t)table, index, \
			 (uint32_t)entry, (uint32_t)(entry >> 32)); \
	}
VMI_WRITE_ENTRY(WriteGDTEntry)
VMI_WRITE_ENTRY(WriteLDTEntry)
VMI_WRITE_ENTRY(WriteIDTEntry)

/* Interrupts: flags only, and eax where it is the output */
VMI_INLINE void vmi_EnableInterrupts(void)
{
	__asm__ volatile("call *%0"
			 :
			 : "m"(vmi_entry[VMI_CALL_EnableInterrupts])
			 : "cc", "memory");
}

VMI_INLINE void vmi_DisableInterrupts(void)
{
	__asm__ volatile("call *%0"
			 :
			 : "m"(vmi_entry[VMI_CALL_DisableInterrupts])
			 : "cc", "memory");
}

VMI_INLINE uint32_t vmi_GetInterruptMask(void)
{
	uint32_t mask;

	__asm__ volatile("call *%1"
			 : "=a"(mask)
			 : "m"(vmi_entry[VMI_CALL_GetInterruptMask])
			 : "cc", "memory");
	return mask;
}

VMI_INLINE void vmi_SetInterruptMask(uint32_t mask)
{
	__asm__ volatile("call *%0"
			 :
			 : "m"(vmi_entry[VMI_CALL_SetInterruptMask]), "a"(mask)
			 : "cc", "memory");
}

/* Idle and reset */
VMI_DO(Pause)
VMI_DO(Halt)
VMI_SET(Reboot)
VMI_DO(Shutdown)

/* Page tables */
VMI_SET2(SetPxE, uint32_t *)
VMI_SET(InvalPage)
VMI_SET(FlushTLB)
VMI_SET(FlushDeferredCalls)
VMI_SET2(ReleasePage, uint32_t)

VMI_INLINE uint32_t vmi_GetPxE(const uint32_t *entry)
{
	return (uint32_t)vmi_std1(VMI_CALL_GetPxE, (uint32_t)entry);
}

VMI_INLINE uint32_t vmi_SwapPxE(uint32_t *entry, uint32_t value)
{
	return (uint32_t)vmi_std2(VMI_CALL_SwapPxE, (uint32_t)entry, value);
}

VMI_INLINE uint32_t vmi_TestAndSetPxEBit(uint32_t *entry, uint32_t bit)
{
	return (uint32_t)vmi_std2(VMI_CALL_TestAndSetPxEBit, (uint32_t)entry,
				  bit);
}

VMI_INLINE uint32_t vmi_TestAndClearPxEBit(uint32_t *entry, uint32_t bit)
{
	return (uint32_t)vmi_std2(VMI_CALL_TestAndClearPxEBit, (uint32_t)entry,
				  bit);
}

VMI_INLINE void vmi_SetPxEFlags(uint32_t value, uint32_t *entry, uint32_t flags)
{
	vmi_std3(VMI_CALL_SetPxEFlags, value, (uint32_t)entry, flags);
}

VMI_INLINE void vmi_AllocatePage(uint32_t pfn, uint32_t flags,
				 uint32_t clone_pfn, uint32_t base,
				 uint32_t count)
{
	vmi_std5(VMI_CALL_AllocatePage, pfn, flags, clone_pfn, base, count);
}

VMI_INLINE void vmi_SetLinearMapping(uint32_t slot, uint32_t va, uint32_t pages,
				     uint32_t pfn)
{
	vmi_std4(VMI_CALL_SetLinearMapping, slot, va, pages, pfn);
}

/* Page-table entries of 64 bits (PAE) */
VMI_INLINE void vmi_SetPxELong(uint64_t value, uint64_t *entry)
{
	vmi_std3(VMI_CALL_SetPxELong, (uint32_t)value, (uint32_t)(value >> 32),
		 (uint32_t)entry);
}

VMI_INLINE void vmi_SetPxELongFlags(uint64_t value, uint64_t *entry,
				    uint32_t flags)
{
	vmi_std4(VMI_CALL_SetPxELongFlags, (uint32_t)value,
		 (uint32_t)(value >> 32), (uint32_t)entry, flags);
}

VMI_INLINE uint64_t vmi_GetPxELong(const uint64_t *entry)
{
	return vmi_std1(VMI_CALL_GetPxELong, (uint32_t)entry);
}

VMI_INLINE uint64_t vmi_SwapPxELongAtomic(uint64_t value, uint64_t *entry)
{
	return vmi_std3(VMI_CALL_SwapPxELongAtomic, (uint32_t)value,
			(uint32_t)(value >> 32), (uint32_t)entry);
}

VMI_INLINE uint64_t vmi_DeactivatePxELongAtomic(uint64_t *entry)
{
	return vmi_std1(VMI_CALL_DeactivatePxELongAtomic, (uint32_t)entry);
}

VMI_INLINE uint32_t vmi_TestAndSetPxELongBit(uint64_t *entry, uint32_t bit)
{
	return (uint32_t)vmi_std2(VMI_CALL_TestAndSetPxELongBit,
				  (uint32_t)entry, bit);
}

VMI_INLINE uint32_t vmi_TestAndClearPxELongBit(uint64_t *entry, uint32_t bit)
{
	return (uint32_t)vmi_std2(VMI_CALL_TestAndClearPxELongBit,
				  (uint32_t)entry, bit);
}

/* Ports: IN moves eax, al or ax and nothing else, OUT nothing */
#define VMI_PORT(width, type) \
	VMI_INLINE type vmi_IN##width(uint16_t port) \
	{ \
		type value; \
		__asm__ volatile("call *%1" \
				 : "=a"(value) \
				 : "m"(vmi_entry[VMI_CALL_IN##width]), \
				   "d"(port) \
				 : "memory"); \
		return value; \
	} \
	VMI_INLINE void vmi_OUT##width(type value, uint16_t port) \
	{ \
		__asm__ volatile("call *%0" \
				 : \
				 : "m"(vmi_entry[VMI_CALL_OUT##width]), \
				   "a"(value), "d"(port) \
				 : "memory"); \
	} \
	VMI_INLINE void vmi_INS##width(type *to, uint16_t port, \
				       uint32_t count) \
	{ \
		__asm__ volatile("call *%2" \
				 : "+D"(to), "+c"(count) \
				 : "m"(vmi_entry[VMI_CALL_INS##width]), \
				   "d"(port) \
				 : "memory"); \
	} \
	VMI_INLINE void vmi_OUTS##width(const type *from, uint16_t port, \
					uint32_t count) \
	{ \
		__asm__ volatile("call *%2" \
				 : "+S"(from), "+c"(count) \
				 : "m"(vmi_entry[VMI_CALL_OUTS##width]), \
				   "d"(port) \
				 : "memory"); \
	}
VMI_PORT(, uint32_t)
VMI_PORT(W, uint16_t)
VMI_PORT(B, uint8_t)
VMI_DO(IODelay)
VMI_SET(SetIOPLMask)

/* Other processors and local APIC */
VMI_SET2(APICWrite, volatile uint32_t *)

VMI_INLINE uint32_t vmi_APICRead(const volatile uint32_t *address)
{
	return (uint32_t)vmi_std1(VMI_CALL_APICRead, (uint32_t)address);
}

/* Time */
VMI_GET64(GetCycleFrequency)
VMI_GET64(GetWallclockTime)
VMI_GET(WallclockUpdated)

VMI_INLINE uint64_t vmi_GetCycleCounter(uint32_t counter)
{
	return vmi_std1(VMI_CALL_GetCycleCounter, counter);
}

VMI_INLINE void vmi_SetAlarm(uint32_t flags, uint64_t expiry, uint64_t period)
{
	vmi_std5(VMI_CALL_SetAlarm, flags, (uint32_t)expiry,
		 (uint32_t)(expiry >> 32), (uint32_t)period,
		 (uint32_t)(period >> 32));
}

VMI_INLINE uint32_t vmi_CancelAlarm(uint32_t flags)
{
	return (uint32_t)vmi_std1(VMI_CALL_CancelAlarm, flags);
}

/* Target in the low half, type in bits 32 to 39. */
VMI_INLINE uint64_t vmi_GetRelocationInfo(uint32_t call)
{
	return vmi_std1(VMI_CALL_GetRelocationInfo, call);
}

#endif /* GUEST_CALL_H */
