/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * top.h - numbers that "vmiprof top" and its screen share
 */
#ifndef TOP_H
#define TOP_H

#define TOP_DELAY_MIN_S		0.1
#define TOP_DELAY_MAX_S		3600.0

/* From one look at the ring to the next, milliseconds. */
#define TOP_LOOK_MS		10

#endif /* TOP_H */
