/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.c - full, lossless, overwritten, donated; epochs; stolen and long calls
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recorder.h"

#define COMPACT_PER_PACKET(rom) \
	(((rom)->ctl->subbuf_bytes - VMI_PKT_HEADER_BYTES) / VMI_REC_BYTES)
#define LONG_US		20000	/* more than 2^23 cycles of any TSC here */
#define EPOCH_START_MAX	0x20000000	/* leaves more than a second */
#define PHYSICAL	0x01000000
#define DONATED_BYTES	(1 << 20)

static uint32_t call(const struct rom *rom, enum vmi_call nr, uint32_t eax)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eax = eax, .eflags = ROM_FLAGS };

	emulation.rom = rom;
	rom_invoke(rom_slot(rom, nr), &regs, none, NULL);
	return regs.eax;
}

static void calls(const struct rom *rom, unsigned int times)
{
	while (times--)
		call(rom, VMI_CALL_GetInterruptMask, 0);
}

static uint32_t tsc_low(void)
{
	uint32_t low;

	__asm__ volatile("rdtsc" : "=a"(low) : : "edx");
	return low;
}

/* A new epoch would close a packet early, which some tests do not expect. */
static void wait_for_epoch_start(void)
{
	while (tsc_low() > EPOCH_START_MAX)
		;
}

static void test_full(const struct rom *rom)
{
	uint32_t packets = rom->ctl->ring_bytes / rom->ctl->subbuf_bytes;
	uint64_t room = (uint64_t)packets * COMPACT_PER_PACKET(rom);
	struct reader reader;
	const struct vmi_packet *last;

	wait_for_epoch_start();
	/* Closes the open packet, so that the ring is empty. */
	age_packet(rom);
	calls(rom, 1);
	/* So that 5000 more carry into the high half. */
	rom->ctl->lost = UINT32_MAX - 1000;
	reader_start(&reader, rom);
	room -= (rom->ctl->pos % rom->ctl->subbuf_bytes - VMI_PKT_HEADER_BYTES) /
		VMI_REC_BYTES;
	calls(rom, (unsigned int)room);
	ok(rom->ctl->lost == reader.lost_before && rom->ctl->open,
	   "all of a ring of %u packets is used", packets);
	calls(rom, 5000);
	ok(rom->ctl->lost == reader.lost_before + 5000,
	   "a full ring loses all further calls, and counts them");
	ok(!rom->ctl->open && rom->ctl->packets == reader.next + packets,
	   "the last packet of a full ring is closed");
	ok(reader_take(&reader, true) && reader.count == room &&
	   reader_adds_up(&reader), "what is in a full ring is whole");
	calls(rom, 1);
	last = rom_packet(rom, rom->ctl->packets);
	ok(reader_take(&reader, true) && reader.count == room + 1 &&
	   reader_adds_up(&reader) && last->lost == reader.lost_before + 5000,
	   "recording goes on when there is room, and says what is missing");
	ok(reader.ordered, "no time stamp steps back");
	reader_free(&reader);
}

/* Frees one packet at a time, slowly at first: the ring is full often. */
struct drainer {
	struct reader reader;
	bool stop;
};

static void *drain(void *argument)
{
	struct drainer *drainer = argument;

	while (!__atomic_load_n(&drainer->stop, __ATOMIC_ACQUIRE)) {
		if (drainer->reader.count < 20000)
			usleep(500);
		reader_poll(&drainer->reader);
	}
	return NULL;
}

