// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof advise - which calls to inline, and what that saves
 */
#include "advise.h"

#include <argp.h>
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/locate.h"
#include "lib/options.h"
#include "lib/problems.h"
#include "lib/standard_files.h"
#include "lib/text.h"
#include "rom/rom_image.h"
#include "vmiprof.h"

/* Init is called by address, and not from a site. */
#define SITES_KNOWN_ENOUGH    0.99

#define DEFAULT_SHARE_PERCENT 99
#define DEFAULT_SAMPLES	      15
#define DEFAULT_TIMEOUT_S     600

struct options {
	const char *trace_dir;
	const char *results_file;
	const char *rom;
	const char *kernel;		/* NULL: the one that comes with us */
	int platform;
	double share_percent;
	unsigned int top;
	unsigned int sites;
	bool json;
	bool verify;
	struct verify_options verify_options;
};

enum {
	KEY_ROM = 0x100,
	KEY_KERNEL,
	KEY_SHARE,
	KEY_SITES,
	KEY_VERIFY,
	KEY_BENCHMARKS,
	KEY_SAMPLES,
	KEY_TIMEOUT,
};

static const struct argp_option option_list[] = {
	{"platform", 'p', "NAME", 0,
	 "Costs measured there: kvm, host, exact or emulated (default: the first of these that knows half of the calls made)",
	 1},
	{"rom", KEY_ROM, "native|FILE", 0,
	 "ROM whose code would be inlined (default native)", 1},
	{"kernel", KEY_KERNEL, "VMLINUX|none", 0,
	 "The traced kernel, for what is at its call sites (default: that of the Linux guest if it is the one)",
	 1},
	{"share", KEY_SHARE, "PERCENT", 0,
	 "Inline as many calls as it takes to save so much of what can be saved (default 99)",
	 2},
	{"top", 'n', "N", 0, "Inline N calls at most", 2},
	{"sites", KEY_SITES, "N", 0, "List the N hottest call sites, too", 3},
	{"json", 'j', NULL, 0, "Print JSON", 3},
	{"verify", KEY_VERIFY, NULL, 0,
	 "Boot the Linux guest, switch its sites to the advice and back, and compare",
	 4},
	{"benchmarks", KEY_BENCHMARKS, "LIST", 0,
	 "With --verify: names with commas between (default all)", 4},
	{"samples", KEY_SAMPLES, "N", 0, "With --verify: rounds (default 15)",
	 4},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "With --verify: end a boot after so long (default 600)", 4},
	{"quiet", 'q', NULL, 0, "No progress", 5},
	{0}};

static double number(const struct argp_state *state, const char *option,
		     const char *arg, double min, double max)
{
	char *end;
	const double value = strtod(arg, &end);

	if (end == arg || *end || !(value >= min && value <= max))
		argp_error(state, "%s: found '%s', expected %.0f to %.0f",
			   option, arg, min, max);
	return value;
}

static unsigned int whole(const struct argp_state *state, const char *option,
			  const char *arg, double max)
{
	const double value = number(state, option, arg, 1, max);

	if (value != floor(value))
		argp_error(state, "%s: found '%s', expected a whole number",
			   option, arg);
	return (unsigned int)value;
}

static int calls_platform(const struct argp_state *state, const char *name)
{
	const int platform = platform_by_name(name);

	switch (platform) {
	case PLATFORM_KVM:
	case PLATFORM_HOST:
	case PLATFORM_EXACT:
	case PLATFORM_EMULATED:
		return platform;
	default:
		argp_error(state,
			   "--platform: found '%s', expected kvm, host, exact or emulated",
			   name);
		return -1;
	}
}

static void take_positional(struct options *options,
			    const struct argp_state *state, const char *arg)
{
	if (!options->trace_dir)
		options->trace_dir = arg;
	else if (!options->results_file)
		options->results_file = arg;
	else
		argp_error(state, "one trace and one file of results: '%s' too",
			   arg);
}

