// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file is not trusted: an offset is followed only after it was compared
 * with the size of the image.
 */
#include "rom_image.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/input_file.h"
#include "rom_descriptor.h"

/* More than the BIOS has room for; a larger file is no ROM. */
#define FILE_BYTES_MAX ((size_t)1 << 20)

/* PCI Firmware Specification 3.0, 5.1.2: PCI data structure. */
#define PCIR_BYTES	  24
#define PCIR_VENDOR	  0x04
#define PCIR_DEVICE	  0x06
#define PCIR_LENGTH	  0x0a
#define PCIR_IMAGE_LENGTH 0x10
#define PCIR_REVISION	  0x12

/* Plug and Play BIOS Specification 1.0A, 3.2: expansion header. */
#define PNP_BYTES	 32
#define PNP_LENGTH	 0x05 /* units of 16 bytes */
#define PNP_MANUFACTURER 0x0e
#define PNP_PRODUCT	 0x10

#define INT3 0xcc /* fills up a slot */

/* In the relocation ABI, reserved in the slot ABI: offset of the licence. */
#define HDR_LICENCE 0x16

static uint16_t get16(const struct rom_image *rom, size_t offset)
{
	return (uint16_t)(rom->data[offset] | rom->data[offset + 1] << 8);
}

/* The printable text at offset; "" when it is not inside or not terminated. */
static void get_text(const struct rom_image *rom, size_t offset, char *text,
		     size_t size)
{
	size_t n = 0;

	while (offset + n < rom->bytes && n + 1 < size &&
	       isprint(rom->data[offset + n])) {
		text[n] = (char)rom->data[offset + n];
		n++;
	}
	if (offset + n >= rom->bytes || rom->data[offset + n])
		n = 0;
	text[n] = '\0';
}

static void check_header(struct rom_image *rom)
{
	const struct vmi_rom_header *h = &rom->header;
	const size_t length = (size_t)h->length * VMI_ROM_LENGTH_UNIT;

	if (h->signature != VMI_ROM_SIGNATURE)
		problems_add(&rom->problems,
			     "%s: signature: found 0x%04x, expected 0x%04x",
			     rom->path, h->signature, VMI_ROM_SIGNATURE);
	if (h->length == 0 || h->length > VMI_ROM_LENGTH_MAX)
		problems_add(&rom->problems,
			     "%s: length: found %u units of %d bytes, expected "
			     "1 to %d",
			     rom->path, h->length, VMI_ROM_LENGTH_UNIT,
			     VMI_ROM_LENGTH_MAX);
	if (length != rom->bytes)
		problems_add(&rom->problems,
			     "%s: length: found %zu bytes in the header, "
			     "expected %zu, the size of the file",
			     rom->path, length, rom->bytes);
	if (h->vmi_signature != VMI_SIGNATURE)
		problems_add(&rom->problems,
			     "%s: VMI signature: found 0x%08x, expected 0x%08x "
			     "(\"cVmi\")",
			     rom->path, h->vmi_signature, VMI_SIGNATURE);
	if (h->api_major != VMI_API_MAJOR)
		problems_add(&rom->problems,
			     "%s: API major version: found %u, expected %d",
			     rom->path, h->api_major, VMI_API_MAJOR);
	if (rom->bytes < (size_t)VMI_NR_CALLS * VMI_SLOT_BYTES)
		problems_add(&rom->problems,
			     "%s: size: found %zu bytes, expected at least %d "
			     "for the slots of %d calls",
			     rom->path, rom->bytes,
			     VMI_NR_CALLS * VMI_SLOT_BYTES,
			     VMI_NR_CALLS - VMI_FIRST_CALL);
}

/* Of what the header calls the image, or of what there is of it. */
static void check_checksum(struct rom_image *rom)
{
	size_t length = (size_t)rom->header.length * VMI_ROM_LENGTH_UNIT;

	if (length > rom->bytes || length == 0)
		length = rom->bytes;
	for (size_t i = 0; i < length; i++)
		rom->checksum = (uint8_t)(rom->checksum + rom->data[i]);
	if (rom->checksum)
		problems_add(&rom->problems,
			     "%s: checksum: the bytes add up to 0x%02x, "
			     "expected 0x00",
			     rom->path, rom->checksum);
}

/* The firmware makes a far call to it: there must be a jump to code. */
static void check_entry16(struct rom_image *rom)
{
	const uint8_t *code = rom->header.entry16;
	size_t target = VMI_HDR_ENTRY16;

	if (code[0] == 0xeb) {
		target += 2 + (size_t)(int8_t)code[1];
	} else if (code[0] == 0xe9) {
		target += 3 + (size_t)(int16_t)get16(rom, VMI_HDR_ENTRY16 + 1);
	} else if (code[0] != 0xcb) { /* lret: nothing to do */
		problems_add(&rom->problems,
			     "%s: 16-bit entry: found byte 0x%02x, expected a "
			     "jump (0xeb, 0xe9) or a far return (0xcb)",
			     rom->path, code[0]);
		return;
	}
	if (target >= rom->bytes)
		problems_add(&rom->problems,
			     "%s: 16-bit entry: jumps to 0x%zx, expected an "
			     "offset below 0x%zx",
			     rom->path, target, rom->bytes);
	else
		rom->entry16 = target;
}

/*
 * Whether a structure of that size and signature lies at the offset.  Offset 0:
 * there is none, which is allowed.
 */