static void test_lossless(const struct rom *rom)
{
	struct drainer drainer = { .stop = false };
	uint64_t wait_cycles = rom->ctl->wait_cycles, waits = 0;
	struct reader *reader = &drainer.reader;
	pthread_t thread;

	reader_start(reader, rom);
	rom->host->flags = VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS;
	if (pthread_create(&thread, NULL, drain, &drainer)) {
		perror("pthread_create");
		exit(1);
	}
	calls(rom, 100000);
	__atomic_store_n(&drainer.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	rom->host->flags = 0;
	ok(reader_take(reader, true) && reader->count == 100000 &&
	   rom->ctl->lost == reader->lost_before && reader->ordered &&
	   reader_adds_up(reader), "lossless: 100000 calls, none lost");
	for (size_t i = 0; i < reader->count; i++)
		waits += reader->events[i].wait_cycles;
	ok(waits > 0 && waits == rom->ctl->wait_cycles - wait_cycles,
	   "lossless: the wait is in the records, all of it");
	reader_free(reader);
}

/* A packet that cannot become whole meanwhile is not waited for. */
static void test_futile(const struct rom *rom)
{
	struct vmi_record *stuck;
	struct reader reader;
	uint64_t lost = rom->ctl->lost;
	uint32_t word;

	reader_start(&reader, rom);
	calls(rom, 1);
	stuck = (struct vmi_record *)((uint8_t *)rom_packet(rom, rom->ctl->packets) +
				      rom->ctl->pos % rom->ctl->subbuf_bytes) - 1;
	word = stuck->word;
	stuck->word = 0;
	rom->host->flags = VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS;
	calls(rom, 5000);
	rom->host->flags = 0;
	ok(rom->ctl->lost > lost,
	   "lossless: no wait for a packet with a record in the making");
	stuck->word = word;
	ok(reader_take(&reader, true) && reader_adds_up(&reader),
	   "lossless: all is whole when that record is");
	reader_free(&reader);
}

static void test_overwrite(const struct rom *rom)
{
	uint32_t packets = rom->ctl->ring_bytes / rom->ctl->subbuf_bytes;
	struct reader reader;

	wait_for_epoch_start();
	reader_start(&reader, rom);
	rom->host->flags = VMI_HOST_OVERWRITE;
	calls(rom, 20000);
	rom->host->flags = 0;
	ok(rom->ctl->lost == reader.lost_before &&
	   counted(rom) - reader.counted_before == 20000,
	   "overwrite: 20000 calls, none lost");
	reader.next = rom->ctl->packets - packets + 1;
	reader.open_done = 0;
	ok(reader_take(&reader, true) && reader.ordered &&
	   reader.count > (packets - 1) * COMPACT_PER_PACKET(rom) - 1,
	   "overwrite: the newest packets are whole");
	reader_free(&reader);
}

static void test_epoch(const struct rom *rom)
{
	struct reader reader;
	const struct vmi_packet *old, *new;
	uint32_t nr, epoch;

	wait_for_epoch_start();
	calls(rom, 1);
	nr = rom->ctl->packets;
	epoch = rom->ctl->epoch;
	reader_start(&reader, rom);
	age_packet(rom);
	calls(rom, 1);
	old = rom_packet(rom, nr);
	new = rom_packet(rom, nr + 1);
	ok(rom->ctl->packets == nr + 1 && rom->ctl->open &&
	   rom->ctl->epoch == epoch, "a new epoch opens a new packet");
	ok(old->time_end == ((uint64_t)(epoch - 1) << 32 | 0xffffffff) &&
	   old->packet_bits,
	   "the old one ends with its epoch");
	ok(new->time_begin >> 32 == epoch && new->seq == nr + 1,
	   "the new one starts in its own");
	reader_free(&reader);
}

static void test_wide(const struct rom *rom)
{
	const struct event *event;
	struct reader reader;

	calls(rom, 1);
	reader_start(&reader, rom);
	memset(&emulation, 0, sizeof(emulation));
	emulation.sleep_us = LONG_US;
	call(rom, VMI_CALL_DisableInterrupts, 0);
	emulation.sleep_us = 0;
	ok(reader_take(&reader, true) && reader.count == 1 &&
	   reader.events[0].wide && !reader.events[0].interrupted &&
	   reader.events[0].cycles > VMI_REC_CYCLES_LIMIT,
	   "a long call has all its cycles");

	rom->host->stolen += 0x300000000 + 12345;
	calls(rom, 2);
	reader_take(&reader, true);
	event = &reader.events[1];
	ok(reader.count == 3 && event->wide &&
	   event->stolen_cycles == 0x300000000 + 12345 && !event[1].wide,
	   "stolen cycles are recorded, once");
	ok(reader_adds_up(&reader) && reader.ordered, "nothing is lost by it");
	reader_free(&reader);
}

static uint32_t donate(const struct rom *rom, void *memory, uint32_t physical,
		       uint32_t bytes)
{
	static const uint32_t none[ROM_STACK_WORDS];
	struct rom_regs regs = { .eax = (uint32_t)memory, .edx = physical,
				 .ecx = bytes, .eflags = ROM_FLAGS };

	rom_invoke(rom->base + rom->desc->donate_offset, &regs, none, NULL);
	return regs.eax;
}

static void test_donation(const struct rom *rom)
{
	uint8_t *memory = mmap(NULL, 2 * DONATED_BYTES, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t first = rom->ctl->packets + 1;
	struct reader reader;

	calls(rom, 10);
	reader_start(&reader, rom);
	calls(rom, 10);
	ok(donate(rom, memory + 1, PHYSICAL, DONATED_BYTES) == UINT32_MAX &&
	   donate(rom, memory, 0, DONATED_BYTES) == UINT32_MAX &&
	   donate(rom, memory, PHYSICAL + 1, DONATED_BYTES) == UINT32_MAX &&
	   donate(rom, memory, PHYSICAL, 4096) == UINT32_MAX &&
	   !rom->ctl->ring_phys,
	   "donation: memory that will not do is refused");
	ok(!donate(rom, memory, PHYSICAL, DONATED_BYTES + 5000) &&
	   rom->ctl->ring_bytes == DONATED_BYTES &&
	   rom->ctl->ring_phys == PHYSICAL && rom->ctl->first_packet == first,
	   "donation: the largest power of two is taken");
	calls(rom, 20000);
	ok((uint8_t *)rom_packet(rom, first) == memory &&
	   reader_take(&reader, true) && reader.count == 20010 &&
	   reader_adds_up(&reader) && reader.ordered,
	   "donation: packets number over, none lost");
	ok(donate(rom, memory, PHYSICAL, DONATED_BYTES) == UINT32_MAX,
	   "donation: once is enough");
	calls(rom, 60000);
	ok(reader_take(&reader, true) && reader_adds_up(&reader) &&
	   reader.ordered, "donation: the new ring wraps");
	reader_free(&reader);
}

void test_ring(const char *path)
{
	struct rom rom;

	rom_map(&rom, path, false);
	memset(&emulation, 0, sizeof(emulation));
	rom_init(&rom);
	test_full(&rom);
	test_lossless(&rom);
	test_futile(&rom);
	test_overwrite(&rom);
	test_epoch(&rom);
	test_wide(&rom);
	rom_map(&rom, path, true);
	rom_init(&rom);
	test_donation(&rom);
}
