/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Formatting for messages that must work when the C library may not: before it starts, in a
 * fault, when memory has run out.
 */
#ifndef RUNTIME_CORE_FORMAT_H
#define RUNTIME_CORE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * As snprintf, for %s %c %d %u %x %p with the length l and a zero-padded width (%016lx).
 * Returns the length written, without the terminating zero; the text is cut at SIZE - 1.
 */
size_t format(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
size_t format_va(char *buf, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Formats one line of at most 511 bytes to the console's error stream. */
void console_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void console_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
