/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest that measures grants with itself. Prints, in nanoseconds: GNTTABOP_copy of a page between
 * two grants and memcpy of it; then, for each number of mappings that it has already, that number
 * and of mapping and unmapping one more.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../conformance/grant.h"
#include "core/clock.h"

#define ROUNDS 400
#define COPIES 500
#define MAPS   50
#define FEW    8U
#define MANY   100000U

static domid_t self;

/* The best round of each, in turn: what disturbs a round only ever makes it longer. */
static int copies(double *copy, double *move)
{
    void *(*volatile memory_copy)(void *, const void *, size_t) = memcpy;
    gnttab_copy_t op = {
        .source = {.u.ref = 8, .domid = self},
        .dest = {.u.ref = 9, .domid = self},
        .len = 4096,
        .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
    };

    *copy = *move = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_monotonic(), middle, end;

        for (int i = 0; i < COPIES; i++)
            gnttab(GNTTABOP_copy, &op, 1);
        middle = clock_monotonic();
        for (int i = 0; i < COPIES; i++)
            memory_copy(granted[1], granted[0], 4096);
        end = clock_monotonic();
        if ((double)(middle - start) / COPIES < *copy)
            *copy = (double)(middle - start) / COPIES;
        if ((double)(end - middle) / COPIES < *move)
            *move = (double)(end - middle) / COPIES;
    }
    return op.status == GNTST_okay;
}

static double maps(void)
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_monotonic();
        double each;

        for (int i = 0; i < MAPS; i++) {
            gnttab_map_grant_ref_t m = map_at(target[i % 8], 0, 8);

            unmap_at(target[i % 8], m.handle);
        }
        each = (double)(clock_monotonic() - start) / MAPS;
        best = each < best ? each : best;
    }
    return best;
}

/* COUNT mappings in all, for a device: what they cost is what the hypervisor has to remember. */
static int hold(unsigned int from, unsigned int count)
{
    for (unsigned int i = from; i < count; i++) {
        if (map(GNTMAP_device_map | (i & 1 ? GNTMAP_readonly : 0), 16 + i / 128, 0).status)
            return 0;
    }
    return 1;
}

int main(void)
{
    double copy, move;
    unsigned int held = 0;

    self = domain_id();
    if (!show_table(4))
        return 1;
    grant_v1(8, GTF_permit_access, self, mfn_of(granted[0]));
    grant_v1(9, GTF_permit_access, self, mfn_of(granted[1]));
    for (grant_ref_t ref = 16; ref < 4 * 512; ref++)
        grant_v1(ref, GTF_permit_access, self, mfn_of(granted[ref % 8]));
    if (!copies(&copy, &move))
        return 1;
    printf("%.1f %.1f\n", copy, move);
    for (unsigned int count = FEW; count <= MANY; count = count == FEW ? 100 : 10 * count) {
        if (!hold(held, count))
            return 1;
        held = count;
        printf("%u %.0f\n", count, maps());
    }
    return 0;
}
