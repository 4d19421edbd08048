/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SIM_SYMBOL_H
#define SIM_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

/* This program's own file. */
#define SYMBOL_SELF "/proc/self/exe"

/* Stores "SYMBOL+0xN" for ADDRESS in the ELF file PATH, or "?", in TEXT (of SIZE bytes). */
void symbol_name(const char *path, uint64_t address, char *text, size_t size);

#endif
