// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"

#define EVENTS	"cycles,instructions,branches,branch-misses"

static bool perf_is_there(void)
{
	char *argv[] = { "perf", "--version", NULL };
	struct child child;
	char line[80];

	if (child_open(&child, argv, CHILD_STDOUT))
		return false;
	while (fgets(line, sizeof(line), child.pipe))
		;
	return !child_close(&child);
}

size_t counters_wrap(char **argv, const char *path)
{
	size_t nr = 0;

	if (!perf_is_there())
		return 0;
	argv[nr++] = "perf";
	argv[nr++] = "stat";
	argv[nr++] = "-x,";
	argv[nr++] = "-e";
	argv[nr++] = EVENTS;
	argv[nr++] = "-o";
	argv[nr++] = (char *)path;
	argv[nr++] = "--";
	return nr;
}

void counters_attach(struct counters *counters, pid_t pid, const char *path)
{
	char pid_text[24];
	char *argv[] = { "perf",     "stat", "-x,",	   "-e", EVENTS, "-o",
			 (char *)path, "-p",   pid_text, NULL };

	text_set(pid_text, sizeof(pid_text), "%d", (int)pid);
	counters->error = child_open(&counters->perf, argv, CHILD_STDOUT);
}

void counters_detach(struct counters *counters)
{
	if (!counters->error)
		(void)child_close(&counters->perf);
}

/* "value,unit,event,..."; true when the CPU gave a value. */
static bool add_event(char *line, char *text, size_t bytes)
{
	char *rest = line;
	char *value = strsep(&rest, ",");
	char *event;

	(void)strsep(&rest, ",");
	event = strsep(&rest, ",");
	if (!event || !*value || value[strspn(value, "0123456789")])
		return false;
	text_append(text, bytes, "%s%s %s", *text ? ", " : "", event, value);
	return true;
}

char *counters_text(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256], text[256] = "";
	bool asked = false;
	char *copy;

	while (file && fgets(line, sizeof(line), file)) {
		if (!strchr(line, ',') || *line == '#')
			continue;
		asked = true;
		add_event(line, text, sizeof(text));
	}
	if (file)
		(void)fclose(file);
	if (!asked)
		text_set(text, sizeof(text), "not counted: perf is not installed or failed");
	else if (!*text)
		text_set(text, sizeof(text), "not supported on this CPU");
	copy = strdup(text);
	if (!copy)
		err(EXIT_FAILURE, "memory");
	return copy;
}
