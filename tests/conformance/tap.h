/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TAP for guests. A transcript must be equal on the shim and on real Xen, so a check names what
 * must hold and prints values only where both must give the same.
 */
#ifndef TESTS_CONFORMANCE_TAP_H
#define TESTS_CONFORMANCE_TAP_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/xen.h>

#include "core/hypercall.h"

static int tap_count, tap_failures;

#define ok(condition, ...) tap_ok((condition) != 0, __FILE__, __LINE__, __VA_ARGS__)
static inline void __attribute__((format(printf, 4, 5)))
tap_ok(int passed, const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    printf("%sok %d - ", passed ? "" : "not ", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    if (!passed) {
        tap_failures++;
        printf("# %s:%d\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line);
    }
}

/* What a hypercall answers, as a number of <xen/errno.h>. */
#define answers(call, expected, ...)                                                               \
    tap_answers((call), (expected), __FILE__, __LINE__, __VA_ARGS__)
static inline void __attribute__((format(printf, 5, 6)))
tap_answers(long got, long expected, const char *file, int line, const char *fmt, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tap_ok(got == expected, file, line, "%s: %ld", text, expected);
    if (got != expected)
        printf("# it answered %ld\n", got);
}

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures != 0;
}

/* No guest has anything mapped here. */
#define WILD_POINTER ((void *)0x123456789000)

#endif
