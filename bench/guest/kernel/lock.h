/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock.h - a lock as a uniprocessor kernel has it: interrupts off
 */
#ifndef GUEST_LOCK_H
#define GUEST_LOCK_H

#include <stdint.h>

#include "call/call.h"

struct lock {
	uint32_t taken;		/* how often; so that each lock has a place */
};

/* Returns the interrupt mask for lock_release(). */
VMI_INLINE uint32_t lock_take(struct lock *lock)
{
	uint32_t mask = vmi_GetInterruptMask();

	vmi_DisableInterrupts();
	lock->taken++;
	return mask;
}

VMI_INLINE void lock_release(struct lock *lock, uint32_t mask)
{
	(void)lock;
	vmi_SetInterruptMask(mask);
}

#endif /* GUEST_LOCK_H */
