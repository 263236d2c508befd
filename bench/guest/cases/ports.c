// SPDX-License-Identifier: GPL-2.0-only
/*
 * ports.c - cases: port I/O
 *
 * On devices that every PC of QEMU's has: PCI configuration (32 and 16 bits),
 * the firmware configuration device (16-bit selector, stream of bytes) and the
 * serial port's loopback and scratch register.
 */
#include "call/call.h"
#include "cases/probe.h"
#include "cases/selftest.h"
#include "lib/console.h"
#include "lib/string.h"

#define PCI_ADDRESS		0xcf8
#define PCI_DATA		0xcfc
#define PCI_HOST_BRIDGE		0x80000000	/* bus, device and function 0 */
#define PCI_VENDOR_INTEL	0x8086

#define FW_CFG_SELECTOR		0x510
#define FW_CFG_DATA		0x511
#define FW_CFG_SIGNATURE	0x0000	/* "QEMU" */
#define FW_CFG_ID		0x0001

#define DELAY_PORT		0x80
#define GUARD			0x5a

static void dword_round(uint32_t call)
{
	(void)call;
	vmi_OUT(PCI_HOST_BRIDGE | 0x3c, PCI_ADDRESS);
	expect_equal("PCI address", vmi_IN(PCI_ADDRESS),
		     PCI_HOST_BRIDGE | 0x3c);
	vmi_OUT(PCI_HOST_BRIDGE, PCI_ADDRESS);
	expect_equal("PCI address", vmi_IN(PCI_ADDRESS), PCI_HOST_BRIDGE);
	expect_equal("vendor", vmi_IN(PCI_DATA) & 0xffff, PCI_VENDOR_INTEL);
}

static void word_in(uint32_t call)
{
	uint32_t whole;

	(void)call;
	vmi_OUT(PCI_HOST_BRIDGE, PCI_ADDRESS);
	whole = vmi_IN(PCI_DATA);
	expect_equal("vendor", vmi_INW(PCI_DATA), PCI_VENDOR_INTEL);
	expect_equal("device", vmi_INW(PCI_DATA + 2), whole >> 16);
}

static void byte_round(uint32_t call)
{
	uint32_t value;

	(void)call;
	for (value = 0; value < 256; value += 15) {
		vmi_OUTB((uint8_t)value, COM1_SCRATCH);
		expect_equal("scratch register", vmi_INB(COM1_SCRATCH), value);
	}
}

static void expect_signature(void)
{
	char text[6] = { GUARD, 0, 0, 0, 0, GUARD };

	vmi_INSB((uint8_t *)&text[1], FW_CFG_DATA, 4);
	expect(!memcmp(&text[1], "QEMU", 4), "bytes are '%c%c%c%c', not 'QEMU'",
	       text[1], text[2], text[3], text[4]);
	expect_equal("byte in front", (uint32_t)text[0], GUARD);
	expect_equal("byte behind", (uint32_t)text[5], GUARD);
}

static void word_out(uint32_t call)
{
	(void)call;
	vmi_OUTW(FW_CFG_ID, FW_CFG_SELECTOR);
	expect(vmi_INB(FW_CFG_DATA) != 'Q', "the signature, not selected");
	vmi_OUTW(FW_CFG_SIGNATURE, FW_CFG_SELECTOR);
	expect_signature();
}

/* Items in memory order; the last to arrive is the one that the device keeps. */
static void strings_out(uint32_t call)
{
	static const uint32_t addresses[3] = {
		PCI_HOST_BRIDGE | 0x10,
		PCI_HOST_BRIDGE | 0x20,
		PCI_HOST_BRIDGE | 0x30,
	};
	static const uint16_t selectors[3] = {
		FW_CFG_ID, FW_CFG_ID, FW_CFG_SIGNATURE,
	};

	if (call == VMI_CALL_OUTS) {
		vmi_OUTS(addresses, PCI_ADDRESS, 3);
		expect_equal("PCI address", vmi_IN(PCI_ADDRESS), addresses[2]);
		vmi_OUTS(addresses, PCI_ADDRESS, 2);
		expect_equal("PCI address", vmi_IN(PCI_ADDRESS), addresses[1]);
	} else {
		vmi_OUTSW(selectors, FW_CFG_SELECTOR, 3);
		expect_signature();
		vmi_OUTSW(selectors, FW_CFG_SELECTOR, 2);
		expect(vmi_INB(FW_CFG_DATA) != 'Q', "one item too many");
	}
}

static void wait_for_transmitter(void)
{
	while (!(vmi_INB(COM1_LSR) & UART_LSR_EMPTY))
		vmi_Pause();
}

