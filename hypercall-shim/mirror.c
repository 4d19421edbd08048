/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a guest's page tables say, done to the process: each leaf at an address that is the
 * domain's (address_space.c) is a mapping of the memfd at the guest's own address. Changes are
 * collected in one run (neighbours in address and frame, same protection) that is mapped by a
 * single mmap: when it is interrupted, and at the end of the hypercall.
 */
#define _GNU_SOURCE
#include "page_table.h"
#include "instrument.h"

#include <errno.h>
#include <sys/mman.h>

#define NOTHING (-1)

/* Who maps a megabyte (a heap grows by that) soon writes to its beginning. */
#define LARGE_RUN       256U
#define LARGE_RUN_FIRST (4 * PAGE_SIZE)

void mirror_flush(struct hypervisor *hv)
{
    struct mirror_run *run = &hv->run;
    size_t len = run->pages << PAGE_SHIFT;
    void *va = (void *)(uintptr_t)run->va;
    void *got;

    if (!run->pages)
        return;
    page_lazy_leave(hv, run->va, len);
    if (run->prot == NOTHING)
        got = mmap(va, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                   0);
    else
        got = mmap(va, len, run->prot, MAP_SHARED | MAP_FIXED, hv->memfd,
                   (off_t)(run->mfn << PAGE_SHIFT));
    if (got == MAP_FAILED)
        hypervisor_log(hv, HYPERVISOR_LOG_ERROR,
                       "Linux refuses to map %zu pages at %#lx: %s (see vm.max_map_count)",
                       run->pages, (unsigned long)run->va, strerror(errno));
    else
        instrument_mapped(va, len, run->prot != NOTHING);
    if (run->pages >= LARGE_RUN && run->prot != NOTHING && run->prot & PROT_WRITE)
        madvise(va, LARGE_RUN_FIRST, MADV_POPULATE_WRITE); /* else they fault */
    run->pages = 0;
}

static void add(struct hypervisor *hv, uint64_t va, size_t pages, uint64_t mfn, int prot)
{
    struct mirror_run *run = &hv->run;

    if (run->pages && run->prot == prot && va == run->va + (run->pages << PAGE_SHIFT) &&
        (prot == NOTHING || mfn == run->mfn + run->pages)) {
        run->pages += pages;
        return;
    }
    mirror_flush(hv);
    *run = (struct mirror_run){.va = va, .mfn = mfn, .pages = pages, .prot = prot};
}

/* RIGHTS: PTE_RW and PTE_NX as all levels above give them together. */
static uint64_t combine(uint64_t rights, uint64_t entry)
{
    return (rights & entry & PTE_RW) | ((rights | entry) & PTE_NX);
}

static void log_hidden(const struct domain *d, uint64_t va)
{
    hypervisor_log(d->hv, HYPERVISOR_LOG_INFO,
                   "d%u maps %#lx, which it cannot have: not visible in this process", d->id,
                   (unsigned long)va);
}

static void mirror_leaf(struct domain *d, uint64_t va, uint64_t entry, uint64_t rights)
{
    int prot = PROT_READ;

    if (!(entry & PTE_PRESENT)) {
        if (address_is_shown(d, va))
            add(d->hv, va, 1, 0, NOTHING);
        return;
    }
    if (!address_claim(d, va)) {
        log_hidden(d, va);
        return;
    }
    rights = combine(rights, entry);
    if (rights & PTE_RW)
        prot |= PROT_WRITE;
    if (!(rights & PTE_NX))
        prot |= PROT_EXEC;
    page_map(d->hv, PTE_FRAME(entry)); /* no lazy page behind an ordinary mapping */
    add(d->hv, va, 1, PTE_FRAME(entry), prot);
}

static uint64_t canonical(uint64_t va) { return (uint64_t)((int64_t)(va << 16) >> 16); }

/* Takes away the part of [VA, VA + SIZE) that is a domain's to map. */
static void unmap_range(struct domain *d, uint64_t va, uint64_t size)
{
    uint64_t from, to;
    unsigned int i = 0;

    while (address_next_part(d, &i, va, size, &from, &to))
        add(d->hv, from, (to - from) >> PAGE_SHIFT, 0, NOTHING);
}

/*
 * Goes from what OLD showed to what NEW shows; both are entries of LEVEL for the addresses from
 * VA on, under the rights of the levels above. No page that both map is away in between: the
 * handler that runs now stands on one, the guest's stack.
 */
static void mirror_change(struct domain *d, unsigned int level, uint64_t va, uint64_t old,
                          uint64_t old_rights, uint64_t new, uint64_t rights)
{
    uint64_t step = 1UL << (PAGE_SHIFT + 9 * (level - 1));
    const uint64_t *old_table = NULL, *table;

    if (!address_may_be_shown(d, va, step)) {
        if (new &PTE_PRESENT)
            log_hidden(d, va);
        return;
    }
    if (level == 1) {
        mirror_leaf(d, va, new, rights);
        return;
    }
    if (!(new &PTE_PRESENT)) {
        unmap_range(d, va, step);
        return;
    }
    table = page_map_read(d->hv, PTE_FRAME(new));
    rights = combine(rights, new);
    if (old & PTE_PRESENT) {
        old_table = page_map_read(d->hv, PTE_FRAME(old));
        old_rights = combine(old_rights, old);
    }
    step >>= 9;
    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        uint64_t was = old_table ? old_table[i] : 0;

        if (!((was | table[i]) & PTE_PRESENT))
            continue;
        if (old_table != table && was == table[i] && old_rights == rights)
            continue;
        mirror_change(d, level - 1, canonical(va + i * step), was, old_rights, table[i], rights);
    }
}

