/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UTF-8 as RFC 3629 has it: no surrogates, nothing above 0x10ffff, no longer forms.
 */
#ifndef RUNTIME_LIBC_UTF8_H
#define RUNTIME_LIBC_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_BAD = -1, UTF8_SHORT = -2 };

/*
 * Decodes the character at S, of which LEN > 0 bytes can be read. Returns its length in bytes,
 * UTF8_BAD, or UTF8_SHORT if more bytes could make it one.
 */
int utf8_decode(const char *s, size_t len, uint32_t *c);

/* Encodes C into up to 4 bytes. Returns how many, or UTF8_BAD. */
int utf8_encode(uint32_t c, char *s);

#endif
