/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rom_descriptor.h - check the private descriptor of a ROM image
 */
#ifndef ROM_DESCRIPTOR_H
#define ROM_DESCRIPTOR_H

#include "rom_image.h"

/*
 * Read locator, descriptor and fault table into rom and add to rom->problems
 * what is wrong with them.  No locator is no problem.
 */
void rom_check_descriptor(struct rom_image *rom);

#endif /* ROM_DESCRIPTOR_H */
