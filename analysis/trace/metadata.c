// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a TSDL parser: the layout of packets and records is include/vmi/trace.h,
 * and env.vmiprof_format says that the metadata describes that layout.
 */
#include "metadata.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define CTF_FIRST_LINE "/* CTF 1.8 */"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* The character behind p; a string counts as one. */
static const char *next(const char *p)
{
	if (*p == '"')
		p += 1 + strcspn(p + 1, "\"");
	return *p ? p + 1 : p;
}

/*
 * In [text, end), but not in a string: what stands behind "word", spaces and the
 * character follows; NULL if that is nowhere.
 */
static const char *find(const char *text, const char *end, const char *word,
			char follows)
{
	const size_t length = strlen(word);

	for (const char *p = text; p < end; p = next(p)) {
		const char *behind = p + length;

		if (strncmp(p, word, length) != 0 || is_word(*behind) ||
		    (p > text && is_word(p[-1])))
			continue;
		behind += strspn(behind, " \t\n");
		if (*behind == follows)
			return behind + 1;
	}
	return NULL;
}

/* Copy the value of "block { … key = value; … }", without quotes. */
static bool get_value(const char *text, const char *block, const char *key,
		      char *value, size_t size)
{
	const char *begin = find(text, text + strlen(text), block, '{');
	const char *end, *p;
	int depth = 1;
	size_t n = 0;

	if (!begin)
		return false;
	for (end = begin; *end && depth; end = next(end))
		depth += (*end == '{') - (*end == '}');
	p = find(begin, end, key, '=');
	if (!p)
		return false;
	p += strspn(p, " \t\"");
	while (p < end && !strchr("\";\n", *p) && n + 1 < size)
		value[n++] = *p++;
	value[n] = '\0';
	text_clean(value);
	return true;
}

/* The same for a whole number; message and false when it is none. */
static bool get_number(const char *text, const char *block, const char *key,
		       uint64_t *number, const char *path)
{
	char value[32];
	char *end;

	if (!get_value(text, block, key, value, sizeof(value))) {
		warnx("%s: %s.%s not found", path, block, key);
		return false;
	}
	errno = 0;
	*number = strtoull(value, &end, 10);
	end += strspn(end, " \t");
	if (!isdigit((unsigned char)value[0]) || *end || errno) {
		warnx("%s: %s.%s: found '%s', expected a number", path, block,
		      key, value);
		return false;
	}
	return true;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool parse_uuid(const char *text, uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++) {
		int high, low;

		if (i == 4 || i == 6 || i == 8 || i == 10) {
			if (*text++ != '-')
				return false;
		}
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text == '\0';
}

bool metadata_parse(struct metadata *metadata, const char *text,
		    const char *path)
{
	char value[64];
	uint64_t format;

	if (strncmp(text, CTF_FIRST_LINE, strlen(CTF_FIRST_LINE)) != 0) {
		warnx("%s: not CTF metadata: expected '%s' in the first line",
		      path, CTF_FIRST_LINE);
		return false;
	}
	if (!get_value(text, "env", "vmiprof_format", value, sizeof(value))) {
		warnx("%s: a CTF trace, but not one of vmiprof: "
		      "env.vmiprof_format not found; babeltrace2 may read it",
		      path);
		return false;
	}
	if (!get_number(text, "env", "vmiprof_format", &format, path))
		return false;
	if (format != METADATA_FORMAT) {
		warnx("%s: env.vmiprof_format: found %llu, expected %d; "
		      "use the vmiprof that recorded it",
		      path, (unsigned long long)format, METADATA_FORMAT);
		return false;
	}
	if (!get_value(text, "trace", "uuid", value, sizeof(value)) ||
	    !parse_uuid(value, metadata->uuid)) {
		warnx("%s: trace.uuid not found or no UUID", path);
		return false;
	}
	if (!get_number(text, "clock", "freq", &metadata->clock_hz, path))
		return false;
	if (metadata->clock_hz < METADATA_HZ_MIN ||
	    metadata->clock_hz > METADATA_HZ_MAX) {
		warnx("%s: clock.freq: found %" PRIu64
		      ", expected the TSC's frequency, from 1 MHz to 100 GHz",
		      path, metadata->clock_hz);
		return false;
	}
	if (!get_value(text, "env", "accelerator", metadata->accelerator,
		       sizeof(metadata->accelerator)))
		metadata->accelerator[0] = '\0';
	if (!get_value(text, "env", "cycles", metadata->cycles,
		       sizeof(metadata->cycles)))
		metadata->cycles[0] = '\0';
	return true;
}
