// SPDX-License-Identifier: GPL-2.0-only
#include "policy.h"

#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/call_table.h"

/* vmi_short_names[] of the kernel patches; a test compares the two. */
static const char *const mnemonics[VMI_NR_SLOTS] = {
	[VMI_CALL_DisableInterrupts] = "cli",
	[VMI_CALL_EnableInterrupts] = "sti",
	[VMI_CALL_GetInterruptMask] = "pushf",
	[VMI_CALL_SetInterruptMask] = "popf",
	[VMI_CALL_Halt] = "hlt",
	[VMI_CALL_SetGDT] = "lgdt",
	[VMI_CALL_SetLDT] = "lldt",
	[VMI_CALL_SetIDT] = "lidt",
	[VMI_CALL_SetTR] = "ltr",
	[VMI_CALL_GetGDT] = "sgdt",
	[VMI_CALL_GetLDT] = "sldt",
	[VMI_CALL_GetIDT] = "sidt",
	[VMI_CALL_GetTR] = "str",
	[VMI_CALL_InvalPage] = "invlpg",
};

const char *policy_call_name(unsigned int nr)
{
	return mnemonics[nr] ? mnemonics[nr] : call_table[nr].name;
}

/* `first`, then for each call a separator and "call:inline". */
static char *join(const char *first, char separator, const unsigned int *order,
		  unsigned int nr_calls)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	bool begun = *first;

	if (!out)
		err(EXIT_FAILURE, "memory");
	(void)fputs(first, out);
	for (unsigned int i = 0; i < nr_calls; i++) {
		if (begun)
			(void)fputc(separator, out);
		(void)fprintf(out, "%s:inline", policy_call_name(order[i]));
		begun = true;
	}
	if (fclose(out))
		err(EXIT_FAILURE, "memory");
	return text;
}

char *policy_words(const unsigned int *order, unsigned int nr_calls)
{
	return join("stub", ',', order, nr_calls);
}

char *policy_form(const unsigned int *order, unsigned int nr_calls)
{
	return join("", '+', order, nr_calls);
}
