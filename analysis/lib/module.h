/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * module.h - parts of vmiprof that lie in shared objects beside it
 *
 * Libraries that few uses need are linked to these, not to the program.
 */
#ifndef MODULE_H
#define MODULE_H

/*
 * Load the shared object of that name and return what the symbol stands for; it
 * stays loaded.  NULL after a message that says what is missing and which Debian
 * package has it.
 */
const void *module_load(const char *name, const char *symbol,
			const char *package);

#endif /* MODULE_H */
