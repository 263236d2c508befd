// SPDX-License-Identifier: GPL-2.0-only
#include "host_info.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "text.h"

static void read_cpu(char *cpu, size_t bytes)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[512];

	text_set(cpu, bytes, "unknown");
	while (file && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || !colon)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		colon[strcspn(colon, "\n")] = '\0';
		text_set(cpu, bytes, "%s", colon);
		break;
	}
	if (file)
		(void)fclose(file);
}

/* Whether text is 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(const char *text)
{
	static const char model[] = "00000000-0000-0000-0000-000000000000";
	size_t i = 0;

	for (; model[i]; i++) {
		if (model[i] == '-' ? text[i] != '-'
				    : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return !text[i];
}

static void read_boot_id(char *id, size_t bytes)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	char line[64] = "";

	if (file && !fgets(line, sizeof(line), file))
		line[0] = '\0';
	if (file)
		(void)fclose(file);
	line[strcspn(line, "\n")] = '\0';
	text_set(id, bytes, "%s", is_uuid(line) ? line : "");
}

void host_info_read(struct host_info *info)
{
	struct utsname name;

	read_cpu(info->cpu, sizeof(info->cpu));
	read_boot_id(info->boot_id, sizeof(info->boot_id));
	if (uname(&name))
		text_set(info->kernel, sizeof(info->kernel), "unknown");
	else
		text_set(info->kernel, sizeof(info->kernel), "%s %s",
			 name.sysname, name.release);
}
