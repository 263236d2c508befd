/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syscall.h - the two ways into an i386 kernel, without the C library between
 */
#ifndef BENCH_LINUX_SYSCALL_H
#define BENCH_LINUX_SYSCALL_H

#include <sys/auxv.h>
#include <sys/syscall.h>

/* Where the vDSO enters the kernel: sysenter if the processor has it. */
static inline const void *vdso_entry(void)
{
	return (const void *)getauxval(AT_SYSINFO);
}

static inline long vdso_getpid(const void *entry)
{
	long result;

	__asm__ volatile("call *%1"
			 : "=a"(result)
			 : "r"(entry), "0"(SYS_getpid)
			 : "memory", "cc");
	return result;
}

static inline long int80_getpid(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "0"(SYS_getpid)
			 : "memory", "cc");
	return result;
}

#endif /* BENCH_LINUX_SYSCALL_H */
