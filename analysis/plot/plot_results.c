// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results as grouped bars: a section for each platform and unit, in it a group
 * for each call, in that a bar for each form.  Figures of two platforms never
 * share an axis.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_panel.h"

#define HEAD_PIXELS    120 /* above the first section */
#define TITLE_PIXELS   76  /* of a section, with its legend */
#define ROW_PIXELS     230 /* height of the axes */
#define NAMES_PIXELS   108 /* below them */
#define SECTION_GAP    14
#define LEFT	       0.058
#define RIGHT	       0.988
#define BAR_MIN_PIXELS 6.5
#define GROUP_PIXELS   12   /* between two groups */
#define GROUP_MAX      230  /* pixels; few groups need not fill the width */
#define LABELLED_FROM  12   /* pixels of a bar that has room for its number */
#define GROUP_SHARE    0.86 /* of a group's place that its bars take */
#define LOG_FROM       20   /* ratio of the highest bar to the lowest */
#define LEAST_COUNT    0.5  /* a log axis has no 0: where it begins at most */
#define LEAST_TIME     0.1
#define SLIVER	       0.01 /* of the axis: height of a bar below its begin */
#define MAX_COLUMNS    24
#define MAX_GROUPS     512
#define SECTIONS_MAX   ((size_t)NR_PLATFORMS * NR_UNITS)

/* A form, and with padding its style. */
struct column {
	enum result_form form;
	const char *padding;
	const char *colour;
};

struct section {
	const struct results *results;
	enum result_platform platform;
	enum result_unit unit;
	bool ratios; /* bars show the ratio to native, not the figure */
	bool log;
	bool labelled;	 /* each bar has its number */
	double from, to; /* of the axis */
	double base;	 /* where bars begin */
	double scale;	 /* a figure of the axis in units */
	struct column column[MAX_COLUMNS];
	int nr_columns;
	const char *call[MAX_GROUPS];
	int nr_calls;
	int per_row, nr_rows;
};

static const struct column known_columns[] = {
	{FORM_NATIVE, NULL, "#2f6f9f"},	    {FORM_PADDED, "prefix", "#5f9cc5"},
	{FORM_PADDED, "0x66", "#90bcdb"},   {FORM_PADDED, "nopl", "#bfd8ea"},
	{FORM_INLINE, NULL, "#3f9a63"},	    {FORM_COUNT, NULL, "#9cc45c"},
	{FORM_STUB, NULL, "#e8a33d"},	    {FORM_STAMP, NULL, "#c98a9b"},
	{FORM_AGGREGATE, NULL, "#d9692f"},
	{FORM_TRACE, NULL, "#a83240"},	    {FORM_TRAP, NULL, "#6a4c93"},
	{FORM_REFERENCE, NULL, "#7c8288"},  {FORM_VMIPROF, NULL, "#a83240"},
	{FORM_VMIPROF_PREFILLED, NULL, "#d9692f"},
	{FORM_RECORDER_ALONE, NULL, "#e8a33d"},
	{FORM_PLAIN_WRITE, NULL, "#7c8288"},
	{FORM_LTTNG_UST, NULL, "#2f6f9f"},
	{FORM_BABELTRACE2_DUMMY, NULL, "#5f9cc5"},
	{FORM_LIBBABELTRACE2_HISTOGRAM, NULL, "#90bcdb"},
};

#define NR_KNOWN (sizeof(known_columns) / sizeof(known_columns[0]))

static bool in_section(const struct section *s, const struct result_case *c)
{
	return c->platform == s->platform && c->unit == s->unit;
}

static const struct result_case *find(const struct section *s, const char *call,
				      const struct column *column)
{
	const struct result_case *c = results_find(s->results, call,
						   column->form, s->platform,
						   column->padding);

	return c && c->unit == s->unit ? c : NULL;
}

static void add_call(struct section *s, const char *call)
{
	for (int i = 0; i < s->nr_calls; i++) {
		if (!strcmp(s->call[i], call))
			return;
	}
	if (s->nr_calls < MAX_GROUPS)
		s->call[s->nr_calls++] = call;
}

/* What is drawn of a case: its median and interval; false for nothing. */
static bool bar(const struct section *s, const struct result_case *c,
		double *value, struct interval *range)
{
	if (s->ratios) {
		*value = c->ratio_to_native.median;
		*range = c->ratio_to_native.ci95;
		return c->has_ratio;
	}
	*value = c->stats.median / s->scale;
	*range = (struct interval){ c->stats.ci95.lo / s->scale,
				    c->stats.ci95.hi / s->scale };
	return true;
}

