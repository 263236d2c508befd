/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * locate.h - find the guests and ROMs that come with vmiprof
 *
 * They lie beside the program in a build tree, in the library directory when it
 * is installed, or where the environment variable VMIPROF_LIB says.
 */
#ifndef LOCATE_H
#define LOCATE_H

/*
 * Path of the file `name` ("guest.elf", "linux/bzImage"), to be freed.  NULL
 * after a message that says where it was looked for and how to make it.
 */
char *locate(const char *name);

/* The same without a message, for what need not be there. */
char *locate_optional(const char *name);

#endif /* LOCATE_H */
