// SPDX-License-Identifier: GPL-2.0-only
/*
 * rom.c - cases: the interface itself
 */
#include "call/call.h"
#include "call/find.h"
#include "cases/selftest.h"
#include "lib/string.h"
#include "vmi/abi.h"

/* Each vCPU may call it, so it may be called again. */
static void init_again(uint32_t call)
{
	(void)call;
	if (!vmi.called_init) {
		skip("Init is not called");
		return;
	}
	expect_equal("result", (uint32_t)vmi_std0(VMI_CALL_Init), 0);
	expect_equal("result", (uint32_t)vmi_std1(VMI_CALL_Init, 0xffffffff),
		     0);
}

/* A 13.3 client may accept nothing but CALL_REL. */
static void relocations(uint32_t call)
{
	uint32_t nr;

	(void)call;
	for (nr = VMI_FIRST_CALL; nr < VMI_NR_CALLS; nr++) {
		uint64_t answer = vmi_GetRelocationInfo(nr);
		uint32_t type = (uint32_t)(answer >> 32) & 0xff;

		expect(type == VMI_RELOC_CALL_REL, "%s: type %u, expected %u",
		       call_names[nr], type, VMI_RELOC_CALL_REL);
		expect((uint32_t)answer == vmi_entry[nr],
		       "%s: target 0x%x, expected 0x%x", call_names[nr],
		       (uint32_t)answer, vmi_entry[nr]);
	}
}

static void no_relocations(uint32_t call)
{
	static const uint32_t numbers[] = { 88, 127, 128, 0xffffffff };
	uint32_t i;

	(void)call;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		expect_equal("type of a call that there is not",
			     (uint32_t)(vmi_GetRelocationInfo(numbers[i]) >>
					32) & 0xff,
			     VMI_RELOC_NONE);
}

/* Natively an AP starts by INIT and SIPI: the state is not looked at. */
static void ap_state(uint32_t call)
{
	static struct vmi_ap_state state, before;

	memset(&state, 0x77, sizeof(state));
	before = state;
	vmi_std2((enum vmi_call)call, (uint32_t)&state, 1);
	expect(!memcmp(&state, &before, sizeof(state)), "the state changed");
}

static const struct test_case cases[] = {
	{ VMI_CALL_Init, "again", init_again },
	{ VMI_CALL_GetRelocationInfo, "all calls", relocations },
	{ VMI_CALL_GetRelocationInfo, "no other calls", no_relocations },
	{ VMI_CALL_SetInitialAPState, "leaves the state alone", ap_state },
};

TEST_GROUP(rom_cases, cases);
