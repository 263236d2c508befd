// SPDX-License-Identifier: GPL-2.0-only
/*
 * A trace directory of any content: read, added up, cut into slices.  The input
 * is a byte of flags, the lengths of metadata and run.json, these, and the
 * stream.
 */
#include "fuzz.h"

#include "record/ctf_metadata.h"
#include "trace/profile.h"
#include "trace/timeline.h"
#include "trace/trace_threads.h"

enum {
	OWN_METADATA = 1,	/* the recorder's, so that the stream counts */
	OWN_RUN = 2,		/* no run.json: as after a crash */
	THREADS = 4,		/* read again, with several */
};

static void put_metadata(struct fuzz_input *input, uint32_t flags,
			 size_t bytes)
{
	struct ctf_metadata metadata = { .tsc_hz = 1000000000,
					 .accel = ACCEL_TCG,
					 .cpu = "fuzz",
					 .guest = "fuzz",
					 .uuid = "0123456789abcde" };
	size_t nr;
	const uint8_t *data = fuzz_bytes(input, bytes, &nr);
	char *text;

	if (!(flags & OWN_METADATA)) {
		fuzz_file("metadata", data, nr);
		return;
	}
	text = ctf_metadata_text(&metadata);
	fuzz_file("metadata", text, strlen(text));
	free(text);
}

/* Packets without an event say nothing of time; others lie in what is covered. */
static void check_profile(const struct profile *profile)
{
	uint64_t events = 0;

	for (size_t i = 0; i < profile->nr_rows; i++)
		events += (uint64_t)profile->rows[i].count;
	must_hold(events == profile->stats->events);
	must_hold(profile->stats->time_begin <= profile->stats->time_end);
}

/* Whatever the damage, threads find what reading in order has found. */
static void check_threads(const struct profile *profile, const char *dir)
{
	const struct tally_request request = { .threads = 3, .streams = true };
	struct profile *other;

	trace_piece_bytes = 1;
	other = profile_read(dir, &request);
	must_hold(other);
	must_hold(!memcmp(profile->stats->call, other->stats->call,
			  sizeof(other->stats->call)));
	must_hold(!memcmp(profile->stats->histogram, other->stats->histogram,
			  sizeof(other->stats->histogram)));
	must_hold(!memcmp(&profile->stats->idle, &other->stats->idle,
			  sizeof(other->stats->idle)));
	must_hold(!memcmp(&profile->trace->totals, &other->trace->totals,
			  sizeof(other->trace->totals)));
	must_hold(profile->trace->problems.nr == other->trace->problems.nr);
	for (size_t i = 0; i < problems_kept(&other->trace->problems); i++)
		must_hold(!strcmp(profile->trace->problems.text[i],
				  other->trace->problems.text[i]));
	profile_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint32_t flags = fuzz_take(&input, 1);
	size_t metadata_bytes = fuzz_take(&input, 2);
	size_t run_bytes = fuzz_take(&input, 2);
	const struct tally_request request = { .threads = 1 };
	struct profile *profile;
	const uint8_t *run;
	size_t nr;

	put_metadata(&input, flags, metadata_bytes);
	run = fuzz_bytes(&input, run_bytes, &nr);
	if (flags & OWN_RUN)
		(void)unlink(fuzz_file("run/run.json", "", 0));
	else
		fuzz_file("run/run.json", run, nr);
	fuzz_file("vcpu0", input.data, input.left);
	profile = profile_read(fuzz_file("", NULL, 0), &request);
	if (profile) {
		check_profile(profile);
		if (flags & THREADS)
			check_threads(profile, fuzz_file("", NULL, 0));
		free(timeline_read(profile->trace, profile->stats));
		profile_free(profile);
	}
	return 0;
}
