/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The rules for page tables (Xen's "direct paging"): an entry may be set only if its owner may
 * map the frame in that way, so that a guest can never write into a table that is in use.
 * Which error comes out where follows xen/arch/x86/mm.c.
 */
#include "page_table.h"

/* Bits that an entry of any level must not have; a leaf may have G, and caching bits in dom0. */
#define DISALLOWED                                                                                 \
    (~(0x000ffffffffff000UL | PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY |         \
       PTE_AVAIL | PTE_AVAIL_HIGH | PTE_NX))
#define CACHE_BITS (PTE_PWT | PTE_PCD | PTE_PSE)

/* What may change in a present entry without looking at the frame (FASTPATH_FLAG_WHITELIST). */
#define HARMLESS                                                                                   \
    (PTE_NX | PTE_AVAIL | PTE_AVAIL_HIGH | PTE_GLOBAL | PTE_DIRTY | PTE_ACCESSED | PTE_USER)

/* Bits of a leaf that do not matter for references (Xen's FASTPATH_FLAG_WHITELIST). */
#define LEAF_FREE_BITS                                                                             \
    (PTE_NX | PTE_AVAIL_HIGH | PTE_AVAIL | PTE_GLOBAL | PTE_DIRTY | PTE_ACCESSED | PTE_USER)

static uint64_t leaf_disallowed(const struct domain *d)
{
    uint64_t bits = DISALLOWED & ~PTE_GLOBAL;

    return d->hardware_domain ? bits & ~CACHE_BITS : bits;
}

/* The bits that Xen adds to an entry that is present. */
static uint64_t adjust(unsigned int level, uint64_t entry)
{
    if (level == 4)
        return entry | PTE_USER | PTE_ACCESSED;
    if (level > 1)
        return entry | PTE_USER;
    if (!(entry & PTE_USER))
        return entry | PTE_USER | PTE_GUEST_KERNEL;
    if (!(entry & PTE_GUEST_KERNEL))
        return entry | PTE_GLOBAL;
    return entry;
}

/*
 * Xen's get_page_from_l1e: TABLE_OWNER's entry refers to a frame that is said to be FRAME_OWNER's.
 * One that stands for another domain may have named itself instead.
 */
static int get_leaf(struct domain *table_owner, struct domain *frame_owner, uint64_t entry)
{
    struct hypervisor *hv = table_owner->hv;
    uint64_t mfn = PTE_FRAME(entry);
    struct domain *owner;

    if (entry & leaf_disallowed(table_owner))
        return -EINVAL;
    /* Not memory: I/O space, which no domain here has been given. */
    if (mfn >= hv->frames)
        return mfn == PTE_INVALID_FRAME ? -EINVAL : -EPERM;
    owner = page_real_owner(hv, mfn);
    if (!owner)
        return -EBUSY;
    if (owner != frame_owner && (frame_owner == table_owner || !frame_owner->hardware_domain))
        return -EBUSY;
    if (owner == &domain_xen) {
        if (entry & PTE_RW)
            return -EBUSY; /* shared to be read */
        page_info(hv, mfn)->refs++;
        return 0;
    }
    if (!page_get(owner, mfn))
        return -EBUSY;
    if (entry & PTE_RW && page_get_type(owner, mfn, PAGE_WRITABLE)) {
        page_put(hv, mfn);
        return -EBUSY; /* in use as a page table */
    }
    if (entry & CACHE_BITS && page_info(hv, mfn)->flags & PAGE_SPECIAL) {
        if (entry & PTE_RW)
            page_put_type(owner, mfn);
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
    /* The owner may be gone: its frames stay as long as somebody maps them. */
    if (entry & PTE_RW)
        page_put_writable(hv, mfn); /* its owner may be dead */
    page_put(hv, mfn);
}

/* ---- linear page tables: an entry that refers to a table of its own level ---- */

/* Whether TABLE of LEVEL has an entry that refers to another table of its level. */
static bool has_linear_entry(struct hypervisor *hv, uint64_t table, unsigned int level)
{
    const uint64_t *entries = page_map_read(hv, table);

    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        uint64_t mfn = PTE_FRAME(entries[i]);

        if (!(entries[i] & PTE_PRESENT) || (level == 4 && i >= L4_XEN_FIRST && i <= L4_XEN_LAST))
            continue;
        if (mfn != table && mfn < hv->frames && page_info(hv, mfn)->type == level)
            return true;
    }
    return false;
}

/* Whether another table of LEVEL has an entry that refers to TABLE. */
static bool is_used_linearly(struct hypervisor *hv, uint64_t table, unsigned int level)
{
    for (uint32_t i = page_info(hv, table)->link; i; i = hv->links[i].next) {
        uint64_t parent = hv->links[i].parent;

        if (parent != table && page_info(hv, parent)->type == level)
            return true;
    }
    return false;
}

/*
 * Xen's get_l4_linear_pagetable and its like: a table may show another one of its level, read
 * only; one that is shown so must not show further ones. What it shows of itself is not counted.
 */
static bool get_linear(struct domain *d, uint64_t table, unsigned int level, uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);
    struct page_info *page;

    if (entry & PTE_RW)
        return false;
    if (mfn == table)
        return true;
    if (!page_get(d, mfn))
        return false;
    page = page_info(d->hv, mfn);
    if (!page->type_count || page->type != level || has_linear_entry(d->hv, mfn, level) ||
        is_used_linearly(d->hv, table, level)) {
        page_put(d->hv, mfn);
        return false;
    }
    page->type_count++;
    return true;
}

