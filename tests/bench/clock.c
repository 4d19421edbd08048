/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Says when its main began: for hosts.c.
 */
#include <stdio.h>
#include <time.h>

int main(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    printf("%lu\n", (unsigned long)t.tv_sec * 1000000000UL + (unsigned long)t.tv_nsec);
    return 0;
}
