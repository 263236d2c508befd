// SPDX-License-Identifier: GPL-2.0-only
#include "places.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/text.h"

struct places {
	struct symbols *symbols; /* NULL: no place is known */
	char note[512];
};

/* Whether the symbols are of the guest that ran, as far as can be told. */
static bool check_build(struct places *places, const struct run_info *info,
			struct problems *problems)
{
	const char *path = symbols_path(places->symbols);
	char found[SYMBOLS_BUILD_ID_TEXT];

	symbols_build_id_text(places->symbols, found);
	if (!info->symbols_build_id || !*found) {
		text_set(places->note, sizeof(places->note),
			 "%s; not checked against the guest: %s has no "
			 "build-id",
			 path, *found ? "the recording" : "it");
		return true;
	}
	if (!strcasecmp(found, info->symbols_build_id)) {
		text_set(places->note, sizeof(places->note), "%s%s", path,
			 info->symbols_check == SYMBOLS_FIT
				 ? ", the build that ran"
				 : "");
		return true;
	}
	problems_add(problems,
		     "%s: build-id: found %s, expected %s as recorded: it is "
		     "of another build; sites stay addresses",
		     path, found, info->symbols_build_id);
	text_set(places->note, sizeof(places->note),
		 "none: %s is of another build", path);
	return false;
}

struct places *places_open(const struct run_info *info, const char *file,
			   struct problems *problems)
{
	struct places *places = calloc(1, sizeof(*places));
	const char *path = file ? file : info->symbols_file;
	char why[256];

	if (!places)
		err(EXIT_FAILURE, "memory");
	if (!path) {
		text_set(places->note, sizeof(places->note),
			 "none: the recording names no file with symbols; "
			 "--vmlinux does");
		return places;
	}
	if (!file && info->symbols_check == SYMBOLS_DIFFER) {
		text_set(places->note, sizeof(places->note),
			 "none: %s was not what the guest ran; --vmlinux "
			 "names another file",
			 path);
		return places;
	}
	places->symbols = symbols_open(path, why, sizeof(why));
	if (!places->symbols && file) {
		warnx("%s", why);
		free(places);
		return NULL;
	}
	if (!places->symbols) {
		text_set(places->note, sizeof(places->note), "none: %s", why);
	} else if (!check_build(places, info, problems)) {
		symbols_close(places->symbols);
		places->symbols = NULL;
	}
	text_clean(places->note);
	return places;
}

bool places_find(struct places *places, uint32_t ret,
		 struct symbol_place *place)
{
	return places->symbols &&
	       symbols_find_call(places->symbols, ret, place);
}

const char *places_note(const struct places *places)
{
	return places->note;
}

void places_free(struct places *places)
{
	if (places->symbols)
		symbols_close(places->symbols);
	free(places);
}