/* What OUTSB sends, the port's loopback gives to INSB. */
static void bytes_round(uint32_t call)
{
	static const uint8_t sent[5] = "vmi!";
	uint8_t received[5] = { 0 };
	uint8_t control = vmi_INB(COM1_MCR);

	(void)call;
	wait_for_transmitter();
	vmi_OUTB(control | UART_MCR_LOOP, COM1_MCR);
	vmi_OUTSB(sent, COM1, 4);
	wait_for_transmitter();
	if (vmi_INB(COM1_LSR) & UART_LSR_DATA)
		vmi_INSB(received, COM1, 4);
	vmi_OUTB(control, COM1_MCR);
	expect(!memcmp(sent, received, 4), "received '%c%c%c%c', sent '%s'",
	       received[0], received[1], received[2], received[3],
	       (const char *)sent);
}

/* A port that gives the same each time: how many items, and where they end. */
static void strings_in(uint32_t call)
{
	uint32_t words[4] = { 0, 0, 0, 0 };
	const uint32_t vendor = PCI_VENDOR_INTEL;

	vmi_OUT(PCI_HOST_BRIDGE, PCI_ADDRESS);
	if (call == VMI_CALL_INS) {
		vmi_INS(words, PCI_ADDRESS, 3);
		expect_equal("item 0", words[0], PCI_HOST_BRIDGE);
		expect_equal("item 2", words[2], PCI_HOST_BRIDGE);
		expect_equal("behind", words[3], 0);
	} else {
		vmi_INSW((uint16_t *)words, PCI_DATA, 3);
		expect_equal("items 0 and 1", words[0], vendor << 16 | vendor);
		expect_equal("item 2", words[1], vendor);
		expect_equal("behind", words[2], 0);
	}
}

static uint32_t item_bytes(uint32_t call)
{
	switch (call) {
	case VMI_CALL_INS:
	case VMI_CALL_OUTS:
		return 4;
	case VMI_CALL_INSW:
	case VMI_CALL_OUTSW:
		return 2;
	default:
		return 1;
	}
}

/* esi or edi and ecx move as the instruction moves them, in both directions. */
static void registers_move(uint32_t call)
{
	static uint32_t items[8];
	const bool in = call == VMI_CALL_INS || call == VMI_CALL_INSB ||
			call == VMI_CALL_INSW;
	uint32_t count, backward;

	for (backward = 0; backward < 2; backward++) {
		for (count = 0; count < 4; count++) {
			uint32_t moved = count * item_bytes(call);
			uint32_t start = (uint32_t)&items[4];

			probe_clear(call);
			probe.in.esi = start;
			probe.in.edi = start;
			probe.in.ecx = count;
			probe.in.edx = DELAY_PORT;
			probe.in.backward = backward;
			probe_run();
			moved = start + (backward ? -moved : moved);
			expect_equal("ecx", probe.out.ecx, 0);
			expect_equal("esi", probe.out.esi, in ? start : moved);
			expect_equal("edi", probe.out.edi, in ? moved : start);
			expect_equal("DF", probe.out.backward, backward);
		}
	}
}

static void delay(uint32_t call)
{
	(void)call;
	vmi_OUT(PCI_HOST_BRIDGE, PCI_ADDRESS);
	vmi_IODelay();
	expect_equal("PCI address", vmi_IN(PCI_ADDRESS), PCI_HOST_BRIDGE);
}

static const struct test_case cases[] = {
	{ VMI_CALL_IN, "32 bits", dword_round },
	{ VMI_CALL_OUT, "32 bits", dword_round },
	{ VMI_CALL_INW, "16 bits", word_in },
	{ VMI_CALL_OUTW, "16 bits", word_out },
	{ VMI_CALL_INB, "8 bits", byte_round },
	{ VMI_CALL_OUTB, "8 bits", byte_round },
	{ VMI_CALL_INSB, "each byte once, in order", bytes_round },
	{ VMI_CALL_OUTSB, "each byte once, in order", bytes_round },
	{ VMI_CALL_INSW, "as many as asked for", strings_in },
	{ VMI_CALL_INS, "as many as asked for", strings_in },
	{ VMI_CALL_OUTSW, "in order", strings_out },
	{ VMI_CALL_OUTS, "in order", strings_out },
	{ VMI_CALL_INS, "registers move", registers_move },
	{ VMI_CALL_INSB, "registers move", registers_move },
	{ VMI_CALL_INSW, "registers move", registers_move },
	{ VMI_CALL_OUTS, "registers move", registers_move },
	{ VMI_CALL_OUTSB, "registers move", registers_move },
	{ VMI_CALL_OUTSW, "registers move", registers_move },
	{ VMI_CALL_IODelay, "touches no device that counts", delay },
};

TEST_GROUP(port_cases, cases);