static bool has_structure(struct rom_image *rom, size_t offset, size_t bytes,
			  const char *signature)
{
	if (!offset)
		return false;
	if (offset + bytes > rom->bytes) {
		problems_add(&rom->problems,
			     "%s: %s: found offset 0x%zx, expected at most "
			     "0x%zx",
			     rom->path, signature, offset, rom->bytes - bytes);
		return false;
	}
	if (memcmp(rom->data + offset, signature, 4) != 0) {
		problems_add(&rom->problems,
			     "%s: %s: found %02x %02x %02x %02x at offset "
			     "0x%zx, expected \"%s\"",
			     rom->path, signature, rom->data[offset],
			     rom->data[offset + 1], rom->data[offset + 2],
			     rom->data[offset + 3], offset, signature);
		return false;
	}
	return true;
}

static void check_pcir(struct rom_image *rom)
{
	const uint16_t offset = rom->header.pcir;
	unsigned int length;

	if (!has_structure(rom, offset, PCIR_BYTES, "PCIR"))
		return;
	rom->pcir.offset = offset;
	rom->pcir.vendor = get16(rom, offset + PCIR_VENDOR);
	rom->pcir.device = get16(rom, offset + PCIR_DEVICE);
	rom->pcir.revision = get16(rom, offset + PCIR_REVISION);
	length = get16(rom, offset + PCIR_LENGTH);
	if (length < PCIR_BYTES)
		problems_add(&rom->problems,
			     "%s: PCIR: length: found %u, expected at least %d",
			     rom->path, length, PCIR_BYTES);
	length = get16(rom, offset + PCIR_IMAGE_LENGTH);
	if (length != rom->header.length)
		problems_add(&rom->problems,
			     "%s: PCIR: image length: found %u units, expected "
			     "%u as in the header",
			     rom->path, length, rom->header.length);
}

static void check_pnp(struct rom_image *rom)
{
	const uint16_t offset = rom->header.pnp;
	size_t bytes;
	uint8_t sum = 0;

	if (!has_structure(rom, offset, PNP_BYTES, "$PnP"))
		return;
	rom->pnp.offset = offset;
	get_text(rom, get16(rom, offset + PNP_MANUFACTURER),
		 rom->pnp.manufacturer, sizeof(rom->pnp.manufacturer));
	get_text(rom, get16(rom, offset + PNP_PRODUCT), rom->pnp.product,
		 sizeof(rom->pnp.product));
	bytes = (size_t)rom->data[offset + PNP_LENGTH] * 16;
	if (bytes < PNP_BYTES || offset + bytes > rom->bytes) {
		problems_add(&rom->problems,
			     "%s: $PnP: length: found %zu bytes, expected %d",
			     rom->path, bytes, PNP_BYTES);
		return;
	}
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + rom->data[offset + i]);
	if (sum)
		problems_add(&rom->problems,
			     "%s: $PnP: checksum: the bytes add up to 0x%02x, "
			     "expected 0x00",
			     rom->path, sum);
}

static void read_licence(struct rom_image *rom)
{
	const uint16_t offset = get16(rom, HDR_LICENCE);

	if (offset)
		get_text(rom, offset, rom->licence, sizeof(rom->licence));
}

/* The whole file; NULL after a message. */
static uint8_t *read_file(const char *path, size_t *bytes)
{
	uint8_t *data = malloc(FILE_BYTES_MAX + 1);
	char why[INPUT_WHY_BYTES];
	const int fd = input_open(path, NULL, why);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");

	if (!data)
		err(EXIT_FAILURE, "memory");
	*bytes = file ? fread(data, 1, FILE_BYTES_MAX + 1, file) : 0;
	if (fd < 0) {
		warnx("%s: %s", path, why);
	} else if (!file || ferror(file)) {
		warn("%s", path);
	} else if (*bytes < VMI_HDR_BYTES) {
		warnx("%s: size: found %zu bytes, expected at least %d for "
		      "the header",
		      path, *bytes, VMI_HDR_BYTES);
	} else if (*bytes > FILE_BYTES_MAX) {
		warnx("%s: size: found more than %zu bytes, expected at most "
		      "%d",
		      path, FILE_BYTES_MAX,
		      VMI_ROM_LENGTH_MAX * VMI_ROM_LENGTH_UNIT);
	} else {
		(void)fclose(file);
		return data;
	}
	if (file)
		(void)fclose(file);
	free(data);
	return NULL;
}

struct rom_image *rom_image_load(const char *path)
{
	struct rom_image *rom = calloc(1, sizeof(*rom));

	if (!rom)
		err(EXIT_FAILURE, "memory");
	rom->path = path;
	rom->data = read_file(path, &rom->bytes);
	if (!rom->data) {
		free(rom);
		return NULL;
	}
	memcpy(&rom->header, rom->data, sizeof(rom->header));
	check_header(rom);
	check_checksum(rom);
	check_entry16(rom);
	check_pcir(rom);
	check_pnp(rom);
	read_licence(rom);
	rom_check_descriptor(rom);
	problems_close(&rom->problems);
	return rom;
}

size_t rom_image_slot_bytes(const struct rom_image *rom, unsigned int nr)
{
	const size_t begin = (size_t)nr * VMI_SLOT_BYTES;
	size_t n = VMI_SLOT_BYTES;

	if (begin + n > rom->bytes)
		return 0;
	while (n && rom->data[begin + n - 1] == INT3)
		n--;
	return n;
}

void rom_image_free(struct rom_image *rom)
{
	problems_free(&rom->problems);
	free(rom->faults);
	free(rom->data);
	free(rom);
}
