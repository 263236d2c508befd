// SPDX-License-Identifier: GPL-2.0-only
#include "linux_gate.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact_run.h"
#include "lib/call_table.h"
#include "lib/text.h"
#include "rom/rom_image.h"

#define SCOPE "linux"

/*
 * Fewer hits of the least figure than one round in so many, and the operation
 * has no way through the kernel that it takes again and again (fork, by the
 * state of the allocators): its figures differ a little from boot to boot.
 */
#define SETTLED_ROUNDS 10

struct gate {
	const char *path;
	struct judgements *all;
	struct exact_run run;
	json_object *native, *inlined, *stub, *trace;
	const struct vmi_desc_call *bodies; /* of the ROM */
};

/* Whether there is code to copy into a site; else only the call will do. */
static bool can_inline(const struct gate *gate, unsigned int nr)
{
	return call_table[nr].name && gate->bodies[nr].inline_bytes;
}

/* What a copy in the site is spared: call and return, or push and jump. */
#define SPARED	2

static bool settled(const struct exact_figure *figure)
{
	return figure->hits * SETTLED_ROUNDS >= figure->rounds;
}

/* What is missing is told once, as a judgement. */
static json_object *need_variant(struct gate *gate, const char *name)
{
	json_object *variant = exact_variant(&gate->run, name);

	if (!variant)
		judge_why(judge(gate->all, VERDICT_ERROR, SCOPE, name),
			  "%s has no boot '%s'; bench/linux/exact.sh -i makes "
			  "all that is needed",
			  gate->path, name);
	return variant;
}

/* The least that the inlined calls of the operation must save. */
static int64_t expected_of_operation(const struct gate *gate,
				     const char *operation)
{
	int64_t expected = 0;

	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (can_inline(gate, nr))
			expected +=
				SPARED * exact_calls(gate->trace, operation,
						     call_table[nr].name);
	}
	return expected;
}

static void set_figures(struct judgement *j, int64_t old, int64_t new)
{
	j->unit = "instructions";
	j->old_figure = (double)old;
	j->new_figure = (double)new;
}

static void judge_operation(struct gate *gate, const char *operation)
{
	struct exact_figure native, inlined, stub;
	int64_t expected = expected_of_operation(gate, operation);
	struct judgement *j = judge(gate->all, VERDICT_PASS, SCOPE, operation);

	j->form = strdup("inline");
	if (!j->form)
		err(EXIT_FAILURE, "memory");
	if (!exact_figure(gate->native, operation, &native) ||
	    !exact_figure(gate->inlined, operation, &inlined) ||
	    !exact_figure(gate->stub, operation, &stub)) {
		j->verdict = VERDICT_ERROR;
		judge_why(j, "one of the boots native, inline and stub has no "
			     "figure");
		return;
	}
	set_figures(j, stub.instructions, inlined.instructions);
	judge_why(j,
		  "native %lld, inline %lld, stub %lld instructions; "
		  "inlining must save %lld",
		  (long long)native.instructions,
		  (long long)inlined.instructions, (long long)stub.instructions,
		  (long long)expected);
	if (stub.instructions - inlined.instructions < expected)
		j->verdict = settled(&inlined) && settled(&stub)
				     ? VERDICT_FAIL
				     : VERDICT_INCONCLUSIVE;
}

/*
 * What making only this call a stub adds to each operation that makes it.  Some
 * sites may stay stubs, where a longer body than the native code has no room;
 * an operation without a settled way is then no proof that all do.
 */
static void judge_saving(struct gate *gate, struct judgement *j,
			 unsigned int nr, json_object *but, int64_t stub)
{
	const char *call = call_table[nr].name;
	json_object *operations;

	if (!json_object_object_get_ex(gate->trace, "operations", &operations))
		return;
	json_object_object_foreach(operations, operation, value)
	{
		int64_t count = exact_calls(gate->trace, operation, call);
		int64_t expected = SPARED * count, saved;
		struct exact_figure with, without;
		bool sure;

		(void)value;
		if (!count || !exact_figure(gate->inlined, operation, &with) ||
		    !exact_figure(but, operation, &without))
			continue;
		sure = settled(&with) && settled(&without);
		saved = without.instructions - with.instructions;
		/* Half of it cannot be noise of the allocators. */
		if (saved >= expected ||
		    (!sure && (stub || 2 * saved >= expected)))
			continue;
		if (j->verdict == VERDICT_FAIL ||
		    (j->verdict == VERDICT_INCONCLUSIVE && !sure))
			continue;
		j->verdict = sure ? VERDICT_FAIL : VERDICT_INCONCLUSIVE;
		set_figures(j, without.instructions, with.instructions);
		judge_why(j,
			  "%s makes the call %lld times; inlining it saves "
			  "%lld instructions, expected %lld or more: it is "
			  "not inlined where it runs",
			  operation, (long long)count, (long long)saved,
			  (long long)expected);
	}
}

