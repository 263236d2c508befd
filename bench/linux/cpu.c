/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.c - processor state: syscall, ldt, tsc, cpuid, msr, mtrr
 */
#include <asm/ldt.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

#include "syscall.h"
#include "workload.h"

enum outcome run_syscall(unsigned int rounds)
{
	const void *entry = vdso_entry();
	const long pid = int80_getpid();

	while (rounds--) {
		if (int80_getpid() != pid)
			return fail("int 0x80 changed the result");
		if (entry && vdso_getpid(entry) != pid)
			return fail("sysenter changed the result");
	}
	return WORKLOAD_OK;
}

#define LDT_SELECTOR(entry) ((entry)*8 | 7) /* of the LDT, RPL 3 */
#define MODIFY_LDT_WRITE    0x11

static long write_ldt(unsigned int entry, const void *base, size_t bytes,
		      unsigned int is_32bit)
{
	const struct user_desc segment = {
		.entry_number = entry,
		.base_addr = (unsigned int)base,
		.limit = bytes - 1,
		.seg_32bit = is_32bit,
		.useable = 1,
	};

	return syscall(SYS_modify_ldt, MODIFY_LDT_WRITE, &segment,
		       sizeof(segment));
}

static uint32_t read_segment(uint16_t selector)
{
	uint32_t value;

	__asm__ volatile("movw %w1, %%fs\n\t"
			 "movl %%fs:0, %0\n\t"
			 "xorl %k1, %k1\n\t"
			 "movw %w1, %%fs"
			 : "=&r"(value), "+r"(selector)
			 :
			 : "memory", "cc");
	return value;
}

/*
 * Enters the kernel on a 16-bit stack and returns esp as it is afterwards: the
 * IRET to such a stack restores only the low half, and the kernel goes out of
 * its way (espfix) to restore the other.
 */
static uint32_t int80_on_16bit_stack(uint16_t selector, uint32_t esp)
{
	uint32_t number = SYS_getpid;
	uint32_t after;

	__asm__ volatile("movl %%esp, %%edi\n\t"
			 "movl %%ss, %%esi\n\t"
			 "movw %w3, %%ss\n\t"
			 "movl %2, %%esp\n\t"
			 "int $0x80\n\t"
			 "movl %%esp, %0\n\t"
			 "movl %%esi, %%ss\n\t"
			 "movl %%edi, %%esp"
			 : "=&c"(after), "+a"(number)
			 : "d"(esp), "b"(selector)
			 : "esi", "edi", "memory", "cc");
	return after;
}

#define STACK_BYTES 4096
#define STACK_ESP   (0x12340000 | (STACK_BYTES - 256))

enum outcome run_ldt(unsigned int rounds)
{
	static _Alignas(4096) uint8_t stack[STACK_BYTES];
	uint32_t cell;

	for (unsigned int i = 0; i < rounds; i++) {
		cell = i;
		if (write_ldt(0, &cell, sizeof(cell), 1))
			return skip("modify_ldt");
		if (read_segment(LDT_SELECTOR(0)) != i)
			return fail(
				"the LDT segment does not lead to its base");
	}
	if (write_ldt(1, stack, sizeof(stack), 0))
		return skip("no 16-bit segments");
	while (rounds--) {
		uint32_t esp = int80_on_16bit_stack(LDT_SELECTOR(1), STACK_ESP);

		if (esp != STACK_ESP)
			return fail("esp on a 16-bit stack: 0x%08x, not 0x%08x",
				    esp, STACK_ESP);
	}
	return WORKLOAD_OK;
}

static volatile unsigned int refused;

#define RDTSC_BYTES 2

static void skip_rdtsc(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP] += RDTSC_BYTES;
	refused++;
}

enum outcome run_tsc(unsigned int rounds)
{
	const struct sigaction action = {
		.sa_sigaction = skip_rdtsc,
		.sa_flags = SA_SIGINFO,
	};
	struct sigaction before;

