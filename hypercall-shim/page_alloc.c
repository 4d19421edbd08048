/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Free frames, as blocks of a power of two in number and alignment, which are joined with their
 * neighbour when both are free. What was never handed out is no block: it begins at next_fresh, and
 * its page_info is not touched.
 *
 * A machine with a seed hands out frames one by one in an order that the seed gives (a large one a
 * few at a time), so that no two frames, or runs of them, of a guest follow each other and a guest
 * that takes one's number for another's fails.
 * There are no blocks then; a frame is free if its page_info says so.
 */
#define _GNU_SOURCE
#include "page_alloc.h"

#include <fcntl.h>
#include <stdlib.h>

/* Of a free frame: page_info.type is the order of the block that it is the first of, or: */
#define INSIDE 0xffU
/* With a seed: it has the contents of a former owner. */
#define UNCLEAN 1U

/* Xen scrubs what it gives to the next domain; a hole reads as zeroes. */
static void scrub(struct hypervisor *hv, uint32_t mfn)
{
    fallocate(hv->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)mfn << PAGE_SHIFT,
              (off_t)PAGE_SIZE);
}

/* ---- with a seed ---- */

static unsigned int bits_for(uint64_t n)
{
    unsigned int bits = 2;

    while (1UL << bits < n)
        bits++;
    return bits;
}

/* The place of I in a permutation of the numbers of BITS bits. */
static uint64_t permuted(uint64_t seed, uint64_t i, unsigned int bits)
{
    uint64_t mask = (1UL << bits) - 1;

    for (uint64_t round = 1; round <= 3; round++) {
        uint64_t key = mix_bits(seed + round);

        i = (i * (key | 1) + (key >> 32)) & mask;
        i ^= i >> (bits / 2);
    }
    return i;
}

static bool all_free(const struct hypervisor *hv, uint64_t first, uint64_t count)
{
    if (first < hv->reserved_frames || first + count > hv->frames)
        return false; /* not of the guests */
    for (uint64_t i = first; i < first + count; i++) {
        uint16_t owner = hv->page_table[i].owner;

        if (owner != OWNER_FREE && owner != OWNER_EXTENT)
            return false;
    }
    return true;
}

/* The next free ones in the seed's order that end below LIMIT. */
static uint32_t take_next(struct hypervisor *hv, unsigned int order, uint64_t limit)
{
    unsigned int bits = bits_for(hv->frames);

    for (uint64_t tries = 0; tries < 1UL << bits; tries++) {
        uint64_t first = permuted(hv->seed, hv->seed_next++, bits) >> order << order;

        if (first + (1UL << order) <= limit && all_free(hv, first, 1UL << order))
            return (uint32_t)first;
    }
    return 0;
}

/* Single frames leave the end of memory to larger extents, as long as there are others. */
static uint32_t take_scattered(struct hypervisor *hv, unsigned int order, uint64_t limit)
{
    uint64_t most = hv->frames - hv->frames / 8;
    uint32_t first = 0;

    if (!limit || limit > hv->frames)
        limit = hv->frames;
    if (!order)
        first = take_next(hv, 0, limit < most ? limit : most);
    return first ? first : take_next(hv, order, limit);
}

/* ---- without: blocks ---- */

static void unlink_block(struct hypervisor *hv, uint32_t first)
{
    struct page_info *page = &hv->page_table[first];

    if (page->refs)
        hv->page_table[page->refs].link = page->link;
    else
        hv->free_blocks[page->type] = page->link;
    if (page->link)
        hv->page_table[page->link].refs = page->refs;
    hv->free_frames -= 1UL << page->type;
    *page = (struct page_info){.owner = OWNER_FREE, .type = INSIDE};
}

/* A block's links are in its first frame: "refs" is the block before it in the list. */
static void link_block(struct hypervisor *hv, uint32_t first, unsigned int order)
{
    uint32_t next = hv->free_blocks[order];

    hv->page_table[first] =
        (struct page_info){.owner = OWNER_FREE, .type = (uint8_t)order, .link = next};
    if (next)
        hv->page_table[next].refs = first;
    hv->free_blocks[order] = first;
    hv->free_frames += 1UL << order;
}

