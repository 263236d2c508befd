// SPDX-License-Identifier: GPL-2.0-only
/*
 * find.c - find a VMI ROM, or stay native
 *
 * The search is Linux's: C0000 to DFFFF in steps of 2 KiB.  Shipped clients do
 * not look at the checksum, since firmware has; seed 4 ("Detection") asks for it
 * and so do we.
 */
#include "call/call.h"
#include "call/find.h"
#include "call/native.h"
#include "kernel/cpu.h"
#include "lib/console.h"
#include "lib/string.h"
#include "vmi/abi.h"
#include "vmi/trace.h"

struct vmi vmi;
uint32_t vmi_entry[VMI_NR_CALLS];

/* A ROM in memory; its header, locator and descriptor need no alignment. */
static const struct vmi_rom_header *header_at(uint32_t base)
{
	return (const struct vmi_rom_header *)base;
}

static const struct vmi_locator *locator_at(uint32_t base)
{
	return (const struct vmi_locator *)header_at(base)->locator;
}

/*
 * Either signature, or the locator beside a broken one, makes a ROM ours to
 * judge.  Other option ROMs are passed by.
 */
static bool looks_like_vmi(uint32_t base)
{
	const struct vmi_rom_header *header = header_at(base);

	if (header->vmi_signature == VMI_SIGNATURE)
		return true;
	return header->signature == VMI_ROM_SIGNATURE &&
	       locator_at(base)->magic == VMI_LOCATOR_MAGIC;
}

static uint8_t checksum(uint32_t base, uint32_t bytes)
{
	const uint8_t *image = (const uint8_t *)base;
	uint8_t sum = 0;

	while (bytes--)
		sum = (uint8_t)(sum + *image++);
	return sum;
}

static void refuse(uint32_t base, const char *what, uint32_t found,
		   const char *expected)
{
	print("vmi: ROM at 0x%x: %s is 0x%x, expected %s; not used\n", base,
	      what, found, expected);
	vmi.refused = true;
}

static bool rom_is_good(uint32_t base)
{
	const struct vmi_rom_header *header = header_at(base);
	uint32_t bytes = (uint32_t)header->length * VMI_ROM_LENGTH_UNIT;
	uint8_t sum;

	if (header->signature != VMI_ROM_SIGNATURE) {
		refuse(base, "ROM signature", header->signature, "0xaa55");
		return false;
	}
	if (header->vmi_signature != VMI_SIGNATURE) {
		refuse(base, "VMI signature", header->vmi_signature,
		       "0x696d5663 (cVmi)");
		return false;
	}
	if (bytes < VMI_NR_SLOTS * VMI_SLOT_BYTES ||
	    header->length > VMI_ROM_LENGTH_MAX ||
	    bytes > VMI_ROM_SCAN_END - base) {
		refuse(base, "length in 512-byte units", header->length,
		       "0x8 to 0x7f, inside the ROM area");
		return false;
	}
	sum = checksum(base, bytes);
	if (sum) {
		refuse(base, "checksum", sum, "0");
		return false;
	}
	if (header->api_major != VMI_API_MAJOR) {
		refuse(base, "API major version", header->api_major,
		       "0xd (13)");
		return false;
	}
	return true;
}

static char printable(char c)
{
	return !c || (c >= ' ' && c <= '~') ? c : '?';
}

/* Values in the ROM are checked before they are followed. */
static void read_descriptor(void)
{
	const struct vmi_locator *locator = locator_at(vmi.base);
	const struct vmi_descriptor *descriptor;
	static char name[sizeof(locator->name) + 1];
	uint32_t i;

	vmi.name = "no descriptor";
	if (locator->magic != VMI_LOCATOR_MAGIC ||
	    locator->version != VMI_DESC_VERSION)
		return;
	for (i = 0; i < sizeof(locator->name); i++)
		name[i] = printable(locator->name[i]);
	vmi.name = name;
	if (locator->bytes < sizeof(*descriptor) ||
	    locator->offset > vmi.bytes - sizeof(*descriptor))
		return;
	descriptor = (const struct vmi_descriptor *)(vmi.base +
						     locator->offset);
	if (descriptor->nr_faults > VMI_NR_SLOTS ||
	    descriptor->fault_offset >
		    vmi.bytes - descriptor->nr_faults *
					sizeof(struct vmi_desc_fault) ||
	    descriptor->donate_offset >= vmi.bytes ||
	    descriptor->ctl_offset > vmi.bytes - VMI_CTL_BYTES ||
	    descriptor->host_offset > vmi.bytes - VMI_HOST_BYTES)
		return;
	vmi.descriptor = descriptor;
	vmi.flags = locator->flags;
}

void vmi_use_at(uint32_t base)
{
	uint32_t nr;

	vmi.base = base;
	vmi.native_calls = false;
	read_descriptor();
	for (nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++)
		vmi_entry[nr] = base + nr * VMI_SLOT_BYTES;
}

static void use_entries(const uint32_t *entries)
{
	uint32_t nr;

	vmi.native_calls = true;
	for (nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++)
		vmi_entry[nr] = entries[nr - VMI_FIRST_CALL];
}

