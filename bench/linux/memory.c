/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.c - page tables at work: fault, cow, mmap
 */
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

#define PAGE_BYTES 4096
#define PAGES	   64
#define BYTES	   ((size_t)PAGES * PAGE_BYTES)

static char *map_pages(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void touch(volatile char *pages, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += PAGE_BYTES)
		pages[i]++;
}

enum outcome run_fault(unsigned int rounds)
{
	while (rounds--) {
		char *pages = map_pages(BYTES);

		if (pages == MAP_FAILED)
			return fail("mmap");
		touch(pages, BYTES);
		munmap(pages, BYTES);
	}
	return WORKLOAD_OK;
}

enum outcome run_cow(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;
	char *pages = map_pages(BYTES);

	if (pages == MAP_FAILED)
		return fail("mmap");
	touch(pages, BYTES);
	while (outcome == WORKLOAD_OK && rounds--) {
		pid_t child = fork();

		if (!child) {
			touch(pages, BYTES);
			_exit(0);
		}
		if (child < 0)
			outcome = fail("fork");
		else if (!child_succeeded(child))
			outcome = fail("the child did not exit with 0");
	}
	munmap(pages, BYTES);
	return outcome;
}

/* One page lives through all that can be done to a mapping. */
enum outcome run_mmap(unsigned int rounds)
{
	while (rounds--) {
		char *pages = map_pages(4 * PAGE_BYTES);
		char *moved;

		if (pages == MAP_FAILED)
			return fail("mmap");
		touch(pages, 4 * PAGE_BYTES);
		if (mprotect(pages, 2 * PAGE_BYTES, PROT_READ) ||
		    mprotect(pages, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE))
			return fail("mprotect");
		touch(pages, 4 * PAGE_BYTES);
		if (madvise(pages, PAGE_BYTES, MADV_DONTNEED))
			return fail("madvise");
		touch(pages, PAGE_BYTES);
		moved = mremap(pages, 4 * PAGE_BYTES, 32 * PAGE_BYTES,
			       MREMAP_MAYMOVE);
		if (moved == MAP_FAILED)
			return fail("mremap");
		if (moved[PAGE_BYTES] != 2)
			return fail("mremap lost what was written");
		munmap(moved, 32 * PAGE_BYTES);
	}
	return WORKLOAD_OK;
}
