// SPDX-License-Identifier: GPL-2.0-only
/*
 * selftest.c - runs the table of cases
 */
#include <stdarg.h>
#include <stddef.h>

#include "call/call.h"
#include "call/find.h"
#include "cases/selftest.h"
#include "kernel/paging.h"
#include "lib/console.h"
#include "vmi/abi.h"

/* A case's status is only ever raised. */
enum status {
	STATUS_PASSED,
	STATUS_SKIPPED,
	STATUS_FAILED,
};

static const struct test_group *const groups[] = {
	&clobber_cases,	  &fault_cases, &register_cases, &table_cases,
	&interrupt_cases, &user_cases,	&page_cases,	 &long_cases,
	&port_cases,	  &time_cases,	&rom_cases,
};

#define NR_GROUPS (sizeof(groups) / sizeof(groups[0]))

#define X(nr, name, ...) [nr] = #name,
const char *const call_names[VMI_NR_CALLS] = { VMI_CALLS(X) };
#undef X

static enum status status;
static const char *skip_reason;
static uint32_t totals[STATUS_FAILED + 1];
static bool covered[VMI_NR_CALLS];

static void raise_status(enum status to)
{
	if (status < to)
		status = to;
}

void expect(bool condition, const char *format, ...)
{
	va_list arguments;

	if (condition)
		return;
	raise_status(STATUS_FAILED);
	va_start(arguments, format);
	print("# ");
	print_v(format, arguments);
	print("\n");
	va_end(arguments);
}

void expect_equal(const char *what, uint32_t found, uint32_t expected)
{
	expect(found == expected, "%s is 0x%x, expected 0x%x", what, found,
	       expected);
}

void expect_equal64(const char *what, uint64_t found, uint64_t expected)
{
	expect(found == expected, "%s is 0x%llx, expected 0x%llx", what, found,
	       expected);
}

bool has_failed(void)
{
	return status == STATUS_FAILED;
}

void skip(const char *why)
{
	skip_reason = why;
	raise_status(STATUS_SKIPPED);
}

static void report(const char *call, const char *shows, const char *where)
{
	totals[status]++;
	print("%sok %u - %s: %s%s", status == STATUS_FAILED ? "not " : "",
	      totals[STATUS_PASSED] + totals[STATUS_SKIPPED] +
		      totals[STATUS_FAILED],
	      call, shows, where);
	if (status == STATUS_SKIPPED)
		print(" # SKIP %s", skip_reason);
	print("\n");
	status = STATUS_PASSED;
}

static void run_all(const char *where)
{
	const struct test_case *row;
	uint32_t i;

	for (i = 0; i < NR_GROUPS; i++) {
		for (row = groups[i]->cases;
		     row < &groups[i]->cases[groups[i]->nr_cases]; row++) {
			vmi_DisableInterrupts();
			covered[row->call] = true;
			row->run(row->call);
			report(call_names[row->call], row->shows, where);
		}
	}
}

/* The pages of the ROM area, at base; present = 0 takes them away. */
static void map_rom_area(uint32_t base, uint32_t present)
{
	uint32_t physical;

	for (physical = VMI_ROM_SCAN_START; physical < VMI_ROM_SCAN_END;
	     physical += PAGE_BYTES)
		vmi_SetPxE(paging_kernel_entry(base - VMI_ROM_SCAN_START +
					       physical),
			   physical | PTE_WRITE | present);
	vmi_FlushTLB(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
}

/*
 * A client may call the ROM elsewhere than where it found it, and drop the first
 * mapping.
 */
static void run_all_at_alias(void)
{
	const uint32_t alias = VMI_ROM_SCAN_START + PAGING_ROM_ALIAS;
	const uint32_t found_at = vmi.base;

	if (!vmi.base) {
		skip("there is no ROM");
		report("ROM", "all again at an alias address", "");
		return;
	}
	map_rom_area(alias, PTE_PRESENT);
	vmi_use_at(found_at + PAGING_ROM_ALIAS);
	map_rom_area(VMI_ROM_SCAN_START, 0);
	run_all(" (alias)");
	map_rom_area(VMI_ROM_SCAN_START, PTE_PRESENT);
	vmi_use_at(found_at);
	map_rom_area(alias, 0);
}

bool selftest_run(void)
{
	uint32_t nr;

	print("selftest: %s\n", vmi.name);
	run_all("");
	run_all_at_alias();
	for (nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++)
		expect(covered[nr], "no case for call %u, %s", nr,
		       call_names[nr]);
	report("selftest", "every call has a case", "");
	print("1..%u\n", totals[STATUS_PASSED] + totals[STATUS_SKIPPED] +
				 totals[STATUS_FAILED]);
	print("selftest: %u passed, %u skipped, %u failed\n",
	      totals[STATUS_PASSED], totals[STATUS_SKIPPED],
	      totals[STATUS_FAILED]);
	return totals[STATUS_FAILED] == 0;
}

void selftest_reboot(void)
{
	print("selftest: calling Reboot\n");
	vmi_Reboot(VMI_REBOOT_HARD);
	print("not ok 1 - Reboot: it returned\n");
}

void selftest_shutdown(void)
{
	print("selftest: calling Shutdown\n");
	vmi_Shutdown();
	print("not ok 1 - Shutdown: it returned\n");
}
