// SPDX-License-Identifier: GPL-2.0-only
#include "raw_protocol.h"

#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define LINE_MAX_BYTES	(1u << 20)	/* of a program that has gone mad */
#define NAME_MAX_BYTES	48

/* The values of a case line, by the order of `keys`. */
enum key { KEY_CALL, KEY_FORM, KEY_PADDING, KEY_UNIT, KEY_GROUP, KEY_SAMPLES,
	   NR_KEYS };

static const char *const keys[NR_KEYS] = {
	[KEY_CALL] = "call",	 [KEY_FORM] = "form",
	[KEY_PADDING] = "padding", [KEY_UNIT] = "unit",
	[KEY_GROUP] = "group",	 [KEY_SAMPLES] = "samples",
};

__attribute__((format(printf, 2, 3)))
static void fault(struct raw_reader *reader, const char *format, ...)
{
	va_list args;

	if (reader->nr_faults++)
		return;
	reader->fault[0] = '\0';
	va_start(args, format);
	text_vappend(reader->fault, sizeof(reader->fault), format, args);
	va_end(args);
	text_clean(reader->fault);
}

static bool is_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+");

	return n && !text[n] && n <= NAME_MAX_BYTES;
}

/* Split "key=value key=value ..."; what is there twice or unknown is a fault. */
static bool split(struct raw_reader *reader, char *rest, char **value)
{
	char *word;

	while ((word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');
		int key = 0;

		if (!*word)
			continue;
		if (equals)
			*equals = '\0';
		while (key < NR_KEYS && strcmp(keys[key], word) != 0)
			key++;
		if (!equals || key == NR_KEYS || value[key]) {
			fault(reader, "case line: found '%.40s', expected each of call=, form=, padding=, unit=, group= and samples= once",
			      word);
			return false;
		}
		value[key] = equals + 1;
	}
	for (int key = 0; key < NR_KEYS; key++) {
		if (!value[key] || !*value[key]) {
			fault(reader, "case line: %s= is missing", keys[key]);
			return false;
		}
	}
	return true;
}

static size_t count_values(const char *text)
{
	size_t nr = 1;

	for (; *text; text++)
		nr += *text == ',';
	return nr;
}

/* Decimal numbers with commas in between; NULL after a fault. */
static double *parse_samples(struct raw_reader *reader, const char *call,
			     const char *text, size_t *nr)
{
	size_t room = count_values(text);
	double *samples = calloc(room, sizeof(*samples));

	if (!samples)
		err(EXIT_FAILURE, "memory");
	for (*nr = 0; *nr < room; (*nr)++) {
		size_t digits = strspn(text, "-0123456789.");
		char *end;

		samples[*nr] = strtod(text, &end);
		if (!digits || end != text + digits ||
		    (*end && *end != ',')) {
			fault(reader, "%s: samples: found '%.20s', expected a decimal number",
			      call, text);
			free(samples);
			return NULL;
		}
		text = end + 1;
	}
	return samples;
}

/* The loop and the empty loop that is subtracted are each off by less than a step. */
static void read_clock(struct raw_reader *reader, const char *rest)
{
	struct raw_clock clock;
	char step[10], number[10];
	double operations = 0;
	int end = 0;

	if (sscanf(rest, "group=%48s step=%9[0-9] operations=%9[0-9]%n",
		   clock.group, step, number, &end) == 3)
		operations = strtod(number, NULL);
	if (!(operations > 0) || rest[end] || !is_name(clock.group) ||
	    reader->nr_clocks == RAW_CLOCKS) {
		fault(reader, "clock line: found '%.60s', expected group=, step= and operations=, at most %u times",
		      rest, RAW_CLOCKS);
		return;
	}
	clock.resolution = 2 * strtod(step, NULL) / operations;
	reader->clock[reader->nr_clocks++] = clock;
}

static double resolution_of(const struct raw_reader *reader, const char *group)
{
	for (size_t i = 0; i < reader->nr_clocks; i++) {
		if (!strcmp(reader->clock[i].group, group))
			return reader->clock[i].resolution;
	}
	return 0;
}

static void read_case(struct raw_reader *reader, char *rest)
{
	char *value[NR_KEYS] = { 0 };
	struct result_case c = { .platform = reader->platform,
				 .repetition = reader->repetition };
	int form, unit;
	char why[300];

	if (!split(reader, rest, value))
		return;
	form = form_by_name(value[KEY_FORM]);
	unit = unit_by_name(value[KEY_UNIT]);
	if (!is_name(value[KEY_CALL]) || !is_name(value[KEY_GROUP]) ||
	    form < 0 || unit < 0) {
		fault(reader, "case line: found call '%.48s', form '%.20s', unit '%.20s', group '%.48s', of which one is not known",
		      value[KEY_CALL], value[KEY_FORM], value[KEY_UNIT],
		      value[KEY_GROUP]);
		return;
	}
	c.samples = parse_samples(reader, value[KEY_CALL], value[KEY_SAMPLES],
				  &c.nr_samples);
	if (!c.samples)
		return;
	c.call = value[KEY_CALL];
	c.resolution = resolution_of(reader, value[KEY_GROUP]);
	c.form = (enum result_form)form;
	c.unit = (enum result_unit)unit;
	c.padding = strcmp(value[KEY_PADDING], "-") != 0 ? value[KEY_PADDING]
							 : NULL;
	if (asprintf(&c.group, "%s/%s", reader->label, value[KEY_GROUP]) < 0)
		abort();
	if (results_add(reader->results, &c, why, sizeof(why))) {
		reader->nr_cases++;
		text_set(reader->last_case, sizeof(reader->last_case), "%s %s",
			 c.call, form_name(c.form));
	} else {
		fault(reader, "%s", why);
	}
	free(c.group);
	free(c.samples);
}

/* "prefix: reason": of a padded form the style stands in front. */
static void take_padding(struct result_skip *skip)
{
	char *colon = strstr(skip->why, ": ");

	if (skip->form != FORM_PADDED || !colon)
		return;
	*colon = '\0';
	if (padding_is_known(skip->why)) {
		skip->padding = skip->why;
		skip->why = colon + 2;
	} else {
		*colon = ':';
	}
}

static void read_skip(struct raw_reader *reader, const char *rest)
{
	char call[NAME_MAX_BYTES + 1], form_text[32];
	struct result_skip skip = { .call = call,
				    .platform = reader->platform };
	int why = 0, form;
	char *copy;

	if (sscanf(rest, "call=%48s form=%31s why=%n", call, form_text, &why) < 2 ||
	    !why || !is_name(call) || (form = form_by_name(form_text)) < 0) {
		fault(reader, "skip line: found '%.60s', expected call=, form= and why=",
		      rest);
		return;
	}
	skip.form = (enum result_form)form;
	skip.why = copy = strdup(rest + why);
	if (!copy)
		err(EXIT_FAILURE, "memory");
	text_clean(copy);
	take_padding(&skip);
	reader->nr_skips++;
	results_skip(reader->results, &skip);
	free(copy);
}

static void read_line(struct raw_reader *reader, char *line)
{
	line[strcspn(line, "\r")] = '\0';
	if (!strncmp(line, "case ", 5))
		read_case(reader, line + 5);
	else if (!strncmp(line, "clock ", 6))
		read_clock(reader, line + 6);
	else if (!strncmp(line, "skip ", 5))
		read_skip(reader, line + 5);
	else if (!strcmp(line, "bench: done"))
		reader->done = true;
}

void raw_feed(struct raw_reader *reader, const char *bytes, size_t nr)
{
	char *line, *end;

	if (reader->line_bytes + nr > LINE_MAX_BYTES) {
		fault(reader, "a line of more than %u bytes", LINE_MAX_BYTES);
		reader->line_bytes = 0;
		return;
	}
	reader->line = realloc(reader->line, reader->line_bytes + nr + 1);
	if (!reader->line)
		err(EXIT_FAILURE, "memory");
	memcpy(reader->line + reader->line_bytes, bytes, nr);
	reader->line_bytes += nr;
	for (line = reader->line;
	     (end = memchr(line, '\n',
			   (size_t)(reader->line + reader->line_bytes - line)));
	     line = end + 1) {
		*end = '\0';
		read_line(reader, line);
	}
	reader->line_bytes -= (size_t)(line - reader->line);
	memmove(reader->line, line, reader->line_bytes);
}

void raw_end(struct raw_reader *reader)
{
	if (reader->line_bytes > 5 &&
	    (!memcmp(reader->line, "case ", 5) ||
	     !memcmp(reader->line, "skip ", 5))) {
		reader->line[reader->line_bytes] = '\0';
		fault(reader, "the last line is cut off: '%.60s'",
		      reader->line);
	}
	free(reader->line);
	reader->line = NULL;
	reader->line_bytes = 0;
}
