/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hostile.c - a guest that lies to its recorder
 *
 * It finds the ROM, and sets any word of locator, descriptor, control block,
 * packets, records, counters and tables to any value: before Init, between Init
 * and the moment when the host attaches, and afterwards, while the host reads.
 * Words on its command line: seed=N, and quiet to make no calls once it lies, so
 * that a recorder in ROM that was misled does not end it all.
 *
 * It uses nothing of the ROM but its calls; console and exit are ports.
 */
#include <stdbool.h>
#include <stdint.h>

#include "vmi/abi.h"
#include "vmi/descriptor.h"
#include "vmi/trace.h"

#define STEPS		3000
#define EXIT_PORT	0xf4
#define COM1		0x3f8
#define OWN_BYTES	(64u << 10)

void main(uint32_t magic, const uint32_t *information);

/* What was found before anything was changed. */
static struct {
	volatile uint8_t *base;
	volatile struct vmi_locator *locator;
	volatile struct vmi_descriptor *descriptor;
	struct vmi_descriptor as_made;
	volatile struct vmi_trace_ctl *ctl;
	volatile struct vmi_trace_host *host;
	volatile uint32_t *counters;	/* NULL: it has a table */
	volatile uint32_t *ring;
	uint32_t ring_bytes;
} rom;

/* Counters, modes and a ring of the guest's own. */
static volatile uint32_t own[OWN_BYTES / 4] __attribute__((aligned(4096)));

static uint64_t state;
static uint32_t lies;

static uint32_t any(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33);
}

/* Without a division by a constant the compiler needs no library. */
static uint32_t below(uint32_t limit)
{
	return (uint32_t)((uint64_t)any() * limit >> 31);
}

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static uint64_t tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static void say(const char *text)
{
	while (*text)
		out8(COM1, (uint8_t)*text++);
}

static void say_number(uint32_t value)
{
	char text[11];
	char *p = text + sizeof(text) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	say(p);
}

static void call(uint32_t nr)
{
	const volatile uint8_t *slot = rom.base + nr * VMI_SLOT_BYTES;

	__asm__ volatile("call *%0"
			 :
			 : "r"(slot)
			 : "eax", "ecx", "edx", "cc", "memory");
}

static void calls(uint32_t nr)
{
	while (nr--)
		call(nr & 1 ? VMI_CALL_GetInterruptMask
			    : VMI_CALL_DisableInterrupts);
}

/* A value that gets far: small, near the true one, a place, or anything. */
static uint32_t value_near(uint32_t now)
{
	switch (below(6)) {
	case 0:
		return now + below(9) - 4;
	case 1:
		return below(300);
	case 2:
		return now ^ 1u << below(32);
	case 3:
		return (uint32_t)own + 4 * below(2048);
	case 4:
		return 0u - below(300);
	default:
		return any() << 1 ^ any();
	}
}

static void set(volatile uint32_t *word)
{
	lies++;
	*word = value_near(*word);
}

static volatile uint32_t *word_of(volatile void *at, uint32_t bytes)
{
	return (volatile uint32_t *)at + below(bytes / 4);
}

static void lie(void)
{
	const uint32_t subbuf = rom.as_made.subbuf_bytes;

	switch (below(8)) {
	case 0:
		set(word_of(rom.locator, sizeof(*rom.locator)));
		break;
	case 1:
		set(word_of(rom.descriptor, sizeof(*rom.descriptor)));
		break;
	case 2:
	case 3:
		set(word_of(rom.ctl, VMI_CTL_BYTES));
		break;
	case 4:
		set(rom.counters ? word_of(rom.counters, 4 * VMI_NR_SLOTS)
				 : word_of(rom.ring, rom.ring_bytes));
		break;
	case 5:
		/* A packet's header. */
		set(subbuf ? rom.ring + below(rom.ring_bytes / subbuf) *
						(subbuf / 4) +
					below(VMI_PKT_HEADER_BYTES / 4)
			   : word_of(rom.ring, rom.ring_bytes));
		break;
	case 6:
		set(word_of(rom.ring, rom.ring_bytes));
		break;
	default:
		set(word_of(own, OWN_BYTES));
		break;
	}
}

/* The guest counts by itself, and says how its sites are made. */
static void tell_own(void)
{
	volatile struct vmi_modes *modes =
		(volatile struct vmi_modes *)(own + 4096);

	modes->since = tsc();
	modes->sites[VMI_CALL_RDTSC] = VMI_SITES_STUB;
	modes->seq += 2;
	own[VMI_CALL_RDTSC] += 3;
	rom.ctl->modes_phys = (uint32_t)modes;
	rom.ctl->count_cpus = 1;
	rom.ctl->count_stride = 4096;
	rom.ctl->count_phys = (uint32_t)own;
}

/*
 * A packet as the ROM makes them, in which then something is wrong, or not: it
 * passes all checks in front of the one that it is for.
 */
