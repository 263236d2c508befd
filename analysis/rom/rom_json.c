// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/call_table.h"
#include "lib/json.h"
#include "lib/text.h"
#include "rom_print.h"

#define ROM_JSON_FORMAT	 "vmiprof-rom"
#define ROM_JSON_VERSION 1

static void add_number(struct json_object *object, const char *key,
		       uint64_t value)
{
	json_add(object, key, json_object_new_uint64(value));
}

/* At most length bytes, up to the first NUL. */
static void add_text(struct json_object *object, const char *key,
		     const char *text, size_t length)
{
	char *copy = strndup(text, length);

	if (!copy)
		err(EXIT_FAILURE, "memory");
	text_clean(copy);
	json_add(object, key, json_object_new_string(copy));
	free(copy);
}

static struct json_object *pcir(const struct rom_image *rom)
{
	struct json_object *object;

	if (!rom->pcir.offset)
		return NULL;
	object = json_object_new_object();
	add_number(object, "offset", rom->pcir.offset);
	add_number(object, "vendor", rom->pcir.vendor);
	add_number(object, "device", rom->pcir.device);
	add_number(object, "revision", rom->pcir.revision);
	return object;
}

static struct json_object *pnp(const struct rom_image *rom)
{
	struct json_object *object;

	if (!rom->pnp.offset)
		return NULL;
	object = json_object_new_object();
	add_number(object, "offset", rom->pnp.offset);
	add_text(object, "manufacturer", rom->pnp.manufacturer,
		 sizeof(rom->pnp.manufacturer));
	add_text(object, "product", rom->pnp.product, sizeof(rom->pnp.product));
	return object;
}

static struct json_object *descriptor(const struct rom_image *rom)
{
	const struct vmi_descriptor *d = &rom->descriptor;
	const uint32_t flags = rom->locator.flags;
	struct json_object *object;

	if (!rom->has_descriptor)
		return NULL;
	object = json_object_new_object();
	add_number(object, "version", rom->locator.version);
	add_number(object, "offset", rom->locator.offset);
	add_text(object, "name", rom->locator.name, sizeof(rom->locator.name));
	json_add(object, "traces",
		 json_object_new_boolean((flags & VMI_DESC_TRACE) != 0));
	json_add(object, "aggregates",
		 json_object_new_boolean((flags & VMI_DESC_AGGREGATE) != 0));
	json_add(object, "inlines",
		 json_object_new_boolean((flags & VMI_DESC_INLINE) != 0));
	add_number(object, "code_bytes", d->code_bytes);
	add_number(object, "faults", d->nr_faults);
	add_number(object, "vcpus", d->nr_vcpus);
	add_number(object, "ctl_offset", d->ctl_offset);
	add_number(object, "host_offset", d->host_offset);
	add_number(object, "counters_offset", d->counters_offset);
	add_number(object, "ring_offset", flags & VMI_DESC_AGGREGATE ? 0 :
					   d->ring_offset);
	add_number(object, "aggregate_offset",
		   flags & VMI_DESC_AGGREGATE ? d->aggregate_offset : 0);
	add_number(object, "ring_bytes", d->ring_bytes);
	add_number(object, "subbuf_bytes", d->subbuf_bytes);
	add_number(object, "donate_offset", d->donate_offset);
	add_number(object, "donate_bytes", d->donate_bytes);
	return object;
}

static struct json_object *slots(const struct rom_image *rom)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++) {
		const struct vmi_desc_call *call = &rom->descriptor.call[nr];
		struct json_object *slot = json_object_new_object();

		add_number(slot, "nr", nr);
		json_add(slot, "name",
			 json_object_new_string(call_table[nr].name));
		add_number(slot, "offset", (uint64_t)nr * VMI_SLOT_BYTES);
		add_number(slot, "bytes", rom_image_slot_bytes(rom, nr));
		add_number(slot, "body_offset", call->body_offset);
		add_number(slot, "inline_bytes", call->inline_bytes);
		json_object_array_add(array, slot);
	}
	return array;
}

void rom_print_json(const struct rom_image *rom)
{
	const struct vmi_rom_header *h = &rom->header;
	struct json_object *root = json_object_new_object();
	struct json_object *problems = json_object_new_array();

	for (size_t i = 0; i < problems_kept(&rom->problems); i++)
		json_object_array_add(problems, json_object_new_string(
							rom->problems.text[i]));
	json_add(root, "format", json_object_new_string(ROM_JSON_FORMAT));
	add_number(root, "version", ROM_JSON_VERSION);
	add_text(root, "file", rom->path, strlen(rom->path));
	add_number(root, "bytes", rom->bytes);
	json_add(root, "valid", json_object_new_boolean(!rom->problems.nr));
	json_add(root, "problems", problems);
	add_number(root, "signature", h->signature);
	add_number(root, "vmi_signature", h->vmi_signature);
	add_number(root, "api_major", h->api_major);
	add_number(root, "api_minor", h->api_minor);
	add_number(root, "length_bytes",
		   (uint64_t)h->length * VMI_ROM_LENGTH_UNIT);
	add_number(root, "checksum", rom->checksum);
	add_number(root, "entry16", rom->entry16);
	json_add(root, "pcir", pcir(rom));
	json_add(root, "pnp", pnp(rom));
	add_text(root, "licence", rom->licence, sizeof(rom->licence));
	json_add(root, "descriptor", descriptor(rom));
	json_add(root, "slots", slots(rom));
	puts(json_object_to_json_string_ext(
		root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