static void find_columns(struct section *s)
{
	for (size_t k = 0; k < NR_KNOWN; k++) {
		bool used = false;

		for (int i = 0; i < s->nr_calls && !used; i++) {
			const struct result_case *c =
				find(s, s->call[i], &known_columns[k]);
			struct interval range;
			double value;

			used = c && bar(s, c, &value, &range);
		}
		if (used)
			s->column[s->nr_columns++] = known_columns[k];
	}
}

/* Less than this is near 0 on a log axis. */
static double least_shown(const struct section *s)
{
	return s->unit == UNIT_INSTRUCTIONS ? LEAST_COUNT : LEAST_TIME;
}

/* Highest and lowest end of bars; numbers stand above the intervals. */
static void find_range(const struct section *s, double *min, double *max)
{
	*min = INFINITY;
	*max = 0;
	for (int i = 0; i < s->nr_calls; i++) {
		for (int k = 0; k < s->nr_columns; k++) {
			const struct result_case *c =
				find(s, s->call[i], &s->column[k]);
			struct interval range;
			double value;

			if (!c || !bar(s, c, &value, &range))
				continue;
			*max = fmax(*max, value);
			if (s->ratios || s->labelled)
				*max = fmax(*max, range.hi);
			if (value >= least_shown(s) || s->ratios)
				*min = fmin(*min, s->ratios ? range.lo : value);
		}
	}
}

static void choose_axis(struct section *s)
{
	double min, max, room;

	find_range(s, &min, &max);
	if (!(min < max)) {
		min = fmin(min, 1);
		max = fmax(max, min + 1);
	}
	if (s->ratios) {
		min = fmin(min, 1);
		max = fmax(max, 1);
		room = (s->labelled ? 0.3 : 0.12) * (max - min);
		s->base = 1;
		s->from = min < 1 ? min - room : 1;
		s->to = max + room;
		return;
	}
	room = s->labelled ? 1.3 : 1.1;
	s->log = max / min > LOG_FROM;
	s->from = s->log ? fmax(least_shown(s),
				pow(10, floor(log10(min))) / 2)
			 : 0;
	s->base = s->from;
	s->to = s->log ? s->from * pow(max / s->from, room)
			: room * max;
}

static bool make_section(struct section *s, const struct results *results,
			 enum result_platform platform, enum result_unit unit)
{
	double group, width = (RIGHT - LEFT) * FIGURE_WIDTH;
	int most;

	*s = (struct section){
		.results = results,
		.platform = platform,
		.unit = unit,
		.ratios = platform == PLATFORM_LINUX_EXACT ||
			  platform == PLATFORM_LINUX_EMULATED ||
			  platform == PLATFORM_LINUX_KVM,
		.scale = unit == UNIT_EVENTS_PER_S ? 1e6 : 1,
	};
	for (size_t i = 0; i < results->nr_cases; i++) {
		if (in_section(s, &results->cases[i]))
			add_call(s, results->cases[i].call);
	}
	find_columns(s);
	if (!s->nr_columns)
		return false;
	group = s->nr_columns * BAR_MIN_PIXELS + GROUP_PIXELS;
	most = (int)(width / group);
	s->nr_rows = (s->nr_calls + most - 1) / most;
	s->per_row = (s->nr_calls + s->nr_rows - 1) / s->nr_rows;
	s->labelled = fmin(width / s->per_row, GROUP_MAX) * GROUP_SHARE /
			      s->nr_columns >= LABELLED_FROM;
	choose_axis(s);
	return true;
}

static int section_pixels(const struct section *s)
{
	return TITLE_PIXELS + s->nr_rows * (ROW_PIXELS + NAMES_PIXELS) +
	       SECTION_GAP;
}

static const char *unit_label(const struct section *s)
{
	static const char *const labels[NR_UNITS] = {
		[UNIT_INSTRUCTIONS] = "instructions",
		[UNIT_CYCLES] = "TSC cycles",
		[UNIT_TCG_CYCLES] = "TCG cycles (emulated)",
		[UNIT_NS] = "ns",
		[UNIT_EVENTS_PER_S] = "million events/s",
	};

	return labels[s->unit];
}

static void column_name(char *name, size_t bytes, const struct column *column)
{
	(void)snprintf(name, bytes, "%s%s%s", form_name(column->form),
		       column->padding ? " " : "",
		       column->padding ? column->padding : "");
}

