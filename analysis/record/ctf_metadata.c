// SPDX-License-Identifier: GPL-2.0-only
#include "ctf_metadata.h"

#include <ctype.h>
#include <inttypes.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/call_table.h"
#include "trace/metadata.h"

#define NS_PER_S	1000000000

/*
 * Only the packet's own parts are aligned to bytes.  A record is one string of
 * bits to CTF: were its integers aligned, the structures that hold them would be
 * too, and the id bit would fill a byte.
 */
static const char types[] =
	"typealias integer { size = 8; align = 8; signed = false; } := byte_t;\n"
	"typealias integer { size = 32; align = 8; signed = false; } := packet_u32_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; } := packet_u64_t;\n"
	"typealias integer { size = 64; align = 8; signed = false; map = clock.tsc.value; } := packet_time_t;\n"
	"typealias integer { size = 32; align = 1; signed = false; map = clock.tsc.value; } := time_t;\n"
	"typealias integer { size = 1; align = 1; signed = false; } := bit_t;\n"
	"typealias integer { size = 7; align = 1; signed = false; } := call_number_t;\n"
	"typealias integer { size = 23; align = 1; signed = false; } := cycles23_t;\n"
	"typealias integer { size = 64; align = 1; signed = false; } := cycles64_t;\n"
	"typealias integer { size = 32; align = 1; signed = false; base = hex; } := hex32_t;\n";

static const char stream[] =
	"stream {\n"
	"\tid = 0;\n"
	"\tevent.header := struct {\n"
	"\t\ttime_t timestamp;\n"
	"\t\tbit_t id;\n"
	"\t};\n"
	"\tpacket.context := struct {\n"
	"\t\tpacket_time_t timestamp_begin;\n"
	"\t\tpacket_time_t timestamp_end;\n"
	"\t\tpacket_u32_t content_size;\n"
	"\t\tpacket_u32_t packet_size;\n"
	"\t\tpacket_u64_t events_discarded;\n"
	"\t\tpacket_u32_t packet_seq_num;\n"
	"\t\tpacket_u32_t cpu_id;\n"
	"\t};\n"
	"};\n";

/*
 * Two forms of one event; the id bit of a record tells which it is.  What the
 * highest number of cycles means is told in a comment: an enumeration would change
 * how readers show all others.
 */
static const char compact[] =
	"event {\n"
	"\tid = 0;\n"
	"\tstream_id = 0;\n"
	"\tname = \"vmi:call\";\n"
	"\tfields := struct {\n"
	"\t\tenum call_names call;\n"
	"\t\tbit_t interrupted;\n"
	"\t\tcycles23_t cycles;\t/* 0x7fffff: not measured */\n"
	"\t\thex32_t ret;\n"
	"\t\thex32_t arg;\n"
	"\t};\n"
	"};\n";

static const char wide[] =
	"event {\n"
	"\tid = 1;\n"
	"\tstream_id = 0;\n"
	"\tname = \"vmi:call\";\n"
	"\tfields := struct {\n"
	"\t\tenum call_names call;\n"
	"\t\tbit_t interrupted;\n"
	"\t\tcycles23_t _reserved_bits;\n"
	"\t\thex32_t ret;\n"
	"\t\thex32_t arg;\n"
	"\t\tcycles64_t cycles;\t/* 0xffffffffffffffff: not measured */\n"
	"\t\tcycles64_t stolen_cycles;\n"
	"\t\tcycles64_t wait_cycles;\n"
	"\t\tcycles64_t _reserved;\n"
	"\t};\n"
	"};\n";

/* As a TSDL string; what might not be read back becomes a space. */
static void put_string(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text; text++) {
		bool plain = !iscntrl((unsigned char)*text) &&
			     !strchr("\"\\{}", *text);

		(void)fputc(plain ? *text : ' ', out);
	}
	(void)fputc('"', out);
}

