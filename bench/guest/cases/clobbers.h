/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clobbers.h - inputs with which each call can be made without harm
 */
#ifndef GUEST_CLOBBERS_H
#define GUEST_CLOBBERS_H

#include <stdint.h>

/* Gives the probe inputs for that call, after probe_clear(). */
void clobbers_prepare(uint32_t call);

#endif /* GUEST_CLOBBERS_H */
