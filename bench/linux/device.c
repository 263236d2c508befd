/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.c - port I/O of the kernel: port, pci, cdrom, rtc
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "workload.h"

#define PORT_FILE      "/dev/port"
#define PORT_POST_CODE 0x80 /* a write there does nothing but take time */
#define PORT_SYSTEM_B  0x61 /* a read there changes nothing */

enum outcome run_port(unsigned int rounds)
{
	enum outcome outcome = WORKLOAD_OK;
	unsigned char byte = 0;
	int fd = open(PORT_FILE, O_RDWR);

	if (fd < 0)
		return skip(PORT_FILE);
	while (outcome == WORKLOAD_OK && rounds--) {
		if (ioperm(PORT_POST_CODE, 1, 1))
			outcome = skip("ioperm");
		else
			outb(0, PORT_POST_CODE);
		if (outcome == WORKLOAD_OK && ioperm(PORT_POST_CODE, 1, 0))
			outcome = fail("ioperm");
		if (pread(fd, &byte, 1, PORT_SYSTEM_B) != 1 ||
		    pwrite(fd, &byte, 1, PORT_POST_CODE) != 1)
			outcome = fail(PORT_FILE);
	}
	close(fd);
	return outcome;
}

#define PCI_DIRECTORY "/sys/bus/pci/devices"
#define PCI_BYTES     256
#define PCI_COMMAND   0x04 /* 16 bits */
#define PCI_SUBSYSTEM 0x2c /* 32 bits, read-only */
#define PCI_INTERRUPT 0x3c /* 8 bits, of no meaning to the device */

/* Reads all, and writes back what was there with each width of access. */
static bool touch_config(const char *device)
{
	unsigned char config[PCI_BYTES], again[PCI_BYTES];
	char name[sizeof(PCI_DIRECTORY) + 300];
	bool good;
	int fd;

	(void)snprintf(name, sizeof(name), PCI_DIRECTORY "/%s/config", device);
	fd = open(name, O_RDWR);
	if (fd < 0)
		return false;
	good = pread(fd, config, PCI_BYTES, 0) == PCI_BYTES &&
	       pwrite(fd, config + PCI_COMMAND, 2, PCI_COMMAND) == 2 &&
	       pwrite(fd, config + PCI_SUBSYSTEM, 4, PCI_SUBSYSTEM) == 4 &&
	       pwrite(fd, config + PCI_INTERRUPT, 1, PCI_INTERRUPT) == 1 &&
	       pread(fd, again, 1, PCI_INTERRUPT) == 1 &&
	       pread(fd, again, 2, PCI_COMMAND) == 2;
	close(fd);
	return good;
}

enum outcome run_pci(unsigned int rounds)
{
	while (rounds--) {
		DIR *directory = opendir(PCI_DIRECTORY);
		const struct dirent *entry;
		unsigned int devices = 0;

		if (!directory)
			return skip(PCI_DIRECTORY);
		while ((entry = readdir(directory))) {
			if (entry->d_name[0] == '.')
				continue;
			if (!touch_config(entry->d_name)) {
				enum outcome outcome =
					fail("%s/config", entry->d_name);
				closedir(directory);
				return outcome;
			}
			devices++;
		}
		closedir(directory);
		if (!devices)
			return skip(PCI_DIRECTORY " is empty");
	}
	errno = 0;
	return WORKLOAD_OK;
}

#define CDROM_FILE    "/dev/sr0"
#define INQUIRY	      0x12
#define INQUIRY_BYTES 36 /* not a multiple of 16: libata uses PIO */
#define TIMEOUT_MS    5000

enum outcome run_cdrom(unsigned int rounds)
{
	unsigned char command[] = {INQUIRY, 0, 0, 0, INQUIRY_BYTES, 0};
	enum outcome outcome = WORKLOAD_OK;
	unsigned char answer[INQUIRY_BYTES];
	int fd = open(CDROM_FILE, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return skip(CDROM_FILE);
	while (outcome == WORKLOAD_OK && rounds--) {
		struct sg_io_hdr io = {
			.interface_id = 'S',
			.dxfer_direction = SG_DXFER_FROM_DEV,
			.cmd_len = sizeof(command),
			.cmdp = command,
			.dxfer_len = sizeof(answer),
			.dxferp = answer,
			.timeout = TIMEOUT_MS,
		};

		memset(answer, 0, sizeof(answer));
		if (ioctl(fd, SG_IO, &io))
			outcome = skip("SG_IO");
		else if (io.status || memcmp(answer + 8, "QEMU", 4) != 0)
			outcome = fail("INQUIRY: status %d, vendor '%.8s'",
				       io.status, answer + 8);
	}
	close(fd);
	return outcome;
}

#define RTC_FILE "/dev/rtc0"

enum outcome run_rtc(unsigned int rounds)
{
	struct rtc_time now = {0};
	int fd = open(RTC_FILE, O_RDONLY);

	if (fd < 0)
		return skip(RTC_FILE);
	while (rounds--) {
		if (ioctl(fd, RTC_RD_TIME, &now)) {
			close(fd);
			return fail("RTC_RD_TIME");
		}
	}
	close(fd);
	return WORKLOAD_OK;
}
