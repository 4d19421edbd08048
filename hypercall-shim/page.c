/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames: who owns them, how they are used, how they come and go. A start-up touches little of
 * their table: see struct page_info.
 */
#define _GNU_SOURCE
#include "page_alloc.h"
#include "page_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct page_info *page_info(struct hypervisor *hv, uint64_t mfn)
{
    assert(mfn < hv->frames);
    return &hv->page_table[mfn];
}

struct extent *page_find_extent(struct hypervisor *hv, uint64_t mfn)
{
    size_t low = 0, high = hv->extent_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct extent *e = &hv->extents[middle];

        if (mfn < e->start)
            high = middle;
        else if (mfn >= (uint64_t)e->start + e->count)
            low = middle + 1;
        else
            return e;
    }
    return NULL;
}

struct domain *page_owner(struct hypervisor *hv, uint64_t mfn)
{
    struct extent *e;
    uint16_t owner;

    if (mfn >= hv->frames)
        return NULL;
    owner = hv->page_table[mfn].owner;
    if (owner >= OWNER_DOMAIN(0))
        return domain_by_id(hv, (domid_t)(owner - OWNER_DOMAIN(0)));
    if (owner != OWNER_EXTENT)
        return NULL;
    e = page_find_extent(hv, mfn);
    return e ? e->owner : NULL;
}

struct domain *page_real_owner(struct hypervisor *hv, uint64_t mfn)
{
    if (mfn >= hv->m2p_lazy.start && mfn < (uint64_t)hv->m2p_lazy.start + hv->m2p_lazy.count)
        return &domain_xen;
    return page_owner(hv, mfn);
}

bool page_is_of(struct hypervisor *hv, domid_t domid, uint64_t mfn)
{
    const struct domain *d = page_owner(hv, mfn);

    return d && d->id == domid;
}

/* ---- references ---- */

void page_free(struct hypervisor *hv, uint64_t mfn)
{
    assert(page_info(hv, mfn)->refs == 0 && page_info(hv, mfn)->type_count == 0);
    page_free_one(hv, (uint32_t)mfn);
    struct extent *e = page_find_extent(hv, mfn);
    if (e)
        e->broken = true;
    m2p_set(hv, mfn, INVALID_P2M_ENTRY);
}

/* The hypervisor's frames that a domain shared go back to the reserved ones. */
static void free_frame(struct hypervisor *hv, uint64_t mfn)
{
    struct page_info *page = page_info(hv, mfn);

    if (!(page->flags & PAGE_SPECIAL) || mfn >= hv->reserved_frames) {
        page_free(hv, mfn);
        return;
    }
    assert(page->refs == 0 && page->type_count == 0);
    memset(hv->direct_map + ((size_t)mfn << PAGE_SHIFT), 0, PAGE_SIZE);
    *page = (struct page_info){.owner = OWNER_FREE};
}

/* The last reference of a frame that its owner has given back: only now it has one less. */
static void free_released(struct hypervisor *hv, uint64_t mfn)
{
    struct domain *d = page_owner(hv, mfn);
    uint8_t flags = page_info(hv, mfn)->flags;

    /* Shared info and the like stay while the domain does: the hypervisor itself uses them. */
    if (flags & PAGE_SPECIAL && !(d && d->is_dying))
        return;
    if (!(flags & PAGE_GRANT_TABLE)) /* these go with the table */
        free_frame(hv, mfn);
    if (d && !(flags & PAGE_SPECIAL))
        page_adjust(d, -1);
    if (d && d->left_frames && --d->left_frames == 0)
        domain_bury(d);
}

bool page_get(struct domain *d, uint64_t mfn)
{
    struct page_info *page;

    if (page_owner(d->hv, mfn) != d)
        return false;
    page = &d->hv->page_table[mfn];
    /* Only a special page stays its owner's after the last reference. */
    if (page->flags & PAGE_RELEASED && !page->refs)
        return false;
    page->refs++;
    return true;
}

