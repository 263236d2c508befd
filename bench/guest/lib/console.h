/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.h - text on the first serial port, through the VMI
 */
#ifndef GUEST_CONSOLE_H
#define GUEST_CONSOLE_H

#include <stdarg.h>
#include <stdint.h>

#define COM1		0x3f8
#define COM1_MCR	(COM1 + 4)
#define COM1_LSR	(COM1 + 5)
#define COM1_SCRATCH	(COM1 + 7)

#define UART_LSR_DATA	0x01
#define UART_LSR_EMPTY	0x20
#define UART_MCR_LOOP	0x10

/*
 * Text is kept until the calls to write it with are there: sets up the port and
 * writes what was printed so far.
 */
void console_start(void);

/*
 * %s %c %d %u %x %% with width and 0; ll before u and x for 64 bits.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_v(const char *format, va_list arguments);

#endif /* GUEST_CONSOLE_H */
