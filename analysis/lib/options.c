// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

/* What argp has for every program. */
static const char *const common_options[] = { "help", "usage", "version" };

#define NR_COMMON	(sizeof(common_options) / sizeof(common_options[0]))

/* An option on the command line, and what is known of it. */
struct search {
	const char *name;	/* NULL: a short one, of this key */
	size_t length;
	int key;
	bool found;
	bool takes_next;	/* its value is the next word */
	struct suggestion near;
};

static void search_one(struct search *search, const struct argp_option *option,
		       const struct argp_option *real)
{
	bool same;

	if (search->name) {
		if (!option->name)
			return;
		suggest(&search->near, option->name);
		/* Short for it, or all of it. */
		same = !strncmp(option->name, search->name, search->length);
	} else {
		same = option->key == search->key;
	}
	if (!same)
		return;
	search->found = true;
	search->takes_next = real->arg && !(real->flags & OPTION_ARG_OPTIONAL);
}

static void search_all(struct search *search, const struct argp *argp)
{
	const struct argp_option *option = argp->options, *real = option;
	const struct argp_child *child = argp->children;

	for (; option && (option->name || option->key || option->doc);
	     option++) {
		if (!(option->flags & OPTION_ALIAS))
			real = option;
		if (!(option->flags & OPTION_DOC))
			search_one(search, option, real);
	}
	for (; child && child->argp; child++)
		search_all(search, child->argp);
}

/* Whether the value of this long option is the next word. */
static bool check_long(const struct argp *argp, const char *arg, char *program)
{
	char name[64];
	struct search search = { .name = name, .length = strcspn(arg, "=") };

	if (search.length >= sizeof(name))
		return false;
	memcpy(name, arg, search.length);
	name[search.length] = '\0';
	search.near.word = name;
	search_all(&search, argp);
	for (size_t i = 0; i < NR_COMMON; i++) {
		suggest(&search.near, common_options[i]);
		if (!strncmp(common_options[i], name, search.length))
			search.found = true;
	}
	if (search.found || !search.near.best)
		return search.takes_next && !arg[search.length];
	(void)fprintf(stderr,
		      "%s: there is no option '--%s'; did you mean '--%s'?\n",
		      program, name, search.near.best);
	argp_help(argp, stderr, ARGP_HELP_SEE, program);
	exit(argp_err_exit_status);
}

/* The same for a word of short ones. */
static bool check_short(const struct argp *argp, const char *arg)
{
	for (; *arg; arg++) {
		struct search search = { .key = (unsigned char)*arg };

		search_all(&search, argp);
		if (search.takes_next)
			return !arg[1];
	}
	return false;
}

error_t options_parse(const struct argp *argp, int argc, char **argv,
		      unsigned int flags, void *input)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *arg = argv[i];

		if (arg[0] == '-' && arg[1] == '-')
			i += check_long(argp, arg + 2, argv[0]);
		else if (arg[0] == '-')
			i += check_short(argp, arg + 1);
	}
	return argp_parse(argp, argc, argv, flags, NULL, input);
}

unsigned int option_number(struct argp_state *state, const char *option,
			   const char *arg, unsigned long min,
			   unsigned long max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || *arg == '-' || value < min ||
	    value > max)
		argp_error(state, "--%s=%s: expected a number from %lu to %lu",
			   option, arg, min, max);
	return (unsigned int)value;
}

uint64_t option_size(struct argp_state *state, const char *option,
		     const char *arg, uint64_t min, uint64_t max)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned long long value;
	unsigned int shift = 0;

	errno = 0;
	value = strtoull(arg, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		shift = 10 * ((unsigned int)(unit - units) + 1);
		end++;
	}
	if (errno || end == arg || *end || *arg == '-' || value > max >> shift ||
	    value << shift < min)
		argp_error(state,
			   "--%s=%s: expected a size from %llu to %llu bytes, with K, M, G or T for larger units",
			   option, arg, (unsigned long long)min,
			   (unsigned long long)max);
	return value << shift;
}
