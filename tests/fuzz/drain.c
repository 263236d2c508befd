// SPDX-License-Identifier: GPL-2.0-only
/*
 * The drain against a guest that lies.  The input is a script: the guest makes
 * calls as a ROM does, and writes what it likes over the ring and its numbers,
 * for as long as it likes; the host polls in between.
 *
 * Whatever the script: what was written is a trace that the reader reads without
 * a complaint, and it has as many events as the stream says.  Without a lie, recorded and lost make counted.  Who watches
 * meanwhile, as "vmiprof top" does, comes to no harm either, and without a lie
 * sees no call but those made.
 */
#include "../unit/fake_rom.h"
#include "fuzz.h"

#include "record/ctf_metadata.h"
#include "record/drain.h"
#include "record/modes.h"
#include "record/totals.h"
#include "top/live.h"
#include "trace/trace_reader.h"

#define LIES_MAX	8
#define PENDING_MAX	4
#define STEPS_MAX	400

/* More the counters, of 32 bits, cannot say in so many steps. */
#define COUNTED_MAX	((uint64_t)STEPS_MAX * VMI_NR_SLOTS << 32)

static const uint8_t uuid[16] = "0123456789abcdef";

/* A number that the guest writes into its ctl, in place of the true one. */
struct lie {
	uint32_t word;
	uint32_t value;
};

struct guest {
	struct fake_rom fake;		/* plays on true_ctl */
	struct vmi_trace_ctl true_ctl;
	struct vmi_trace_ctl *shown_ctl; /* what the host sees */
	struct lie lies[LIES_MAX];
	unsigned int nr_lies;
	bool lied;
	struct {
		struct vmi_record_wide *record;
		uint32_t bytes;
	} pending[PENDING_MAX];		/* calls interrupted before the commit */
	unsigned int nr_pending;
	struct modes modes;
	struct totals sites;
};

static void show_ctl(struct guest *guest)
{
	uint32_t *words = (uint32_t *)guest->shown_ctl;

	*guest->shown_ctl = guest->true_ctl;
	for (unsigned int i = 0; i < guest->nr_lies; i++)
		words[guest->lies[i].word] = guest->lies[i].value;
}

static void lie(struct guest *guest, uint32_t word, uint32_t value)
{
	guest->lied = true;
	if (guest->nr_lies < LIES_MAX)
		guest->lies[guest->nr_lies++] = (struct lie){
			word % (VMI_CTL_BYTES / sizeof(uint32_t)), value };
}

/* Scribble over the image from its numbers on, or over the donated ring. */
static void scribble(struct guest *guest, uint32_t where, uint32_t value)
{
	uint8_t *at = guest->fake.ram.base +
		      (where & 1 ? FAKE_DONATED_PHYS + (where & 0xfffcu)
				 : FAKE_PHYS + FAKE_HOST +
					   (where & 0xfffcu) %
						   (FAKE_IMAGE_BYTES - FAKE_HOST));

	memcpy(at, &value, sizeof(value));
	guest->lied = true;
}

/* The same, aimed at the header of a sub-buffer. */
static void scribble_header(struct guest *guest, uint32_t where, uint32_t value)
{
	uint32_t subbuf = (where >> 4) % FAKE_NR_SUBBUFS * FAKE_SUBBUF;

	memcpy(guest->fake.ram.base + FAKE_PHYS + FAKE_RING + subbuf +
		       (where & 15) * sizeof(value),
	       &value, sizeof(value));
	guest->lied = true;
}

static void reserve(struct guest *guest, uint32_t bytes)
{
	struct vmi_record_wide *record;

	if (guest->nr_pending == PENDING_MAX)
		return;
	record = fake_reserve(&guest->fake, bytes);
	if (!record)
		return;
	guest->pending[guest->nr_pending].record = record;
	guest->pending[guest->nr_pending++].bytes = bytes;
}

static void commit(struct guest *guest)
{
	if (!guest->nr_pending)
		return;
	guest->nr_pending--;
	fake_commit(&guest->fake, guest->pending[guest->nr_pending].record,
		    guest->pending[guest->nr_pending].bytes);
}

/* One step of the guest. */
static void act(struct guest *guest, uint32_t what, struct fuzz_input *input)
{
	uint32_t where;

	switch (what) {
	case 0:
		fake_calls(&guest->fake, (int)fuzz_take(input, 1));
		break;
	case 1:
		fake_call(&guest->fake, VMI_REC_WIDE_BYTES);
		break;
	case 2:
		reserve(guest, fuzz_take(input, 1) & 1 ? VMI_REC_WIDE_BYTES
						       : VMI_REC_BYTES);
		break;
	case 3:
		commit(guest);
		break;
	case 4:
		/* A kernel gives its ring where no call is under way. */
		if (!guest->true_ctl.ring_phys && !guest->nr_pending)
			fake_donate(&guest->fake,
				    4096u << fuzz_take(input, 1) % 5);
		break;
	case 5:
		guest->fake.tsc += (uint64_t)fuzz_take(input, 4) << 2;
		break;
	case 6:
		where = fuzz_take(input, 1);
		lie(guest, where, fuzz_take(input, 4));
		break;
	case 7:
		/* A small lie gets further. */
		where = fuzz_take(input, 1) %
			(VMI_CTL_BYTES / sizeof(uint32_t));
		lie(guest, where,
		    ((uint32_t *)&guest->true_ctl)[where] +
			    (uint32_t)(int8_t)fuzz_take(input, 1));
		break;
	case 8:
		guest->nr_lies = 0;
		break;
	case 9:
		where = fuzz_take(input, 2);
		scribble(guest, where, fuzz_take(input, 4));
		break;
	default:
		where = fuzz_take(input, 1);
		scribble_header(guest, where, fuzz_take(input, 4));
		break;
	}
	show_ctl(guest);
}

