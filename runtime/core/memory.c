/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Address space over PV page tables. The window given at start is ours alone. Its first part
 * is a view of the window's own level-1 tables, read only as Xen demands of any mapping of a page
 * table: the table for address A is seen at window + (A - window) / 512. So the tables can be
 * read, and nothing about mappings is recorded twice.
 */
#include <stdint.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/memory.h>

#include "core/domain.h"
#include "core/frame.h"
#include "core/hypercall.h"
#include "core/memory.h"
#include "core/physmap.h"
#include "core/shared_info.h"
#include "core/start.h"

#define ENTRIES    512UL /* of a page table */
#define L1_SPAN    (ENTRIES << PAGE_SHIFT)
#define L2_SPAN    (ENTRIES * L1_SPAN)
#define L3_SPAN    (ENTRIES * L2_SPAN)
#define MAX_WINDOW (1UL << 40)

/* Frames that are kept for growing, and by how many more than needed it grows at least */
#define RESERVE 64
#define GROWTH  1024

/* Page-table entries: Intel's manual, volume 3, "4-level paging". */
#define PTE_PRESENT  0x001UL
#define PTE_WRITE    0x002UL
#define PTE_USER     0x004UL
#define PTE_ACCESSED 0x020UL
#define PTE_DIRTY    0x040UL
#define PTE_NX       (1UL << 63)
#define PTE_MFN_MASK 0x000ffffffffff000UL

#define PTE_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define PTE_LEAF  (PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

static struct {
    const unsigned long *m2p;
    uintptr_t virt_base;   /* pfn 0 is mapped here at start */
    uintptr_t window, end; /* all of the window */
    uintptr_t reserved;    /* up to here it is given out */
    const uint64_t *l4;
    mfn_t l4_mfn;
    mfn_t l3[2];                /* the window's level-3 tables; 1 TiB may lie across a boundary */
    bool first_l1;              /* the window's first level-1 table exists */
    uintptr_t spare, spare_end; /* behind the boot stack, to the end of the initial mapping */
} space;

/* Its level-2 tables */
static mfn_t window_l2[MAX_WINDOW / L2_SPAN] __attribute__((section(".bss.0large")));

/* Replaced in the page tables by the page that Xen shares with us. */
static char shared_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

shared_info_t *shared_info(void) { return (shared_info_t *)shared_page; }

/*
 * Requests of one hypercall. Xen is entered once for many, and the shim maps neighbours at once.
 * Whoever adds to it also flushes it.
 */
#define BATCH 256

static struct {
    unsigned int count;
    mmu_update_t requests[BATCH];
} batch __attribute__((section(".bss.0large")));

static void batch_flush(void)
{
    unsigned int count = batch.count;

    batch.count = 0;
    if (count && hypercall_mmu_update(batch.requests, count) != 0)
        domain_panic("Xen refuses a change of the page tables (first entry %lx of %u)",
                     (unsigned long)batch.requests[0].val, count);
}

/* Queues: entry INDEX of the table in frame MFN becomes VALUE. */
static void batch_add(mfn_t mfn, size_t index, uint64_t value)
{
    batch.requests[batch.count++] = (mmu_update_t){
        .ptr = (mfn << PAGE_SHIFT | index * sizeof(uint64_t)) | MMU_NORMAL_PT_UPDATE,
        .val = value,
    };
    if (batch.count == BATCH)
        batch_flush();
}

static size_t l1_index(uintptr_t va) { return va / PAGE_SIZE % ENTRIES; }

static size_t l2_index(uintptr_t va) { return va / L1_SPAN % ENTRIES; }

static size_t l3_index(uintptr_t va) { return va / L2_SPAN % ENTRIES; }

static size_t l4_index(uintptr_t va) { return va / L3_SPAN % ENTRIES; }

/* The level-1 table of a window address, as seen by the view. */
static const uint64_t *l1_view(uintptr_t va)
{
    return (const uint64_t *)(space.window + (va - space.window) / L1_SPAN * PAGE_SIZE);
}

static bool l1_exists(uintptr_t va);

/* Entry of the level-1 table of VA: 0 if there is no table. */
static uint64_t l1_entry(uintptr_t va) { return l1_exists(va) ? l1_view(va)[l1_index(va)] : 0; }

/*
 * The view of VA's table is itself a page of the window, mapped by the table of the view's
 * address, and so on down to the window's first table, which maps its own view.
 */