/* The words of the kernel command line end at a space. */
static void check_benchmarks(const struct argp_state *state, const char *arg)
{
	if (!*arg || strpbrk(arg, " \t\n\""))
		argp_error(state,
			   "--benchmarks: found '%s', expected names with commas between",
			   arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'p':
		options->platform = calls_platform(state, arg);
		return 0;
	case KEY_ROM:
		options->rom = arg;
		return 0;
	case KEY_KERNEL:
		options->kernel = arg;
		return 0;
	case KEY_SHARE:
		options->share_percent = number(state, "--share", arg, 0, 100);
		return 0;
	case 'n':
		options->top = whole(state, "--top", arg, VMI_NR_SLOTS);
		return 0;
	case KEY_SITES:
		options->sites = whole(state, "--sites", arg, 1e6);
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case KEY_VERIFY:
		options->verify = true;
		return 0;
	case KEY_BENCHMARKS:
		check_benchmarks(state, arg);
		options->verify_options.benchmarks = arg;
		return 0;
	case KEY_SAMPLES:
		options->verify_options.nr_samples =
			whole(state, "--samples", arg, 10000);
		return 0;
	case KEY_TIMEOUT:
		options->verify_options.timeout_s =
			whole(state, "--timeout", arg, 86400);
		return 0;
	case 'q':
		options->verify_options.quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		take_positional(options, state, arg);
		return 0;
	case ARGP_KEY_END:
		if (!options->results_file)
			argp_error(state,
				   "which trace and which results? (what vmiprof record -o and vmiprof bench -o made)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A ROM that allows inlining; NULL after a message when it does not. */
static struct rom_image *open_rom(const char *file)
{
	struct rom_image *rom = rom_image_load(file);

	if (!rom)
		return NULL;
	if (rom->problems.nr)
		warnx("%s: no advice for a broken ROM", file);
	else if (!rom->has_descriptor ||
		 !(rom->locator.flags & VMI_DESC_INLINE))
		warnx("%s: the ROM \"%.16s\" allows nothing to be inlined; expected one with the flag \"inline\", see vmiprof rom",
		      file, rom->has_locator ? rom->locator.name : "");
	else
		return rom;
	rom_image_free(rom);
	return NULL;
}

/*
 * The sites of the traced kernel.  One that was asked for must be the right one;
 * ours is used if it is.
 */
static bool open_kernel(struct advise *advise, struct kernel_sites **sites,
			const char *file, bool asked,
			const struct rom_image *rom)
{
	char why[300];

	*sites = kernel_sites_read(file, rom, why, sizeof(why));
	if (!*sites) {
		text_clean(why);
		if (asked)
			warnx("%s", why);
		return !asked;
	}
	advise->sites_known = advice_sites_known(advise->sites, *sites);
	if (advise->sites_known >= SITES_KNOWN_ENOUGH) {
		advise->kernel = *sites;
		advise->kernel_file = file;
		return true;
	}
	if (asked)
		warnx("%s is not the kernel of this trace: only %.1f %% of the calls are at sites of it",
		      file, 100 * advise->sites_known);
	return !asked;
}

/* False after a message, when there is nothing to advise on. */
static bool make_advice(struct advise *advise, const struct options *options,
			const struct rom_image *rom)
{
	bool may_inline[VMI_NR_SLOTS];
	char why[600] = "";
	const struct advice_inputs inputs = {
		.profile = advise->profile,
		.sites = advise->sites,
		.results = advise->results,
		.may_inline = may_inline,
		.kernel = advise->kernel,
		.platform = options->platform,
		.goal = options->share_percent / 100,
		.top = options->top,
	};

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++)
		may_inline[nr] = rom->descriptor.call[nr].inline_bytes;
	if (!advise->profile->nr_rows) {
		warnx("%s: no calls in this trace, so no advice",
		      options->trace_dir);
		return false;
	}
	if (!advice_make(&advise->advice, &inputs, why, sizeof(why))) {
		text_clean(why);
		warnx("%s: %s", options->results_file, why);
		return false;
	}
	advise->goal = inputs.goal;
	advise->top = options->top;
	advise->show_sites = options->sites;
	advise_compare_clocks(advise);
	return true;
}

/* Boot the guest; *status is made worse if that fails. */
static struct verify *verify(const struct advise *advise,
			     const struct options *options, int *status)
{
	char why[300] = "";
	struct verify *verified;
	int failed;

	if (!verify_can(advise->advice.platform, why, sizeof(why))) {
		warnx("--verify: %s", why);
		*status = VMIPROF_PARTIAL;
		return NULL;
	}
	if (!advise->advice.nr_policy) {
		warnx("--verify: there is nothing to inline, so nothing to verify");
		*status = VMIPROF_PARTIAL;
		return NULL;
	}
	verified = verify_run(&advise->advice, &options->verify_options,
			      &failed);
	if (!verified)
		*status = failed;
	return verified;
}

static int advise_all(struct advise *advise, const struct options *options,
		      const struct rom_image *rom)
{
	int status = profile_exit_status(advise->profile);
	struct verify *verified = NULL;

	if (!make_advice(advise, options, rom))
		return VMIPROF_ERROR;
	if (advise->other_machine && status == VMIPROF_OK) {
		warnx("%s", advise->no_share);
		status = VMIPROF_PARTIAL;
	}
	if (options->verify)
		verified = verify(advise, options, &status);
	advise->verify = verified;
	if (options->json)
		advise_print_json(advise);
	else
		advise_print_text(advise);
	if (verified)
		verify_free(verified);
	return status;
}

/* With the traced kernel, if there is one. */
static int advise_with_kernel(struct advise *advise,
			      const struct options *options,
			      const struct rom_image *rom)
{
	const bool asked = options->kernel;
	char *ours = asked ? NULL : locate_optional("linux/vmlinux");
	const char *file = asked ? options->kernel : ours;
	struct kernel_sites *kernel = NULL;
	int status = VMIPROF_ERROR;

	if (!file || !strcmp(file, "none") ||
	    open_kernel(advise, &kernel, file, asked, rom))
		status = advise_all(advise, options, rom);
	if (kernel)
		kernel_sites_free(kernel);
	free(ours);
	return status;
}

/* The file that names call sites; NULL: what the recording says. */
static const char *names_of(const struct options *options)
{
	return options->kernel && strcmp(options->kernel, "none") != 0
		       ? options->kernel
		       : NULL;
}

/* With the trace and the results; all that was opened is closed. */
static int open_and_advise(const struct options *options, const char *rom_file,
			   const struct rom_image *rom)
{
	static const struct tally_request request = {.sites = true};
	static struct advise advise; /* too large for the stack */
	int status = VMIPROF_ERROR;
	struct profile *profile;
	struct problems problems = {0};
	struct results *results =
		results_load_sound(options->results_file, &problems);

	problems_close(&problems);
	profile = results ? profile_read(options->trace_dir, &request) : NULL;
	if (profile) {
		advise.trace_dir = options->trace_dir;
		advise.results_file = options->results_file;
		advise.rom_file = rom_file;
		advise.profile = profile;
		advise.results = results;
		advise.sites = profile->tally->sites;
		sites_sort(advise.sites);
		advise.places = places_open(profile->info,
					    names_of(options), &problems);
		status = advise_with_kernel(&advise, options, rom);
		if (advise.places)
			places_free(advise.places);
		profile_free(profile);
	}
	if (problems.nr && status == VMIPROF_OK)
		status = VMIPROF_PARTIAL;
	if (results)
		results_free(results);
	problems_free(&problems);
	return status;
}

int cmd_advise(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "TRACE RESULTS",
		.doc = "Tell which VMI calls to inline: from how often TRACE has them and what RESULTS says that they cost.",
	};
	struct options options = {
		.rom = "native",
		.platform = -1,
		.share_percent = DEFAULT_SHARE_PERCENT,
		.verify_options = {"all", DEFAULT_SAMPLES, DEFAULT_TIMEOUT_S,
				   false},
	};
	struct rom_image *rom;
	char *rom_file;
	int status = VMIPROF_ERROR;

	options_parse(&argp, argc, argv, 0, &options);
	rom_file = strcmp(options.rom, "native") ? strdup(options.rom)
						 : locate("rom-native.bin");
	if (!rom_file)
		return VMIPROF_ERROR;
	rom = open_rom(rom_file);
	if (rom) {
		status = open_and_advise(&options, rom_file, rom);
		rom_image_free(rom);
	}
	free(rom_file);
	if (!standard_output_flush())
		return VMIPROF_ERROR;
	return status;
}