/* An entry of LEVEL 2 to 4: the frame becomes, or is already, a table of the level below. */
static int get_table(struct domain *d, uint64_t table, unsigned int level, unsigned int slot,
                     uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);
    int error;

    if (entry & DISALLOWED)
        return -EINVAL;
    error = page_get_both(d, mfn, (enum page_type)(level - 1));
    if (error == -EINVAL && get_linear(d, table, level, entry))
        error = 0;
    if (!error)
        page_link_add(d->hv, mfn, table, slot);
    return error;
}

static void put_table(struct domain *d, uint64_t table, unsigned int slot, uint64_t entry)
{
    uint64_t mfn = PTE_FRAME(entry);

    if (!(entry & PTE_PRESENT))
        return;
    page_link_remove(d->hv, mfn, table, slot);
    if (mfn == table)
        return;
    page_put_both(d, mfn);
}

/* ---- whole tables and single entries ---- */

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
        table[i] = adjust(level, table[i]);
    }
    if (error) {
        while (i-- > 0) {
            if (!xen_slot(level, i))
                put_entry(d, mfn, level, i, table[i]);
        }
        return error;
    }
    /* Xen puts entries of its own there; nothing of a hypervisor in a process is to be seen. */
    if (level == 4)
        memset(table + L4_XEN_FIRST, 0, (L4_XEN_LAST + 1 - L4_XEN_FIRST) * sizeof(*table));
    return 0;
}

void page_table_invalidate(struct domain *d, uint64_t mfn, unsigned int level)
{
    uint64_t *table = page_map(d->hv, mfn);

    d->hv->translation_generation++;
    if (level == 4)
        mirror_forget(d, mfn);
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
    bool same = false;
    int error;

    if (xen_slot(level, slot))
        return -EINVAL;
    if (entry & PTE_PRESENT) {
        if (entry & (level == 1 ? leaf_disallowed(d) : DISALLOWED))
            return -EINVAL;
        entry = adjust(level, entry);
        same = !((old ^ entry) & ~HARMLESS);
        /* The new reference is taken before the old one is dropped, as in Xen. */
        error = same ? 0 : get_entry(d, mfn, level, slot, entry, frame_owner);
        if (error)
            return error;
    }
    if (preserve_ad)
        entry |= old & (PTE_ACCESSED | PTE_DIRTY);
    *place = entry;
    d->hv->translation_generation++;
    mirror_entry_changed(d, level, mfn, slot, old, entry);
    if (!same)
        put_entry(d, mfn, level, slot, old);
    return 0;
}

bool page_table_find_leaf(struct hypervisor *hv, uint64_t cr3, uint64_t va, uint64_t *table,
                          unsigned int *slot)
{
    uint64_t mfn = cr3;

    if (!guest_address_ok(va))
        return false;
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