void page_put(struct hypervisor *hv, uint64_t mfn)
{
    struct page_info *page = page_info(hv, mfn);

    assert(page->refs > 0);
    if (--page->refs == 0 && page->flags & PAGE_RELEASED)
        free_released(hv, mfn);
}

bool page_get_writable(struct hypervisor *hv, uint64_t mfn)
{
    struct page_info *page = page_info(hv, mfn);

    if (page->type_count > 0 && page->type != PAGE_WRITABLE)
        return false;
    page->type = PAGE_WRITABLE;
    page->type_count++;
    return true;
}

void page_put_writable(struct hypervisor *hv, uint64_t mfn)
{
    struct page_info *page = page_info(hv, mfn);

    assert(page->type_count > 0 && page->type == PAGE_WRITABLE);
    page->type_count--;
}

int page_get_type(struct domain *d, uint64_t mfn, enum page_type type)
{
    struct page_info *page = page_info(d->hv, mfn);
    int error;

    if (page->type_count > 0) {
        /* Xen: two uses at a time only of the same type (its __get_page_type). */
        if (page->type != type)
            return -EINVAL;
        page->type_count++;
        return 0;
    }
    /* Xen holds a reference of its own to those as writable pages. */
    if (page->flags & PAGE_SPECIAL && type != PAGE_WRITABLE)
        return -EINVAL;
    page->type = (uint8_t)type;
    page->type_count = 1; /* so that a table that refers to itself is refused */
    error = 0;
    if (type >= PAGE_L1 && type <= PAGE_L4)
        error = page_table_validate(d, mfn, type);
    else if (type == PAGE_DESCRIPTOR)
        error = descriptor_page_validate(d->hv, mfn);
    if (error)
        page->type_count = 0;
    return error;
}

void page_put_type(struct domain *d, uint64_t mfn)
{
    struct page_info *page = page_info(d->hv, mfn);

    assert(page->type_count > 0);
    if (page->type_count == 1 && page->type >= PAGE_L1 && page->type <= PAGE_L4)
        page_table_invalidate(d, mfn, page->type);
    page->type_count--;
}

int page_get_both(struct domain *d, uint64_t mfn, enum page_type type)
{
    int error;

    if (!page_get(d, mfn))
        return -EINVAL;
    error = page_get_type(d, mfn, type);
    if (error)
        page_put(d->hv, mfn);
    return error;
}

void page_put_both(struct domain *d, uint64_t mfn)
{
    page_put_type(d, mfn);
    page_put(d->hv, mfn);
}

/* ---- coming and going ---- */

/*
 * Room for SPACE entries of SIZE bytes in a table that has COUNT of them in TABLE: at the start
 * in FIRST, a part of struct hypervisor, which one domain does not outgrow.
 */
static void *grow_table(void *table, void *first, size_t count, size_t space, size_t size)
{
    void *more;

    if (!table)
        return first;
    if (table != first)
        return realloc(table, space * size);
    more = malloc(space * size);
    return more ? memcpy(more, first, count * size) : NULL;
}

uint32_t page_allocate_extent(struct domain *d, uint32_t count)
{
    struct hypervisor *hv = d->hv;
    struct extent *e = NULL;

    for (size_t i = 0; i < hv->extent_count && !e; i++) {
        if (!hv->extents[i].owner && !hv->extents[i].broken && hv->extents[i].count == count)
            e = &hv->extents[i];
    }
    if (!e) {
        if (count > hv->frames - hv->next_fresh)
            return 0;
        if (hv->extent_count == hv->extent_space) {
            size_t space = hv->extent_space ? 2 * hv->extent_space : FIRST_EXTENTS;
            struct extent *more =
                grow_table(hv->extents, hv->first_extents, hv->extent_count, space, sizeof(*more));

            if (!more)
                return 0;
            hv->extents = more;
            hv->extent_space = space;
        }
        e = &hv->extents[hv->extent_count++];
        *e = (struct extent){.start = hv->next_fresh, .count = count};
        hv->next_fresh += count;
        d->is_fresh = true;
    }
    e->owner = d;
    m2p_reset(hv, e);
    return e->start;
}

