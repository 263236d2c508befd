// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - vmiprof: find the subcommand and run it
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/options.h"
#include "lib/standard_files.h"
#include "lib/suggest.h"
#include "vmiprof.h"

static const struct command {
	const char *name;
	char *usage_name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "record", "vmiprof record", cmd_record,
	  "boot a guest and record its VMI calls" },
	{ "report", "vmiprof report", cmd_report,
	  "show the hot calls of a trace as a table or JSON" },
	{ "top", "vmiprof top", cmd_top,
	  "watch the hot calls of a recording that runs" },
	{ "plot", "vmiprof plot", cmd_plot,
	  "draw the hot calls of a trace as PNG or SVG" },
	{ "diff", "vmiprof diff", cmd_diff,
	  "show what is different in two traces or two results" },
	{ "export", "vmiprof export", cmd_export,
	  "write a trace for perf, flame graphs, Perfetto, Prometheus" },
	{ "advise", "vmiprof advise", cmd_advise,
	  "tell which calls to inline, and what that saves" },
	{ "regress", "vmiprof regress", cmd_regress,
	  "judge new results by a baseline; a gate for CI" },
	{ "bench", "vmiprof bench", cmd_bench,
	  "measure what a call costs in each form, on each platform" },
	{ "rom", "vmiprof rom", cmd_rom, "print and validate a VMI ROM image" },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *argp_program_version = "vmiprof " VMIPROF_VERSION;

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

/* The table of subcommands, below the options in --help. */
static char *help_filter(int key, const char *text, void *input)
{
	char *table = NULL;
	size_t bytes;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&table, &bytes);
	if (!out)
		return (char *)text;
	(void)fprintf(out, "Commands:\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		(void)fprintf(out, "  %-10s %s\n", commands[i].name,
			      commands[i].summary);
	(void)fprintf(out, "\n\"vmiprof COMMAND --help\" lists a command's "
			   "options; man vmiprof has more.");
	(void)fclose(out);
	return table;
}

static void no_command(struct argp_state *state, const char *name)
{
	struct suggestion near = { .word = name };

	for (size_t i = 0; i < NR_COMMANDS; i++)
		suggest(&near, commands[i].name);
	if (near.best)
		argp_error(state, "there is no command '%s'; did you mean '%s'?",
			   name, near.best);
	else
		argp_error(state, "there is no command '%s'", name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const struct command **command = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		*command = find_command(arg);
		if (!*command)
			no_command(state, arg);
		/* All that follows is the command's. */
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which command?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENTS...]",
		.doc = "Profile the VMI calls of a guest: record, report, plot.",
		.help_filter = help_filter,
	};
	const struct command *command = NULL;
	int first = 1;

	standard_files_begin();
	/* A limit on the size of files is to be met as a full disk is. */
	(void)signal(SIGXFSZ, SIG_IGN);
	/* argp stops at the command, so only --help and the like come first. */
	while (first < argc && argv[first][0] == '-')
		first++;
	if (options_parse(&argp, first < argc ? first + 1 : argc, argv,
		       ARGP_IN_ORDER, (void *)&command))
		return VMIPROF_ERROR;
	argv[first] = command->usage_name;
	return command->run(argc - first, argv + first);
}