/* What the recorder looks at now and then. */
static void sample(struct guest *guest, struct drain *drain)
{
	drain_sample(drain);
	(void)modes_poll(&guest->modes);
	must_hold(guest->modes.nr <= MODES_KEPT_MAX);
	(void)totals_sample(&guest->sites);
}

/* Play the script; false when the drain says that the guest broke the ring. */
static bool play(struct guest *guest, struct drain *drain, struct live *live,
		 struct fuzz_input *input)
{
	for (int step = 0; input->left && step < STEPS_MAX; step++) {
		uint32_t what = fuzz_take(input, 1) % 16;

		if (what < 11)
			act(guest, what, input);
		else if (what == 11)
			sample(guest, drain);
		else if (what == 12)
			drain_publish_stolen(drain, fuzz_take(input, 4));
		else if (what == 13)
			(void)drain_settled(drain);
		else if (what == 14)
			(void)live_look(live);
		else
			(void)drain_poll(drain);
		if (*drain->error)
			return false;
	}
	return drain_finish(drain) == 0;
}

struct read_back {
	uint64_t events;
};

static void count_events(void *arg, const struct trace_packet *packet)
{
	struct read_back *back = arg;

	for (const char *p = packet->begin; p < packet->end;
	     p += trace_record_bytes(p))
		back->events++;
}

static void check_trace(const struct drain *drain,
			const struct ctf_stream *stream)
{
	struct ctf_metadata metadata = { .tsc_hz = 1000000000,
					 .accel = ACCEL_TCG,
					 .cpu = "fuzz",
					 .guest = "fuzz" };
	struct read_back back = { 0 };
	struct trace *trace;
	char *text;

	memcpy(metadata.uuid, uuid, sizeof(uuid));
	text = ctf_metadata_text(&metadata);
	fuzz_file("metadata", text, strlen(text));
	free(text);
	trace = trace_open(fuzz_file("", NULL, 0));
	must_hold(trace);
	trace_read(trace, count_events, &back);
	must_hold(trace->problems.nr == 0);
	must_hold(trace->totals.bad_packets == 0);
	must_hold(trace->totals.bytes_cut == 0);
	must_hold(back.events == stream->events);
	/* No number that the guest has set is told as one of calls lost. */
	must_hold(trace->totals.lost <= drain->events + COUNTED_MAX);
	trace_close(trace);
}

static void check_counts(const struct guest *guest, const struct drain *drain,
			 const struct ctf_stream *stream)
{
	struct drain_totals totals;

	if (guest->lied || guest->nr_pending)
		return;
	drain_totals(drain, &totals);
	must_hold(totals.counted == stream->events + totals.lost);
}

/* Each record that was seen is of a call, and of the only site there is. */
static void check_live(const struct guest *guest, struct live *live)
{
	static struct live_shot shot;
	const uint64_t records = live->records;

	live_take(live, &shot);
	if (!guest->lied && live->on) {
		must_hold(!*live->error);
		must_hold(shot.nr_sites <= 1);
		must_hold(records <= shot.calls);
	}
	free(shot.site);
	live_end(live);
}

static void begin(struct guest *guest, struct trace_rom *rom)
{
	char why[200];

	memset(guest, 0, sizeof(*guest));
	fake_create(&guest->fake);
	guest->shown_ctl = guest->fake.ctl;
	guest->fake.ctl = &guest->true_ctl;
	fake_init(&guest->fake);
	show_ctl(guest);
	must_hold(trace_rom_search(rom, NULL, &guest->fake.ram, why, sizeof(why)) ==
		  TRACE_ROM_ON);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct guest guest;
	struct trace_rom rom;
	struct ctf_stream stream;
	static struct clock_map clock;
	const struct tsc_sample sample = { 1, 1, 0 };
	struct clock_reading reading;
	struct drain drain;
	static struct live live;
	bool ok;

	begin(&guest, &rom);
	live_begin(&live, &guest.fake.ram, 1e9);
	memset(&drain, 0, sizeof(drain));
	clock_map_begin(&clock, &sample);
	drain.clock = &clock;
	must_hold(ctf_stream_open(&stream, fuzz_file("vcpu0", "", 0)) == 0);
	drain_attach(&drain, &guest.fake.ram, &rom, &stream, uuid,
		     VMI_HOST_ATTACHED);
	modes_attach(&guest.modes, &guest.fake.ram, &rom);
	totals_attach_sites(&guest.sites, &guest.fake.ram, &rom);
	ok = play(&guest, &drain, &live, &input);
	must_hold(ok == !*drain.error);
	must_hold(ok || guest.lied);
	must_hold(ctf_stream_close(&stream) == 0);
	clock_map_read(&clock, 1000000000, &reading);
	drain_sample(&drain);
	if (ok)
		check_counts(&guest, &drain, &stream);
	check_trace(&drain, &stream);
	check_live(&guest, &live);
	modes_free(&guest.modes);
	fake_destroy(&guest.fake);
	return 0;
}
