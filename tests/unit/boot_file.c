// SPDX-License-Identifier: GPL-2.0-only
/*
 * What files are that a guest is to boot from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest/boot_file.h"

static uint8_t image[70000];

static enum boot_file kind(size_t bytes)
{
	int fd = memfd_create("boot", MFD_CLOEXEC);
	enum boot_file found;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, image, bytes), bytes);
	found = boot_file_kind(fd);
	close(fd);
	return found;
}

static void put(size_t offset, const void *data, size_t bytes)
{
	memcpy(image + offset, data, bytes);
}

static int clear(void **state)
{
	(void)state;
	memset(image, 0, sizeof(image));
	return 0;
}

static void put_multiboot(size_t offset)
{
	const uint32_t header[] = { 0x1badb002, 3, -(0x1badb002u + 3) };

	put(offset, header, sizeof(header));
}

static void test_multiboot(void **state)
{
	(void)state;
	put_multiboot(8180);
	assert_int_equal(kind(8192), BOOT_FILE_KERNEL);
	assert_int_equal(kind(8191), BOOT_FILE_OTHER);
	image[8190]++;
	assert_int_equal(kind(8192), BOOT_FILE_OTHER);
	clear(NULL);
	put_multiboot(8184);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_OTHER);
}

static void test_linux(void **state)
{
	(void)state;
	put(0, "MZ", 2);
	put(510, "\x55\xaa", 2);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_PE);
	put(0x202, "HdrS", 4);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_KERNEL);
}

static void test_elf(void **state)
{
	static const struct {
		Elf64_Nhdr head;
		char name[4];
		uint64_t entry;
	} note = { { 4, 8, 18 }, "Xen", 0x100000 };
	Elf64_Ehdr header = { .e_ident = ELFMAG, .e_phoff = 64, .e_phnum = 1 };
	Elf64_Phdr segment = {
		.p_type = PT_NOTE,
		.p_offset = 0x400,
		.p_filesz = sizeof(note),
	};

	(void)state;
	header.e_ident[EI_CLASS] = ELFCLASS64;
	put(0, &header, sizeof(header));
	put(64, &segment, sizeof(segment));
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_ELF);
	put_multiboot(0x1000);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_ELF64);
	put(0x400, &note, sizeof(note));
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_KERNEL);
	/* Offsets and sizes that lead nowhere. */
	segment.p_offset = UINT64_MAX;
	put(64, &segment, sizeof(segment));
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_ELF64);
	header.e_phoff = INT64_MAX;
	put(0, &header, sizeof(header));
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_ELF64);
}

static void test_images(void **state)
{
	(void)state;
	assert_int_equal(kind(0), BOOT_FILE_EMPTY);
	assert_int_equal(kind(512), BOOT_FILE_ZEROS);
	put(510, "\x55\xaa", 2);
	assert_int_equal(kind(511), BOOT_FILE_OTHER);
	assert_int_equal(kind(512), BOOT_FILE_DISK);
	put(32769, "CD001", 5);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_CDROM);
	put(0, "QFI\xfb", 4);
	assert_int_equal(kind(sizeof(image)), BOOT_FILE_QCOW2);
	assert_string_equal(boot_file_name(BOOT_FILE_QCOW2),
			    "a disk image (qcow2)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_multiboot, clear),
		cmocka_unit_test_setup(test_linux, clear),
		cmocka_unit_test_setup(test_elf, clear),
		cmocka_unit_test_setup(test_images, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