/*
 * Rights of the path from the root down to TABLE at one hook after the other, then the change. In
 * a linear mapping a table stands for one of a lower LEVEL than its own.
 */
static void for_each_place(struct domain *d, unsigned int table_level, uint64_t table, uint64_t va,
                           uint64_t rights, unsigned int level, uint64_t old_entry, uint64_t entry)
{
    struct hypervisor *hv = d->hv;

    if (table_level == 4) {
        if (table == d->mirror_base)
            mirror_change(d, level, canonical(va), old_entry, rights, entry, rights);
        return;
    }
    for (uint32_t i = hv->page_table[table].link; i; i = hv->links[i].next) {
        uint64_t parent = hv->links[i].parent;
        unsigned int slot = hv->links[i].slot;
        const uint64_t *entries = page_map_read(hv, parent);

        /* The entry that has changed may have been a linear mapping, whose link goes later. */
        if (PTE_FRAME(entries[slot]) != table)
            continue;
        for_each_place(d, table_level + 1, parent,
                       va + ((uint64_t)slot << (PAGE_SHIFT + 9 * table_level)),
                       combine(rights, entries[slot]), level, old_entry, entry);
    }
}

static void change_everywhere(struct domain *d, unsigned int level, uint64_t table,
                              unsigned int slot, uint64_t old_entry, uint64_t entry)
{
    for (unsigned int as = level; as >= 1; as--)
        for_each_place(d, as, table, (uint64_t)slot << (PAGE_SHIFT + 9 * (as - 1)), PTE_RW, as,
                       old_entry, entry);
}

void mirror_entry_changed(struct domain *d, unsigned int level, uint64_t table, unsigned int slot,
                          uint64_t old_entry, uint64_t entry)
{
    if (!((old_entry | entry) & PTE_PRESENT) || !d->mirror_base)
        return;
    /* Accessed and dirty bits are no concern of the process's mappings. */
    if (!((old_entry ^ entry) &
          ~(PTE_ACCESSED | PTE_DIRTY | PTE_AVAIL | PTE_AVAIL_HIGH | PTE_USER | PTE_GLOBAL)))
        return;
    /*
     * A table that has been its own linear mapping is not any more what was shown below OLD_ENTRY:
     * all of that goes first. There are tables only, no stack.
     */
    if (level > 1 && old_entry & PTE_PRESENT && PTE_FRAME(old_entry) == table) {
        change_everywhere(d, level, table, slot, old_entry, 0);
        old_entry = 0;
    }
    change_everywhere(d, level, table, slot, old_entry, entry);
}

void mirror_switch(struct domain *d, uint64_t cr3)
{
    const uint64_t *old, *new;

    if (d->mirror_base == cr3)
        return;
    new = page_map_read(d->hv, cr3);
    old = d->mirror_base ? page_map_read(d->hv, d->mirror_base) : NULL;
    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        uint64_t va = canonical((uint64_t)i << 39), was = old ? old[i] : 0;

        if (was != new[i] && (was | new[i]) & PTE_PRESENT)
            mirror_change(d, 4, va, was, PTE_RW, new[i], PTE_RW);
    }
    d->mirror_base = cr3;
    d->hv->translation_generation++; /* what another vCPU translated is not shown any more */
    mirror_flush(d->hv);
}

void mirror_forget(struct domain *d, uint64_t root)
{
    if (d->mirror_base != root)
        return;
    d->mirror_base = 0;
    /* All goes soon: of one that is dying, before this could be done. */
    if (d->is_shut_down || d->is_dying)
        return;
    unmap_range(d, 0, 1UL << 47);
}

bool mirror_protect(struct vcpu *v, uint64_t va, bool write)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t rights = PTE_RW, mfn = v->cr3;
    int prot = PROT_READ;

    if (!address_is_shown(v->domain, va))
        return false; /* LCOV_EXCL_LINE: what the process does not show faults elsewhere */
    for (unsigned int level = 4; level >= 1; level--) {
        const uint64_t *table = page_map_read(hv, mfn);
        uint64_t entry = table[va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1)];

        if (!(entry & PTE_PRESENT))
            return false;
        rights = combine(rights, entry);
        mfn = PTE_FRAME(entry);
    }
    if (write || rights & PTE_RW)
        prot |= PROT_WRITE;
    if (!(rights & PTE_NX))
        prot |= PROT_EXEC;
    return !mprotect((void *)(uintptr_t)(va & PAGE_MASK), PAGE_SIZE, prot);
}
