// SPDX-License-Identifier: GPL-2.0-only
/*
 * Folded stacks for flame graphs: "guest;function;call weight", a line for each
 * stack, as flamegraph.pl reads them.  An inlined function is a frame of its
 * own with "_[i]", which flamegraph.pl colours.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "lib/call_table.h"

struct stack {
	const char *function, *inlined;
	uint32_t ret; /* where the function is not known */
	uint32_t nr;
	uint64_t weight;
};

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_frames(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;
	int order = compare_texts(x->function, y->function);

	if (!order)
		order = (x->ret > y->ret) - (x->ret < y->ret);
	if (!order)
		order = compare_texts(x->inlined, y->inlined);
	return order ? order : (x->nr > y->nr) - (x->nr < y->nr);
}

/* A frame's separator must not stand in its name. */
static void put_frame(struct export_out *out, const char *name)
{
	for (; *name; name++)
		put_char(out, (char)(*name == ';' ? ':' : *name));
}

static void put_stack(struct export *e, const char *process,
		      const struct stack *stack)
{
	struct export_out *out = e->out;

	put_frame(out, process);
	put_char(out, ';');
	if (stack->function) {
		put_frame(out, stack->function);
	} else {
		put_text(out, "0x");
		put_hex(out, stack->ret, 8);
	}
	if (stack->inlined) {
		put_char(out, ';');
		put_frame(out, stack->inlined);
		put_text(out, "_[i]");
	}
	put_char(out, ';');
	put_text(out, call_table[stack->nr].name);
	put_char(out, ' ');
	put_number(out, stack->weight);
	put_char(out, '\n');
}

/*
 * Undisturbed calls' cycles; where some were not measured, estimated by the others of
 * the site, or of the call.
 */
static uint64_t cycles_of(const struct export *e, const struct site *site)
{
	struct cycle_estimate estimate = site_cycles(site);

	if (!call_has_cycles(site->nr))
		return 0;
	if (!site->unmeasured)
		return site->cycles;
	if (!estimate.measured)
		estimate.sum = stats_cycles(e->profile->stats, site->nr).mean *
			       estimate.calls;
	return estimate.sum >= 0 ? (uint64_t)estimate.sum : 0;
}

static struct stack stack_of(struct export *e, const struct site *site)
{
	const struct export_site *named = export_site(e->sites, site->ret);
	struct stack stack = {
		.nr = site->nr,
		.weight = site->count,
	};

	if (e->weight == WEIGHT_CYCLES)
		stack.weight = cycles_of(e, site);
	if (named->known) {
		stack.function = named->place.function;
		stack.inlined = named->place.inlined;
	} else {
		stack.ret = site->ret;
	}
	return stack;
}

void export_folded(struct export *e)
{
	const struct sites *sites = e->profile->tally->sites;
	struct stack *stack = calloc(sites->nr + 1, sizeof(*stack));
	char process[64];
	size_t nr = 0;

	if (!stack)
		err(EXIT_FAILURE, "memory");
	for (size_t i = 0; i < sites->size; i++) {
		if (sites->site[i].count)
			stack[nr++] = stack_of(e, &sites->site[i]);
	}
	qsort(stack, nr, sizeof(*stack), by_frames);
	export_process(e, NULL, process, sizeof(process));
	for (size_t i = 0; i < nr; i++) {
		const bool last =
			i + 1 == nr || by_frames(&stack[i], &stack[i + 1]);

		if (!last)
			stack[i + 1].weight += stack[i].weight;
		else if (stack[i].weight)
			put_stack(e, process, &stack[i]);
	}
	free(stack);
}
