/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * macro.c - operations of the kernel with its call sites in different forms
 *
 * The sites are switched while the kernel runs, so that all forms are measured
 * in one boot.  A round takes one sample of each form, in an order drawn anew
 * for each round but the same in every boot: what disturbs the machine for a
 * while disturbs all forms, and a ratio inside a round is worth more than the
 * two numbers.
 *
 * A sample is the least that one operation of a block took: see measure.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "measure.h"
#include "sites.h"
#include "vmi/descriptor.h"
#include "workload.h"

#define DEFAULT_FORMS	"native,inline,stub"
#define DEFAULT_SAMPLES 10
#define SAMPLES_LIMIT	1000
#define FORMS_LIMIT	8
#define WORDS_BYTES	1024
#define POLICY		"policy:"

/*
 * After a switch an emulator translates the kernel anew, and a processor has
 * none of it in its caches.
 */
#define WARM_ROUNDS 3

struct form {
	const char *name;	      /* in the lines that are printed */
	char words[WORDS_BYTES];      /* for the kernel */
	char why[128];		      /* it cannot be measured, or empty */
	bool calls_rom;		      /* every site does */
	uint32_t calls[VMI_NR_SLOTS]; /* per operation, in the last sample */
	int64_t samples[SAMPLES_LIMIT];
};

struct macro {
	struct form *forms;
	size_t nr_forms;
	unsigned int nr_samples;
	unsigned int rounds; /* of a sample; 0: the operation's own */
	const char *unit;
	struct rom rom;
	int64_t empty_ticks;
	uint32_t random;
};

/* What a site calls is the ROM's to say. */
static const char *stub_name(const struct rom *rom)
{
	if (rom->flags & VMI_DESC_AGGREGATE)
		return "aggregate";
	if (rom->flags & VMI_DESC_STAMP)
		return "stamp";
	return rom->flags & VMI_DESC_TRACE ? "trace" : "stub";
}

/* "policy:A:inline+B:native" becomes "stub,A:inline,B:native". */
static bool take_policy(struct form *form, const char *policy)
{
	int length =
		snprintf(form->words, sizeof(form->words), "stub,%s", policy);

	for (char *c = form->words; *c; c++) {
		if (*c == '+')
			*c = ',';
	}
	form->name = "policy";
	return *policy && length < (int)sizeof(form->words);
}

static bool take_form(struct form *form, const char *word,
		      const struct rom *rom)
{
	static const char *const names[] = {"native", "inline", "count",
					    "stub",   "trace",	"stamp",
					    "aggregate"};

	if (!strncmp(word, POLICY, strlen(POLICY)))
		return take_policy(form, word + strlen(POLICY));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(word, names[i]))
			form->name = names[i];
	}
	if (!form->name)
		return false;
	if (!strcmp(word, "stub"))
		form->name = stub_name(rom);
	form->calls_rom = !strcmp(form->name, stub_name(rom));
	(void)snprintf(form->words, sizeof(form->words), "%s",
		       form->calls_rom ? "stub" : word);
	return true;
}

static bool is_there_twice(const struct macro *macro)
{
	const struct form *last = &macro->forms[macro->nr_forms - 1];

	for (const struct form *form = macro->forms; form < last; form++) {
		if (!strcmp(form->name, last->name))
			return true;
	}
	return false;
}

static bool take_forms(struct macro *macro, const char *list)
{
	do {
		const size_t length = strcspn(list, ",");
		char word[WORDS_BYTES];

		(void)snprintf(word, sizeof(word), "%.*s", (int)length, list);
		list += length;
		list += *list == ',';
		if (macro->nr_forms == FORMS_LIMIT || length >= sizeof(word) ||
		    !take_form(&macro->forms[macro->nr_forms++], word,
			       &macro->rom) ||
		    is_there_twice(macro)) {
			printf("macro: forms: found '%s', expected native, "
			       "inline, count, stub (or trace, stamp, aggregate, by "
			       "the ROM) or policy:CALL:MODE+..., each once\n",
			       word);
			return false;
		}
	} while (*list);
	return true;
}

/*
 * A form that the kernel refuses is not measured, and says why; nor is one that
 * this ROM does not have.
 */
static void try_forms(struct macro *macro)
{
	for (size_t i = 0; i < macro->nr_forms; i++) {
		struct form *form = &macro->forms[i];
		const char *of_rom = stub_name(&macro->rom);

		form->why[0] = '\0';
		if (!strcmp(form->words, "trace") ||
		    !strcmp(form->words, "stamp") ||
		    !strcmp(form->words, "aggregate"))
			(void)snprintf(form->why, sizeof(form->why),
				       "this ROM's calls are of the form %s",
				       of_rom);
		else
			(void)sites_switch(form->words, form->why,
					   sizeof(form->why));
	}
}

static bool prepare(struct macro *macro, const char *forms)
{
	struct block nothing;

	rom_find(&macro->rom, "macro");
	macro->unit = measure_unit();
	macro->forms = calloc(FORMS_LIMIT, sizeof(*macro->forms));
	if (!macro->forms || !operations_prepare() ||
	    !measure(&no_operation, no_operation.rounds, &macro->rom,
		     &nothing)) {
		printf("macro: FAILED: preparation\n");
		return false;
	}
	macro->empty_ticks = (int64_t)nothing.least;
	return take_forms(macro, forms ? forms : DEFAULT_FORMS);
}