uint32_t page_allocate_special(struct domain *d)
{
    struct hypervisor *hv = d->hv;
    uint32_t mfn = 0;

    /* From the reserved frames while they last, so that ordinary numbers stay regular. */
    for (uint32_t i = 1; i < hv->next_reserved && !mfn; i++) {
        if (hv->page_table[i].owner == OWNER_FREE)
            mfn = i;
    }
    if (!mfn && hv->next_reserved < hv->m2p_lazy.start)
        mfn = hv->next_reserved++;
    if (!mfn)
        mfn = page_allocate(d);
    if (!mfn)
        return 0;
    hv->page_table[mfn] = (struct page_info){.owner = OWNER_DOMAIN(d->id), .flags = PAGE_SPECIAL};
    domain_has_single(d, mfn);
    return mfn;
}

bool page_free_special(struct hypervisor *hv, uint64_t mfn)
{
    if (page_info(hv, mfn)->refs > 0)
        return false;
    free_frame(hv, mfn);
    return true;
}

bool page_release(struct domain *d, uint64_t mfn)
{
    struct page_info *page;

    /* As in guest_remove_page: a second time is no error, and a pin holds the frame. */
    if (!page_get(d, mfn))
        return false;
    page = page_info(d->hv, mfn);
    if (page->flags & PAGE_LAZY)
        page_map(d->hv, mfn);
    page->flags |= PAGE_RELEASED;
    page_put(d->hv, mfn);
    return true;
}

bool page_steal(struct domain *d, uint64_t mfn)
{
    struct hypervisor *hv = d->hv;
    struct page_info *page;
    struct extent *e;

    if (page_owner(hv, mfn) != d)
        return false;
    page = page_info(hv, mfn);
    if (page->flags & (PAGE_SPECIAL | PAGE_RELEASED) || page->refs > 0)
        return false;
    page_map(hv, mfn); /* not lazy any more: its contents go along */
    e = page_find_extent(hv, mfn);
    if (e)
        e->broken = true;
    *page = (struct page_info){.owner = OWNER_HYPERVISOR};
    page_adjust(d, -1);
    return true;
}

void page_give(struct domain *d, uint64_t mfn)
{
    page_info(d->hv, mfn)->owner = OWNER_DOMAIN(d->id);
    domain_has_single(d, (uint32_t)mfn);
    page_adjust(d, 1);
}

/* A frame of a dying domain: free now, or when others that have mapped it have unmapped it. */
static void give_back(struct domain *d, uint64_t mfn)
{
    struct page_info *page = page_info(d->hv, mfn);

    /* Those of the grant table go with it; until then nobody can map them any more. */
    if (page->refs == 0 && !(page->flags & PAGE_GRANT_TABLE)) {
        free_frame(d->hv, mfn);
        return;
    }
    page->owner = OWNER_DOMAIN(d->id);
    page->flags |= PAGE_RELEASED;
    if (page->refs == 0)
        return;
    d->left_frames++;
    d->pages += !(page->flags & PAGE_SPECIAL);
}

static bool extent_in_use(struct hypervisor *hv, const struct extent *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        if (hv->page_table[e->start + i].refs)
            return true;
    }
    return false;
}

/*
 * Frames that have been touched stay Linux's pages for the next domain of this size, if they are
 * few, as a test's domain has: what a new page costs is several times what zeroing one does.
 */
#define PAGES_KEPT 64U

/* Zeroes the pages from AT to END that have contents. False if there are more than PAGES_KEPT. */
static bool zero_few(struct hypervisor *hv, off_t at, off_t end)
{
    size_t left = PAGES_KEPT * PAGE_SIZE;

    for (;;) {
        off_t data = lseek(hv->memfd, at, SEEK_DATA), hole;

        if (data < 0 || data >= end)
            return data >= 0 || errno == ENXIO;
        hole = lseek(hv->memfd, data, SEEK_HOLE);
        at = hole < 0 || hole > end ? end : hole;
        if ((size_t)(at - data) > left)
            return false;
        left -= (size_t)(at - data);
        memset(hv->direct_map + data, 0, (size_t)(at - data));
    }
}

