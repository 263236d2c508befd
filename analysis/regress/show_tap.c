// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judgements for test harnesses: TAP on standard output, JUnit in a file.
 */
#include <math.h>
#include <string.h>

#include "lib/text.h"
#include "show.h"

#define CASE_BYTES 160

/* '#' would begin a directive, a line end the next test. */
static void print_tap_text(FILE *out, const char *text)
{
	for (; *text; text++)
		(void)fputc(*text == '#' || *text == '\n' ? ' ' : *text, out);
}

void show_tap(FILE *out, const struct verdict_report *report)
{
	const struct judgements *all = report->all;

	(void)fprintf(out, "TAP version 13\n1..%zu\n", all->nr);
	for (size_t i = 0; i < all->nr; i++) {
		const struct judgement *j = &all->list[i];
		bool bad = j->verdict == VERDICT_FAIL ||
			   j->verdict == VERDICT_ERROR;
		char name[CASE_BYTES];

		show_case_name(j, name, sizeof(name));
		(void)fprintf(out, "%sok %zu - %s ", bad ? "not " : "", i + 1,
			      j->scope);
		print_tap_text(out, name);
		if (j->verdict == VERDICT_INCONCLUSIVE ||
		    j->verdict == VERDICT_NO_BASELINE) {
			(void)fprintf(out,
				      " # SKIP %s: ", verdict_name(j->verdict));
			print_tap_text(out, j->why);
		}
		(void)fputc('\n', out);
		if (bad)
			(void)fprintf(out, "# %s: %s\n",
				      verdict_name(j->verdict), j->why);
	}
	for (size_t i = 0; i < all->nr_notes; i++)
		(void)fprintf(out, "# note: %s\n", all->notes[i]);
	(void)fprintf(out, "# verdict: %s\n",
		      verdict_name(judgements_overall(all)));
}

static void print_xml(FILE *out, const char *text)
{
	char clean[1024];

	text_set(clean, sizeof(clean), "%s", text);
	text_clean(clean);
	for (const char *c = clean; *c; c++) {
		switch (*c) {
		case '&':
			(void)fputs("&amp;", out);
			break;
		case '<':
			(void)fputs("&lt;", out);
			break;
		case '>':
			(void)fputs("&gt;", out);
			break;
		case '"':
			(void)fputs("&quot;", out);
			break;
		default:
			(void)fputc(*c, out);
		}
	}
}

static void attribute(FILE *out, const char *name, const char *value)
{
	(void)fprintf(out, " %s=\"", name);
	print_xml(out, value);
	(void)fputc('"', out);
}

static void print_testcase(FILE *out, const struct judgement *j)
{
	static const char *const elements[NR_VERDICTS] = {
		[VERDICT_FAIL] = "failure",
		[VERDICT_INCONCLUSIVE] = "skipped",
		[VERDICT_NO_BASELINE] = "skipped",
		[VERDICT_ERROR] = "error",
	};
	char name[CASE_BYTES];
	char message[1024];

	show_case_name(j, name, sizeof(name));
	(void)fputs("    <testcase", out);
	attribute(out, "classname", j->scope);
	attribute(out, "name", name);
	if (!elements[j->verdict]) {
		(void)fputs("/>\n", out);
		return;
	}
	text_set(message, sizeof(message), "%s: %s", verdict_name(j->verdict),
		 j->why);
	(void)fprintf(out, "><%s", elements[j->verdict]);
	attribute(out, "message", message);
	(void)fputs("/></testcase>\n", out);
}

static bool first_of_scope(const struct judgements *all, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (!strcmp(all->list[i].scope, all->list[nr].scope))
			return false;
	}
	return true;
}

static void print_suite(FILE *out, const struct judgements *all,
			const char *scope)
{
	size_t nr = 0, of[NR_VERDICTS] = {0};

	for (size_t i = 0; i < all->nr; i++) {
		if (strcmp(all->list[i].scope, scope) != 0)
			continue;
		nr++;
		of[all->list[i].verdict]++;
	}
	(void)fputs("  <testsuite", out);
	attribute(out, "name", scope);
	(void)fprintf(out,
		      " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		      "skipped=\"%zu\">\n",
		      nr, of[VERDICT_FAIL], of[VERDICT_ERROR],
		      of[VERDICT_INCONCLUSIVE] + of[VERDICT_NO_BASELINE]);
	for (size_t i = 0; i < all->nr; i++) {
		if (!strcmp(all->list[i].scope, scope))
			print_testcase(out, &all->list[i]);
	}
	(void)fputs("  </testsuite>\n", out);
}

void show_junit(FILE *out, const struct verdict_report *report)
{
	const struct judgements *all = report->all;

	(void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites",
		    out);
	attribute(out, "name", "vmiprof regress");
	(void)fputs(">\n", out);
	for (size_t i = 0; i < all->nr; i++) {
		if (first_of_scope(all, i))
			print_suite(out, all, all->list[i].scope);
	}
	(void)fputs("</testsuites>\n", out);
}
