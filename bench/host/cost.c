/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cost.c - loops made at run time, and the statistics of what they took
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cost.h"

#define ALIGN_BYTES	64
#define Z_95		1.96	/* of the normal distribution, two-sided */

static uint8_t *emit(uint8_t *at, const void *bytes, size_t length)
{
	memcpy(at, bytes, length);
	return at + length;
}

static uint8_t *emit_u32(uint8_t *at, uint8_t opcode, uint32_t value)
{
	*at++ = opcode;
	return emit(at, &value, sizeof(value));
}

/*
 * push esi; mov esi, [esp + 8]; then, aligned: arguments and code, dec esi, jnz;
 * pop esi; ret.  esi is what no call under measurement touches.
 */
static struct cost_loop loop_make(const struct cost_args *args,
				  const void *bytes, size_t length,
				  const void *call, unsigned int copies)
{
	static const uint8_t enter[] = { 0x56, 0x8b, 0x74, 0x24, 0x08 };
	static const uint8_t again[] = { 0x4e, 0x0f, 0x85 };
	static const uint8_t leave[] = { 0x5e, 0xc3 };
	struct cost_loop loop;
	uint8_t *code, *at, *top;

	code = mmap(NULL, COST_LOOP_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	memset(code, 0x90, ALIGN_BYTES);
	emit(code + ALIGN_BYTES - sizeof(enter), enter, sizeof(enter));
	top = at = code + ALIGN_BYTES;
	while (copies--) {
		if (args) {
			at = emit_u32(at, 0xb8, args->eax);
			at = emit_u32(at, 0xba, args->edx);
			at = emit_u32(at, 0xb9, args->ecx);
		}
		if (call)
			at = emit_u32(at, 0xe8,
				      (uint32_t)call - (uint32_t)(at + 5));
		if (bytes)
			at = emit(at, bytes, length);
	}
	at = emit(at, again, sizeof(again));
	{
		uint32_t back = (uint32_t)(top - (at + sizeof(back)));

		at = emit(at, &back, sizeof(back));
	}
	emit(at, leave, sizeof(leave));
	loop.code = code;
	loop.run = (void (*)(uint32_t))(code + ALIGN_BYTES - sizeof(enter));
	return loop;
}

struct cost_loop cost_loop_bytes(const struct cost_args *args,
				 const void *bytes, size_t length,
				 unsigned int copies)
{
	return loop_make(args, bytes, length, NULL, copies);
}

struct cost_loop cost_loop_call(const struct cost_args *args,
				const void *address, unsigned int copies)
{
	return loop_make(args, NULL, 0, address, copies);
}

static uint64_t tsc_ordered(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence"
			 : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

double cost_measure(const struct cost_loop *loop, uint32_t times)
{
	uint64_t start, end;

	start = tsc_ordered();
	loop->run(times);
	end = tsc_ordered();
	return (double)(end - start) / times;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The ranks between which the median lies in 95 % of samples, by the normal
 * approximation of the binomial distribution.
 */
struct cost_median cost_median(double *values, size_t count)
{
	double half = Z_95 * sqrt((double)count) / 2;
	double middle = (double)(count - 1) / 2;
	struct cost_median result;
	double low = floor(middle - half);
	double high = ceil(middle + half);

	qsort(values, count, sizeof(*values), compare);
	result.median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	result.low = values[low < 0 ? 0 : (size_t)low];
	result.high = values[high > (double)(count - 1) ? count - 1 :
						       (size_t)high];
	return result;
}
