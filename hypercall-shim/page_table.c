/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The rules for page tables (Xen's "direct paging"): an entry may be set only if its owner may
 * map the frame in that way, so that a guest can never write into a table that is in use.
 * Which error comes out where follows xen/arch/x86/mm.c.
 */
#include "internal.h"

/* Bits that an entry of any level must not have; a leaf may have G, and caching bits in dom0. */
#define DISALLOWED                                                                                 \
    (~(0x000ffffffffff000UL | PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY |         \
       PTE_AVAIL | PTE_AVAIL_HIGH | PTE_NX))
#define CACHE_BITS (PTE_PWT | PTE_PCD | PTE_PSE)

/* Slots 256 to 271 of an L4 table are Xen's own (public/arch-x86/xen-x86_64.h). */
#define L4_XEN_FIRST 256U
#define L4_XEN_LAST  271U

/* Bits of a leaf that do not matter for references (Xen's FASTPATH_FLAG_WHITELIST). */
#define LEAF_FREE_BITS                                                                             \
    (PTE_NX | PTE_AVAIL_HIGH | PTE_AVAIL | PTE_GLOBAL | PTE_DIRTY | PTE_ACCESSED | PTE_USER)

static uint64_t leaf_disallowed(const struct domain *d)
{
    uint64_t bits = DISALLOWED & ~PTE_GLOBAL;

    return d->hardware_domain ? bits & ~CACHE_BITS : bits;
}

/* A frame number that Xen takes for "no frame", all ones. */
#define PTE_INVALID_FRAME 0xffffffffffUL

static int get_leaf(struct domain *table_owner, struct domain *frame_owner, uint64_t entry)
{
    struct hypervisor *hv = table_owner->hv;
    uint64_t mfn = PTE_FRAME(entry);

    if (entry & leaf_disallowed(table_owner))
        return -EINVAL;
    /* Not memory: I/O space, which no domain here has been given. */
    if (mfn >= hv->frames)
        return mfn == PTE_INVALID_FRAME ? -EINVAL : -EPERM;
    if (!page_get(frame_owner, mfn))
        return -EBUSY; /* not the guest's: Xen's could_not_pin */
    if (entry & PTE_RW && page_get_type(frame_owner, mfn, PAGE_WRITABLE)) {
        page_put(hv, mfn);
        return -EBUSY; /* in use as a page table */
    }
    if (entry & CACHE_BITS && page_info(hv, mfn)->flags & PAGE_SPECIAL) {
        if (entry & PTE_RW)
            page_put_type(frame_owner, mfn);
        page_put(hv, mfn);
        return -EACCES;
    }
    return 0;
}

void page_table_put_leaf(struct hypervisor *hv, uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);

    if (!(entry & PTE_PRESENT))
        return;
    if (entry & PTE_RW)
        page_put_writable(hv, mfn); /* its owner may be dead */
    page_put(hv, mfn);
}

/* An entry of LEVEL 2 to 4: the frame becomes, or is already, a table of the level below. */
static int get_table(struct domain *d, uint64_t table, unsigned int level, unsigned int slot,
                     uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);
    int error;

    if (entry & DISALLOWED)
        return -EINVAL;
    if (!page_get(d, mfn))
        return -EINVAL;
    error = page_get_type(d, mfn, (enum page_type)(level - 1));
    if (error) {
        page_put(d->hv, mfn);
        return error;
    }
    page_link_add(d->hv, mfn, table, slot);
    return 0;
}

static void put_table(struct domain *d, uint64_t table, unsigned int slot, uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);

    if (!(entry & PTE_PRESENT))
        return;
    page_link_remove(d->hv, mfn, table, slot);
    page_put_type(d, mfn);
    page_put(d->hv, mfn);
}

static bool xen_slot(unsigned int level, unsigned int slot)
{
    return level == 4 && slot >= L4_XEN_FIRST && slot <= L4_XEN_LAST;
}

