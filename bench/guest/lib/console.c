// SPDX-License-Identifier: GPL-2.0-only
/*
 * console.c - text on the first serial port
 */
#include <stdbool.h>

#include "call/call.h"
#include "lib/console.h"
#include "lib/divide.h"
#include "lib/string.h"

/* Registers of the 16550. */
#define COM1_DIVISOR_LOW	COM1
#define COM1_IER		(COM1 + 1)
#define COM1_FCR		(COM1 + 2)
#define COM1_LCR		(COM1 + 3)
#define LCR_8N1			0x03
#define LCR_DIVISOR		0x80
#define FCR_ENABLE_AND_CLEAR	0x07
#define MCR_DTR_RTS		0x03

static bool started;
static char early[2048];
static uint32_t early_bytes;

static void write_character(char c)
{
	if (!started) {
		if (early_bytes < sizeof(early))
			early[early_bytes++] = c;
		return;
	}
	while (!(vmi_INB(COM1_LSR) & UART_LSR_EMPTY))
		vmi_Pause();
	vmi_OUTB((uint8_t)c, COM1);
}

void console_start(void)
{
	uint32_t i;

	vmi_OUTB(0, COM1_IER);
	vmi_OUTB(LCR_DIVISOR, COM1_LCR);
	vmi_OUTB(1, COM1_DIVISOR_LOW);
	vmi_OUTB(0, COM1_DIVISOR_LOW + 1);
	vmi_OUTB(LCR_8N1, COM1_LCR);
	vmi_OUTB(FCR_ENABLE_AND_CLEAR, COM1_FCR);
	vmi_OUTB(MCR_DTR_RTS, COM1_MCR);
	started = true;
	for (i = 0; i < early_bytes; i++)
		write_character(early[i]);
}

static void write_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\n')
			write_character('\r');
		write_character(*s);
	}
}

static void write_number(uint64_t value, uint32_t base, uint32_t width,
			 char pad)
{
	char digits[24];
	uint32_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[divide(&value, base)];
	} while (value);
	while (sizeof(digits) - 1 - at < width && at)
		digits[--at] = pad;
	write_text(&digits[at]);
}

static void write_signed(int32_t value, uint32_t width)
{
	uint32_t magnitude = (uint32_t)value;

	if (value < 0) {
		write_character('-');
		magnitude = -magnitude;
	}
	write_number(magnitude, 10, width, ' ');
}

static const char *write_field(const char *f, va_list *arguments)
{
	uint32_t width = 0;
	bool wide = false;
	char pad = ' ';

	if (*f == '0')
		pad = *f++;
	while (*f >= '0' && *f <= '9')
		width = width * 10 + (uint32_t)(*f++ - '0');
	for (; *f == 'l'; f++)
		wide = true;
	switch (*f) {
	case 's':
		write_text(va_arg(*arguments, const char *));
		break;
	case 'c':
		write_character((char)va_arg(*arguments, int));
		break;
	case 'd':
		write_signed(va_arg(*arguments, int32_t), width);
		break;
	case 'u':
	case 'x':
		write_number(wide ? va_arg(*arguments, uint64_t) :
				    va_arg(*arguments, uint32_t),
			     *f == 'x' ? 16 : 10, width, pad);
		break;
	default:
		write_character(*f);
	}
	return f + 1;
}

void print_v(const char *format, va_list arguments)
{
	char text[2] = "";
	va_list copy;

	va_copy(copy, arguments);
	while (*format) {
		if (*format == '%') {
			format = write_field(format + 1, &copy);
			continue;
		}
		text[0] = *format++;
		write_text(text);
	}
	va_end(copy);
}

void print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_v(format, arguments);
	va_end(arguments);
}
