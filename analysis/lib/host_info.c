// SPDX-License-Identifier: GPL-2.0-only
#include "host_info.h"

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

void host_info_read(struct host_info *info)
{
	struct utsname name;

	read_cpu(info->cpu, sizeof(info->cpu));
	if (uname(&name))
		text_set(info->kernel, sizeof(info->kernel), "unknown");
	else
		text_set(info->kernel, sizeof(info->kernel), "%s %s",
			 name.sysname, name.release);
}