static void put_trace(FILE *out, const uint8_t uuid[16])
{
	(void)fprintf(out,
		      "trace {\n"
		      "\tmajor = 1;\n"
		      "\tminor = 8;\n"
		      "\tuuid = \"");
	for (int i = 0; i < 16; i++)
		(void)fprintf(out, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
	(void)fprintf(out,
		      "\";\n"
		      "\tbyte_order = le;\n"
		      "\tpacket.header := struct {\n"
		      "\t\tpacket_u32_t magic;\n"
		      "\t\tbyte_t uuid[16];\n"
		      "\t\tpacket_u32_t stream_id;\n"
		      "\t};\n"
		      "};\n\n");
}

static uint64_t ticks(uint64_t ns, uint64_t hz)
{
	return (uint64_t)((unsigned __int128)ns * hz / NS_PER_S);
}

static void put_env(FILE *out, const struct ctf_metadata *metadata)
{
	const struct clock_reading *clock = &metadata->clock;

	(void)fprintf(out,
		      "env {\n"
		      "\tdomain = \"vmi\";\n"
		      "\ttracer_name = \"vmiprof\";\n"
		      "\ttracer_version = \"" VMIPROF_VERSION "\";\n"
		      "\tvmiprof_format = %d;\n"
		      "\taccelerator = \"%s\";\n"
		      "\tcycles = \"%s\";\n"
		      "\tguest = ",
		      METADATA_FORMAT, accel_name(metadata->accel),
		      metadata->accel == ACCEL_KVM ? "hardware" : "emulated");
	put_string(out, metadata->guest);
	(void)fprintf(out, ";\n\tcpu = ");
	put_string(out, metadata->cpu);
	(void)fprintf(out, ";\n\tclock_monotonic = ");
	put_string(out, clock->known ? "mapped" : "unknown");
	if (clock->known)
		(void)fprintf(out,
			      ";\n\tclock_monotonic_offset_ns = %" PRId64
			      ";\n\tclock_monotonic_error_ns = %" PRIu64,
			      clock->monotonic_ns, clock->error_ns);
	(void)fprintf(out, ";\n\tclock_monotonic_how = ");
	put_string(out, clock->how);
	(void)fprintf(out, ";\n};\n\n");
}

/*
 * What LTTng says of its own clock: an offset to 1970, that it is absolute, and
 * the boot as the UUID.  A reader may then sort both traces into one.
 */
static void put_mapping(FILE *out, const struct ctf_metadata *metadata)
{
	const struct clock_reading *clock = &metadata->clock;
	__int128 since_1970_ns =
		(__int128)clock->monotonic_ns + clock->realtime_ns;
	int64_t seconds = (int64_t)(since_1970_ns / NS_PER_S);
	int64_t rest_ns = (int64_t)(since_1970_ns % NS_PER_S);

	/* The remainder of a time before 1970 has its sign. */
	if (rest_ns < 0) {
		rest_ns += NS_PER_S;
		seconds--;
	}
	if (metadata->boot_id && *metadata->boot_id)
		(void)fprintf(out, "\tuuid = \"%s\";\n", metadata->boot_id);
	(void)fprintf(out,
		      "\tprecision = %" PRIu64 ";\n"
		      "\toffset_s = %" PRId64 ";\n"
		      "\toffset = %" PRIu64 ";\n"
		      "\tabsolute = TRUE;\n",
		      ticks(clock->error_ns, metadata->tsc_hz) + 1, seconds,
		      ticks((uint64_t)rest_ns, metadata->tsc_hz));
}

static void put_clock(FILE *out, const struct ctf_metadata *metadata)
{
	(void)fprintf(out,
		      "clock {\n"
		      "\tname = \"tsc\";\n"
		      "\tdescription = \"the guest's time stamp counter%s\";\n"
		      "\tfreq = %" PRIu64 ";\n",
		      metadata->accel == ACCEL_KVM
			      ? ""
			      : "; cycles of a call are what emulating it took",
		      metadata->tsc_hz);
	if (metadata->clock.known)
		put_mapping(out, metadata);
	else
		(void)fprintf(out, "\toffset = 0;\n");
	(void)fprintf(out, "};\n\n");
}

static void put_call_names(FILE *out)
{
	(void)fprintf(out, "enum call_names : call_number_t {\n");
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (call_table[nr].name)
			(void)fprintf(out, "\t\"%s\" = %d,\n",
				      call_table[nr].name, nr);
	}
	(void)fprintf(out, "};\n\n");
}

char *ctf_metadata_text(const struct ctf_metadata *metadata)
{
	char *text;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		abort();
	/* Readers know the file by its first line. */
	(void)fprintf(out, "/* CTF 1.8 */\n\n");
	put_env(out, metadata);
	put_clock(out, metadata);
	(void)fprintf(out, "%s\n", types);
	put_trace(out, metadata->uuid);
	(void)fprintf(out, "%s\n", stream);
	put_call_names(out);
	(void)fprintf(out, "%s\n%s", compact, wide);
	if (fclose(out))
		abort();
	return text;
}

void ctf_uuid(uint8_t uuid[16])
{
	if (getrandom(uuid, 16, 0) != 16)
		err(EXIT_FAILURE, "getrandom");
	/* Version 4, variant 1: a random UUID, RFC 4122 section 4.4. */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}
