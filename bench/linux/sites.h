/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sites.h - switches the VMI call sites of the running kernel
 */
#ifndef BENCH_LINUX_SITES_H
#define BENCH_LINUX_SITES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes the sites what `words` say, in the language of the kernel's vmi=. False
 * when the kernel refused; `why` then says so in one line.
 */
bool sites_switch(const char *words, char *why, size_t why_bytes);

#endif /* BENCH_LINUX_SITES_H */
