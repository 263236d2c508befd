/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host_info.h - the machine that a recording ran on
 */
#ifndef HOST_INFO_H
#define HOST_INFO_H

struct host_info {
	char cpu[128];		/* model name */
	char kernel[256];	/* as "uname -sr" */
	char boot_id[37];	/* of this boot, a UUID; "": not known */
};

/* What is not known is "unknown". */
void host_info_read(struct host_info *info);

#endif /* HOST_INFO_H */
