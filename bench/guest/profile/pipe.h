/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipe.h - a queue of bytes between two tasks, under a lock
 */
#ifndef GUEST_PIPE_H
#define GUEST_PIPE_H

#include <stdint.h>

/* Adds or takes up to that many bytes; returns how many. */
uint32_t pipe_write(uint32_t bytes);
uint32_t pipe_read(uint32_t bytes);

#endif /* GUEST_PIPE_H */
