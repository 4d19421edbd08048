/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TAP for guests that are built as a user's C sources are: with the system's headers.
 */
#include <stdio.h>

static int tap_count, tap_failures;

#define ok(condition) tap_ok((condition) != 0, #condition, __FILE__, __LINE__)

static void tap_ok(int passed, const char *what, const char *file, int line)
{
    printf("%sok %d - %s:%d %s\n", passed ? "" : "not ", ++tap_count, file, line, what);
    tap_failures += !passed;
}

static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures != 0;
}
