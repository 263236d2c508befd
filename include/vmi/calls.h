/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.h - the one table of VMI calls (slot ABI, API 13.3)
 *
 * Everything that knows a call by name or number is generated from this table:
 * the ROM's slots, the kernel header of the patch series, the names in a trace,
 * its CTF metadata and docs/calls.md, which is the table to read.  Sources: the
 * order of vmiCalls.h in "[RFC, PATCH 3/24] i386 Vmi interface definition"
 * (Zachary Amsden, 2006-03-13) and the 2006 VMI specification.
 *
 * X(nr, name, nr3, clobbers, segments, returns, arg, inputs, outputs, native)
 *
 *   nr        slot number; the slot lies at nr * VMI_SLOT_BYTES in the ROM
 *   nr3       number of the call in the relocation ABI (API 3.0), -1 = none
 *   clobbers  what a caller must expect to lose, beside the outputs:
 *             STD       eax, edx, ecx and flags
 *             STD_MEM   the same and memory (a compiler barrier)
 *             FLAGS     flags only
 *             MEM       memory only, flags are kept
 *             INS, OUTS what rep ins / rep outs moves, flags are kept
 *             NONE      nothing
 *             NORETURN  the caller is not returned to
 *   segments  SS: only CS and SS may be assumed; FLAT: all are flat
 *   returns   RETURNS; OPENS: may open interrupts; HALT: opens them and waits;
 *             NORETURN: logged on entry, since nothing comes back
 *   arg       the register that a trace keeps as "first argument": EAX, EDX,
 *             ECX, EIP (the address returned to), or NONE.  The port for I/O.
 *   inputs, outputs, native  prose for the call reference; st1 is the first
 *             stack word above the return address
 */
#ifndef VMI_CALLS_H
#define VMI_CALLS_H

#define VMI_SLOT_BYTES		32
#define VMI_FIRST_CALL		4	/* Init; slots 0-3 are the header */
#define VMI_NR_CALLS		88	/* one past the last call */
#define VMI_NR_SLOTS		128	/* slots in the ABI's table */

