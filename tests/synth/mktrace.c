// SPDX-License-Identifier: GPL-2.0-only
/*
 * mktrace DIR small|stamp|busy|large EVENTS [VCPUS] - write a made-up trace for the
 * tests and benchmarks of what reads traces
 *
 * small: a few events whose statistics can be worked out by hand
 * stamp: the same of level stamp, where not all calls were measured
 * busy:  half a second of a guest with 22 different calls, always the same
 * large: EVENTS like those, from some hundred places, on each of VCPUS
 */
#include <math.h>

#include "synth.h"

/*
 * 100 cli of 1 to 100 cycles, 3 lost ones, 2 sti (one interrupted), 2 Halt
 * (1000 cycles idle, and unknown since it is the last), an iret and a wide
 * cpuid.
 */
static void make_small(struct synth *s, const char *dir)
{
	uint64_t time = 1000000;

	synth_begin(s, time);
	for (uint32_t i = 1; i <= 100; i++)
		synth_call(s, VMI_CALL_DisableInterrupts, time += 200, i, 0);
	synth_end(s, time, 0);
	synth_begin(s, time + 10);
	synth_call(s, VMI_CALL_EnableInterrupts, time += 100, 60, 0);
	synth_call(s, VMI_CALL_EnableInterrupts, time += 100, 5000,
		   VMI_REC_INTERRUPTED);
	synth_call(s, VMI_CALL_Halt, time += 100, 0, 0);
	synth_call(s, VMI_CALL_IRET, time += 1000, 0, 0);
	synth_wide(s, VMI_CALL_CPUID, time += 10000000, 9000000, 500, 0);
	synth_call(s, VMI_CALL_Halt, time += 100, 0, 0);
	synth_end(s, time, 3);
	synth_write(s, dir);
	synth_run(s, dir, 3, NULL);
}

/*
 * 500 cli, every fifth measured: 1 to 100 cycles; 8 sti of which none was; 6 cpuid
 * of 1000 cycles, all of them, and a wide invlpg that was not.
 */
static void make_stamp(struct synth *s, const char *dir)
{
	uint64_t time = 1000000;

	s->level = RUN_LEVEL_STAMP;
	s->every = 5;
	synth_begin(s, time);
	for (uint32_t i = 0; i < 500; i++)
		synth_call(s, VMI_CALL_DisableInterrupts, time += 200,
			   i % 5 ? VMI_REC_NO_CYCLES : i / 5 + 1, 0);
	for (uint32_t i = 0; i < 8; i++)
		synth_call(s, VMI_CALL_EnableInterrupts, time += 200,
			   VMI_REC_NO_CYCLES, 0);
	for (uint32_t i = 0; i < 6; i++)
		synth_call(s, VMI_CALL_CPUID, time += 2000, 1000, 0);
	synth_wide(s, VMI_CALL_InvalPage, time += 200, VMI_REC_WIDE_NO_CYCLES,
		   70, 0);
	synth_end(s, time, 0);
	synth_write(s, dir);
	synth_run(s, dir, 0, NULL);
}

/* A generator of its own, so that the numbers are the same everywhere. */
static uint32_t next_random(void)
{
	static uint64_t state = 20060313;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33);
}

