// SPDX-License-Identifier: GPL-2.0-only
#include "symbol_lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Deeper than any compiler inlines; a file that is broken may go in circles. */
#define INLINE_DEPTH_MAX	64

struct function {
	uint64_t begin, end;
	Dwarf_Die die;
};

struct unit {
	Dwarf_Die die;
	bool is_read;
	size_t nr_functions;
	struct function *functions;	/* by begin */
	Dwarf_Files *files;
	size_t nr_files;
	char **names;			/* of files; NULL: not yet asked for */
};

struct range {
	uint64_t begin, end;
	size_t unit;
};

/* A name that was made fit to be printed. */
struct name {
	const char *raw;
	char *clean;
};

struct symbol_lines {
	Dwarf *dwarf;
	size_t nr_units, nr_ranges, nr_names;
	struct unit *units;
	struct range *ranges;		/* by begin */
	struct name *names;		/* of inlined functions, by raw */
};

/* Room for one element more; doubled at each power of two. */
static void *grow(void *array, size_t nr, size_t bytes)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * nr : 1, bytes);
	if (!array)
		err(EXIT_FAILURE, "memory");
	return array;
}

static char *clean_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		err(EXIT_FAILURE, "memory");
	text_clean(copy);
	return copy;
}

static int by_begin(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;	/* the first member of either struct */

	return (*x > *y) - (*x < *y);
}

/*
 * The last of nr elements that begins at or before the address; NULL if it ends
 * before.  begin and end are the first two members.
 */
static void *last_from(void *array, size_t nr, size_t bytes, uint64_t address)
{
	size_t low = 0, high = nr;
	const uint64_t *found;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		found = (const void *)((char *)array + middle * bytes);
		if (found[0] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	found = (const void *)((char *)array + (low - 1) * bytes);
	return address < found[1] ? (void *)found : NULL;
}

static void read_ranges(struct symbol_lines *lines, size_t unit)
{
	Dwarf_Addr base, begin, end;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(&lines->units[unit].die, at, &base, &begin,
				  &end)) > 0) {
		if (begin >= end)
			continue;
		lines->ranges = grow(lines->ranges, lines->nr_ranges,
				     sizeof(*lines->ranges));
		lines->ranges[lines->nr_ranges++] =
			(struct range){ begin, end, unit };
	}
}

struct symbol_lines *symbol_lines_open(Elf *elf)
{
	struct symbol_lines *lines;
	Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	Dwarf_Off offset = 0, next;
	size_t header_bytes;

	if (!dwarf)
		return NULL;
	lines = calloc(1, sizeof(*lines));
	if (!lines)
		err(EXIT_FAILURE, "memory");
	lines->dwarf = dwarf;
	while (!dwarf_nextcu(dwarf, offset, &next, &header_bytes, NULL, NULL,
			     NULL)) {
		Dwarf_Die die;

		if (dwarf_offdie(dwarf, offset + header_bytes, &die)) {
			lines->units = grow(lines->units, lines->nr_units,
					    sizeof(*lines->units));
			lines->units[lines->nr_units] =
				(struct unit){ .die = die };
			read_ranges(lines, lines->nr_units++);
		}
		offset = next;
	}
	if (lines->nr_ranges)
		qsort(lines->ranges, lines->nr_ranges, sizeof(*lines->ranges),
		      by_begin);
	return lines;
}

static void read_function(struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Addr base, begin, end;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(die, at, &base, &begin, &end)) > 0) {
		if (begin >= end)
			continue;
		unit->functions = grow(unit->functions, unit->nr_functions,
				       sizeof(*unit->functions));
		unit->functions[unit->nr_functions++] =
			(struct function){ begin, end, *die };
	}
}

static void read_unit(struct unit *unit)
{
	Dwarf_Die die;
	int more;

	unit->is_read = true;
	for (more = dwarf_child(&unit->die, &die); !more;
	     more = dwarf_siblingof(&die, &die)) {
		if (dwarf_tag(&die) == DW_TAG_subprogram)
			read_function(unit, &die);
	}
	if (unit->nr_functions)
		qsort(unit->functions, unit->nr_functions,
		      sizeof(*unit->functions), by_begin);
	if (dwarf_getsrcfiles(&unit->die, &unit->files, &unit->nr_files))
		unit->nr_files = 0;
	unit->names = calloc(unit->nr_files + 1, sizeof(*unit->names));
	if (!unit->names)
		err(EXIT_FAILURE, "memory");
}

