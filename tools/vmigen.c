// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmigen - print what is generated from the call table
 *
 *   vmigen calls-md       docs/calls.md, the table to read
 *   vmigen kernel-header  arch/x86/include/asm/vmi_calls.h of the patch series
 *   vmigen tsv            tab-separated, for comparing with other lists
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmi/abi.h"
#include "vmi/calls.h"

struct call {
	int nr;
	const char *name;
	int nr3;
	const char *clobbers;
	const char *segments;
	const char *returns;
	const char *arg;
	const char *inputs;
	const char *outputs;
	const char *native;
};

static const struct call calls[] = {
#define X(nr, name, nr3, clobbers, segments, returns, arg, in, out, native)    \
	{ nr, #name, nr3, #clobbers, #segments, #returns, #arg, in, out, native },
	VMI_CALLS(X)
#undef X
};

static const struct call calls_3_only[] = {
#define X(name, nr3, in, out, native)                                          \
	{ -1, #name, nr3, "STD", "FLAT", "RETURNS", "EAX", in, out, native },
	VMI_CALLS_3_ONLY(X)
#undef X
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* '-' stands for "none" in the table; a table cell stays empty. */
static const char *cell(const char *text)
{
	return strcmp(text, "-") ? text : "";
}

/* A cell and the bar behind it; a bar in the text would end the cell. */
static void print_cell(const char *text)
{
	putchar(' ');
	for (text = cell(text); *text; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
	fputs(" |", stdout);
}

static void print_row(const struct call *call)
{
	if (call->nr >= 0)
		printf("| %d | 0x%03x | %s |", call->nr,
		       call->nr * VMI_SLOT_BYTES, call->name);
	else
		printf("| | | %s |", call->name);
	if (call->nr3 >= 0)
		printf(" %d |", call->nr3);
	else
		fputs(" |", stdout);
	print_cell(call->inputs);
	print_cell(call->outputs);
	printf(" %s | %s | %s |", call->clobbers, call->segments,
	       call->returns);
	print_cell(call->native);
	putchar('\n');
}

static void calls_md(void)
{
	puts("# The VMI calls\n\n"
	     "Generated from `include/vmi/calls.h` by `build/vmigen calls-md`; "
	     "that file explains the columns.\n"
	     "Slots are those of the slot ABI, API 13.3; `3.0` is the call's "
	     "number in the relocation ABI.\n"
	     "Arguments are regparm(3); `st1` is the first stack word above the "
	     "return address. The caller cleans up.\n\n"
	     "| slot | offset | call | 3.0 | inputs | outputs | clobbers | "
	     "segments | returns | native |\n"
	     "|---|---|---|---|---|---|---|---|---|---|");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		print_row(&calls[i]);
	puts("\nCalls of API 3.0 without a slot:\n\n"
	     "| slot | offset | call | 3.0 | inputs | outputs | clobbers | "
	     "segments | returns | native |\n"
	     "|---|---|---|---|---|---|---|---|---|---|");
	for (size_t i = 0; i < ARRAY_SIZE(calls_3_only); i++)
		print_row(&calls_3_only[i]);
}

/* "#define NAME<tabs>VALUE" with the value in column 48. */
static void print_define(const char *prefix, const char *name, int value)
{
	int column = printf("#define %s%s", prefix, name);

	do {
		putchar('\t');
		column = (column / 8 + 1) * 8;
	} while (column < 48);
	printf("%d\n", value);
}

static void kernel_header(void)
{
	puts("/* SPDX-License-Identifier: GPL-2.0-only */\n"
	     "/*\n"
	     " * VMI call numbers, slot ABI 13.3.  Generated from vmiprof's call "
	     "table.\n"
	     " */\n"
	     "#ifndef _ASM_X86_VMI_CALLS_H\n"
	     "#define _ASM_X86_VMI_CALLS_H\n");
	print_define("VMI_", "SLOT_BYTES", VMI_SLOT_BYTES);
	print_define("VMI_", "FIRST_CALL", VMI_FIRST_CALL);
	print_define("VMI_", "NR_CALLS", VMI_NR_CALLS);
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		print_define("VMI_CALL_", calls[i].name, calls[i].nr);
	puts("\n/* Initialisers of an array of names. */\n"
	     "#define VMI_CALL_NAMES \\");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		printf("\t[VMI_CALL_%s] = \"%s\",%s\n", calls[i].name, calls[i].name,
		       i + 1 < ARRAY_SIZE(calls) ? " \\" : "");
	puts("\n#endif /* _ASM_X86_VMI_CALLS_H */");
}

static void tsv_row(const struct call *call)
{
	if (call->nr >= 0)
		printf("%d\t0x%03x\t", call->nr, call->nr * VMI_SLOT_BYTES);
	else
		fputs("-\t-\t", stdout);
	printf("%s\t", call->name);
	if (call->nr3 >= 0)
		printf("%d\t", call->nr3);
	else
		fputs("-\t", stdout);
	printf("%s\t%s\n", call->clobbers, call->segments);
}

static void tsv(void)
{
	puts("nr13\tslot_offset\tname\tnr3\tclobbers\tsegments");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		tsv_row(&calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(calls_3_only); i++)
		tsv_row(&calls_3_only[i]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} outputs[] = {
		{ "calls-md", calls_md },
		{ "kernel-header", kernel_header },
		{ "tsv", tsv },
	};

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(outputs); i++) {
		if (!strcmp(argv[1], outputs[i].name)) {
			outputs[i].print();
			return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		}
	}
	fputs("usage: vmigen calls-md|kernel-header|tsv\n", stderr);
	return 2;
}
