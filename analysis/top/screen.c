// SPDX-License-Identifier: GPL-2.0-only
#include "screen.h"

#include <err.h>
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/tsc.h"
#include "top.h"

#define ERROR_PAIR	1
#define ERROR_LINE	2	/* the sums; "lost" stands there */

struct screen {
	struct live *live;
	struct view *view;
	struct live_shot shot;
	double delay_s;
	bool help;
	bool quit;
	bool update;		/* do not wait for the end of the interval */
	char message[80];	/* instead of the empty line */
};

static const char help_text[] =
	"Keys\n"
	"\n"
	"  space    update now             q  quit\n"
	"  d or s   change the delay       h  this help\n"
	"  c        calls or call sites    1  a line for each vCPU\n"
	"  < >      choose what to sort by R  reverse the order\n"
	"  C        sort by calls          P  sort by share of cycles\n"
	"  T        sort by time           M  sort by mean cycles\n"
	"  X        sort by longest call   N  sort by name\n"
	"\n"
	"Any key goes on.";

/* Put text on the screen from line y on; returns the line behind it. */
static int put_text(int y, char *text)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && y < LINES) {
		if (!rest && !*line)
			break;
		mvaddnstr(y++, 0, line, COLS);
	}
	return y;
}

typedef void print_fn(const struct screen *screen, FILE *out);

static int put_printed(const struct screen *screen, int y, print_fn *print)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return y;
	print(screen, out);
	(void)fclose(out);
	y = put_text(y, text);
	free(text);
	return y;
}

static void print_summary(const struct screen *screen, FILE *out)
{
	view_print_summary(screen->view, screen->live, &screen->shot, out);
}

static void print_header(const struct screen *screen, FILE *out)
{
	view_print_header(screen->view, out);
}

static void print_rows(const struct screen *screen, FILE *out)
{
	view_print_rows(screen->view, screen->live, &screen->shot, out);
}

static void draw(struct screen *screen)
{
	int y;

	erase();
	if (screen->help) {
		char text[sizeof(help_text)];

		memcpy(text, help_text, sizeof(text));
		put_text(0, text);
		refresh();
		return;
	}
	view_sort(screen->view, &screen->shot);
	y = put_printed(screen, 0, print_summary);
	if (has_colors() && screen->shot.lost_per_s > 0)
		mvchgat(*screen->view->dir ? ERROR_LINE : ERROR_LINE - 1, 0, -1,
			A_BOLD, ERROR_PAIR, NULL);
	mvprintw(y - 1, 0, "%s", screen->message);
	y = put_printed(screen, y, print_header);
	mvchgat(y - 1, 0, -1, A_REVERSE, 0, NULL);
	screen->view->rows = LINES > y ? (size_t)(LINES - y) : 0;
	put_printed(screen, y, print_rows);
	refresh();
}

static void ask_delay(struct screen *screen)
{
	char answer[16] = "", *end;
	double delay_s;

	echo();
	timeout(-1);
	mvprintw(LINES - 1, 0, "Change delay from %.1f to: ", screen->delay_s);
	clrtoeol();
	getnstr(answer, sizeof(answer) - 1);
	noecho();
	delay_s = strtod(answer, &end);
	if (!*answer)
		return;
	if (*end || !(delay_s >= TOP_DELAY_MIN_S && delay_s <= TOP_DELAY_MAX_S))
		(void)snprintf(screen->message, sizeof(screen->message),
			       "A delay is %.1f to %.0f seconds",
			       TOP_DELAY_MIN_S, TOP_DELAY_MAX_S);
	else
		screen->delay_s = delay_s;
}

static void sort_by(struct screen *screen, enum view_sort sort)
{
	screen->view->sort = sort;
	(void)snprintf(screen->message, sizeof(screen->message),
		       "Sorted by %s", view_sort_name[sort]);
}

static bool sort_key(struct screen *screen, int key)
{
	static const char keys[NR_VIEW_SORTS] = {
		[VIEW_CALLS] = 'C', [VIEW_CYCLES] = 'P', [VIEW_TIME] = 'T',
		[VIEW_MEAN] = 'M',  [VIEW_MAX] = 'X',	 [VIEW_NAME] = 'N',
	};

	for (int sort = 0; sort < NR_VIEW_SORTS; sort++) {
		if (keys[sort] != key)
			continue;
		sort_by(screen, (enum view_sort)sort);
		return true;
	}
	return false;
}

static void handle_key(struct screen *screen, int key)
{
	struct view *view = screen->view;

	screen->message[0] = '\0';
	if (screen->help) {
		screen->help = false;
		return;
	}
	if (sort_key(screen, key))
		return;
	switch (key) {
	case 'q':
		screen->quit = true;
		break;
	case ' ':
		screen->update = true;
		break;
	case 'd':
	case 's':
		ask_delay(screen);
		break;
	case 'h':
	case '?':
		screen->help = true;
		break;
	case 'c':
		view->sites = !view->sites;
		break;
	case '1':
		view->vcpus = !view->vcpus;
		break;
	case 'R':
		view->reverse = !view->reverse;
		break;
	case '<':
		sort_by(screen, (view->sort + NR_VIEW_SORTS - 1) % NR_VIEW_SORTS);
		break;
	case '>':
		sort_by(screen, (view->sort + 1) % NR_VIEW_SORTS);
		break;
	case KEY_RESIZE:
		break;
	default:
		(void)snprintf(screen->message, sizeof(screen->message),
			       "Unknown key; h for help");
	}
}

/* Look at the ring and hear keys until the interval is over. */
static bool pass_interval(const struct recording_place *place,
			  struct screen *screen)
{
	const uint64_t begin_ns = clock_ns();

	screen->update = false;
	while (!screen->quit && !screen->update && !stop_signal &&
	       (double)(clock_ns() - begin_ns) < screen->delay_s * 1e9) {
		int key;

		if (!live_look(screen->live) || recording_ended(place))
			return false;
		timeout(TOP_LOOK_MS);
		key = getch();
		if (key == ERR)
			continue;
		handle_key(screen, key);
		draw(screen);
	}
	return !screen->quit && !stop_signal;
}

static bool open_screen(SCREEN **terminal)
{
	const char *no_color = getenv("NO_COLOR");

	(void)setlocale(LC_CTYPE, "");
	*terminal = newterm(NULL, stdout, stdin);
	if (!*terminal) {
		warnx("cannot use this terminal (TERM is \"%s\"); --batch prints plain text",
		      getenv("TERM") ? getenv("TERM") : "");
		return false;
	}
	if (!(no_color && *no_color) && has_colors()) {
		start_color();
		use_default_colors();
		init_pair(ERROR_PAIR, COLOR_RED, -1);
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

bool screen_run(const struct recording_place *place, struct live *live,
		struct view *view, double delay_s, unsigned int nr)
{
	/* Something is there soon, then comes one interval after the other. */
	struct screen screen = { .live = live, .view = view, .delay_s = 0.3 };
	SCREEN *terminal;
	bool first = true;

	if (!open_screen(&terminal))
		return false;
	for (unsigned int shown = 0; !nr || shown < nr; shown++) {
		if (!pass_interval(place, &screen))
			break;
		if (first)
			screen.delay_s = delay_s;
		first = false;
		free(screen.shot.site);
		live_take(live, &screen.shot);
		draw(&screen);
	}
	free(screen.shot.site);
	endwin();
	delscreen(terminal);
	return true;
}