/* A path without the directory that the compiler ran in. */
static const char *in_tree(struct unit *unit, const char *path)
{
	Dwarf_Attribute attribute;
	const char *dir = dwarf_formstring(
		dwarf_attr(&unit->die, DW_AT_comp_dir, &attribute));
	const size_t bytes = dir ? strlen(dir) : 0;

	if (bytes && !strncmp(path, dir, bytes) && path[bytes] == '/')
		path += bytes + 1;
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	return path;
}

/* The name of a unit's file, by its number in the line table. */
static const char *file_name(struct unit *unit, size_t nr)
{
	const char *path;

	if (nr >= unit->nr_files)
		return NULL;
	if (!unit->names[nr]) {
		path = dwarf_filesrc(unit->files, nr, NULL, NULL);
		if (!path)
			return NULL;
		unit->names[nr] = clean_copy(in_tree(unit, path));
	}
	return unit->names[nr];
}

static const char *clean_name(struct symbol_lines *lines, const char *raw)
{
	size_t low = 0, high = lines->nr_names;

	if (!raw)
		return NULL;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (lines->names[middle].raw < raw)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < lines->nr_names && lines->names[low].raw == raw)
		return lines->names[low].clean;
	lines->names = grow(lines->names, lines->nr_names,
			    sizeof(*lines->names));
	memmove(&lines->names[low + 1], &lines->names[low],
		(lines->nr_names - low) * sizeof(*lines->names));
	lines->nr_names++;
	lines->names[low] = (struct name){ raw, clean_copy(raw) };
	return lines->names[low].clean;
}

/*
 * The DIE right below this one in which the address is: an inline function, or a
 * block, in which there may be one.
 */
static bool step_in(Dwarf_Die *die, uint64_t address, Dwarf_Die *inner)
{
	int more;

	for (more = dwarf_child(die, inner); !more;
	     more = dwarf_siblingof(inner, inner)) {
		const int tag = dwarf_tag(inner);

		if ((tag == DW_TAG_inlined_subroutine ||
		     tag == DW_TAG_lexical_block) &&
		    dwarf_haspc(inner, address) > 0)
			return true;
	}
	return false;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attribute) ||
	    dwarf_formudata(&attribute, &value))
		return 0;
	return value;
}

/* True if the address is in code that was inlined, and its line is known. */
static bool find_inlined(struct symbol_lines *lines, struct unit *unit,
			 uint64_t address, struct symbol_place *place)
{
	struct function *function =
		last_from(unit->functions, unit->nr_functions,
			  sizeof(*unit->functions), address);
	Dwarf_Die die, inner;

	if (!function)
		return false;
	die = function->die;
	for (int depth = 0;
	     depth < INLINE_DEPTH_MAX && step_in(&die, address, &inner);
	     depth++) {
		die = inner;
		if (dwarf_tag(&die) != DW_TAG_inlined_subroutine)
			continue;
		/* The outermost one says where; its name is overwritten. */
		if (!place->inlined) {
			place->file = file_name(
				unit, number_of(&die, DW_AT_call_file));
			place->line = (unsigned int)number_of(
				&die, DW_AT_call_line);
		}
		place->inlined = clean_name(lines, dwarf_diename(&die));
	}
	if (!place->file || !place->line) {
		place->file = NULL;
		place->line = 0;
	}
	return place->file;
}

static void find_line(struct unit *unit, uint64_t address,
		      struct symbol_place *place)
{
	Dwarf_Line *line = dwarf_getsrc_die(&unit->die, address);
	Dwarf_Files *files;
	size_t nr;
	int number;

	if (!line || dwarf_lineno(line, &number) || number <= 0 ||
	    dwarf_line_file(line, &files, &nr))
		return;
	place->file = file_name(unit, nr);
	place->line = place->file ? (unsigned int)number : 0;
}

void symbol_lines_find(struct symbol_lines *lines, uint64_t address,
		       struct symbol_place *place)
{
	const struct range *range =
		last_from(lines->ranges, lines->nr_ranges,
			  sizeof(*lines->ranges), address);
	struct unit *unit;

	if (!range)
		return;
	unit = &lines->units[range->unit];
	if (!unit->is_read)
		read_unit(unit);
	if (!find_inlined(lines, unit, address, place))
		find_line(unit, address, place);
}

void symbol_lines_close(struct symbol_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->nr_units; i++) {
		struct unit *unit = &lines->units[i];

		for (size_t n = 0; n < unit->nr_files; n++)
			free(unit->names[n]);
		free(unit->names);
		free(unit->functions);
	}
	for (size_t i = 0; i < lines->nr_names; i++)
		free(lines->names[i].clean);
	free(lines->names);
	free(lines->units);
	free(lines->ranges);
	dwarf_end(lines->dwarf);
	free(lines);
}
