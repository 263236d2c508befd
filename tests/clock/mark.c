// SPDX-License-Identifier: GPL-2.0-only
/*
 * mark: make an LTTng-UST event of each line, and answer with the line once the
 * event is made.
 */
#include <stdio.h>
#include <string.h>

#include <lttng/tracef.h>

int main(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		lttng_ust_tracef("%s", line);
		puts(line);
		fflush(stdout);
	}
	return 0;
}