static bool was_made(const struct gate *gate, const char *call)
{
	json_object *operations;

	if (!json_object_object_get_ex(gate->trace, "operations", &operations))
		return false;
	json_object_object_foreach(operations, operation, value)
	{
		(void)value;
		if (exact_calls(gate->trace, operation, call))
			return true;
	}
	return false;
}

static void judge_call(struct gate *gate, unsigned int nr)
{
	const char *call = call_table[nr].name;
	int64_t stub = 0, inlined = 0;
	struct judgement *j;
	json_object *but;
	char name[64];

	if (!exact_sites(gate->inlined, call, &stub, &inlined) ||
	    !(stub + inlined))
		return;
	text_set(name, sizeof(name), "inline-but:%s", call);
	but = was_made(gate, call) ? need_variant(gate, name) : NULL;
	/* Only now: what judge() returned before need_variant() may be gone. */
	j = judge(gate->all, VERDICT_PASS, SCOPE, call);
	if (!inlined) {
		j->verdict = VERDICT_FAIL;
		judge_why(j,
			  "the ROM has %u bytes to inline, the kernel made "
			  "stubs of all %lld sites",
			  gate->bodies[nr].inline_bytes, (long long)stub);
		return;
	}
	judge_why(j, "inlined at %lld sites, a stub at %lld%s",
		  (long long)inlined, (long long)stub,
		  but ? "" : "; no operation makes the call");
	if (but)
		judge_saving(gate, j, nr, but, stub);
}

static void judge_run(struct gate *gate)
{
	json_object *operations, *sites;

	if (!json_object_object_get_ex(gate->inlined, "call_sites", &sites) ||
	    !json_object_is_type(sites, json_type_object))
		judge_why(judge(gate->all, VERDICT_ERROR, SCOPE, "inline"),
			  "%s: the boot 'inline' has no call_sites",
			  gate->path);
	if (!json_object_object_get_ex(gate->native, "operations",
				       &operations) ||
	    !json_object_is_type(operations, json_type_object) ||
	    !json_object_object_length(operations)) {
		judge_why(judge(gate->all, VERDICT_ERROR, SCOPE, "native"),
			  "%s: the boot 'native' has no operations",
			  gate->path);
		return;
	}
	json_object_object_foreach(operations, operation, value)
	{
		(void)value;
		judge_operation(gate, operation);
	}
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (can_inline(gate, nr))
			judge_call(gate, nr);
	}
}

static void with_rom(struct gate *gate, const char *rom_path)
{
	struct rom_image *rom = rom_path ? rom_image_load(rom_path) : NULL;

	if (rom && rom->has_descriptor && !rom->problems.nr &&
	    (rom->locator.flags & VMI_DESC_INLINE)) {
		gate->bodies = rom->descriptor.call;
		judge_run(gate);
	} else {
		judge_why(judge(gate->all, VERDICT_ERROR, SCOPE, "rom"),
			  "%s is no ROM with code to inline; --rom names the "
			  "one of the boot 'inline'",
			  rom_path ? rom_path : "(none)");
	}
	if (rom)
		rom_image_free(rom);
}

void linux_gate(const char *path, const char *rom_path, struct judgements *all)
{
	struct gate gate = {.path = path, .all = all};
	char why[300];

	if (!exact_run_load(&gate.run, path, why, sizeof(why))) {
		judge_why(judge(all, VERDICT_ERROR, SCOPE, "(all)"), "%s: %s",
			  path, why);
		return;
	}
	gate.native = need_variant(&gate, "native");
	gate.inlined = need_variant(&gate, "inline");
	gate.stub = need_variant(&gate, "stub");
	gate.trace = need_variant(&gate, "trace");
	if (gate.native && gate.inlined && gate.stub && gate.trace)
		with_rom(&gate, rom_path ? rom_path : exact_rom(gate.inlined));
	exact_run_free(&gate.run);
}