static bool l1_exists(uintptr_t va)
{
    uintptr_t view = (uintptr_t)l1_view(va);

    if (view == space.window)
        return space.first_l1;
    if (window_l2[(va - space.window) / L2_SPAN] == 0 || !space.first_l1)
        return false;
    return l1_entry(view) & PTE_PRESENT;
}

static mfn_t l1_mfn(uintptr_t va)
{
    return (l1_entry((uintptr_t)l1_view(va)) & PTE_MFN_MASK) >> PAGE_SHIFT;
}

/* A zeroed frame, mapped nowhere, to become a page table. 0 if none is free. */
static mfn_t take_table(void)
{
    mmuext_op_t clear = {.cmd = MMUEXT_CLEAR_PAGE};
    pfn_t pfn;

    if (frame_take(1, &pfn) == 0)
        return 0;
    clear.arg1.mfn = physmap_frame(pfn);
    if (hypercall_mmuext_op(&clear, 1) != 0)
        domain_panic("Xen refuses to clear frame %lx", (unsigned long)physmap_frame(pfn));
    return physmap_frame(pfn);
}

/* The level-2 table of VA, made if it is missing. 0 if no frame is free. */
static mfn_t ensure_l2(uintptr_t va)
{
    size_t slot = (va - space.window) / L2_SPAN;
    mfn_t *l3 = &space.l3[l4_index(va) - l4_index(space.window)];

    if (window_l2[slot])
        return window_l2[slot];
    if (*l3 == 0) {
        *l3 = take_table();
        if (*l3 == 0)
            return 0;
        batch_add(space.l4_mfn, l4_index(va), *l3 << PAGE_SHIFT | PTE_TABLE);
    }
    window_l2[slot] = take_table();
    if (window_l2[slot])
        batch_add(*l3, l3_index(va), window_l2[slot] << PAGE_SHIFT | PTE_TABLE);
    batch_flush();
    return window_l2[slot];
}

/* Makes the level-1 table of VA, with its view. False if no frame is free. */
static bool ensure_l1(uintptr_t va)
{
    uintptr_t view = (uintptr_t)l1_view(va);
    mfn_t l2, table;

    if (l1_exists(va))
        return true;
    l2 = ensure_l2(va);
    if (!l2 || (view != space.window && !ensure_l1(view)))
        return false;
    table = take_table();
    if (!table)
        return false;
    batch_add(view == space.window ? table : l1_mfn(view), l1_index(view),
              table << PAGE_SHIFT | PTE_LEAF | PTE_NX);
    batch_add(l2, l2_index(va), table << PAGE_SHIFT | PTE_TABLE);
    batch_flush();
    if (view == space.window)
        space.first_l1 = true;
    return true;
}

static void flush_tlb(void)
{
    mmuext_op_t flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};

    hypercall_mmuext_op(&flush, 1);
}

void *memory_reserve(size_t len, size_t align)
{
    uintptr_t va = (space.reserved + align - 1) & -align;

    if (va > space.end || len > space.end - va)
        return NULL;
    space.reserved = va + len;
    return (void *)va;
}

size_t memory_address_space_left(void) { return space.end - space.reserved; }

static uint64_t leaf_flags(enum memory_access access)
{
    switch (access) {
    case MEMORY_READ:
        return PTE_LEAF | PTE_NX;
    case MEMORY_WRITE:
        return PTE_LEAF | PTE_WRITE | PTE_NX;
    case MEMORY_EXECUTE:
        break;
    }
    return PTE_LEAF | PTE_WRITE;
}

/* How many tables a mapping of LEN bytes may need at most, beyond its own frames. */
static size_t tables_for(size_t len) { return 8 + len / L1_SPAN + 2 * (len / L2_SPAN); }

/*
 * Whether COUNT frames are free, of which more are asked for while there are some left to note them
 * with.
 */
static bool enough(size_t count)
{
    if (frame_free_count() < count + RESERVE)
        physmap_grow(count + RESERVE + GROWTH - frame_free_count());
    return frame_free_count() >= count;
}

