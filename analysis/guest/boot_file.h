/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot_file.h - what a file is that a guest is to boot from
 *
 * QEMU takes any file for -kernel: one that is none is run as a kernel of 1995,
 * and nothing happens, for ever.
 */
#ifndef BOOT_FILE_H
#define BOOT_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum boot_file {
	BOOT_FILE_KERNEL,	/* multiboot, Linux, or ELF with a PVH note */
	BOOT_FILE_ELF64,	/* multiboot, but of 64 bits */
	BOOT_FILE_ELF,		/* of neither kind */
	BOOT_FILE_DISK,		/* raw, with a boot sector */
	BOOT_FILE_QCOW2,
	BOOT_FILE_CDROM,
	BOOT_FILE_PE,
	BOOT_FILE_GZIP,
	BOOT_FILE_ZEROS,
	BOOT_FILE_EMPTY,
	BOOT_FILE_OTHER,
};

/* Look at the file behind fd.  BOOT_FILE_EMPTY also if it cannot be read. */
enum boot_file boot_file_kind(int fd);

/* In words: "a PE file (a Windows or EFI program)". */
const char *boot_file_name(enum boot_file kind);

#endif /* BOOT_FILE_H */