static double uniform(void)
{
	return (next_random() + 0.5) / 2147483648.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

struct mix {
	double weight;
	double cycles;
	double spread;
	unsigned int nr;
	bool burst; /* in the middle third only */
};

static const struct mix mix[] = {
	{30, 70, 0.15, VMI_CALL_DisableInterrupts, false},
	{18, 72, 0.15, VMI_CALL_EnableInterrupts, false},
	{14, 95, 0.20, VMI_CALL_SetInterruptMask, false},
	{13, 88, 0.10, VMI_CALL_GetInterruptMask, false},
	{5, 0, 0, VMI_CALL_IRET, false},
	{12, 110, 0.30, VMI_CALL_SetPxE, true},
	{3, 420, 0.40, VMI_CALL_InvalPage, true},
	{4, 2900, 0.60, VMI_CALL_OUTB, false},
	{2, 2500, 0.50, VMI_CALL_INB, false},
	{2, 60, 0.10, VMI_CALL_UpdateKernelStack, false},
	{2, 1500, 0.40, VMI_CALL_SetCR3, false},
	{1, 1900, 0.30, VMI_CALL_FlushTLB, true},
	{0.6, 800, 0.30, VMI_CALL_WRMSR, false},
	{0.3, 600, 0.30, VMI_CALL_RDMSR, false},
	{0.1, 300, 0.20, VMI_CALL_CPUID, false},
	{2.5, 65, 0.10, VMI_CALL_RDTSC, false},
	{0.2, 90, 0.10, VMI_CALL_WriteGDTEntry, false},
	{1.5, 66, 0.10, VMI_CALL_GetCR2, true},
	{0.5, 80, 0.10, VMI_CALL_CLTS, false},
	{0.7, 2400, 0.30, VMI_CALL_IODelay, false},
	{0.05, 0, 0, VMI_CALL_Halt, false},
	{0.4, 1700, 0.30, VMI_CALL_APICWrite, false},
};

static const struct mix *choose(bool burst)
{
	const size_t n = sizeof(mix) / sizeof(mix[0]);
	double total = 0, at;

	for (size_t i = 0; i < n; i++)
		total += !mix[i].burst || burst ? mix[i].weight : 0;
	at = uniform() * total;
	for (size_t i = 0; i < n; i++) {
		at -= !mix[i].burst || burst ? mix[i].weight : 0;
		if (at < 0)
			return &mix[i];
	}
	return &mix[0];
}

static void make_busy(struct synth *s, const char *dir)
{
	const uint64_t begin = 300000000, end = begin + SYNTH_HZ / 2;
	uint64_t time = begin;

	while (time < end) {
		const uint64_t third = (time - begin) / (SYNTH_HZ / 6);

		synth_begin(s, time);
		for (int i = 0; i < 1020; i++) {
			const struct mix *call = choose(third == 1);
			uint32_t cycles =
				(uint32_t)(call->cycles *
					   exp(call->spread * normal()));

			time += cycles + 500 + next_random() % 2000;
			synth_call(s, call->nr, time, cycles, 0);
			if (call->nr == VMI_CALL_Halt)
				time += 100000;
		}
		synth_end(s, time, 0);
	}
	synth_write(s, dir);
	synth_run(s, dir, 0, "nothing feeds it here");
}

#define LARGE_PACKETS 256
#define LARGE_CALLS   1020

/* Packets to be written again and again, their time stamps from 0 on. */
static void make_block(struct synth *s)
{
	for (int p = 0; p < LARGE_PACKETS; p++) {
		uint64_t time = 0;

		synth_begin(s, time);
		for (int i = 0; i < LARGE_CALLS; i++) {
			const struct mix *call = choose(p % 4 == 1);
			const uint32_t cycles =
				(uint32_t)(call->cycles *
					   exp(call->spread * normal()));
			struct vmi_record *record;

			time += cycles + 100 + next_random() % 100;
			synth_call(s, call->nr, time, cycles, 0);
			record = (struct vmi_record *)(s->data + s->bytes) - 1;
			record->ret += 256 * call->nr + next_random() % 16 * 8;
			if (call->nr == VMI_CALL_Halt)
				time += 5000;
		}
		synth_end(s, time, 0);
	}
}

/* Let the packet begin at `time`, or later so that its epoch is one. */
static uint64_t move_packet(struct vmi_packet *header, uint64_t time)
{
	const size_t nr = (header->content_bits / 8 - sizeof(*header)) /
			  sizeof(struct vmi_record);
	struct vmi_record *record = (struct vmi_record *)(header + 1);
	const uint64_t span = header->time_end - header->time_begin;
	uint32_t shift;

	if (time >> 32 != (time + span) >> 32)
		time = ((time >> 32) + 1) << 32;
	shift = (uint32_t)time - (uint32_t)header->time_begin;
	for (size_t i = 0; i < nr; i++)
		record[i].time += shift;
	header->time_begin = time;
	header->time_end = time + span;
	return time + span;
}

static void write_large(struct synth *block, const char *dir, uint32_t vcpu,
			uint64_t events)
{
	uint64_t time = 1000000;
	uint32_t seq = 0;
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/vcpu%u", dir, vcpu);
	file = fopen(path, "wb");
	if (!file)
		err(EXIT_FAILURE, "%s", path);
	block->packet = 0;
	while (events >= LARGE_CALLS) {
		struct vmi_packet *header = synth_header(block);
		const size_t bytes = header->content_bits / 8;

		time = move_packet(header, time + 50);
		header->seq = seq++;
		header->vcpu = vcpu;
		if (fwrite(header, 1, bytes, file) != bytes)
			err(EXIT_FAILURE, "%s", path);
		events -= LARGE_CALLS;
		block->packet += bytes;
		if (block->packet == block->bytes)
			block->packet = 0;
	}
	if (fclose(file))
		err(EXIT_FAILURE, "%s", path);
}

/* No run.json: what the ROM would have counted is of no interest here. */
static void make_large(struct synth *s, const char *dir, uint64_t events,
		       uint32_t vcpus)
{
	make_block(s);
	synth_write(s, dir);
	for (uint32_t vcpu = 0; vcpu < vcpus; vcpu++)
		write_large(s, dir, vcpu, events);
}

int main(int argc, char **argv)
{
	struct synth s;

	synth_init(&s, 0);
	if (argc == 3 && !strcmp(argv[2], "small")) {
		make_small(&s, argv[1]);
	} else if (argc == 3 && !strcmp(argv[2], "stamp")) {
		make_stamp(&s, argv[1]);
	} else if (argc == 3 && !strcmp(argv[2], "busy")) {
		make_busy(&s, argv[1]);
	} else if (argc >= 4 && argc <= 5 && !strcmp(argv[2], "large")) {
		make_large(&s, argv[1], strtoull(argv[3], NULL, 10),
			   argc == 5 ? (uint32_t)strtoul(argv[4], NULL, 10)
				     : 1);
	} else {
		(void)fputs("usage: mktrace DIR small|stamp|busy|large EVENTS "
			    "[VCPUS]\n",
			    stderr);
		return 2;
	}
	synth_free(&s);
	return 0;
}
