/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames and page tables for conformance guests: the tables of frame numbers, spare frames that
 * nothing maps, and pages of address space where they can be shown.
 */
#ifndef TESTS_CONFORMANCE_FRAMES_H
#define TESTS_CONFORMANCE_FRAMES_H

#include "tap.h"

#include <xen/memory.h>

#include "core/domain.h"
#include "core/frame.h"
#include "core/memory.h"

#define PTE_PRESENT 0x001UL
#define PTE_RW      0x002UL
#define PTE_USER    0x004UL
#define PTE_PWT     0x008UL
#define PTE_PCD     0x010UL
#define PTE_A       0x020UL
#define PTE_D       0x040UL
#define PTE_PSE     0x080UL
#define PTE_GLOBAL  0x100UL
#define PTE_KERNEL  (1UL << 52) /* Xen's _PAGE_GUEST_KERNEL */
#define PTE_NX      (1UL << 63)
#define PTE_MFN     0x000ffffffffff000UL

#define RO (PTE_PRESENT | PTE_USER)
#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

/* A frame number that no domain has, one beyond all memory, and all ones. */
#define MFN_NOBODY 200UL /* in the first MiB */
#define MFN_BEYOND 0xfffff0000UL
#define MFN_NONE   0xffffffffffUL

static unsigned long *p2m;
static const unsigned long *m2p;
static uintptr_t virt_base;
static unsigned long max_mfn;

/* Address space whose own frames are put away: see frames_init. */
#define PLACES 8
static char places[PLACES][4096] __attribute__((aligned(4096)));

static inline unsigned long mfn_of(const void *va)
{
    return p2m[((uintptr_t)va - virt_base) >> 12];
}

static inline uint64_t pte(unsigned long mfn, uint64_t flags)
{
    return (uint64_t)mfn << 12 | flags;
}

/* Shows MFN at place N with FLAGS; takes what is there away. */
static inline long show(unsigned int n, unsigned long mfn, uint64_t flags)
{
    return hypercall_update_va_mapping(places[n], pte(mfn, flags), UVMF_INVLPG);
}

static inline long hide(unsigned int n)
{
    return hypercall_update_va_mapping(places[n], 0, UVMF_INVLPG);
}

/* A frame of the domain's that nothing maps, zeroed. */
static inline unsigned long spare(void)
{
    mmuext_op_t clear = {.cmd = MMUEXT_CLEAR_PAGE};
    pfn_t pfn;

    if (!frame_take(1, &pfn)) {
        ok(0, "a frame is free");
        return 0;
    }
    clear.arg1.mfn = p2m[pfn];
    if (hypercall_mmuext_op(&clear, 1))
        ok(0, "a free frame can be cleared");
    return p2m[pfn];
}

/* Reads and writes word INDEX of a frame that is mapped writable nowhere else. */
static inline void poke(unsigned long mfn, unsigned int index, uint64_t value)
{
    if (show(PLACES - 1, mfn, RW))
        ok(0, "frame can be shown writable");
    else
        *(volatile uint64_t *)&places[PLACES - 1][index * 8] = value;
    hide(PLACES - 1);
}

static inline uint64_t peek(unsigned long mfn, unsigned int index)
{
    uint64_t value = 0;

    if (show(PLACES - 1, mfn, RO))
        ok(0, "frame can be shown");
    else
        value = *(volatile uint64_t *)&places[PLACES - 1][index * 8];
    hide(PLACES - 1);
    return value;
}

/* mmu_update of entry INDEX of table MFN. */
static inline long set_entry(unsigned long mfn, unsigned int index, uint64_t value)
{
    mmu_update_t req = {.ptr = (uint64_t)mfn << 12 | index * 8, .val = value};

    return hypercall_mmu_update(&req, 1);
}

static inline long mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
    mmuext_op_t op = {.cmd = cmd};

    op.arg1.linear_addr = arg1;
    op.arg2.src_mfn = arg2;
    return hypercall_mmuext_op(&op, 1);
}

static inline long mmuext_as(unsigned int cmd, unsigned long arg1, unsigned int domid)
{
    mmuext_op_t op = {.cmd = cmd};

    op.arg1.linear_addr = arg1;
    return hypercall(__HYPERVISOR_mmuext_op, HYPERCALL_ARG(&op), 1, 0, domid, 0);
}

/* A table of LEVEL with ENTRY in slot 0, pinned. */
static inline unsigned long pinned_table(unsigned int level, uint64_t entry)
{
    unsigned long mfn = spare();

    if (entry)
        poke(mfn, 0, entry);
    if (mmuext(MMUEXT_PIN_L1_TABLE + level - 1, mfn, 0))
        ok(0, "a level-%u table can be pinned", level);
    return mfn;
}

/* The entry of LEVEL for VA in the tables under ROOT. */
static inline uint64_t walk(unsigned long root, const void *va, unsigned int level,
                            unsigned long *table)
{
    uint64_t entry = 0;
    unsigned long mfn = root;

    for (unsigned int l = 4;; l--) {
        *table = mfn;
        entry = peek(mfn, (uintptr_t)va >> (12 + 9 * (l - 1)) & 511);
        if (l == level || !(entry & PTE_PRESENT))
            return entry;
        mfn = (entry & PTE_MFN) >> 12;
    }
}

static inline unsigned long root_mfn(void) { return mfn_of((void *)domain_start_info()->pt_base); }

static inline void frames_init(void)
{
    const start_info_t *si = domain_start_info();
    xen_machphys_mapping_t machphys;

    p2m = (unsigned long *)si->mfn_list;
    if (hypercall_memory_op(XENMEM_machphys_mapping, &machphys))
        ok(0, "machphys_mapping");
    m2p = (const unsigned long *)machphys.v_start;
    max_mfn = machphys.max_mfn;
    virt_base = memory_virt_base();
    for (unsigned int i = 0; i < PLACES; i++)
        hide(i);
}

#endif
