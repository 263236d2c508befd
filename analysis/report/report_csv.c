// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as a table for programs: RFC 4180, names as in the JSON.  A cell
 * is empty where nothing is known.
 */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Quoted where it must be. */
static void print_text(const char *text)
{
	if (!text)
		return;
	if (!strpbrk(text, ",\"\r\n")) {
		(void)fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void print_number(double value)
{
	if (isnan(value))
		return;
	if (value == floor(value) && fabs(value) < 0x1p63)
		printf("%.0f", value);
	else
		printf("%.9g", value);
}

static void print_row(const struct report_rows *rows,
		      const struct report_row *row)
{
	const struct text_column *texts = report_texts[rows->by];
	const char *comma = "";

	for (size_t t = 0; t < REPORT_TEXTS && texts[t].json; t++) {
		(void)fputs(comma, stdout);
		print_text(row ? row->text[t] : texts[t].json);
		comma = ",";
	}
	for (size_t c = 0; c < report_nr_columns; c++) {
		const struct column *column = &report_columns[c];

		if (!(column->of & 1u << rows->by))
			continue;
		(void)fputs(comma, stdout);
		if (row)
			print_number(report_value(column, &row->numbers));
		else
			print_text(column->json);
	}
	(void)fputs("\r\n", stdout);
}

void report_print_csv(const struct report *report)
{
	const struct report_rows *rows = report->rows;

	print_row(rows, NULL);
	for (size_t i = 0; i < rows->nr && i < report->limit; i++)
		print_row(rows, &rows->row[i]);
}