/* A coloured square and a name for each form, in one line. */
static void put_legend(const struct figure *f, const struct section *s, int at)
{
	double x = LEFT;

	for (int k = 0; k < s->nr_columns; k++) {
		char name[64];

		column_name(name, sizeof(name), &s->column[k]);
		figure_putf(f,
			    "set label '■' at screen %.4f,%.4f font '" FIGURE_FONT
			    ",14' textcolor rgb '%s'\n",
			    x, figure_y(f, at), s->column[k].colour);
		figure_put(f, "set label ");
		figure_string(f, name);
		figure_putf(f,
			    " at screen %.4f,%.4f font '" FIGURE_FONT
			    ",11' textcolor rgb '#303438'\n",
			    x + 0.012, figure_y(f, at));
		x += 0.034 + 0.0056 * (double)strlen(name);
	}
}

static void put_section_title(const struct figure *f, const struct section *s,
			      int top)
{
	const struct platform_info *info = &platform_table[s->platform];
	const struct platform_run *run = &s->results->platform[s->platform];
	bool emulated = s->unit == UNIT_TCG_CYCLES;
	char text[400];

	(void)snprintf(text, sizeof(text), "Platform %s, accelerator %s%s",
		       info->name, info->accelerator,
		       run->status == PLATFORM_FAILED ? "  (PARTIAL)" : "");
	figure_text(f, top + 10, 14, "#101418", text);
	(void)snprintf(text, sizeof(text),
		       "%c%s.  %s%s%s.",
		       info->meaning[0] >= 'a' && info->meaning[0] <= 'z'
			       ? info->meaning[0] - 'a' + 'A'
			       : info->meaning[0],
		       info->meaning + 1,
		       s->ratios ? "Ratio to native (median of paired rounds)"
				 : "Median",
		       s->unit == UNIT_INSTRUCTIONS ? ""
						    : " with its 95 % interval",
		       s->log ? "; log scale" : "");
	figure_text(f, top + 33, 11, emulated ? "#a03030" : "#303438", text);
	put_legend(f, s, top + 57);
}

/* A number over a bar: short. */
static void value_text(char *text, size_t bytes, double value, bool ratio)
{
	if (ratio)
		(void)snprintf(text, bytes, "%.3f", value);
	else if (value >= 100 || value == floor(value))
		(void)snprintf(text, bytes, "%.0f", value);
	else
		(void)snprintf(text, bytes, "%.*f", value < 10 ? 2 : 1, value);
}

static void put_bar(const struct figure *f, const struct section *s,
		    const struct result_case *c, double x, double half)
{
	struct interval range;
	double value, least = s->from;
	char text[32];

	if (!bar(s, c, &value, &range))
		return;
	value_text(text, sizeof(text), value, s->ratios);
	/* That there is a figure shall be seen. */
	if (s->log)
		least *= pow(s->to / s->from, SLIVER);
	figure_putf(f, "%.4f %.4f %.9g %.9g %.9g \"%s\"\n", x, half,
		    fmax(value, least), fmax(range.lo, s->from),
		    fmin(fmax(range.hi, s->from), s->to), text);
}

/* How many forms of a call there are. */
static int group_size(const struct section *s, const char *call)
{
	int nr = 0;

	for (int k = 0; k < s->nr_columns; k++)
		nr += find(s, call, &s->column[k]) != NULL;
	return nr;
}

/* Each form has its place in a group; one alone stands in the middle. */
static double bar_at(const struct section *s, const char *call, int column)
{
	if (group_size(s, call) == 1)
		return 0;
	return GROUP_SHARE * ((column + 0.5) / s->nr_columns - 0.5);
}

/* A block of data for each form, so that each has its colour. */
static void put_row_data(const struct figure *f, const struct section *s,
			int first, int nr)
{
	double step = GROUP_SHARE / s->nr_columns;

	for (int k = 0; k < s->nr_columns; k++) {
		figure_putf(f, "$bars%d << EOD\n", k);
		/* A block without any line is an error. */
		figure_put(f, "-9 0 1 1 1 \"\"\n");
		for (int i = 0; i < nr; i++) {
			const struct result_case *c =
				find(s, s->call[first + i], &s->column[k]);

			if (c)
				put_bar(f, s, c,
					i + bar_at(s, s->call[first + i], k),
					0.46 * step);
		}
		figure_put(f, "EOD\n");
	}
}

