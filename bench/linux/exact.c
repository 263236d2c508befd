/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exact.c - the least number of TSC ticks that an operation takes
 *
 * Under QEMU's "-icount shift=0" a tick is one instruction, so the figures are
 * instruction counts, the same in every boot.  The minimum over many rounds is
 * the way through the kernel that no interrupt lengthened.  What two rdtsc and
 * an empty function take is subtracted.
 *
 * With a trace ROM the ROM's own counters, read through /dev/mem, tell which
 * VMI calls the round with the minimum made.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <x86intrin.h>

#include "syscall.h"
#include "vmi/abi.h"
#include "vmi/calls.h"
#include "vmi/descriptor.h"
#include "workload.h"

#define MIN_ROUNDS 1000
#define PAGE_BYTES 4096

/*
 * prepare runs before each round and is not measured.  Both return false when
 * the kernel refused.
 */
struct operation {
	const char *name;
	bool (*measured)(void);
	bool (*prepare)(void);
	const char *what;
};

static const void *entry; /* of the vDSO */
static int pipe_ends[2];
static int there[2], back[2]; /* to the child of "switch" */
static volatile char *page;

static bool empty(void)
{
	return true;
}

static bool do_getpid(void)
{
	return vdso_getpid(entry) > 0;
}

static bool do_getpid_int80(void)
{
	return int80_getpid() > 0;
}

static bool do_brk(void)
{
	return syscall(SYS_brk, 0) != 0;
}

static bool do_sched_yield(void)
{
	return sched_yield() == 0;
}

static bool do_pipe(void)
{
	char byte = 'x';

	return write(pipe_ends[1], &byte, 1) == 1 &&
	       read(pipe_ends[0], &byte, 1) == 1;
}

static bool do_switch(void)
{
	char byte = 'x';

	return write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1;
}

static bool do_fork(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return child > 0 && child_succeeded(child);
}

static bool drop_page(void)
{
	return madvise((void *)page, PAGE_BYTES, MADV_DONTNEED) == 0;
}

static bool do_fault(void)
{
	*page = 1;
	return true;
}

static bool do_mmap(void)
{
	void *pages = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages != MAP_FAILED && munmap(pages, PAGE_BYTES) == 0;
}

static void on_signal(int signal)
{
	(void)signal;
}

static bool do_signal(void)
{
	return raise(SIGUSR1) == 0;
}

/* clang-format off */
static const struct operation operations[] = {
	{ "getpid",       do_getpid,       empty,     "getpid by sysenter" },
	{ "getpid-int80", do_getpid_int80, empty,     "getpid by int 0x80" },
	{ "brk",          do_brk,          empty,     "brk(0)" },
	{ "sched_yield",  do_sched_yield,  empty,     "sched_yield with nobody to yield to" },
	{ "pipe",         do_pipe,         empty,     "write and read one byte" },
	{ "switch",       do_switch,       empty,     "one byte to another process and back" },
	{ "fork",         do_fork,         empty,     "fork, exit of the child, wait" },
	{ "fault",        do_fault,        drop_page, "write to an anonymous page" },
	{ "mmap",         do_mmap,         empty,     "mmap and munmap of a page" },
	{ "signal",       do_signal,       empty,     "raise, handler, sigreturn" },
};
/* clang-format on */

/* The child of "switch" sends back what it gets until we are gone. */
static bool start_echo(void)
{
	pid_t child;
	char byte;

	if (pipe(there) || pipe(back))
		return false;
	child = fork();
	if (child)
		return child > 0;
	close(there[1]);
	close(back[0]);
	while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	_exit(0);
}

static bool prepare_all(void)
{
	const struct sigaction action = {.sa_handler = on_signal};

	entry = vdso_entry();
	page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return entry && page != MAP_FAILED && !pipe(pipe_ends) &&
	       start_echo() && !sigaction(SIGUSR1, &action, NULL);
}

#define ROM_AREA_BYTES (VMI_ROM_SCAN_END - VMI_ROM_SCAN_START)

static bool inside(uint32_t offset, size_t bytes, size_t size)
{
	return offset <= size && bytes <= size - offset;
}

/* The counters of the trace ROM at `offset` of the area, if there is one. */
static const volatile uint32_t *rom_counters(const uint8_t *area, size_t offset)
{
	const size_t size = ROM_AREA_BYTES - offset;
	const struct vmi_rom_header *header =
		(const struct vmi_rom_header *)(area + offset);
	struct vmi_locator locator;
	struct vmi_descriptor descriptor;

	if (header->signature != VMI_ROM_SIGNATURE ||
	    header->vmi_signature != VMI_SIGNATURE)
		return NULL;
	memcpy(&locator, header->locator, sizeof(locator));
	if (locator.magic != VMI_LOCATOR_MAGIC ||
	    locator.version != VMI_DESC_VERSION ||
	    !(locator.flags & VMI_DESC_TRACE) ||
	    !inside(locator.offset, sizeof(descriptor), size))
		return NULL;
	memcpy(&descriptor, area + offset + locator.offset, sizeof(descriptor));
	if (!inside(descriptor.counters_offset, VMI_NR_SLOTS * sizeof(uint32_t),
		    size))
		return NULL;
	return (const volatile uint32_t *)(area + offset +
					   descriptor.counters_offset);
}

/*
 * Maps the ROM area in every variant, so that all have the same address space,
 * and keeps it out of forked children.
 */
