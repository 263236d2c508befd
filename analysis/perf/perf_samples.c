// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of "perf script --ns -F time,event,ip,sym,dso":
 *
 *	14165.926789707: cpu-clock:      7fe53722f87a some_name (/usr/lib/some.so)
 *
 * A name may hold spaces; the file is what the last parentheses hold.
 */
#include "perf_samples.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/input_file.h"
#include "lib/text.h"

#define NS_PER_S	1000000000

struct node {
	const char *key;	/* "name\ndso" */
	uint32_t index;
};

static int compare_nodes(const void *a, const void *b)
{
	return strcmp(((const struct node *)a)->key,
		      ((const struct node *)b)->key);
}

static char *copy(const char *text)
{
	char *text_copy = strdup(text);

	if (!text_copy)
		err(EXIT_FAILURE, "memory");
	return text_copy;
}

/* Room for one more; doubled when it is full. */
static void *grow(void *array, size_t nr, size_t bytes)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * nr : 1, bytes);
	if (!array)
		err(EXIT_FAILURE, "memory");
	return array;
}

static uint32_t symbol_index(struct perf_samples *samples, void **tree,
			     const char *name, const char *dso)
{
	struct node *node = malloc(sizeof(*node)), **found;
	char *key;

	if (!node || asprintf(&key, "%s\n%s", name, dso) < 0)
		err(EXIT_FAILURE, "memory");
	*node = (struct node){ key, (uint32_t)samples->nr_symbols };
	found = tsearch(node, tree, compare_nodes);
	if (!found)
		err(EXIT_FAILURE, "memory");
	if (*found != node) {
		free(key);
		free(node);
		return (*found)->index;
	}
	samples->symbol = grow(samples->symbol, samples->nr_symbols,
			       sizeof(*samples->symbol));
	samples->symbol[samples->nr_symbols++] =
		(struct perf_symbol){ copy(name), copy(dso) };
	return node->index;
}

static void free_node(void *arg)
{
	struct node *node = arg;

	free((char *)node->key);
	free(node);
}

/* "SECONDS.NNNNNNNNN:"; where it ends, or NULL. */
static char *parse_time(char *line, int64_t *ns)
{
	char *end, *fraction;
	long long seconds, rest;

	line += strspn(line, " \t");
	if (!isdigit((unsigned char)*line))
		return NULL;
	seconds = strtoll(line, &end, 10);
	if (*end != '.' || seconds > INT64_MAX / NS_PER_S - 1)
		return NULL;
	fraction = end + 1;
	rest = strtoll(fraction, &end, 10);
	if (end - fraction != 9 || *end != ':' || rest < 0)
		return NULL;
	*ns = seconds * NS_PER_S + rest;
	return end + 1;
}

static bool parse_line(struct perf_samples *samples, void **tree, char *line)
{
	struct perf_sample sample;
	char *event, *dso, *slash, *name = parse_time(line, &sample.ns);
	size_t n;

	if (!name)
		return false;
	text_clean(name);
	event = name + strspn(name, " ");
	name = event + strcspn(event, " ");
	if (!*name)
		return false;
	*name++ = '\0';
	name += strspn(name, " ");
	if (!isxdigit((unsigned char)*name))
		return false;
	name += strcspn(name, " ");		/* the address */
	name += strspn(name, " ");
	n = strlen(name);
	dso = strrchr(name, '(');
	if (!dso || dso == name || dso[-1] != ' ' || name[n - 1] != ')')
		return false;
	name[n - 1] = '\0';
	dso[-1] = '\0';
	dso++;
	slash = strrchr(dso, '/');
	if (!*samples->event) {
		n = strlen(event);
		if (n && event[n - 1] == ':')
			event[n - 1] = '\0';
		text_set(samples->event, sizeof(samples->event), "%s", event);
	}
	sample.symbol = symbol_index(samples, tree, name,
				     slash && slash[1] ? slash + 1 : dso);
	samples->sample = grow(samples->sample, samples->nr,
			       sizeof(*samples->sample));
	samples->sample[samples->nr++] = sample;
	return true;
}

static int compare_samples(const void *a, const void *b)
{
	const struct perf_sample *left = a, *right = b;

	return (left->ns > right->ns) - (left->ns < right->ns);
}

static void read_lines(struct perf_samples *samples, FILE *in)
{
	void *tree = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, in)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		if (n && !parse_line(samples, &tree, line))
			samples->nr_bad++;
	}
	free(line);
	tdestroy(tree, free_node);
	if (samples->nr)
		qsort(samples->sample, samples->nr, sizeof(*samples->sample),
		      compare_samples);
}

struct perf_samples *perf_samples_read(const char *path)
{
	const char *program = getenv("PERF");
	struct perf_samples *samples;
	struct child child;
	char why[INPUT_WHY_BYTES];
	int error, status, fd;

	if (!program || !*program)
		program = "perf";
	fd = input_open(path, NULL, why);
	if (fd < 0) {
		warnx("%s: %s", path, why);
		if (access(path, F_OK))
			warnx("--perf needs a recording made with record --perf");
		return NULL;
	}
	(void)close(fd);
	error = child_open(&child,
			   (char *const[]){ (char *)program, "script", "-i",
					    (char *)path, "--ns", "-F",
					    "time,event,ip,sym,dso", NULL },
			   CHILD_STDOUT);
	if (error) {
		warnx("cannot run %s: %s; install linux-perf (Debian) or perf, or name it in the environment: PERF=/path/to/perf",
		      program, strerror(error));
		return NULL;
	}
	samples = calloc(1, sizeof(*samples));
	if (!samples)
		err(EXIT_FAILURE, "memory");
	read_lines(samples, child.pipe);
	status = child_close(&child);
	if (!status)
		return samples;
	warnx("%s script -i %s ended with status %d: no perf.data, or damaged",
	      program, path, status);
	perf_samples_free(samples);
	return NULL;
}

void perf_samples_free(struct perf_samples *samples)
{
	for (size_t i = 0; i < samples->nr_symbols; i++) {
		free(samples->symbol[i].name);
		free(samples->symbol[i].dso);
	}
	free(samples->symbol);
	free(samples->sample);
	free(samples);
}
