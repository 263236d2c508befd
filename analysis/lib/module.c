// SPDX-License-Identifier: GPL-2.0-only
#include "module.h"

#include <dlfcn.h>
#include <err.h>
#include <stdlib.h>

#include "locate.h"

const void *module_load(const char *name, const char *symbol,
			const char *package)
{
	char *path = locate_optional(name);
	const void *found = NULL;
	void *module;

	if (!path) {
		warnx("%s is not there: vmiprof was built without it; install %s and build again",
		      name, package);
		return NULL;
	}
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module)
		found = dlsym(module, symbol);
	if (!found)
		warnx("cannot load %s: %s; is the library of %s installed?",
		      path, dlerror(), package);
	free(path);
	return found;
}