static int get_entry(struct domain *d, uint64_t table, unsigned int level, unsigned int slot,
                     uint64_t entry, struct domain *frame_owner)
{
    if (level == 1)
        return get_leaf(d, frame_owner, entry);
    return get_table(d, table, level, slot, entry);
}

static void put_entry(struct domain *d, uint64_t table, unsigned int level, unsigned int slot,
                      uint64_t entry)
{
    if (level == 1)
        page_table_put_leaf(d->hv, entry);
    else
        put_table(d, table, slot, entry);
}

int page_table_validate(struct domain *d, uint64_t mfn, unsigned int level)
{
    uint64_t *table = page_map(d->hv, mfn);
    int error = 0;
    unsigned int i;

    for (i = 0; i < PT_ENTRIES; i++) {
        if (!(table[i] & PTE_PRESENT) || xen_slot(level, i))
            continue;
        error = get_entry(d, mfn, level, i, table[i], d);
        if (error)
            break;
        table[i] |= PTE_USER; /* a 64-bit PV guest's kernel runs in ring 3 */
    }
    if (error) {
        while (i-- > 0) {
            if (!xen_slot(level, i))
                put_entry(d, mfn, level, i, table[i]);
        }
    }
    return error;
}

void page_table_invalidate(struct domain *d, uint64_t mfn, unsigned int level)
{
    uint64_t *table = page_map(d->hv, mfn);

    d->hv->translation_generation++;
    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        if (!xen_slot(level, i))
            put_entry(d, mfn, level, i, table[i]);
    }
}

uint64_t page_table_exchange_leaf(struct domain *d, uint64_t mfn, unsigned int slot, uint64_t entry)
{
    uint64_t *place = (uint64_t *)page_map(d->hv, mfn) + slot;
    uint64_t old = *place;

    *place = entry;
    d->hv->translation_generation++;
    mirror_entry_changed(d, 1, mfn, slot, old, entry);
    return old;
}

int page_table_modify(struct domain *d, uint64_t mfn, unsigned int level, unsigned int slot,
                      uint64_t entry, bool preserve_ad, struct domain *frame_owner)
{
    uint64_t *place = (uint64_t *)page_map(d->hv, mfn) + slot;
    uint64_t old = *place;
    int error;

    if (xen_slot(level, slot))
        return -EINVAL;
    if (preserve_ad)
        entry |= old & (PTE_ACCESSED | PTE_DIRTY);
    /* A leaf that stays the same but for these bits keeps its references, also a grant's. */
    if (level == 1 && entry & PTE_PRESENT && !((old ^ entry) & ~LEAF_FREE_BITS)) {
        if (entry & leaf_disallowed(d))
            return -EINVAL;
        page_table_exchange_leaf(d, mfn, slot, entry | PTE_USER);
        return 0;
    }
    if (entry & PTE_PRESENT) {
        /* The new reference is taken before the old one is dropped, as in Xen. */
        error = get_entry(d, mfn, level, slot, entry, frame_owner);
        if (error)
            return error;
        entry |= PTE_USER;
    }
    *place = entry;
    d->hv->translation_generation++;
    mirror_entry_changed(d, level, mfn, slot, old, entry);
    put_entry(d, mfn, level, slot, old);
    return 0;
}

bool page_table_find_leaf(struct hypervisor *hv, uint64_t cr3, uint64_t va, uint64_t *table,
                          unsigned int *slot)
{
    uint64_t mfn = cr3;

    for (unsigned int level = 4; level > 1; level--) {
        const uint64_t *entries = page_map_read(hv, mfn);
        uint64_t entry = entries[va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1)];

        if (!(entry & PTE_PRESENT))
            return false;
        mfn = PTE_FRAME(entry);
    }
    *table = mfn;
    *slot = (unsigned int)(va >> PAGE_SHIFT & (PT_ENTRIES - 1));
    return true;
}