static void put_names(const struct figure *f, const struct section *s,
		      int first, int nr)
{
	figure_put(f, "set xtics scale 0 rotate by 32 right offset 0.6,0.2 (");
	for (int i = 0; i < nr; i++) {
		figure_put(f, i ? ", " : "");
		figure_string(f, s->call[first + i]);
		figure_putf(f, " %d", i);
	}
	figure_put(f, ") font '" FIGURE_FONT ",10'\n");
}

static void put_row(const struct figure *f, const struct section *s, int row,
		    int top)
{
	int first = row * s->per_row;
	int nr = s->nr_calls - first < s->per_row ? s->nr_calls - first
						  : s->per_row;
	double width = (RIGHT - LEFT) * FIGURE_WIDTH;
	double right = LEFT + fmin(width, s->per_row * GROUP_MAX) /
				      FIGURE_WIDTH;

	put_row_data(f, s, first, nr);
	figure_panel(f, LEFT, right, top, top + ROW_PIXELS, "");
	figure_putf(f, "set xrange [-0.6:%g]\nset yrange [%.9g:%.9g]\n",
		    s->per_row - 0.4, s->from, s->to);
	if (s->log)
		figure_put(f, "set logscale y\n");
	figure_put(f, "set format y '%.10g'\nunset grid\n"
		      "set grid y lc rgb '#e4e7ea' lt 1 lw 1\n"
		      "set ylabel ");
	figure_string(f, s->ratios ? "ratio to native" : unit_label(s));
	figure_put(f, " offset 0.5,0\n");
	put_names(f, s, first, nr);
	figure_put(f, "plot ");
	for (int k = 0; k < s->nr_columns; k++)
		figure_putf(f,
			    "%s$bars%d using 1:3:($1-$2):($1+$2):(%.9g):3 with "
			    "boxxyerror lc rgb '%s'",
			    k ? ", " : "", k, s->base, s->column[k].colour);
	for (int k = 0; k < s->nr_columns; k++)
		figure_putf(f,
			    ", $bars%d using 1:4:(0):($5-$4) with vectors "
			    "nohead lw 1.4 lc rgb '#22262a'",
			    k);
	for (int k = 0; k < s->nr_columns && s->labelled; k++)
		figure_putf(f,
			    ", $bars%d using 1:($3>$5?$3:$5):6 with labels "
			    "rotate left offset 0,0.4 "
			    "font '" FIGURE_FONT ",9' textcolor rgb '#303438'",
			    k);
	figure_put(f, "\nunset grid\n");
	figure_end_panel(f);
}

static bool has_costs(const struct results *results)
{
	for (size_t i = 0; i < results->nr_cases; i++) {
		if (!unit_more_is_better(results->cases[i].unit))
			return true;
	}
	return false;
}

static void put_head(const struct figure *f, const struct results *results)
{
	char text[512];

	figure_text(f, 30, 19, "#101418",
		    has_costs(results) ? "What a VMI call costs, by form"
				       : "Calls recorded and read per second");
	(void)snprintf(text, sizeof(text), "%s, %s, QEMU %s; %s",
		       results->machine.cpu ? results->machine.cpu
					    : "CPU not known",
		       results->machine.kernel ? results->machine.kernel
					       : "kernel not known",
		       results->tools.qemu ? results->tools.qemu : "not used",
		       results->started ? results->started : "");
	figure_text(f, 60, 12, "#303438", text);
	figure_text(f, 82, 10, "#606468",
		    "Each platform has an axis of its own: figures of two "
		    "platforms are not to be compared.");
}

void figure_write_results(FILE *out, enum figure_format format,
			  const struct results *results)
{
	struct section *sections = calloc(SECTIONS_MAX, sizeof(*sections));
	struct figure f = {.out = out, .height = HEAD_PIXELS};
	int nr = 0, top = HEAD_PIXELS;

	if (!sections)
		abort();
	for (int p = 0; p < NR_PLATFORMS; p++) {
		for (int u = 0; u < NR_UNITS; u++) {
			if (!make_section(&sections[nr], results,
					  (enum result_platform)p,
					  (enum result_unit)u))
				continue;
			f.height += section_pixels(&sections[nr++]);
		}
	}
	figure_begin(&f, format);
	put_head(&f, results);
	for (int i = 0; i < nr; i++) {
		const struct section *s = &sections[i];

		put_section_title(&f, s, top);
		for (int row = 0; row < s->nr_rows; row++)
			put_row(&f, s, row,
				top + TITLE_PIXELS +
					row * (ROW_PIXELS + NAMES_PIXELS));
		top += section_pixels(s);
	}
	figure_end(&f);
	free(sections);
}