static bool is_block(const struct hypervisor *hv, uint32_t first, unsigned int order)
{
    return first >= hv->reserved_frames && first < hv->next_fresh &&
           hv->page_table[first].owner == OWNER_FREE && hv->page_table[first].type == order;
}

static void free_block(struct hypervisor *hv, uint32_t first, unsigned int order)
{
    for (uint32_t i = 0; i < 1U << order; i++)
        hv->page_table[first + i] = (struct page_info){.owner = OWNER_FREE, .type = INSIDE};
    while (order < MAX_ORDER && is_block(hv, first ^ 1U << order, order)) {
        unlink_block(hv, first ^ 1U << order);
        first &= ~(1U << order);
        order++;
    }
    link_block(hv, first, order);
}

static void free_range(struct hypervisor *hv, uint32_t first, uint32_t end)
{
    while (first < end) {
        unsigned int order = 0;

        while (order < MAX_ORDER && !(first & 1U << order) && first + (2U << order) <= end)
            order++;
        free_block(hv, first, order);
        first += 1U << order;
    }
}

static uint32_t take_block(struct hypervisor *hv, unsigned int order, uint64_t limit)
{
    for (unsigned int have = order; have <= MAX_ORDER; have++) {
        uint32_t first = hv->free_blocks[have];

        while (first && limit && first + (1UL << order) > limit)
            first = hv->page_table[first].link;
        if (!first)
            continue;
        unlink_block(hv, first);
        while (have > order) {
            have--;
            link_block(hv, first + (1U << have), have);
        }
        return first;
    }
    return 0;
}

static uint32_t take_fresh(struct hypervisor *hv, unsigned int order, uint64_t limit)
{
    uint64_t first = ((uint64_t)hv->next_fresh + (1U << order) - 1) >> order << order;
    uint32_t before = hv->next_fresh;

    if (first + (1UL << order) > (limit && limit < hv->frames ? limit : hv->frames))
        return 0;
    hv->next_fresh = (uint32_t)first + (1U << order);
    /* What the alignment leaves over. */
    free_range(hv, before, (uint32_t)first);
    return (uint32_t)first;
}

/* Memory of former domains, kept together for the next ones: it is needed in another way. */
static bool dissolve_extents(struct hypervisor *hv)
{
    bool any = false;

    for (size_t i = 0; i < hv->extent_count; i++) {
        struct extent *e = &hv->extents[i];

        if (e->owner || e->broken)
            continue;
        e->broken = true;
        free_range(hv, e->start, e->start + e->count);
        any = true;
    }
    return any;
}

/* ---- claims: memory that is promised to a domain ---- */

static uint64_t available(const struct hypervisor *hv)
{
    uint64_t frames = hv->free_frames;

    if (hv->seed) {
        for (uint64_t i = hv->reserved_frames; i < hv->frames; i++)
            frames += all_free(hv, i, 1);
        return frames;
    }
    for (size_t i = 0; i < hv->extent_count; i++) {
        if (!hv->extents[i].owner && !hv->extents[i].broken)
            frames += hv->extents[i].count;
    }
    return frames + hv->frames - hv->next_fresh;
}

uint64_t page_count_free(struct hypervisor *hv, uint64_t from, uint64_t to)
{
    uint64_t count = 0;

    if (from < hv->reserved_frames)
        from = hv->reserved_frames;
    if (to > hv->frames)
        to = hv->frames;
    for (uint64_t i = from; i < to; i++) {
        if (!hv->seed && i >= hv->next_fresh)
            return count + to - i;
        count += all_free(hv, i, 1) && !page_owner(hv, i);
    }
    return count;
}

int page_claim(struct domain *d, uint64_t pages)
{
    struct hypervisor *hv = d->hv;

    if (!pages) {
        hv->claimed -= d->claimed;
        d->claimed = 0;
        return 0;
    }
    if (d->claimed)
        return -EINVAL; /* one at a time */
    if (pages <= d->pages || pages > d->max_pages)
        return -EINVAL;
    if (pages - d->pages > available(hv) - hv->claimed)
        return -ENOMEM;
    d->claimed = pages - d->pages;
    hv->claimed += d->claimed;
    return 0;
}

