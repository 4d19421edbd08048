/* SPDX-License-Identifier: BSD-3-Clause
 *
 * No memory is lost, made or had by two: each frame is the hypervisor's, free, or one domain's,
 * and a domain has as many as its count says, pins as many, and finds all of them at its end. What
 * a domain has left behind tells the next one nothing.
 */
#define _GNU_SOURCE
#include "model.h"

#include "page_alloc.h"

#include <stdlib.h>
#include <unistd.h>

static unsigned long owned[MAX_DOMAINS], special[MAX_DOMAINS], pinned[MAX_DOMAINS];

static bool lives(struct hypervisor *hv, const struct domain *d)
{
    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        if (hv->domains[i] == d)
            return true;
    }
    return false;
}

/* LEN: a multiple of eight. */
static bool all_zero(const void *bytes, size_t len)
{
    const uint64_t *words = bytes;
    uint64_t all = 0;

    for (size_t i = 0; i < len / sizeof(*words); i++)
        all |= words[i];
    return !all;
}

/* Pages of a free extent hold zeroes. Those that are no pages yet are not made here. */
static const char *check_zeroes(struct hypervisor *hv, const struct extent *e)
{
    off_t at = (off_t)e->start << PAGE_SHIFT, end = at + ((off_t)e->count << PAGE_SHIFT), hole;

    while ((at = lseek(hv->memfd, at, SEEK_DATA)) >= 0 && at < end) {
        hole = lseek(hv->memfd, at, SEEK_HOLE);
        for (; at < hole && at < end; at += PAGE_SIZE) {
            if (!all_zero(hv->direct_map + at, PAGE_SIZE))
                return model_wrong("frame %#lx is in a free extent, and holds what it held before",
                                   (unsigned long)at >> PAGE_SHIFT);
        }
    }
    return NULL;
}

static const char *check_extents(struct hypervisor *hv)
{
    uint64_t end = hv->reserved_frames;

    for (size_t i = 0; i < hv->extent_count; i++) {
        const struct extent *e = &hv->extents[i];

        if (e->start < end || (uint64_t)e->start + e->count > hv->next_fresh)
            return model_wrong("extent %zu overlaps what is before it, or what is fresh", i);
        if (e->owner && !lives(hv, e->owner))
            return model_wrong("extent %zu belongs to a domain that is gone", i);
        if (!e->owner && !e->broken && check_zeroes(hv, e))
            return check_zeroes(hv, e);
        end = (uint64_t)e->start + e->count;
    }
    return NULL;
}

/* How many of the frames of each extent are noted. */
static uint32_t *noted_in;

/* The extent that MFN is in, from *NEXT on, or NULL. Counts a frame that is noted in it. */
static const struct extent *find_extent(const struct hypervisor *hv, uint64_t mfn, size_t *next)
{
    while (*next < hv->extent_count &&
           mfn >= (uint64_t)hv->extents[*next].start + hv->extents[*next].count)
        ++*next;
    if (*next == hv->extent_count || mfn < hv->extents[*next].start)
        return NULL;
    noted_in[*next]++;
    return &hv->extents[*next];
}

/* Frames of nobody have no references and no flags but what makes them lazy. */
static const char *check_unused(const struct page_info *p, uint64_t mfn, const char *what)
{
    if (p->refs || p->type_count || p->flags & ~PAGE_LAZY)
        return model_wrong("frame %#lx is %s: %u references, %u uses, flags %#x",
                           (unsigned long)mfn, what, p->refs, p->type_count, p->flags);
    return NULL;
}

static const char *count_owned(const struct model *m, uint64_t mfn)
{
    const struct page_info *p = &m->hv->page_table[mfn];
    const struct domain *d = m->owner[mfn];

    if (!d)
        return model_wrong("frame %#lx belongs to a domain that is gone", (unsigned long)mfn);
    if ((mfn < d->first_mfn || mfn - d->first_mfn >= d->extent_pages) &&
        (mfn < d->first_single || mfn >= d->end_singles))
        return model_wrong("d%u has frame %#lx, and would not look there at its end", d->id,
                           (unsigned long)mfn);
    pinned[d->id] += (p->flags & PAGE_PINNED) != 0;
    owned[d->id] += !(p->flags & PAGE_SPECIAL);
    /* Those of a grant table go with it. */
    special[d->id] += p->flags & PAGE_SPECIAL && (p->refs || !(p->flags & PAGE_GRANT_TABLE));
    return NULL;
}

/* Blocks of free frames, and how many frames are in them (page_alloc.c). */
static const char *check_block(const struct hypervisor *hv, uint32_t first, unsigned int order)
{
    if (first < hv->reserved_frames || first + (1UL << order) > hv->next_fresh ||
        first & ((1U << order) - 1))
        return model_wrong("a block of %lu free frames at %#x", 1UL << order, first);
    for (uint32_t i = 0; i < 1U << order; i++) {
        if (hv->page_table[first + i].owner != OWNER_FREE)
            return model_wrong("frame %#x is in a block of free ones, but is not free", first + i);
    }
    if (hv->page_table[first].type != order)
        return model_wrong("the block at %#x is in the wrong list", first);
    return NULL;
}