bool memory_commit(void *at, size_t len, enum memory_access access)
{
    uintptr_t va = (uintptr_t)at, end = va + len;
    uint64_t flags = leaf_flags(access);
    size_t run = 0;
    pfn_t pfn = 0;

    if (!enough(len / PAGE_SIZE + tables_for(len)))
        return false;
    for (uintptr_t table = va & -L1_SPAN; table < end; table += L1_SPAN) {
        if (!ensure_l1(table))
            return false;
    }
    while (va < end) {
        mfn_t table = l1_mfn(va);
        uintptr_t table_end = (va & -L1_SPAN) + L1_SPAN;

        for (; va < end && va < table_end; va += PAGE_SIZE, pfn++, run--) {
            if (run == 0)
                run = frame_take((end - va) / PAGE_SIZE, &pfn);
            batch_add(table, l1_index(va), physmap_frame(pfn) << PAGE_SHIFT | flags);
        }
    }
    batch_flush();
    return true;
}

void memory_decommit(void *at, size_t len)
{
    uintptr_t va = (uintptr_t)at, end = va + len;
    pfn_t first = 0;
    size_t count = 0;

    /* Unmapped before they are free: a batch ends where a run of frames ends. */
    while (va < end) {

        for (; va < end && batch.count < BATCH - 1; va += PAGE_SIZE) {
            uint64_t entry = l1_entry(va);
            pfn_t pfn;

            if (!(entry & PTE_PRESENT))
                continue;
            pfn = space.m2p[(entry & PTE_MFN_MASK) >> PAGE_SHIFT];
            if (count && pfn != first + count)
                break;
            if (count == 0)
                first = pfn;
            count++;
            batch_add(l1_mfn(va), l1_index(va), 0);
        }
        batch_flush();
        if (count) {
            flush_tlb();
            frame_give(first, count);
            count = 0;
        }
    }
    physmap_settle();
}

void *memory_pages(size_t len, enum memory_access access)
{
    void *va;

    len = (len + PAGE_SIZE - 1) & -PAGE_SIZE;
    va = memory_reserve(len, PAGE_SIZE);
    if (!va || !memory_commit(va, len, MEMORY_WRITE))
        return NULL;
    memset(va, 0, len);
    if (access != MEMORY_WRITE)
        memory_protect(va, len, access);
    return va;
}

static pfn_t pfn_of(const void *image_page)
{
    return ((uintptr_t)image_page - space.virt_base) / PAGE_SIZE;
}

/* The spare pages are in the image's tables, which no view shows. */
static void protect_spare(uintptr_t va, uintptr_t end, enum memory_access access)
{
    for (; va < end; va += PAGE_SIZE) {
        mfn_t mfn = physmap_frame(pfn_of((void *)va));

        if (hypercall_update_va_mapping((void *)va, mfn << PAGE_SHIFT | leaf_flags(access),
                                        UVMF_INVLPG) != 0)
            domain_panic("Xen refuses to change the access of %lx", (unsigned long)va);
    }
}

bool memory_protect(void *at, size_t len, enum memory_access access)
{
    uintptr_t start = (uintptr_t)at, end = start + len;

    if (start >= space.spare && start <= end && end <= space.spare_end) {
        protect_spare(start, end, access);
        return true;
    }
    if (start < space.window || end < start || end > space.reserved)
        return false;
    for (uintptr_t va = start; va < end; va += PAGE_SIZE) {
        if (!(l1_entry(va) & PTE_PRESENT))
            return false;
    }
    for (uintptr_t va = start; va < end; va += PAGE_SIZE)
        batch_add(l1_mfn(va), l1_index(va), (l1_entry(va) & PTE_MFN_MASK) | leaf_flags(access));
    batch_flush();
    flush_tlb();
    return true;
}

uint64_t memory_frame(const void *at)
{
    uintptr_t va = (uintptr_t)at;

    if (va >= space.window && va < space.reserved)
        return (l1_entry(va) & PTE_PRESENT) ? (l1_entry(va) & PTE_MFN_MASK) >> PAGE_SHIFT : 0;
    if (va < space.virt_base || va >= space.spare_end)
        return 0;
    return physmap_frame(pfn_of(at));
}

bool memory_tables(void *at, size_t len)
{
    uintptr_t va = (uintptr_t)at, end = va + len;

    if (!enough(tables_for(len)))
        return false;
    for (va &= -L1_SPAN; va < end; va += L1_SPAN) {
        if (!ensure_l1(va))
            return false;
    }
    return true;
}