static const volatile uint32_t *find_counters(void)
{
	const uint8_t *area = MAP_FAILED;
	int fd = open("/dev/mem", O_RDONLY);

	if (fd >= 0) {
		area = mmap(NULL, ROM_AREA_BYTES, PROT_READ, MAP_SHARED, fd,
			    VMI_ROM_SCAN_START);
		close(fd);
	}
	if (area == MAP_FAILED) {
		printf("exact: /dev/mem cannot be mapped: no calls counted\n");
		return NULL;
	}
	madvise((void *)area, ROM_AREA_BYTES, MADV_DONTFORK);
	for (size_t offset = 0; offset + VMI_HDR_BYTES <= ROM_AREA_BYTES;
	     offset += VMI_ROM_SCAN_STEP) {
		const volatile uint32_t *counters = rom_counters(area, offset);

		if (counters)
			return counters;
	}
	return NULL;
}

static const char *const call_names[VMI_NR_SLOTS] = {
#define X(nr, name, ...) [nr] = #name,
	VMI_CALLS(X)
#undef X
};

struct result {
	uint64_t least;
	unsigned int hits;	      /* rounds that took just that */
	uint32_t calls[VMI_NR_SLOTS]; /* made by the first of them */
};

static void count_calls(const volatile uint32_t *counters,
			uint32_t copy[VMI_NR_SLOTS])
{
	for (unsigned int nr = 0; counters && nr < VMI_NR_SLOTS; nr++)
		copy[nr] = counters[nr];
}

/* Not inlined: every operation is measured by the same instructions. */
__attribute__((noinline)) static bool
measure(const struct operation *operation, unsigned int rounds,
	const volatile uint32_t *counters, struct result *result)
{
	static uint32_t before[VMI_NR_SLOTS], after[VMI_NR_SLOTS];
	bool (*const measured)(void) = operation->measured;

	result->least = UINT64_MAX;
	result->hits = 0;
	while (rounds--) {
		uint64_t start, ticks;
		bool good;

		if (!operation->prepare())
			return false;
		count_calls(counters, before);
		start = __rdtsc();
		good = measured();
		ticks = __rdtsc() - start;
		if (!good)
			return false;
		if (ticks < result->least) {
			count_calls(counters, after);
			for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
				result->calls[nr] = after[nr] - before[nr];
			result->least = ticks;
			result->hits = 0;
		}
		result->hits += ticks == result->least;
	}
	return true;
}

#define NR_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < NR_OPERATIONS; i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	printf("exact: no operation is called '%s'; there are: all", name);
	for (size_t i = 0; i < NR_OPERATIONS; i++)
		printf(",%s", operations[i].name);
	printf("\n");
	return NULL;
}

/*
 * Lines for exact.sh: "least OPERATION TICKS ROUNDS HITS", and with a trace ROM
 * "calls OPERATION CALL COUNT" for each call made.
 */
static void print_result(const char *name, const struct result *result,
			 unsigned int rounds, bool counted)
{
	printf("exact: least %s %llu %u %u\n", name,
	       (unsigned long long)result->least, rounds, result->hits);
	for (unsigned int nr = 0; counted && nr < VMI_NR_SLOTS; nr++) {
		if (result->calls[nr])
			printf("exact: calls %s %s %u\n", name,
			       call_names[nr] ? call_names[nr] : "?",
			       result->calls[nr]);
	}
}

/* What every measurement holds beside its operation. */
struct set_up {
	const volatile uint32_t *counters;
	unsigned int rounds;
	uint64_t empty_ticks;
};

static bool prepare(struct set_up *set_up)
{
	const struct operation nothing = {"nothing", empty, empty, ""};
	struct result result;

	set_up->counters = find_counters();
	if (!prepare_all() ||
	    !measure(&nothing, set_up->rounds, set_up->counters, &result)) {
		printf("exact: FAILED: preparation\n");
		return false;
	}
	set_up->empty_ticks = result.least;
	return true;
}

static bool run_operation(const struct operation *operation,
			  const struct set_up *set_up)
{
	struct result result;

	printf("exact: %s: %s\n", operation->name, operation->what);
	if (!measure(operation, set_up->rounds, set_up->counters, &result)) {
		printf("exact: FAILED: %s\n", operation->name);
		return false;
	}
	result.least -= set_up->empty_ticks;
	print_result(operation->name, &result, set_up->rounds,
		     set_up->counters != NULL);
	return true;
}

static bool run_all(const struct set_up *set_up)
{
	for (size_t i = 0; i < NR_OPERATIONS; i++) {
		if (!run_operation(&operations[i], set_up))
			return false;
	}
	return true;
}

static bool run_listed(const char *list, const struct set_up *set_up)
{
	char name[NAME_BYTES];

	do {
		const struct operation *operation;

		take_name(&list, name);
		operation = find(name);
		if (!operation || !run_operation(operation, set_up))
			return false;
	} while (*list);
	return true;
}

bool run_exact(const char *list, unsigned int rounds)
{
	struct set_up set_up = {
		.rounds = rounds < MIN_ROUNDS ? MIN_ROUNDS : rounds,
	};
	struct utsname kernel;
	bool good;

	if (!uname(&kernel))
		printf("exact: kernel %s\n", kernel.release);
	good = prepare(&set_up) &&
	       (strcmp(list, "all") ? run_listed(list, &set_up)
				    : run_all(&set_up));
	if (good)
		printf("exact: done\n");
	return good;
}
