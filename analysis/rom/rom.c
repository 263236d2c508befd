// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof rom - print and validate a VMI ROM image
 */
#include <argp.h>
#include <err.h>
#include <stdio.h>

#include "lib/call_table.h"
#include "lib/options.h"
#include "lib/standard_files.h"
#include "rom_image.h"
#include "rom_print.h"
#include "vmiprof.h"

struct options {
	const char *path;
	bool slots;
	bool json;
	bool disassemble;
	int call; /* to disassemble; -1: all */
};

static const struct argp_option option_list[] = {
	{"slots", 's', NULL, 0, "List the slots, a line per call", 0},
	{"disassemble", 'd', "CALL", OPTION_ARG_OPTIONAL,
	 "Disassemble the slot of CALL, or all", 0},
	{"json", 'j', NULL, 0, "Print JSON", 0},
	{0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 's':
		options->slots = true;
		return 0;
	case 'd':
		options->disassemble = true;
		options->call = arg ? call_by_name(arg) : -1;
		if (arg && options->call < 0)
			argp_error(state,
				   "--disassemble: found '%s', expected the "
				   "name of a VMI call, as --slots lists them",
				   arg);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->path)
			argp_error(state, "one image at a time: '%s' too", arg);
		options->path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which image?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool print(const struct rom_image *rom, const struct options *options)
{
	if (options->json) {
		rom_print_json(rom);
		return true;
	}
	rom_print_summary(rom);
	if (options->slots) {
		putchar('\n');
		rom_print_slots(rom);
	}
	if (options->disassemble) {
		putchar('\n');
		return rom_disassemble(rom, options->call);
	}
	return true;
}

int cmd_rom(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "FILE",
		.doc = "Print and validate the VMI ROM image in FILE.",
	};
	struct options options = {0};
	struct rom_image *rom;
	bool ok;

	options_parse(&argp, argc, argv, 0, &options);
	rom = rom_image_load(options.path);
	if (!rom)
		return VMIPROF_ERROR;
	ok = print(rom, &options) && !rom->problems.nr;
	rom_image_free(rom);
	if (!standard_output_flush())
		return VMIPROF_ERROR;
	return ok ? VMIPROF_OK : VMIPROF_ERROR;
}
