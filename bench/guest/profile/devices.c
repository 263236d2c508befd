// SPDX-License-Identifier: GPL-2.0-only
/*
 * devices.c - phases: port I/O, and the calls that a kernel makes now and then
 */
#include "arch/platform.h"
#include "call/call.h"
#include "kernel/cpu.h"
#include "kernel/lock.h"
#include "kernel/paging.h"
#include "profile/profile.h"

#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71
#define CMOS_BYTES	64
#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_ENABLE	0x80000000
#define PCI_DEVICES	32
#define FW_CFG_SELECTOR	0x510
#define FW_CFG_DATA	0x511
#define FW_CFG_BYTES	32
#define FW_CFG_READS	8
#define APIC_PRIORITY	0x080
#define DR_COUNT	4

static struct lock cmos_lock, pci_lock;
static volatile uint32_t sink;	/* what was read */

static uint8_t cmos_read(uint8_t index)
{
	uint32_t mask = lock_take(&cmos_lock);
	uint8_t value;

	vmi_OUTB(index, CMOS_INDEX);
	vmi_IODelay();
	value = vmi_INB(CMOS_DATA);
	lock_release(&cmos_lock, mask);
	profile_counts.port_reads++;
	return value;
}

static uint32_t pci_read(uint32_t device, uint32_t offset)
{
	uint32_t mask = lock_take(&pci_lock);
	uint32_t value;

	vmi_OUT(PCI_ENABLE | device << 11 | offset, PCI_ADDRESS);
	value = vmi_IN(PCI_DATA);
	lock_release(&pci_lock, mask);
	profile_counts.port_reads++;
	return value;
}

static void read_firmware(void)
{
	uint8_t bytes[FW_CFG_BYTES];

	vmi_OUTW(0, FW_CFG_SELECTOR);
	vmi_INSB(bytes, FW_CFG_DATA, sizeof(bytes));
	sink += bytes[0];
}

void phase_devices(void)
{
	uint32_t i;

	for (i = 0; i < CMOS_BYTES; i++)
		sink += cmos_read((uint8_t)i);
	for (i = 0; i < PCI_DEVICES; i++)
		sink += pci_read(i, 0);
	for (i = 0; i < FW_CFG_READS; i++)
		read_firmware();
}

static void save_debug_registers(void)
{
	uint32_t values[DR_COUNT], i;

	for (i = 0; i < DR_COUNT; i++)
		values[i] = vmi_GetDR(i);
	for (i = 0; i < DR_COUNT; i++)
		vmi_SetDR(i, values[i]);
}

static void look_at_tables(void)
{
	struct descriptor_table table;

	vmi_GetIDT(&table);
	sink += table.base;
	vmi_GetGDT(&table);
	sink += table.base;
	sink += vmi_GetTR();
	vmi_WriteGDTEntry(platform_gdt, SEL_SPARE >> 3, 0);
}

/* FPU on demand, and the processor's own registers. */
void phase_housekeeping(void)
{
	volatile uint32_t *priority =
		(volatile uint32_t *)(PAGING_APIC + APIC_PRIORITY);

	vmi_CLTS();
	sink += vmi_GetCR0() + vmi_GetCR4();
	if (cpu_features() & CPU_FEATURE_SEP)
		vmi_WRMSR(MSR_SYSENTER_CS, vmi_RDMSR(MSR_SYSENTER_CS));
	if (cpu_features() & CPU_FEATURE_APIC)
		vmi_APICWrite(priority, vmi_APICRead(priority));
	save_debug_registers();
	look_at_tables();
	vmi_Pause();
}