static const char *check_blocks(const struct hypervisor *hv, uint64_t free_frames)
{
    const char *wrong = NULL;
    uint64_t found = 0;

    for (unsigned int order = 0; order <= MAX_ORDER; order++) {
        uint32_t first = hv->free_blocks[order];

        for (; !wrong && first && found <= free_frames; first = hv->page_table[first].link) {
            wrong = check_block(hv, first, order);
            found += 1UL << order;
        }
    }
    if (!wrong && (found != free_frames || found != hv->free_frames))
        wrong = model_wrong("%lu frames are free, %lu in blocks; counted are %lu",
                            (unsigned long)free_frames, (unsigned long)found,
                            (unsigned long)hv->free_frames);
    return wrong;
}

static const char *check_frame(const struct model *m, uint64_t mfn, size_t *next,
                               uint64_t *free_frames)
{
    const struct hypervisor *hv = m->hv;
    const struct page_info *p = &hv->page_table[mfn];
    const struct extent *e = find_extent(hv, mfn, next);

    if (p->owner == OWNER_FREE) {
        *free_frames += mfn >= hv->reserved_frames;
        return NULL;
    }
    if (p->owner == OWNER_HYPERVISOR)
        return mfn < hv->reserved_frames
                   ? NULL
                   : model_wrong("frame %#lx is the hypervisor's, among the guests'",
                                 (unsigned long)mfn);
    if (p->owner != OWNER_EXTENT)
        return count_owned(m, mfn);
    if (!e)
        return hv->seed ? check_unused(p, mfn, "fresh")
                        : model_wrong("frame %#lx is lost: neither free nor anybody's",
                                      (unsigned long)mfn);
    if (e->owner)
        return count_owned(m, mfn);
    if (e->broken)
        return model_wrong("frame %#lx is lost with its broken extent", (unsigned long)mfn);
    return check_unused(p, mfn, "in a free extent");
}

/* Plain frames are members of an extent, and counted with it. */
static const char *count_plain(const struct model *m)
{
    const struct hypervisor *hv = m->hv;
    bool has_zero = m->noted_count && m->noted[0] == 0; /* frame 0 is nobody's */
    uint64_t outside = m->frames - m->noted_count - !has_zero;

    for (size_t i = 0; i < hv->extent_count; i++) {
        const struct extent *e = &hv->extents[i];
        uint32_t plain = e->count - noted_in[i];

        outside -= plain;
        if (!e->owner && e->broken && plain)
            return model_wrong("%u frames are lost with the broken extent at %#x", plain, e->start);
        if (!e->owner || !plain)
            continue;
        if (e->start != e->owner->first_mfn || e->count != e->owner->extent_pages)
            return model_wrong("d%u has the extent at %#x, and would not look there at its end",
                               e->owner->id, e->start);
        owned[e->owner->id] += plain;
    }
    if (outside && !hv->seed)
        return model_wrong("%lu frames are lost: neither free nor anybody's",
                           (unsigned long)outside);
    return NULL;
}

/* Frames that were never handed out: nothing is known about them. */
static const char *check_fresh(const struct model *m)
{
    const struct page_info *p = &m->hv->page_table[m->frames];
    uint64_t count = m->hv->frames - m->frames;

    if (all_zero(p, count * sizeof(*p)))
        return NULL;
    for (uint64_t i = 0; i < count; i++) {
        if (!all_zero(&p[i], sizeof(p[i])))
            return model_wrong("frame %#lx was never handed out, but its owner is %u: %u "
                               "references, %u uses, flags %#x",
                               (unsigned long)(m->frames + i), p[i].owner, p[i].refs,
                               p[i].type_count, p[i].flags);
    }
    return NULL;
}

const char *model_memory(const struct model *m)
{
    struct hypervisor *hv = m->hv;
    const char *wrong = check_extents(hv);
    uint64_t free_frames = 0, claimed = 0;
    size_t next = 0;

    memset(owned, 0, sizeof(owned));
    memset(special, 0, sizeof(special));
    memset(pinned, 0, sizeof(pinned));
    noted_in = realloc(noted_in, (hv->extent_count + 1) * sizeof(*noted_in));
    if (!noted_in)
        abort();
    memset(noted_in, 0, (hv->extent_count + 1) * sizeof(*noted_in));
    for (uint32_t n = 0; !wrong && n < m->noted_count; n++) {
        if (m->noted[n])
            wrong = check_frame(m, m->noted[n], &next, &free_frames);
    }
    if (!wrong)
        wrong = count_plain(m);
    if (!wrong && !hv->seed)
        wrong = check_blocks(hv, free_frames);
    if (!wrong)
        wrong = check_fresh(m);
    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (d && owned[i] != d->pages)
            wrong = model_wrong("d%u has %lu frames, but counts %lu", i, owned[i],
                                (unsigned long)d->pages);
        else if (d && d->is_dying && owned[i] + special[i] != d->left_frames)
            wrong = model_wrong("dying d%u has %lu frames, but counts %lu", i,
                                owned[i] + special[i], (unsigned long)d->left_frames);
        else if (d && pinned[i] != d->pinned)
            wrong =
                model_wrong("d%u has %lu pinned tables, but counts %u", i, pinned[i], d->pinned);
        claimed += d ? d->claimed : 0;
    }
    if (!wrong && claimed != hv->claimed)
        wrong = model_wrong("%lu frames are promised to domains; counted are %lu",
                            (unsigned long)claimed, (unsigned long)hv->claimed);
    return wrong;
}
