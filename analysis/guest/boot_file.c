// SPDX-License-Identifier: GPL-2.0-only
#include "boot_file.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Multiboot 0.6.96, section 3.1.1: the header lies in the first 8192 bytes. */
#define MULTIBOOT_BYTES		8192
#define MULTIBOOT_MAGIC		0x1badb002u

/* Linux, Documentation/x86/boot.rst: "HdrS" at 0x202. */
#define LINUX_MAGIC_OFFSET	0x202

#define BOOT_SECTOR_BYTES	512
#define CDROM_OFFSET		32769	/* ISO 9660: the first descriptor's name */
#define HEAD_BYTES		(CDROM_OFFSET + 5)

#define PVH_NOTE		18	/* XEN_ELFNOTE_PHYS32_ENTRY */
#define NOTES_BYTES_MAX		65536
#define SEGMENTS_MAX		64

/* The first bytes of a file; what it does not have is zero. */
struct head {
	int fd;
	size_t bytes;
	uint8_t data[HEAD_BYTES];
};

static bool has(const struct head *head, size_t offset, const char *text)
{
	return offset + strlen(text) <= head->bytes &&
	       !memcmp(head->data + offset, text, strlen(text));
}

static uint32_t word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool is_multiboot(const struct head *head)
{
	const size_t end = head->bytes < MULTIBOOT_BYTES ? head->bytes
							 : MULTIBOOT_BYTES;

	for (size_t at = 0; at + 12 <= end; at += 4) {
		const uint8_t *header = head->data + at;

		if (word(header) == MULTIBOOT_MAGIC &&
		    !(word(header) + word(header + 4) + word(header + 8)))
			return true;
	}
	return false;
}

/* Whether there is the note that says where a kernel is entered by PVH. */
static bool find_pvh(const struct head *head, uint64_t offset, uint64_t bytes)
{
	static uint8_t notes[NOTES_BYTES_MAX];
	const size_t most = bytes < sizeof(notes) ? bytes : sizeof(notes);
	const ssize_t n = offset > INT64_MAX ? 0
					     : pread(head->fd, notes, most,
						     (off_t)offset);
	size_t at = 0;

	while (n > 0 && at + sizeof(Elf32_Nhdr) <= (size_t)n) {
		Elf32_Nhdr note;

		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		if (note.n_type == PVH_NOTE && note.n_namesz == 4 &&
		    at + 4 <= (size_t)n && !memcmp(notes + at, "Xen", 4))
			return true;
		if (note.n_namesz > most || note.n_descsz > most)
			return false;
		at += ((note.n_namesz + 3) & ~3u) + ((note.n_descsz + 3) & ~3u);
	}
	return false;
}

static bool has_pvh(const struct head *head)
{
	const bool wide = head->data[EI_CLASS] == ELFCLASS64;
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	memcpy(&e64, head->data, sizeof(e64));
	memcpy(&e32, head->data, sizeof(e32));
	for (unsigned int i = 0; i < SEGMENTS_MAX &&
				 i < (wide ? e64.e_phnum : e32.e_phnum); i++) {
		const uint64_t at = wide ? e64.e_phoff + i * sizeof(Elf64_Phdr)
					 : e32.e_phoff + i * sizeof(Elf32_Phdr);
		Elf64_Phdr p64;
		Elf32_Phdr p32;

		if (at > INT64_MAX ||
		    pread(head->fd, wide ? (void *)&p64 : (void *)&p32,
			  wide ? sizeof(p64) : sizeof(p32), (off_t)at) !=
			    (ssize_t)(wide ? sizeof(p64) : sizeof(p32)))
			return false;
		if ((wide ? p64.p_type : p32.p_type) == PT_NOTE &&
		    find_pvh(head, wide ? p64.p_offset : p32.p_offset,
			     wide ? p64.p_filesz : p32.p_filesz))
			return true;
	}
	return false;
}

static enum boot_file elf_kind(const struct head *head)
{
	if (has_pvh(head))
		return BOOT_FILE_KERNEL;
	if (!is_multiboot(head))
		return BOOT_FILE_ELF;
	return head->data[EI_CLASS] == ELFCLASS64 ? BOOT_FILE_ELF64
						  : BOOT_FILE_KERNEL;
}

static bool all_zero(const struct head *head)
{
	for (size_t i = 0; i < head->bytes; i++) {
		if (head->data[i])
			return false;
	}
	return true;
}

enum boot_file boot_file_kind(int fd)
{
	static struct head head;
	ssize_t n = pread(fd, head.data, sizeof(head.data), 0);

	if (n <= 0)
		return BOOT_FILE_EMPTY;
	head.fd = fd;
	head.bytes = (size_t)n;
	memset(head.data + n, 0, sizeof(head.data) - head.bytes);
	if (has(&head, LINUX_MAGIC_OFFSET, "HdrS"))
		return BOOT_FILE_KERNEL;
	if (has(&head, 0, ELFMAG))
		return elf_kind(&head);
	if (is_multiboot(&head))
		return BOOT_FILE_KERNEL;
	if (has(&head, 0, "QFI\xfb"))
		return BOOT_FILE_QCOW2;
	if (has(&head, CDROM_OFFSET, "CD001"))
		return BOOT_FILE_CDROM;
	if (has(&head, 0, "MZ"))
		return BOOT_FILE_PE;
	if (has(&head, 0, "\x1f\x8b"))
		return BOOT_FILE_GZIP;
	if (has(&head, BOOT_SECTOR_BYTES - 2, "\x55\xaa"))
		return BOOT_FILE_DISK;
	return all_zero(&head) ? BOOT_FILE_ZEROS : BOOT_FILE_OTHER;
}

const char *boot_file_name(enum boot_file kind)
{
	static const char *const name[] = {
		[BOOT_FILE_KERNEL] = "a kernel",
		[BOOT_FILE_ELF64] = "a multiboot kernel of 64 bits",
		[BOOT_FILE_ELF] = "an ELF file without multiboot header or PVH note",
		[BOOT_FILE_DISK] = "a disk image (55 aa ends its first sector)",
		[BOOT_FILE_QCOW2] = "a disk image (qcow2)",
		[BOOT_FILE_CDROM] = "a CD-ROM image (ISO 9660)",
		[BOOT_FILE_PE] = "a PE file (a Windows or EFI program)",
		[BOOT_FILE_GZIP] = "a gzip file",
		[BOOT_FILE_ZEROS] = "nothing but zeros at its beginning",
		[BOOT_FILE_EMPTY] = "empty",
		[BOOT_FILE_OTHER] = "nothing known",
	};

	return name[kind];
}