/* As Xen scrubs what it gives to the next domain. */
static void zero_extent(struct hypervisor *hv, const struct extent *e)
{
    off_t start = (off_t)e->start << PAGE_SHIFT, len = (off_t)e->count << PAGE_SHIFT;

    if (!zero_few(hv, start, start + len))
        fallocate(hv->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, len);
}

static void give_back_extent(struct domain *d, struct extent *e)
{
    struct hypervisor *hv = d->hv;

    if (extent_in_use(hv, e))
        e->broken = true;
    for (uint32_t i = 0; i < e->count; i++) {
        struct page_info *page = &hv->page_table[e->start + i];

        /* A frame that was given back before stays in the list of single frames. */
        if (page->owner != OWNER_EXTENT)
            continue;
        if (e->broken) {
            give_back(d, (uint64_t)e->start + i);
        } else {
            page->flags = 0;
            page->type = PAGE_NONE;
        }
    }
    e->owner = NULL;
    if (!e->broken) {
        zero_extent(hv, e);
        m2p_reset(hv, e);
    }
}

/* Pinned tables hold the last references among the domain's own frames. */
static void unpin_tables(struct domain *d, uint32_t first, uint32_t end)
{
    for (uint32_t mfn = first; d->pinned && mfn < end; mfn++) {
        const struct page_info *page = &d->hv->page_table[mfn];

        if (page->flags & PAGE_PINNED && page_owner(d->hv, mfn) == d)
            page_unpin(d, mfn);
    }
}

void page_release_all(struct domain *d)
{
    struct hypervisor *hv = d->hv;

    page_forget_domain(d);
    unpin_tables(d, d->first_mfn, d->first_mfn + d->extent_pages);
    unpin_tables(d, d->first_single, d->end_singles);
    d->pages = 0; /* and those that are left are counted again */
    for (uint32_t mfn = d->first_single; mfn < d->end_singles; mfn++) {
        if (hv->page_table[mfn].owner == OWNER_DOMAIN(d->id))
            give_back(d, mfn);
    }
    if (d->extent_pages)
        give_back_extent(d, page_find_extent(hv, d->first_mfn));
}

void page_set_pinned(struct domain *d, uint64_t mfn)
{
    page_info(d->hv, mfn)->flags |= PAGE_PINNED;
    d->pinned++;
}

void page_unpin(struct domain *d, uint64_t mfn)
{
    page_info(d->hv, mfn)->flags &= (uint8_t)~PAGE_PINNED;
    d->pinned--;
    page_put_both(d, mfn);
}

/* ---- where a page table is hooked ---- */

void page_link_add(struct hypervisor *hv, uint64_t child, uint64_t parent, unsigned int slot)
{
    uint32_t index = hv->first_free_link;

    if (index) {
        hv->first_free_link = hv->links[index].next;
    } else {
        if (hv->link_count == hv->link_space) {
            uint32_t space = hv->link_space ? 2 * hv->link_space : FIRST_LINKS;
            struct pt_link *more =
                grow_table(hv->links, hv->first_links, hv->link_count, space, sizeof(*more));

            if (!more)
                abort(); /* a few bytes: the process is lost anyway */
            hv->links = more;
            hv->link_space = space;
            if (hv->link_count == 0)
                hv->link_count = 1; /* 0 is no link */
        }
        index = hv->link_count++;
    }
    hv->links[index] = (struct pt_link){
        .parent = (uint32_t)parent, .slot = slot, .next = hv->page_table[child].link};
    hv->page_table[child].link = index;
}

void page_link_remove(struct hypervisor *hv, uint64_t child, uint64_t parent, unsigned int slot)
{
    uint32_t *place = &hv->page_table[child].link;

    while (*place) {
        struct pt_link *link = &hv->links[*place];

        if (link->parent == parent && link->slot == slot) {
            uint32_t index = *place;

            *place = link->next;
            link->next = hv->first_free_link;
            hv->first_free_link = index;
            return;
        }
        place = &link->next;
    }
    assert(!"a hooked page table has its link");
}
