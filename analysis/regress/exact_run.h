/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exact_run.h - exact.json, instructions per operation of the Linux guest
 *
 * docs/linux-guest.md has the members.
 */
#ifndef EXACT_RUN_H
#define EXACT_RUN_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one operation in one boot. */
struct exact_figure {
	int64_t instructions;	/* of the shortest round */
	int64_t rounds;
	int64_t hits;		/* rounds that took just as many */
};

struct exact_run {
	json_object *root;
	json_object *variants;	/* array */
};

/*
 * Read and check format and version.  False with why set when there is nothing
 * to look at.  Free with exact_run_free().
 */
bool exact_run_load(struct exact_run *run, const char *path, char *why,
		    size_t why_bytes);

/* The boot of that name, NULL if there was none. */
json_object *exact_variant(const struct exact_run *run, const char *name);

/* False when the boot has no sound figure of the operation. */
bool exact_figure(json_object *variant, const char *operation,
		  struct exact_figure *figure);

/* How often the operation made the call, by the counters of the trace ROM. */
int64_t exact_calls(json_object *traced, const char *operation,
		    const char *call);

/*
 * How many sites of the call the kernel says it left native, made stubs,
 * inlined.  False when the call has no site.
 */
bool exact_sites(json_object *variant, const char *call, int64_t *stub,
		 int64_t *inlined);

/* Path of the ROM of the boot, NULL without. */
const char *exact_rom(json_object *variant);

void exact_run_free(struct exact_run *run);

#endif /* EXACT_RUN_H */