int memory_show(void *at, const uint64_t *frames, size_t count)
{
    uintptr_t va = (uintptr_t)at;
    long error = 0;
    size_t shown;

    if (!memory_tables(at, count * PAGE_SIZE))
        return -XEN_ENOMEM;
    /* One by one: Xen may refuse each. */
    for (shown = 0; shown < count && !error; shown++)
        error = hypercall_update_va_mapping((void *)(va + shown * PAGE_SIZE),
                                            frames[shown] << PAGE_SHIFT | leaf_flags(MEMORY_WRITE),
                                            UVMF_NONE);
    if (!error)
        return 0;
    for (size_t i = 0; i + 1 < shown; i++)
        hypercall_update_va_mapping((void *)(va + i * PAGE_SIZE), 0, UVMF_INVLPG);
    return (int)error;
}

void *memory_spare(size_t *len)
{
    *len = space.spare_end - space.spare;
    return (void *)space.spare;
}

size_t memory_total(void) { return (physmap_count() + physmap_growth()) * PAGE_SIZE; }

size_t memory_free(void) { return (frame_free_count() + physmap_growth()) * PAGE_SIZE; }

const char *memory_describe(uintptr_t va, bool present)
{
    if (va < PAGE_SIZE)
        return "a null pointer";
    if (va >= (uintptr_t)&guest_stack.guard && va < (uintptr_t)guest_stack.usable)
        return "the guard page below the C stack, which has overflowed";
    if (va >> 47 && va >> 47 != 0x1ffff)
        return "not an address";
    if (va >= space.window && va < space.reserved)
        return present ? "a page of the window with less access" : "not mapped, in the window";
    if (va >= space.virt_base && va < (uintptr_t)space.l4)
        return "a page of the image with less access";
    return present ? "a page that is not the guest's to use so" : "not mapped";
}

void *memory_initial_page(mfn_t mfn)
{
    return (void *)(space.virt_base + space.m2p[mfn] * PAGE_SIZE);
}

uintptr_t memory_virt_base(void) { return space.virt_base; }

void memory_guard(const void *page)
{
    if (hypercall_update_va_mapping(page, 0, UVMF_INVLPG) != 0)
        domain_panic("Xen refuses to unmap %p", page);
    frame_give(pfn_of(page), 1);
}

static void map_shared_info(const start_info_t *si)
{
    if (hypercall_update_va_mapping(shared_page, si->shared_info | PTE_LEAF | PTE_WRITE | PTE_NX,
                                    UVMF_INVLPG) != 0)
        domain_panic("Xen refuses to map the shared info page %lx", si->shared_info);
}

/* A level-3 table may be there already: the image's own is shared if the window is near. */
static void find_l3(void)
{
    for (size_t i = 0; i < 2; i++) {
        size_t index = l4_index(space.window) + i;
        uint64_t entry = index < ENTRIES ? space.l4[index] : 0;

        if ((entry & PTE_PRESENT) && space.window + i * L3_SPAN < space.end)
            space.l3[i] = (entry & PTE_MFN_MASK) >> PAGE_SHIFT;
    }
}

void memory_start(const start_info_t *si, uintptr_t virt_base, uintptr_t window, size_t window_size)
{
    xen_machphys_mapping_t machphys;
    pfn_t first_free;

    if (window_size > MAX_WINDOW)
        window_size = MAX_WINDOW;
    physmap_start(si);
    space.virt_base = virt_base;
    space.window = window;
    space.end = window + window_size;
    space.l4 = (const uint64_t *)si->pt_base;
    space.l4_mfn = physmap_frame(pfn_of(space.l4));
    map_shared_info(si);
    if (hypercall_memory_op(XENMEM_machphys_mapping, &machphys) != 0)
        domain_panic("Xen does not tell where its machine-to-physical table is");
    space.m2p = (const unsigned long *)machphys.v_start;
    find_l3();

    /*
     * Free is what lies behind the initial mapping: after the boot stack come at least 512 KiB,
     * up to a multiple of 4 MiB, that stay mapped ("start-of-day memory layout" in <xen/xen.h>).
     * A frame that is mapped writable cannot become a page table.
     */
    space.spare = si->pt_base + si->nr_pt_frames * PAGE_SIZE + PAGE_SIZE;
    space.spare_end = (space.spare + (512UL << 10) + (4UL << 20) - 1) & -(4UL << 20);
    first_free = pfn_of((void *)space.spare_end);
    if (first_free >= si->nr_pages)
        domain_panic("memory is too small: %lu KiB, of which the image takes %lu", si->nr_pages * 4,
                     (unsigned long)first_free * 4);
    frame_give(first_free, si->nr_pages - first_free);
    frame_give(pfn_of(shared_page), 1);

    /* The view of the window's tables comes first in it. */
    space.reserved = window + window_size / ENTRIES;
}