void page_adjust(struct domain *d, int64_t pages)
{
    uint64_t claimed = d->claimed;

    d->pages = (uint64_t)((int64_t)d->pages + pages);
    if (!claimed)
        return;
    /* What is given back is promised to the domain again, as in Xen. */
    d->claimed = (int64_t)claimed > pages ? (uint64_t)((int64_t)claimed - pages) : 0;
    d->hv->claimed += d->claimed - claimed;
}

static bool is_promised(struct domain *d, uint64_t frames, bool claimed)
{
    struct hypervisor *hv = d->hv;

    if (!hv->claimed || hv->claimed + frames <= available(hv))
        return false;
    return !claimed || d->claimed < frames;
}

/* ---- for domains ---- */

uint32_t page_allocate_order(struct domain *d, unsigned int order, uint64_t limit, bool claimed)
{
    struct hypervisor *hv = d->hv;
    uint32_t first;

    if (d->is_dying)
        return 0;
    if (order > MAX_ORDER || is_promised(d, 1UL << order, claimed))
        return 0;
    if (hv->seed) {
        first = take_scattered(hv, order, limit);
    } else {
        first = take_block(hv, order, limit);
        if (!first)
            first = take_fresh(hv, order, limit);
        if (!first && dissolve_extents(hv))
            first = take_block(hv, order, limit);
    }
    for (uint32_t i = 0; first && i < 1U << order; i++) {
        if (hv->seed && hv->page_table[first + i].type == UNCLEAN)
            scrub(hv, first + i);
        hv->page_table[first + i] = (struct page_info){.owner = OWNER_DOMAIN(d->id)};
    }
    if (first) {
        domain_has_single(d, first);
        domain_has_single(d, first + (1U << order) - 1);
    }
    return first;
}

uint32_t page_allocate(struct domain *d) { return page_allocate_order(d, 0, 0, true); }

void page_free_one(struct hypervisor *hv, uint32_t mfn)
{
    /* Single frames take a system call each; with a seed all are single, and few are used again. */
    if (hv->seed) {
        hv->page_table[mfn] = (struct page_info){.owner = OWNER_FREE, .type = UNCLEAN};
    } else {
        scrub(hv, mfn);
        free_block(hv, mfn, 0);
    }
}

uint32_t domain_run(const struct domain *d, uint64_t pfn, uint32_t count)
{
    uint32_t n = 1;

    if (!d->p2m)
        return count;
    while (n < count && d->p2m[pfn + n] == d->p2m[pfn] + n)
        n++;
    return n;
}

/* With a seed, runs of frames, of which the seed also says at which page the first begins. */
static int populate_scattered(struct domain *d)
{
    const unsigned int most = d->hv->seed_order;
    uint64_t pfn = most ? hypervisor_draw(d->hv, 1U << most) % d->pages : 0;
    uint64_t done = 0;

    d->p2m = calloc(d->pages, sizeof(*d->p2m));
    if (!d->p2m)
        return -ENOMEM;
    while (done < d->pages) {
        unsigned int order = most;
        uint32_t first = 0;

        if (order && done + (1UL << order) <= d->pages)
            first = page_allocate_order(d, order, 0, true);
        if (!first) {
            order = 0;
            first = page_allocate(d);
        }
        if (!first)
            return -ENOMEM;
        for (uint32_t i = 0; i < 1U << order; i++, done++) {
            d->p2m[pfn] = first + i;
            m2p_set(d->hv, first + i, pfn);
            pfn = pfn + 1 < d->pages ? pfn + 1 : 0;
        }
    }
    return 0;
}

int page_populate(struct domain *d)
{
    if (!d->hv->seed && !is_promised(d, d->pages, false)) {
        d->first_mfn = page_allocate_extent(d, (uint32_t)d->pages);
        if (d->first_mfn) {
            d->extent_pages = (uint32_t)d->pages;
            return 0;
        }
    }
    if (d->pages > available(d->hv))
        return -ENOMEM;
    return populate_scattered(d);
}

void page_forget_domain(struct domain *d)
{
    page_claim(d, 0);
    free(d->e820);
    d->e820 = NULL;
    free(d->p2m);
    d->p2m = NULL;
}
