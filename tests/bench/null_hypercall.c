/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest that measures itself: prints the nanoseconds of a hypercall that does nothing
 * (xen_version), and of a call through a pointer, which is the floor.
 */
#include <stdint.h>
#include <stdio.h>

#include <xen/version.h>

#include "core/clock.h"
#include "core/hypercall.h"

#define CALLS  10000
#define ROUNDS 1000

static long __attribute__((noinline)) nothing(unsigned int op, unsigned long a, unsigned long b,
                                              unsigned long c, unsigned long d, unsigned long e)
{
    (void)op, (void)a, (void)b, (void)c, (void)d, (void)e;
    return 0;
}

typedef long function(unsigned int, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);

/* The best round: what disturbs a round only ever makes it longer. */
static double measure(function *call)
{
    function *volatile pointer = call;
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_monotonic();
        double each;

        for (int i = 0; i < CALLS; i++)
            pointer(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);
        each = (double)(clock_monotonic() - start) / CALLS;
        if (each < best)
            best = each;
    }
    return best;
}

int main(void)
{
    double hypercall_ns = measure(hypercall);

    printf("%.2f %.2f\n", hypercall_ns, measure(nothing));
    return 0;
}
