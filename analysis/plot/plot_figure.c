// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all parts of a figure are drawn with.
 */
#include "plot_panel.h"

#include <stdarg.h>
#include <stdlib.h>

#include "lib/text.h"

#define TICS "set tics nomirror out scale 0.5 textcolor rgb '#303438'\n"

double figure_y(const struct figure *f, int pixels)
{
	return 1 - (double)pixels / f->height;
}

void figure_put(const struct figure *f, const char *text)
{
	(void)fputs(text, f->out);
}

void figure_putf(const struct figure *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(f->out, format, args);
	va_end(args);
}

void figure_string(const struct figure *f, const char *text)
{
	/* It may be cut in a character, which is ill-formed in SVG. */
	char *clean = text_clean_copy(text);

	figure_put(f, "'");
	for (const char *c = clean; *c; c++) {
		if (*c == '\'')
			figure_put(f, "''");
		else
			figure_putf(f, "%c", *c);
	}
	figure_put(f, "'");
	free(clean);
}

void figure_begin(const struct figure *f, enum figure_format format)
{
	figure_put(f, "set encoding utf8\n");
	if (format == FIGURE_PNG)
		figure_putf(f,
			    "set terminal pngcairo noenhanced size %d,%d "
			    "font '" FIGURE_FONT ",11' background '#ffffff'\n",
			    FIGURE_WIDTH, f->height);
	else
		figure_putf(f,
			    "set terminal svg noenhanced size %d,%d "
			    "font '" FIGURE_FONT ",13' background '#ffffff'\n",
			    FIGURE_WIDTH, f->height);
	figure_put(f, "set multiplot\n"
		      "set border 3 lc rgb '#707478'\n" TICS
		      "set grid x lc rgb '#e4e7ea' lt 1 lw 1\n"
		      "set style fill solid 1 noborder\n"
		      "unset key\n");
}

void figure_end(const struct figure *f)
{
	figure_put(f, "unset multiplot\nunset output\n");
}

void figure_text(const struct figure *f, int pixels, int size,
		 const char *colour, const char *text)
{
	figure_put(f, "set label ");
	figure_string(f, text);
	figure_putf(f,
		    " at screen 0.016,%.4f font '" FIGURE_FONT
		    ",%d' textcolor rgb '%s'\n",
		    figure_y(f, pixels), size, colour);
}

void figure_panel(const struct figure *f, double left, double right, int top,
		  int bottom, const char *title)
{
	figure_putf(f,
		    "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		    "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
		    left, right, figure_y(f, top), figure_y(f, bottom));
	figure_put(f, "set label ");
	figure_string(f, title);
	figure_putf(f, " at screen %.4f,%.4f font '" FIGURE_FONT ",12'\n", left,
		    figure_y(f, top - 18));
}

void figure_end_panel(const struct figure *f)
{
	figure_put(
		f,
		"unset label\nunset logscale\nunset ytics\nunset xlabel\n"
		"unset ylabel\nunset key\nset format '%g'\nset ytics auto\nset "
		"xtics auto\n" TICS "set xrange [*:*]\nset yrange [*:*]\n");
}
