// SPDX-License-Identifier: GPL-2.0-only
#include "macro_lines.h"

#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/text.h"

#define MAX_SAMPLES	100000
#define LAST_LINE	"bench: done"

static void *grown(void *list, size_t nr, size_t bytes)
{
	list = reallocarray(list, nr + 1, bytes);
	if (!list)
		err(EXIT_FAILURE, "memory");
	return list;
}

/* Value of "key=" among the words of a line, up to the next space. */
static bool take_value(const char *line, const char *key,
		       char value[MACRO_NAME_BYTES])
{
	char wanted[MACRO_NAME_BYTES];
	const char *found;
	size_t length;

	(void)snprintf(wanted, sizeof(wanted), " %s=", key);
	found = strstr(line, wanted);
	if (!found)
		return false;
	found += strlen(wanted);
	length = strcspn(found, " ");
	if (!length || length >= MACRO_NAME_BYTES)
		return false;
	memcpy(value, found, length);
	value[length] = '\0';
	return true;
}

static bool take_number(const char **text, double *number)
{
	char *end;

	*number = strtod(*text, &end);
	if (end == *text || !isfinite(*number))
		return false;
	*text = end;
	return true;
}

/* "V,V,...", to the end of the word. */
static bool take_samples(struct macro_case *c, const char *line)
{
	const char *text = strstr(line, " samples=");
	double value;

	if (!text)
		return false;
	text += strlen(" samples=");
	do {
		if (c->nr_samples == MAX_SAMPLES || !take_number(&text, &value))
			return false;
		c->samples = grown(c->samples, c->nr_samples, sizeof(double));
		c->samples[c->nr_samples++] = value;
	} while (*text++ == ',');
	return text[-1] == '\0' || text[-1] == ' ';
}

static bool take_case(struct macro_lines *lines, const char *line)
{
	struct macro_case c = {.samples = NULL};
	char unit[MACRO_NAME_BYTES];
	int found;

	if (!take_value(line, "call", c.name) ||
	    !take_value(line, "form", c.form) ||
	    !take_value(line, "group", c.group) ||
	    !take_value(line, "unit", unit))
		return false;
	found = unit_by_name(unit);
	if (found < 0 || !take_samples(&c, line)) {
		free(c.samples);
		return false;
	}
	c.unit = (enum result_unit)found;
	lines->cases = grown(lines->cases, lines->nr_cases, sizeof(c));
	lines->cases[lines->nr_cases++] = c;
	return true;
}

static bool take_count(struct macro_lines *lines, const char *line)
{
	struct macro_count count;
	char call[MACRO_NAME_BYTES], per_op[MACRO_NAME_BYTES];
	const char *text = per_op;
	int nr;

	if (!take_value(line, "call", count.name) ||
	    !take_value(line, "vmi", call) ||
	    !take_value(line, "per_op", per_op) ||
	    !take_number(&text, &count.per_op) || *text || count.per_op < 0)
		return false;
	nr = call_by_name(call);
	if (nr < 0)
		return false;
	count.nr = (unsigned int)nr;
	lines->counts = grown(lines->counts, lines->nr_counts, sizeof(count));
	lines->counts[lines->nr_counts++] = count;
	return true;
}

void macro_lines_take(struct macro_lines *lines, char *line)
{
	bool good = true;

	if (!strncmp(line, "case ", 5))
		good = take_case(lines, line);
	else if (!strncmp(line, "calls ", 6))
		good = take_count(lines, line);
	else if (!strncmp(line, "skip ", 5)) {
		text_clean(line);
		warnx("the guest left out: %s", line + 5);
	} else if (!strcmp(line, LAST_LINE))
		lines->done = true;
	if (good)
		return;
	lines->nr_bad++;
	text_clean(line);
	warnx("the guest's console: not understood, left out: %.100s", line);
}

bool macro_lines_read(struct macro_lines *lines, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t bytes = 0;

	*lines = (struct macro_lines){.cases = NULL};
	if (!file)
		return false;
	while (getline(&line, &bytes, file) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		macro_lines_take(lines, line);
	}
	free(line);
	(void)fclose(file);
	return true;
}

const struct macro_case *macro_find(const struct macro_lines *lines,
				    const char *name, const char *form)
{
	for (size_t i = 0; i < lines->nr_cases; i++) {
		if (!strcmp(lines->cases[i].name, name) &&
		    !strcmp(lines->cases[i].form, form))
			return &lines->cases[i];
	}
	return NULL;
}

void macro_lines_free(struct macro_lines *lines)
{
	for (size_t i = 0; i < lines->nr_cases; i++)
		free(lines->cases[i].samples);
	free(lines->cases);
	free(lines->counts);
}
