/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * label.h - lines that begin with what they are about
 */
#ifndef LABEL_H
#define LABEL_H

#define LABEL_WIDTH 12

/* Print label, filled to LABEL_WIDTH, the formatted text and a new line. */
void print_label(const char *label, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* LABEL_H */