static void forge(bool wrong)
{
	const uint32_t subbuf = rom.as_made.subbuf_bytes;
	const uint32_t number = rom.ctl->packets;
	const uint64_t now = tsc();
	const uint32_t nr = 1 + below(64);
	volatile struct vmi_packet *packet;
	volatile struct vmi_record *record;

	if (!subbuf || number - rom.host->consumed >= rom.ring_bytes / subbuf)
		return;
	packet = (volatile struct vmi_packet *)(rom.ring +
						(number & (rom.ring_bytes /
							   subbuf - 1)) *
							(subbuf / 4));
	record = (volatile struct vmi_record *)(packet + 1);
	packet->time_begin = now;
	packet->time_end = now;
	packet->lost = rom.ctl->lost;
	packet->seq = number;
	packet->vcpu = 0;
	packet->packet_bits = 8 * (VMI_PKT_HEADER_BYTES + nr * VMI_REC_BYTES);
	for (uint32_t i = 0; i < nr; i++) {
		const uint32_t nr_call = VMI_CALL_DisableInterrupts;

		record[i].time = (uint32_t)now;
		record[i].ret = 0x100000;
		record[i].arg = i;
		record[i].word = nr_call << VMI_REC_CALL_SHIFT;
		rom.counters[nr_call]++;
	}
	if (wrong && below(2))
		set(word_of(record, nr * VMI_REC_BYTES));
	else if (wrong)
		set(word_of(packet, VMI_PKT_HEADER_BYTES));
	rom.ctl->open = 0;
	rom.ctl->packets = number + 1;
}

/* Give the host time to look. */
static void wait(uint32_t loops)
{
	while (loops--)
		__asm__ volatile("pause");
}

static bool find(void)
{
	for (uint32_t at = VMI_ROM_SCAN_START; at < VMI_ROM_SCAN_END;
	     at += VMI_ROM_SCAN_STEP) {
		const struct vmi_rom_header *header =
			(const struct vmi_rom_header *)at;

		if (header->signature != VMI_ROM_SIGNATURE ||
		    header->vmi_signature != VMI_SIGNATURE)
			continue;
		rom.base = (volatile uint8_t *)at;
		rom.locator = (volatile struct vmi_locator *)header->locator;
		rom.descriptor = (volatile struct vmi_descriptor
					  *)(at + rom.locator->offset);
		for (uint32_t i = 0; i < sizeof(rom.as_made) / 4; i++)
			((uint32_t *)&rom.as_made)[i] =
				((volatile uint32_t *)rom.descriptor)[i];
		rom.ctl = (void *)(at + rom.as_made.ctl_offset);
		rom.host = (void *)(at + rom.as_made.host_offset);
		rom.ring = (void *)(at + rom.as_made.ring_offset);
		rom.ring_bytes = rom.as_made.ring_bytes;
		if (rom.as_made.counters_offset)
			rom.counters = (void *)(at +
						rom.as_made.counters_offset);
		return true;
	}
	return false;
}

/* After "seed=" in the command line; quiet: the word is there. */
static uint32_t read_words(const char *line, bool *quiet)
{
	uint32_t seed = 0;

	*quiet = false;
	for (; *line; line++) {
		if (line[0] == 'q' && line[1] == 'u')
			*quiet = true;
		if (line[0] != '=')
			continue;
		for (seed = 0; line[1] >= '0' && line[1] <= '9'; line++)
			seed = 10 * seed + (uint32_t)(line[1] - '0');
	}
	return seed;
}

/*
 * The first lie comes before Init (when is 0), before the host does (1), or later.
 * Some lie once, some all the time.
 */
static void lie_for_long(uint32_t when, bool quiet)
{
	const bool once = below(2);

	if (when == 0)
		lie();
	call(VMI_CALL_Init);
	if (when == 1)
		lie();
	if (when == 0 && quiet)
		rom.ctl->state = VMI_STATE_ON;
	for (uint32_t step = 0; step < STEPS; step++) {
		if (!quiet)
			calls(below(20));
		else if (step == 0)
			tell_own();
		if (quiet && rom.counters && below(2))
			forge(step > 200 && !below(40) && !(once && lies));
		if (step > 300 && !(once && lies) &&
		    below(when == 2 ? 200 : 20) == 0)
			lie();
		if (below(8) == 0)
			wait(below(20000));
	}
}

void main(uint32_t magic, const uint32_t *information)
{
	bool quiet;

	(void)magic;
	/* Multiboot 3.3: bit 2 of the flags, and the command line at 16. */
	state = read_words(information[0] & 4 ? (const char *)information[4]
					      : "",
			   &quiet);
	for (int i = 0; i < 4; i++)
		any();
	if (find())
		lie_for_long(below(3), quiet);
	say("hostile: ");
	say_number(lies);
	say(" lies\n");
	for (;;)
		out8(EXIT_PORT, 0);
}