static bool take_sample(const struct operation *operation, struct form *form,
			unsigned int sample, const struct macro *macro)
{
	const unsigned int rounds =
		macro->rounds ? macro->rounds : operation->rounds;
	struct block block;

	if (!sites_switch(form->words, form->why, sizeof(form->why)))
		return false;
	if (!measure(operation, WARM_ROUNDS, &macro->rom, &block) ||
	    !measure(operation, rounds, &macro->rom, &block)) {
		(void)snprintf(form->why, sizeof(form->why),
			       "the operation failed");
		return false;
	}
	form->samples[sample] = (int64_t)block.least - macro->empty_ticks;
	memcpy(form->calls, block.calls, sizeof(form->calls));
	return true;
}

/* Marsaglia's xorshift: any order will do that is not always the same. */
static uint32_t draw(struct macro *macro, uint32_t limit)
{
	macro->random ^= macro->random << 13;
	macro->random ^= macro->random >> 17;
	macro->random ^= macro->random << 5;
	return macro->random % limit;
}

static void draw_order(struct macro *macro, size_t order[FORMS_LIMIT])
{
	for (size_t i = 0; i < macro->nr_forms; i++) {
		const size_t other = draw(macro, i + 1);

		order[i] = order[other];
		order[other] = i;
	}
}

static bool take_round(const struct operation *operation, unsigned int sample,
		       struct macro *macro)
{
	size_t order[FORMS_LIMIT] = {0};
	bool good = true;

	draw_order(macro, order);
	for (size_t i = 0; i < macro->nr_forms; i++) {
		struct form *form = &macro->forms[order[i]];

		if (!form->why[0])
			good &= take_sample(operation, form, sample, macro);
	}
	return good;
}

/*
 * The first round finds allocators and caches as something else left them; its
 * samples are overwritten.  False when the operation failed in a form, or a
 * form that was possible no longer is; the other forms are measured all the
 * same.
 */
static bool take_samples(const struct operation *operation, struct macro *macro)
{
	bool good = take_round(operation, 0, macro);

	for (unsigned int sample = 0; sample < macro->nr_samples; sample++)
		good &= take_round(operation, sample, macro);
	return good;
}

static void print_form(const struct operation *operation,
		       const struct form *form, const struct macro *macro)
{
	if (form->why[0]) {
		printf("skip call=%s form=%s why=%s\n", operation->name,
		       form->name, form->why);
		return;
	}
	printf("case call=%s form=%s padding=- unit=%s group=macro-%s samples=",
	       operation->name, form->name, macro->unit, operation->name);
	for (unsigned int i = 0; i < macro->nr_samples; i++)
		printf("%s%lld", i ? "," : "", (long long)form->samples[i]);
	printf("\n");
}

/* Of the form in which the sites call the ROM, which counts the calls. */
static void print_calls(const struct operation *operation,
			const struct macro *macro)
{
	for (size_t i = 0; macro->rom.counters && i < macro->nr_forms; i++) {
		const struct form *form = &macro->forms[i];

		if (form->why[0] || !form->calls_rom)
			continue;
		for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
			if (form->calls[nr])
				printf("calls call=%s vmi=%s per_op=%u\n",
				       operation->name, rom_call_name(nr),
				       form->calls[nr]);
		}
	}
}

/* What is printed is out of the machine before anything is measured. */
static void drain_console(void)
{
	(void)fflush(stdout);
	(void)tcdrain(STDOUT_FILENO);
}

static bool run_operation(const struct operation *operation,
			  struct macro *macro)
{
	bool good;

	printf("macro: %s: %s; a sample is the least of %u\n", operation->name,
	       operation->what,
	       macro->rounds ? macro->rounds : operation->rounds);
	drain_console();
	try_forms(macro);
	good = take_samples(operation, macro);
	for (size_t i = 0; i < macro->nr_forms; i++)
		print_form(operation, &macro->forms[i], macro);
	print_calls(operation, macro);
	return good;
}

static bool run_all(const struct operation *const *chosen, size_t nr,
		    struct macro *macro)
{
	bool good = true;

	printf("macro: an empty function takes %lld %s, subtracted\n",
	       (long long)macro->empty_ticks, macro->unit);
	for (size_t i = 0; i < nr; i++)
		good &= run_operation(chosen[i], macro);
	printf("bench: done\n");
	drain_console();
	return good;
}

bool run_macro(const char *list, const char *forms, unsigned int samples,
	       unsigned int rounds)
{
	const struct operation *chosen[OPERATIONS_LIMIT];
	struct macro macro = {
		.nr_samples = samples ? samples : DEFAULT_SAMPLES,
		.rounds = rounds,
		.random = 2006,
	};
	const size_t nr = operations_choose(list, IN_MACRO, "macro", chosen);
	bool good = false;

	if (macro.nr_samples > SAMPLES_LIMIT)
		printf("macro: samples=%u, expected at most %d\n",
		       macro.nr_samples, SAMPLES_LIMIT);
	else if (nr && prepare(&macro, forms))
		good = run_all(chosen, nr, &macro);
	free(macro.forms);
	return good;
}
