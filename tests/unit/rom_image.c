// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ROM image in a file is not trusted: damage in one field is named, damage at
 * random is survived.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "record/trace_rom.h"
#include "rom/rom_image.h"
#include "rom/rom_print.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define IMAGE_BYTES_MAX ((size_t)VMI_ROM_LENGTH_MAX * VMI_ROM_LENGTH_UNIT)

static uint8_t original[IMAGE_BYTES_MAX];
static size_t original_bytes;

static int read_original(const char *name)
{
	const char *build = getenv("BUILD");
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", build ? build : "build",
		       name);
	file = fopen(path, "rb");
	if (!file) {
		warn("%s", path);
		return -1;
	}
	original_bytes = fread(original, 1, sizeof(original), file);
	(void)fclose(file);
	return 0;
}

static int read_native(void **state)
{
	(void)state;
	return read_original("rom-native.bin");
}

static int read_trace(void **state)
{
	(void)state;
	return read_original("rom-trace.bin");
}

/* Sum of the header's bytes as it ought to be: the last byte makes it so. */
static void fix_checksum(uint8_t *image, size_t bytes)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + image[i]);
	image[bytes - 1] = (uint8_t)(image[bytes - 1] - sum);
}

/* Load the image, show it in all ways; the problems' text goes to text. */
static size_t look_at(const uint8_t *image, size_t bytes, const char *dir,
		      char *text, size_t size)
{
	struct rom_image *rom;
	char path[4096];
	FILE *file;
	size_t nr;

	(void)snprintf(path, sizeof(path), "%s/image", dir);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(image, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
	text[0] = '\0';
	rom = rom_image_load(path);
	if (!rom)
		return 1;
	rom_print_summary(rom);
	rom_print_slots(rom);
	rom_print_json(rom);
	nr = rom->problems.nr;
	for (size_t i = 0; i < problems_kept(&rom->problems); i++)
		(void)snprintf(text + strlen(text), size - strlen(text), "%s\n",
			       rom->problems.text[i]);
	rom_image_free(rom);
	return nr;
}

/* The same with both outputs thrown away. */
static size_t look_quietly(const uint8_t *image, size_t bytes, char *text,
			   size_t size)
{
	char *dir = scratch_new();
	int saved_err = scratch_quiet();
	int saved_out = dup(STDOUT_FILENO);
	size_t nr;

	(void)fflush(stdout);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	nr = look_at(image, bytes, dir, text, size);
	(void)fflush(stdout);
	(void)dup2(saved_out, STDOUT_FILENO);
	(void)close(saved_out);
	scratch_loud(saved_err);
	scratch_remove(dir);
	return nr;
}

static void good(void **state)
{
	char text[8192];

	(void)state;
	assert_int_equal(
		look_quietly(original, original_bytes, text, sizeof(text)), 0);
	assert_string_equal(text, "");
}

/* Bytes at an offset, and what the message has to say. */
static const struct patch {
	size_t offset;
	size_t bytes;
	uint32_t value;
	bool in_descriptor; /* the offset is one in the descriptor */
	const char *says;
} patches[] = {
	{VMI_HDR_SIGNATURE, 2, 0x55aa, false, "signature: found 0x55aa"},
	{VMI_HDR_LENGTH, 1, 0, false, "length: found 0 units"},
	{VMI_HDR_LENGTH, 1, 200, false, "length: found 200 units"},
	{VMI_HDR_LENGTH, 1, 1, false, "length: found 512 bytes"},
	{VMI_HDR_ENTRY16, 1, 0x90, false, "16-bit entry: found byte 0x90"},
	{VMI_HDR_VMI_SIGNATURE, 4, 1, false, "VMI signature: found 0x00000001"},
	{VMI_HDR_API_MAJOR, 1, 3, false, "API major version: found 3"},
	{VMI_HDR_PCIR, 2, 0xfff0, false, "PCIR: found offset 0xfff0"},
	{VMI_HDR_PCIR, 2, 0x80, false, "PCIR: found"},
	{VMI_HDR_PNP, 2, 0xfff0, false, "$PnP: found offset 0xfff0"},
	{VMI_HDR_LOCATOR + VMI_LOC_VERSION, 2, 9, false,
	 "locator: version: found 9, expected 1"},
	{VMI_HDR_LOCATOR + VMI_LOC_BYTES, 2, 8, false,
	 "locator: size of the descriptor: found 8"},
	{VMI_HDR_LOCATOR + VMI_LOC_OFFSET, 4, 0xffffffff, false,
	 "locator: descriptor: found offset 0xffffffff"},
	{VMI_HDR_LOCATOR + VMI_LOC_FLAGS, 4, 0x80, false,
	 "locator: flags: found 0x80"},
	{offsetof(struct vmi_descriptor, code_bytes), 4, 0xfffffff0, true,
	 "descriptor: code: found 0x0 and 4294967280"},
	{offsetof(struct vmi_descriptor, fault_offset), 4, 0xfffffff0, true,
	 "descriptor: fault table: found"},
	{offsetof(struct vmi_descriptor, nr_faults), 4, 0x40000001, true,
	 "descriptor: fault table: found 1073741825"},
	{offsetof(struct vmi_descriptor, call[3]), 4, 0x00010080, true,
	 "descriptor: call[3]: found a body"},
	{offsetof(struct vmi_descriptor, call[36]), 4, 0x0005fff0, true,
	 "descriptor: DisableInterrupts: found a body from 0xfff0"},
};

static void every_field(void **state)
{
	struct vmi_locator locator;

	(void)state;
	memcpy(&locator, original + VMI_HDR_LOCATOR, sizeof(locator));
	for (size_t i = 0; i < sizeof(patches) / sizeof(patches[0]); i++) {
		const struct patch *patch = &patches[i];
		uint8_t image[IMAGE_BYTES_MAX];
		char text[8192];

		memcpy(image, original, original_bytes);
		memcpy(image + patch->offset +
			       (patch->in_descriptor ? locator.offset : 0),
		       &patch->value, patch->bytes);
		fix_checksum(image, original_bytes);
		if (!look_quietly(image, original_bytes, text, sizeof(text)) ||
		    !strstr(text, patch->says))
			fail_msg("expected '%s', found '%s'", patch->says,
				 text);
	}
}

static void checksum(void **state)
{
	uint8_t image[IMAGE_BYTES_MAX];
	char text[8192];

	(void)state;
	memcpy(image, original, original_bytes);
	image[original_bytes - 1]++;
	assert_int_equal(
		look_quietly(image, original_bytes, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "checksum: the bytes add up to 0x01"));
}

/* At every length a file may have been cut to; and one that is too long. */
static void other_lengths(void **state)
{
	uint8_t image[IMAGE_BYTES_MAX] = {0};
	char text[8192];

	(void)state;
	memcpy(image, original, original_bytes);
	for (size_t bytes = 0; bytes < original_bytes; bytes += 37)
		assert_true(look_quietly(image, bytes, text, sizeof(text)) > 0);
	assert_true(look_quietly(image, original_bytes + 512, text,
				 sizeof(text)) > 0);
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*state >> 33);
}

