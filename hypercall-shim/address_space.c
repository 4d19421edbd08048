/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which addresses of the process are a domain's: its image and what was built behind it, its
 * window, and what else its page tables map, if nobody in the process has it. The last are claimed
 * when the first page of them is mapped, 2 MiB at a time as an L1 table is, and kept until the
 * domain ends.
 *
 * What could not be claimed once is never tried again. So all pages of a claim are shown as the
 * tables say, although a claim comes with the first one.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "instrument.h"

#include <stdlib.h>
#include <sys/mman.h>

#define CHUNK (2UL << 20)

/* Linux has no page for us below vm.mmap_min_addr: 64 KiB with most kernels, 4 KiB with some. */
#define LEAST_USUAL 0x10000UL
#define LEAST_SMALL 0x1000UL

/*
 * So many claims, and one for each 512 KiB of memory: a guest may map one page at as many
 * addresses as its page tables have, which must not keep the process busy for ever.
 */
#define CLAIMS_LEAST 16384U

static bool in_first(const struct domain *d, uint64_t va)
{
    return (va >= d->virt_base && va < d->virt_end) ||
           (va >= d->window && va < d->window + d->window_size);
}

/* The first claim that ends beyond VA. */
static unsigned int find(const struct domain *d, uint64_t va)
{
    unsigned int low = 0, high = d->claims.count;

    while (low < high) {
        unsigned int middle = (low + high) / 2;

        if (d->claims.list[middle].end > va)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool address_is_shown(const struct domain *d, uint64_t va)
{
    unsigned int i;

    if (in_first(d, va))
        return true;
    if (!d->claims.count)
        return false;
    i = find(d, va);
    return i < d->claims.count && d->claims.list[i].start <= va && !d->claims.list[i].refused;
}

static unsigned int limit(const struct domain *d)
{
    uint64_t count = CLAIMS_LEAST + (d->max_pages >> 7);

    return count < UINT32_MAX ? (unsigned int)count : UINT32_MAX;
}

/*
 * Beyond HYPERVISOR_GUEST_END are Linux's own choices: the executable, the program break,
 * libraries, stacks. A stack that grows must not meet a guest's page, so no guest gets any of it.
 */
static bool may_claim(const struct domain *d, uint64_t va)
{
    return va < HYPERVISOR_GUEST_END && d->claims.tried < limit(d);
}

bool address_may_be_shown(const struct domain *d, uint64_t va, uint64_t size)
{
    unsigned int i;

    if (may_claim(d, va))
        return true;
    if ((va < d->virt_end && va + size - 1 >= d->virt_base) ||
        (va < d->window + d->window_size && va + size - 1 >= d->window))
        return true;
    i = find(d, va);
    return i < d->claims.count && d->claims.list[i].start <= va + size - 1;
}

bool address_next_part(const struct domain *d, unsigned int *i, uint64_t va, uint64_t size,
                       uint64_t *from, uint64_t *to)
{
    for (; *i < 2 + d->claims.count; ++*i) {
        if (*i < 2) {
            *from = *i ? d->window : d->virt_base;
            *to = *i ? d->window + d->window_size : d->virt_end;
        } else {
            const struct address_claim *c = &d->claims.list[*i - 2];

            if (c->start > va + size - 1)
                return false;
            *from = c->start;
            *to = c->refused ? c->start : c->end;
        }
        if (*from >= *to)
            continue;
        if (*from < va)
            *from = va;
        if (*to - 1 > va + size - 1)
            *to = va + size;
        if (*from < *to) {
            ++*i;
            return true;
        }
    }
    return false;
}

/*
 * A signal may look for an address while the list changes: it finds the old list or the new one,
 * and the wrong answer, if any, for an address that is not the host code's that it interrupts.
 */
static bool remember(struct domain *d, uint64_t start, uint64_t end, bool refused)
{
    struct address_claims *c = &d->claims;
    unsigned int i = find(d, start);
    struct address_claim *list = c->list;

    if (i && list[i - 1].end == start && list[i - 1].refused == refused) {
        list[i - 1].end = end;
        return true;
    }
    if (i < c->count && list[i].start == end && list[i].refused == refused) {
        list[i].start = start;
        return true;
    }
    if (c->count == c->space) {
        unsigned int space = c->space ? 2 * c->space : 8;
        struct address_claim *larger = malloc(space * sizeof(*larger));

        if (!larger)
            return false; /* LCOV_EXCL_LINE: the process has no memory */
        if (c->count)
            memcpy(larger, list, c->count * sizeof(*list));
        c->list = larger;
        c->space = space;
        free(list);
        list = larger;
    }
    memmove(&list[i + 1], &list[i], (c->count - i) * sizeof(*list));
    list[i] = (struct address_claim){.start = start, .end = end, .refused = refused};
    c->count++;
    return true;
}

bool address_reserve(uint64_t start, uint64_t size, int access)
{
    void *wanted = (void *)(uintptr_t)start;
    void *got = mmap(wanted, size, access,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (got == MAP_FAILED)
        return false;
    if (got == wanted)
        return true;
    /* LCOV_EXCL_START: a kernel before 4.17, or valgrind: took the address for a wish */
    munmap(got, size);
    return false;
    /* LCOV_EXCL_STOP */
}

/* What of VA's chunk is around VA and nobody's of D's. */
static void free_part(const struct domain *d, uint64_t va, uint64_t *start, uint64_t *end)
{
    const uint64_t first[2][2] = {{d->virt_base, d->virt_end},
                                  {d->window, d->window + d->window_size}};
    unsigned int i = find(d, va);

    *start = va & ~(CHUNK - 1);
    *end = *start + CHUNK;
    for (int k = 0; k < 2; k++) {
        if (first[k][1] <= va && first[k][1] > *start)
            *start = first[k][1];
        if (first[k][0] > va && first[k][0] < *end)
            *end = first[k][0];
    }
    if (i && d->claims.list[i - 1].end > *start)
        *start = d->claims.list[i - 1].end;
    if (i < d->claims.count && d->claims.list[i].start < *end)
        *end = d->claims.list[i].start;
}

bool address_claim(struct domain *d, uint64_t va)
{
    static const uint64_t least[] = {0, LEAST_SMALL, LEAST_USUAL};
    uint64_t start, end;
    unsigned int i;

    if (address_is_shown(d, va))
        return true;
    i = find(d, va);
    if (!may_claim(d, va) || (i < d->claims.count && d->claims.list[i].start <= va))
        return false;
    d->claims.tried++;
    free_part(d, va, &start, &end);
    for (size_t k = 0; k < sizeof(least) / sizeof(least[0]); k++) {
        uint64_t from = start > least[k] ? start : least[k];

        if (from > va)
            break;
        if ((k && start >= least[k]) || !address_reserve(from, end - from, PROT_NONE))
            continue;
        if (remember(d, from, end, false))
            return true;
        munmap((void *)(uintptr_t)from, end - from); /* LCOV_EXCL_LINE: the process has no memory */
    }
    /* In the first chunk the others may be to be had. */
    if (start < LEAST_USUAL) {
        start = va;
        end = va + PAGE_SIZE;
    }
    if (!remember(d, start, end, true))
        d->claims.tried = limit(d); /* LCOV_EXCL_LINE: no memory: no more of it */
    return false;
}

void address_release(struct domain *d)
{
    for (unsigned int i = 0; i < d->claims.count; i++) {
        const struct address_claim *c = &d->claims.list[i];
        void *at = (void *)(uintptr_t)c->start;

        if (c->refused)
            continue;
        /* What handlers have left on a stack of D's that they will not return to. */
        instrument_mapped(at, c->end - c->start, true);
        munmap(at, c->end - c->start);
    }
    free(d->claims.list);
    d->claims = (struct address_claims){.tried = limit(d)};
}