/* clang-format off */
#define VMI_CALLS(X) \
	/* Set-up */ \
	X(4, Init, -1, STD, FLAT, RETURNS, NONE, "-", "eax=0 ok, -1 failure", "xor eax,eax") \
	/* Processor registers */ \
	X(5, CPUID, 0, FLAGS, FLAT, RETURNS, EAX, "eax=leaf ecx=subleaf", "eax ebx ecx edx", "cpuid") \
	X(6, WRMSR, 1, STD_MEM, FLAT, RETURNS, ECX, "ecx=msr eax=lo edx=hi", "-", "wrmsr") \
	X(7, RDMSR, 2, STD, FLAT, RETURNS, ECX, "ecx=msr", "eax=lo edx=hi", "rdmsr") \
	X(8, SetGDT, 3, STD_MEM, FLAT, RETURNS, EAX, "eax=&dtr", "-", "lgdt [eax]") \
	X(9, SetLDT, 4, STD_MEM, FLAT, RETURNS, EAX, "eax=selector", "-", "lldt ax") \
	X(10, SetIDT, 5, STD_MEM, FLAT, RETURNS, EAX, "eax=&dtr", "-", "lidt [eax]") \
	X(11, SetTR, 6, STD_MEM, FLAT, RETURNS, EAX, "eax=selector", "-", "ltr ax") \
	X(12, GetGDT, 7, STD_MEM, FLAT, RETURNS, EAX, "eax=&dtr", "[eax]", "sgdt [eax]") \
	X(13, GetLDT, 8, STD_MEM, FLAT, RETURNS, NONE, "-", "eax=selector", "sldt eax") \
	X(14, GetIDT, 9, STD_MEM, FLAT, RETURNS, EAX, "eax=&dtr", "[eax]", "sidt [eax]") \
	X(15, GetTR, 10, STD_MEM, FLAT, RETURNS, NONE, "-", "eax=selector", "str eax") \
	X(16, WriteGDTEntry, 11, STD_MEM, FLAT, RETURNS, EAX, "eax=table edx=index ecx=lo st1=hi", "-", "store lo, then hi at table+8*index; a present one in one piece") \
	X(17, WriteLDTEntry, 12, STD_MEM, FLAT, RETURNS, EAX, "eax=table edx=index ecx=lo st1=hi", "-", "store lo, then hi at table+8*index; a present one in one piece") \
	X(18, WriteIDTEntry, 13, STD_MEM, FLAT, RETURNS, EAX, "eax=table edx=index ecx=lo st1=hi", "-", "store lo, then hi at table+8*index; a present one in one piece") \
	X(19, UpdateKernelStack, 14, STD, FLAT, RETURNS, EAX, "13.x: eax=&tss edx=esp0; 3.0: eax=stack selector edx=esp0", "-", "nop") \
	X(20, SetCR0, 15, STD, FLAT, RETURNS, EAX, "eax=value", "-", "mov cr0,eax") \
	X(21, SetCR2, 16, STD, FLAT, RETURNS, EAX, "eax=value", "-", "mov cr2,eax") \
	X(22, SetCR3, 17, STD, FLAT, RETURNS, EAX, "eax=value", "-", "mov cr3,eax") \
	X(23, SetCR4, 18, STD, FLAT, RETURNS, EAX, "eax=value", "-", "mov cr4,eax") \
	X(24, GetCR0, 19, STD, FLAT, RETURNS, NONE, "-", "eax", "mov eax,cr0") \
	X(25, GetCR2, 20, STD, FLAT, RETURNS, NONE, "-", "eax", "mov eax,cr2") \
	X(26, GetCR3, 21, STD, FLAT, RETURNS, NONE, "-", "eax", "mov eax,cr3") \
	X(27, GetCR4, 22, STD, FLAT, RETURNS, NONE, "-", "eax", "mov eax,cr4") \
	X(28, INVD, -1, STD, FLAT, RETURNS, NONE, "-", "-", "wbinvd: nothing is lost") \
	X(29, WBINVD, 23, STD, FLAT, RETURNS, NONE, "-", "-", "wbinvd") \
	X(30, SetDR, 24, STD, FLAT, RETURNS, EAX, "eax=number edx=value", "-", "mov dr[eax],edx") \
	X(31, GetDR, 25, STD, FLAT, RETURNS, EAX, "eax=number", "eax", "mov eax,dr[eax]") \
	X(32, RDPMC, 26, STD, FLAT, RETURNS, ECX, "ecx=counter", "eax=lo edx=hi", "rdpmc") \
	X(33, RDTSC, 27, STD, FLAT, RETURNS, NONE, "-", "eax=lo edx=hi", "rdtsc") \
	X(34, CLTS, 28, STD, FLAT, RETURNS, NONE, "-", "-", "clts") \
	/* Interrupts and return to user */ \
	X(35, EnableInterrupts, 29, FLAGS, SS, OPENS, NONE, "-", "-", "sti") \
	X(36, DisableInterrupts, 30, FLAGS, SS, RETURNS, NONE, "-", "-", "cli") \
	X(37, GetInterruptMask, 31, FLAGS, SS, RETURNS, NONE, "-", "eax: bit 9 (0x200) = enabled", "pushf; pop eax") \
	X(38, SetInterruptMask, 32, FLAGS, SS, OPENS, EAX, "eax=mask", "-", "push eax; popf") \
	X(39, IRET, 33, NORETURN, SS, NORETURN, EIP, "called: iret frame at [esp+4]; jumped to: at [esp]", "does not return", "add esp,4; iret") \
	X(40, SYSEXIT, 34, NORETURN, SS, NORETURN, EDX, "edx=eip ecx=esp", "does not return", "sti; sysexit, adjacent") \
	/* Idle and reset */ \
	X(41, Pause, -1, STD, FLAT, RETURNS, NONE, "-", "-", "pause") \
	X(42, Halt, 35, STD, FLAT, HALT, NONE, "-", "-", "sti; hlt, adjacent") \
	X(43, Reboot, 36, STD, FLAT, NORETURN, EAX, "eax=0 soft, 1 hard", "-", "reset by keyboard controller or port 0xcf9") \
	X(44, Shutdown, 37, STD, FLAT, NORETURN, NONE, "-", "-", "ACPI or debug exit, then cli; hlt") \
	/* Page tables */ \
	X(45, SetPxE, 38, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=value; 3.0: eax=value edx=&entry ecx=flags", "-", "13.x: mov [eax],edx; 3.0: mov [edx],eax") \
	X(46, GetPxE, -1, STD, FLAT, RETURNS, EAX, "eax=&entry", "eax", "mov eax,[eax]") \
	X(47, SwapPxE, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=value", "eax=old", "xchg [eax],edx; mov eax,edx") \
	X(48, SetPxELong, 39, STD_MEM, FLAT, RETURNS, EAX, "eax=lo edx=hi ecx=&entry; 3.0: st1=flags", "-", "high word then low word; a present one in one piece") \
	X(49, GetPxELong, -1, STD, FLAT, RETURNS, EAX, "eax=&entry", "eax=lo edx=hi", "two loads") \
	X(50, SwapPxELongAtomic, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=lo edx=hi ecx=&entry", "eax=lo edx=hi (old)", "lock cmpxchg8b loop") \
	X(51, TestAndSetPxEBit, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=bit", "eax=0 or nonzero (old bit)", "lock bts [eax],edx; sbb eax,eax") \
	X(52, TestAndClearPxEBit, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=bit", "eax=0 or nonzero (old bit)", "lock btr [eax],edx; sbb eax,eax") \
	X(53, AllocatePage, 44, STD, FLAT, RETURNS, EAX, "eax=pfn edx=flags ecx=clone pfn st1=base st2=count", "-", "nop") \
	X(54, ReleasePage, 45, STD, FLAT, RETURNS, EAX, "eax=pfn edx=flags", "-", "nop") \
	X(55, InvalPage, 46, STD_MEM, FLAT, RETURNS, EAX, "eax=va", "-", "invlpg [eax]") \
	X(56, FlushTLB, 47, STD_MEM, FLAT, RETURNS, EAX, "eax=1 TLB | 2 GLOBAL", "-", "reload cr3, or with GLOBAL toggle cr4.PGE; no interrupt in between") \
	X(57, FlushDeferredCalls, -1, STD, FLAT, RETURNS, EAX, "eax=mode: 0x80 PT updates | 0x40 CPU state, or 0", "-", "nop") \
	X(58, SetLinearMapping, 48, STD, FLAT, RETURNS, EAX, "eax=slot 0..3 edx=va ecx=pages st1=pfn", "-", "nop") \
	/* Port I/O */ \
	X(59, IN, -1, MEM, FLAT, RETURNS, EDX, "edx=port", "eax", "in eax,dx") \
	X(60, INB, -1, MEM, FLAT, RETURNS, EDX, "edx=port", "al", "in al,dx") \
	X(61, INW, -1, MEM, FLAT, RETURNS, EDX, "edx=port", "ax", "in ax,dx") \
	X(62, INS, -1, INS, FLAT, RETURNS, EDX, "edi=dest edx=port ecx=count", "-", "rep insl") \
	X(63, INSB, -1, INS, FLAT, RETURNS, EDX, "edi=dest edx=port ecx=count", "-", "rep insb") \
	X(64, INSW, -1, INS, FLAT, RETURNS, EDX, "edi=dest edx=port ecx=count", "-", "rep insw") \
	X(65, OUT, -1, NONE, FLAT, RETURNS, EDX, "eax=value edx=port", "-", "out dx,eax") \
	X(66, OUTB, -1, NONE, FLAT, RETURNS, EDX, "eax=value edx=port", "-", "out dx,al") \
	X(67, OUTW, -1, NONE, FLAT, RETURNS, EDX, "eax=value edx=port", "-", "out dx,ax") \
	X(68, OUTS, -1, OUTS, FLAT, RETURNS, EDX, "esi=src edx=port ecx=count", "-", "rep outsl") \
	X(69, OUTSB, -1, OUTS, FLAT, RETURNS, EDX, "esi=src edx=port ecx=count", "-", "rep outsb") \
	X(70, OUTSW, -1, OUTS, FLAT, RETURNS, EDX, "esi=src edx=port ecx=count", "-", "rep outsw") \
	/* Privilege and PAE page tables */ \
	X(71, SetIOPLMask, 61, STD, FLAT, RETURNS, EAX, "eax=iopl<<12", "-", "pushf; replace bits 12..13; popf") \
	X(72, DeactivatePxELongAtomic, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry", "eax=lo edx=hi (old)", "lock cmpxchg8b loop, with 0") \
	X(73, TestAndSetPxELongBit, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=bit", "eax=0 or nonzero (old bit)", "lock bts [eax],edx; sbb eax,eax") \
	X(74, TestAndClearPxELongBit, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=&entry edx=bit", "eax=0 or nonzero (old bit)", "lock btr [eax],edx; sbb eax,eax") \
	/* Other processors and local APIC */ \
	X(75, SetInitialAPState, 62, STD, FLAT, RETURNS, EAX, "eax=&APState edx=apic id", "-", "nop") \
	X(76, APICWrite, 63, STD, FLAT, RETURNS, EAX, "13.x: eax=&register; 3.0: eax=register offset; edx=value", "-", "mov [eax],edx") \
	X(77, APICRead, 64, STD, FLAT, RETURNS, EAX, "13.x: eax=&register; 3.0: eax=register offset", "eax", "mov eax,[eax]") \
	X(78, IODelay, 65, STD, FLAT, RETURNS, NONE, "-", "-", "out 0x80,al") \
	/* Time */ \
	X(79, GetCycleFrequency, 66, STD, FLAT, RETURNS, NONE, "-", "edx:eax = cycles per second", "0 = no VMI timer") \
	X(80, GetCycleCounter, 67, STD, FLAT, RETURNS, EAX, "eax=0 REAL, 1 AVAILABLE, 2 STOLEN", "edx:eax", "rdtsc for REAL and AVAILABLE, 0 for STOLEN") \
	X(81, SetAlarm, 68, STD, FLAT, RETURNS, EAX, "eax=flags|counter edx=expiry lo ecx=expiry hi st1=period lo st2=period hi", "-", "nop") \
	X(82, CancelAlarm, 69, STD, FLAT, RETURNS, EAX, "eax=flags; counter = eax & 0xff", "eax=1 was armed, 0 was not", "-") \
	X(83, GetWallclockTime, 70, STD, FLAT, RETURNS, NONE, "-", "edx:eax = ns since the epoch", "0") \
	X(84, WallclockUpdated, 71, STD, FLAT, RETURNS, NONE, "-", "eax=1 changed since last polled", "0") \
	/* Added by 13.3 */ \
	X(85, GetRelocationInfo, -1, STD, FLAT, RETURNS, EAX, "eax=call number", "eax=target, dl=type", "since 13.3") \
	X(86, SetPxEFlags, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=value edx=&entry ecx=flags", "-", "mov [edx],eax") \
	X(87, SetPxELongFlags, -1, STD_MEM, FLAT, RETURNS, EAX, "eax=lo edx=hi ecx=&entry st1=flags", "-", "as 3.0")

/*
 * Calls of the relocation ABI (API 3.0) without a slot.
 * X(name, nr3, inputs, outputs, native)
 */
#define VMI_CALLS_3_ONLY(X) \
	X(UpdatePxE, 40, "eax=&entry edx=flags", "-", "nop") \
	X(UpdatePxELong, 41, "eax=&entry edx=flags", "-", "nop") \
	X(MachineToPhysical, 42, "eax=machine", "eax=physical", "identity") \
	X(PhysicalToMachine, 43, "eax=physical", "eax=machine", "identity") \
	X(SetLazyMode, 73, "eax=0 none, 1 mmu, 2 cpu", "-", "nop")
/* clang-format on */

#ifndef __ASSEMBLER__
enum vmi_call {
#define X(nr, name, ...) VMI_CALL_##name = (nr),
	VMI_CALLS(X)
#undef X
};
#endif

#endif /* VMI_CALLS_H */