static void at_random(void **state)
{
	struct vmi_locator locator;
	uint64_t seed = 20060313;

	(void)state;
	memcpy(&locator, original + VMI_HDR_LOCATOR, sizeof(locator));
	for (int round = 0; round < 300; round++) {
		uint8_t image[IMAGE_BYTES_MAX];
		char text[8192];
		uint32_t times = 1 + next_random(&seed) % 8;

		memcpy(image, original, original_bytes);
		while (times--) {
			uint32_t at = next_random(&seed);

			/* Header or descriptor; the rest are instructions. */
			if (at % 2)
				at = at / 2 % VMI_HDR_BYTES;
			else
				at = locator.offset +
				     at / 2 % sizeof(struct vmi_descriptor);
			image[at] = (uint8_t)next_random(&seed);
		}
		(void)look_quietly(image, original_bytes, text, sizeof(text));
	}
}

/* What is called valid can be recorded with, and the other way round. */
static void as_recorded(void **state)
{
	static const uint32_t values[] = {
		0, 1, 2, 64, 0x1000, 0x10000, 0x7fffffff, 0xfffffff0
	};
	struct vmi_locator locator;
	unsigned int nr_valid = 0, nr_broken = 0;

	(void)state;
	memcpy(&locator, original + VMI_HDR_LOCATOR, sizeof(locator));
	for (size_t i = 0; i < 12 * 2 * ARRAY_SIZE(values); i++) {
		const size_t at = locator.offset + i % 12 * sizeof(uint32_t);
		uint8_t image[IMAGE_BYTES_MAX];
		char text[8192], why[200] = "";
		struct trace_rom rom;
		uint32_t value;
		bool valid;

		memcpy(image, original, original_bytes);
		memcpy(&value, image + at, sizeof(value));
		/* Any value, and all near the right one. */
		value = i / 12 % 2 ? values[i / 24] : value + values[i / 24];
		memcpy(image + at, &value, sizeof(value));
		fix_checksum(image, original_bytes);
		valid = !look_quietly(image, original_bytes, text,
				      sizeof(text));
		/* What stands in a table of faults is of no use to a recorder. */
		if (strstr(text, "descriptor: fault ") &&
		    trace_rom_parse(&rom, image, original_bytes, why,
				    sizeof(why)))
			continue;
		if (valid != trace_rom_parse(&rom, image, original_bytes, why,
					     sizeof(why)))
			fail_msg("word %zu = 0x%x: rom says '%s', record '%s'",
				 i % 12, value, text, why);
		nr_valid += valid;
		nr_broken += !valid;
	}
	assert_true(nr_valid > 0 && nr_broken > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good, read_native),
		cmocka_unit_test_setup(every_field, read_native),
		cmocka_unit_test_setup(checksum, read_native),
		cmocka_unit_test_setup(other_lengths, read_native),
		cmocka_unit_test_setup(at_random, read_native),
		cmocka_unit_test_setup(good, read_trace),
		cmocka_unit_test_setup(at_random, read_trace),
		cmocka_unit_test_setup(as_recorded, read_trace),
	};

	return cmocka_run_group_tests_name("rom_image", tests, NULL, NULL);
}