static void use_native(void)
{
	vmi.base = 0;
	vmi.descriptor = NULL;
	vmi.flags = 0;
	vmi.called_init = true;
	vmi.name = "native fallback";
	use_entries(native_entry);
}

/* The likely reason why Init failed; asked natively, since the ROM is no use. */
static void say_what_lacks(void)
{
	const uint32_t features = cpu_features();
	const char *tsc = features & CPU_FEATURE_TSC ? "" : " RDTSC";
	const char *cx8 = features & CPU_FEATURE_CX8 ? "" : " CMPXCHG8B";

	if (*tsc || *cx8)
		print("vmi: Init failed on a processor that lacks%s%s, which a "
		      "ROM may need; try another one, -cpu pentium or newer\n",
		      tsc, cx8);
}

static bool use_rom(uint32_t base, bool call_init)
{
	const struct vmi_rom_header *header = header_at(base);
	uint32_t result;

	vmi.bytes = (uint32_t)header->length * VMI_ROM_LENGTH_UNIT;
	vmi.major = header->api_major;
	vmi.minor = header->api_minor;
	vmi_use_at(base);
	print("vmi: ROM at 0x%x: \"%s\", API %u.%u, %u bytes\n", base, vmi.name,
	      vmi.major, vmi.minor, vmi.bytes);
	if (!call_init) {
		print("vmi: Init is not called\n");
		return true;
	}
	vmi.called_init = true;
	result = (uint32_t)vmi_std0(VMI_CALL_Init);
	if (!result)
		return true;
	refuse(base, "result of Init", result, "0");
	use_native();
	say_what_lacks();
	return false;
}

void vmi_find(bool call_init)
{
	uint32_t base;

	for (base = VMI_ROM_SCAN_START; base < VMI_ROM_SCAN_END;
	     base += VMI_ROM_SCAN_STEP) {
		if (looks_like_vmi(base) && rom_is_good(base) &&
		    use_rom(base, call_init)) {
			vmi.refused = false;
			return;
		}
	}
	use_native();
	print("vmi: no %sROM from 0x%x to 0x%x; staying native\n",
	      vmi.refused ? "usable " : "", VMI_ROM_SCAN_START,
	      VMI_ROM_SCAN_END - 1);
}

void vmi_donate(uint32_t address, uint32_t bytes)
{
	const struct vmi_descriptor *descriptor = vmi.descriptor;
	uint32_t result = address, physical = address;

	if (!descriptor || !descriptor->donate_offset || !vmi.called_init)
		return;
	if (bytes > descriptor->donate_bytes)
		bytes = descriptor->donate_bytes;
	__asm__ volatile("call *%3"
			 : "+a"(result), "+d"(physical), "+c"(bytes)
			 : "r"(vmi.base + descriptor->donate_offset)
			 : "cc", "memory");
	print("vmi: a larger ring for the trace: %s\n",
	      result ? "refused" : "taken");
}

/* Kept apart from code, and a whole page for one vCPU. */
uint32_t native_counters[VMI_NR_SLOTS] __attribute__((aligned(4096)));

bool vmi_count(void)
{
	volatile struct vmi_trace_ctl *ctl;

	if (!vmi.descriptor || !vmi.descriptor->ctl_offset ||
	    !vmi.called_init) {
		print("vmi: level=count: found %s, expected a ROM with room for "
		      "the address of counters; boot the trace ROM\n", vmi.name);
		return false;
	}
	ctl = (volatile struct vmi_trace_ctl *)(vmi.base +
						vmi.descriptor->ctl_offset);
	use_entries(native_counted_entry);
	native_counters[VMI_CALL_Init]++;	/* has been made already */
	ctl->count_cpus = 1;
	ctl->count_stride = sizeof(native_counters);
	ctl->count_phys = (uint32_t)native_counters;
	print("vmi: calls are native, and counted at 0x%x\n",
	      (uint32_t)native_counters);
	return true;
}

static bool fault_entry(uint32_t i, struct native_fault *fault)
{
	const struct vmi_desc_fault *in_rom;

	if (vmi.native_calls) {
		*fault = native_faults[i];
		return &native_faults[i] < native_faults_end;
	}
	if (!vmi.descriptor || i >= vmi.descriptor->nr_faults)
		return false;
	in_rom = (const struct vmi_desc_fault *)(vmi.base +
						 vmi.descriptor->fault_offset);
	fault->address = vmi.base + in_rom[i].offset;
	fault->call = in_rom[i].call;
	fault->stack_bytes = in_rom[i].stack_bytes;
	return true;
}

bool vmi_fault_entry(uint32_t i, uint32_t *address, uint8_t *call)
{
	struct native_fault fault;

	if (!fault_entry(i, &fault))
		return false;
	*address = fault.address;
	*call = fault.call;
	return true;
}

bool vmi_fault_at(uint32_t eip, uint32_t *call, uint32_t *stack_bytes)
{
	struct native_fault fault;
	uint32_t i;

	for (i = 0; fault_entry(i, &fault); i++) {
		if (fault.address == eip) {
			*call = fault.call;
			*stack_bytes = fault.stack_bytes;
			return true;
		}
	}
	return false;
}