	sigaction(SIGSEGV, &action, &before);
	refused = 0;
	for (unsigned int i = 0; i < rounds; i++) {
		if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
			return skip("PR_SET_TSC");
		(void)__rdtsc();
		prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
		(void)__rdtsc();
	}
	sigaction(SIGSEGV, &before, NULL);
	if (refused != rounds)
		return fail("rdtsc was refused %u times of %u", refused,
			    rounds);
	return WORKLOAD_OK;
}

#define CPUID_FILE "/dev/cpu/0/cpuid"
#define CPUID_LEAF 0

enum outcome run_cpuid(unsigned int rounds)
{
	struct {
		uint32_t eax, ebx, ecx, edx;
	} ours, theirs;
	int fd = open(CPUID_FILE, O_RDONLY);

	if (fd < 0)
		return skip(CPUID_FILE);
	__cpuid(CPUID_LEAF, ours.eax, ours.ebx, ours.ecx, ours.edx);
	while (rounds--) {
		if (pread(fd, &theirs, sizeof(theirs), CPUID_LEAF) !=
		    sizeof(theirs)) {
			close(fd);
			return fail("read of " CPUID_FILE);
		}
	}
	close(fd);
	if (memcmp(&ours, &theirs, sizeof(ours)) != 0)
		return fail(CPUID_FILE " and cpuid differ");
	return WORKLOAD_OK;
}

#define MSR_FILE	 "/dev/cpu/0/msr"
#define MSR_ALLOW_WRITES "/sys/module/msr/parameters/allow_writes"
#define MSR_SYSENTER_CS	 0x174
#define MSR_MISSING	 0x40001234

/* Without it the kernel complains of each write. */
static void allow_msr_writes(void)
{
	int fd = open(MSR_ALLOW_WRITES, O_WRONLY);

	if (fd >= 0) {
		(void)!write(fd, "on", 2);
		close(fd);
	}
	errno = 0;
}

enum outcome run_msr(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;
	int fd = open(MSR_FILE, O_RDWR);
	uint64_t value;

	if (fd < 0)
		return skip(MSR_FILE);
	allow_msr_writes();
	while (outcome == WORKLOAD_OK && rounds--) {
		if (pread(fd, &value, sizeof(value), MSR_SYSENTER_CS) !=
			    sizeof(value) ||
		    pwrite(fd, &value, sizeof(value), MSR_SYSENTER_CS) !=
			    sizeof(value))
			outcome = fail("SYSENTER_CS");
		/* A real processor faults here, TCG reads 0. */
		if (pread(fd, &value, sizeof(value), MSR_MISSING) < 0 &&
		    errno != EIO)
			outcome = fail("an MSR that is not there");
		errno = 0;
	}
	close(fd);
	return outcome;
}

#define MTRR_FILE   "/proc/mtrr"
#define MTRR_BASE   "0x80000000" /* nothing is there */
#define MTRR_LISTED "base=0x080000000"
#define MTRR_SET    "base=" MTRR_BASE " size=0x100000 type=uncachable\n"

/* Number of the register that holds the range, or -1. */
static int find_mtrr(void)
{
	FILE *file = fopen(MTRR_FILE, "r");
	char line[128];
	int number = -1;

	if (!file)
		return -1;
	while (number < 0 && fgets(line, sizeof(line), file)) {
		if (strstr(line, MTRR_LISTED))
			number = (int)strtol(line + strlen("reg"), NULL, 10);
	}
	(void)fclose(file);
	return number;
}

static bool write_mtrr(const char *command)
{
	int fd = open(MTRR_FILE, O_WRONLY);
	bool good = fd >= 0 && write(fd, command, strlen(command)) ==
				       (ssize_t)strlen(command);

	if (fd >= 0)
		close(fd);
	return good;
}

enum outcome run_mtrr(unsigned int rounds)
{
	char command[32];

	if (access(MTRR_FILE, W_OK))
		return skip(MTRR_FILE);
	while (rounds--) {
		int number;

		if (!write_mtrr(MTRR_SET))
			return skip("no range can be set in " MTRR_FILE);
		number = find_mtrr();
		if (number < 0)
			return fail("the range is not in " MTRR_FILE);
		(void)snprintf(command, sizeof(command), "disable=%d\n",
			       number);
		if (!write_mtrr(command))
			return fail("%s was refused", command);
	}
	return WORKLOAD_OK;
}
