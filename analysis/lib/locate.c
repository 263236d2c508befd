// SPDX-License-Identifier: GPL-2.0-only
#include "locate.h"

#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directory of the running program, "" if /proc does not tell. */
static void program_dir(char *dir, size_t bytes)
{
	ssize_t n = readlink("/proc/self/exe", dir, bytes - 1);
	char *slash;

	dir[n > 0 ? n : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
}

static char *in_dir(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	if (!access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

char *locate_optional(const char *name)
{
	const char *library = getenv("VMIPROF_LIB");
	char beside[PATH_MAX];
	char *path;

	if (library)
		return in_dir(library, name);
	program_dir(beside, sizeof(beside));
	path = in_dir(beside, name);
	return path ? path : in_dir(VMIPROF_LIBDIR, name);
}

char *locate(const char *name)
{
	const char *library = getenv("VMIPROF_LIB");
	char beside[PATH_MAX];
	char *path = locate_optional(name);

	if (path)
		return path;
	if (library) {
		warnx("%s/%s is not there or not readable (VMIPROF_LIB says to look there)",
		      library, name);
		return NULL;
	}
	program_dir(beside, sizeof(beside));
	warnx("%s is neither in %s nor in %s; in the source tree, \"make build/%s\" makes it",
	      name, beside, VMIPROF_LIBDIR, name);
	return NULL;
}
