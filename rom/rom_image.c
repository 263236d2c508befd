/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_image.c - turn a linked ROM into an option ROM image
 *
 * rom_image IN OUT             pad to 512 bytes, set lengths and checksums
 * rom_image --break WHAT IN OUT
 *                              make a test image of a finished one: WHAT is
 *                              signature, checksum, length or major
 *
 * Nothing here depends on time or place: the same input gives the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmi/abi.h>

/* The fourth byte of the entry field is not code: it balances the sum. */
#define HDR_CHECKSUM		(VMI_HDR_ENTRY16 + 3)
#define PCIR_LENGTH		0x10
#define PNP_BLOCKS		0x05
#define PNP_CHECKSUM		0x09
#define PNP_BLOCK_BYTES		16
#define IMAGE_BYTES_MAX		((size_t)VMI_ROM_LENGTH_MAX * VMI_ROM_LENGTH_UNIT)

struct image {
	const char *name;
	size_t bytes;
	uint8_t data[IMAGE_BYTES_MAX + 1];	/* one more shows an excess */
};

static void fail(const struct image *image, const char *what)
{
	fprintf(stderr, "rom_image: %s: %s\n", image->name, what);
	exit(1);
}

static uint8_t sum(const uint8_t *data, size_t bytes)
{
	uint8_t total = 0;

	while (bytes--)
		total = (uint8_t)(total + *data++);
	return total;
}

static size_t get_u16(const struct image *image, size_t offset)
{
	return image->data[offset] | (size_t)image->data[offset + 1] << 8;
}

static void image_read(struct image *image, const char *name)
{
	FILE *file = fopen(name, "rb");

	image->name = name;
	if (!file) {
		perror(name);
		exit(1);
	}
	image->bytes = fread(image->data, 1, sizeof(image->data), file);
	if (ferror(file))
		fail(image, "cannot be read");
	fclose(file);
	if (image->bytes > IMAGE_BYTES_MAX)
		fail(image, "longer than 127 * 512 bytes");
	if (image->bytes < VMI_HDR_BYTES)
		fail(image, "shorter than the ROM header");
	if (get_u16(image, VMI_HDR_SIGNATURE) != VMI_ROM_SIGNATURE)
		fail(image, "does not start with 55 aa");
}

static void image_write(const struct image *image, const char *name)
{
	FILE *file = fopen(name, "wb");

	if (!file || fwrite(image->data, 1, image->bytes, file) !=
	    image->bytes || fclose(file)) {
		perror(name);
		exit(1);
	}
}

/* Offset of a structure that the header points to. */
static size_t structure(const struct image *image, size_t field, size_t bytes,
			const char *signature)
{
	size_t offset = get_u16(image, field);

	if (offset + bytes > image->bytes ||
	    memcmp(image->data + offset, signature, 4) != 0)
		fail(image, "a header pointer does not lead to its structure");
	return offset;
}

static void set_checksum(struct image *image)
{
	image->data[HDR_CHECKSUM] = 0;
	image->data[HDR_CHECKSUM] =
		(uint8_t)-sum(image->data, image->bytes);
}

static void finish(struct image *image)
{
	size_t pcir = structure(image, VMI_HDR_PCIR, 0x18, "PCIR");
	size_t pnp = structure(image, VMI_HDR_PNP, 0x20, "$PnP");
	size_t pnp_bytes = (size_t)image->data[pnp + PNP_BLOCKS] *
			   PNP_BLOCK_BYTES;
	uint8_t units;

	while (image->bytes % VMI_ROM_LENGTH_UNIT)
		image->data[image->bytes++] = 0;
	units = (uint8_t)(image->bytes / VMI_ROM_LENGTH_UNIT);
	image->data[VMI_HDR_LENGTH] = units;
	image->data[pcir + PCIR_LENGTH] = units;
	image->data[pcir + PCIR_LENGTH + 1] = 0;
	image->data[pnp + PNP_CHECKSUM] = 0;
	image->data[pnp + PNP_CHECKSUM] =
		(uint8_t)-sum(image->data + pnp, pnp_bytes);
	set_checksum(image);
}

/* One thing wrong and, but for the checksum itself, nothing else. */
static void break_image(struct image *image, const char *what)
{
	if (!strcmp(what, "signature")) {
		image->data[VMI_HDR_VMI_SIGNATURE] ^= 0x20;
		set_checksum(image);
	} else if (!strcmp(what, "length")) {
		image->data[VMI_HDR_LENGTH] = VMI_ROM_LENGTH_MAX + 1;
		set_checksum(image);
	} else if (!strcmp(what, "major")) {
		image->data[VMI_HDR_API_MAJOR] = VMI_API_MAJOR + 1;
		set_checksum(image);
	} else if (!strcmp(what, "checksum")) {
		image->data[HDR_CHECKSUM]++;
	} else {
		fprintf(stderr, "rom_image: --break %s: expected signature, "
			"checksum, length or major\n", what);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct image image;

	if (argc == 3) {
		image_read(&image, argv[1]);
		finish(&image);
		image_write(&image, argv[2]);
	} else if (argc == 5 && !strcmp(argv[1], "--break")) {
		image_read(&image, argv[3]);
		break_image(&image, argv[2]);
		image_write(&image, argv[4]);
	} else {
		fprintf(stderr, "usage: rom_image [--break WHAT] IN OUT\n");
		return 2;
	}
	return 0;
}
