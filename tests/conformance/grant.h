/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For guests that test grant tables: a domain that grants to itself, by its real number, since
 * map_grant_ref knows no DOMID_SELF.
 */
#ifndef TESTS_CONFORMANCE_GRANT_H
#define TESTS_CONFORMANCE_GRANT_H

#include "tap.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

#include "core/domain.h"
#include "core/memory.h"

#define PTE_PRESENT 1UL
#define PTE_WRITE   2UL
#define PTE_USER    4UL
#define PTE_NX      (1UL << 63)
#define PTE_MFN(p)  (((p)&0xffffffffff000UL) >> 12)
#define PTE_RW_PAGE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_NX)

/* An address in Xen's own range, which the check of a handle's range refuses (access_ok). */
#define XENS_POINTER ((void *)0xffff810000000000UL)
/* A reference and a domain that nobody has. */
#define NO_REF    0x7fffffffU
#define NO_DOMAIN 4321
/* What statuses are before a call, to see that one was written. */
#define UNTOUCHED 77

#define MAX_FRAMES 64U /* of a grant table, as Xen's default gnttab_max_frames says */

/* Pages whose frames are granted, addresses to map at, and where the table is shown. */
static char granted[8][4096] __attribute__((aligned(4096)));
static char target[8][4096] __attribute__((aligned(4096)));
static char table_pages[MAX_FRAMES][4096] __attribute__((aligned(4096)));
static xen_pfn_t table_frames[MAX_FRAMES];

static grant_entry_v1_t *const v1 = (grant_entry_v1_t *)table_pages;

static inline long gnttab(unsigned int cmd, void *arg, unsigned int count)
{
    return hypercall(__HYPERVISOR_grant_table_op, cmd, HYPERCALL_ARG(arg), count, 0, 0);
}

static inline unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

/* The table that ENTRY of a level above refers to, where the initial mapping shows it. */
static inline const uint64_t *table_of(uint64_t entry)
{
    static xen_machphys_mapping_t machphys;

    if (!machphys.v_start)
        hypercall_memory_op(XENMEM_machphys_mapping, &machphys);
    return (const uint64_t *)(memory_virt_base() +
                              (((const unsigned long *)machphys.v_start)[PTE_MFN(entry)] << 12));
}

/* The level-1 entry for VA; its machine address goes to *MACHINE. */
static inline uint64_t pte_of(const void *at, uint64_t *machine)
{
    uintptr_t va = (uintptr_t)at;
    const uint64_t *l4 = (const uint64_t *)domain_start_info()->pt_base;
    const uint64_t *l3 = table_of(l4[va >> 39 & 511]);
    const uint64_t *l2 = table_of(l3[va >> 30 & 511]);
    uint64_t l2e = l2[va >> 21 & 511];

    if (machine)
        *machine = (l2e & 0xffffffffff000UL) + (va >> 12 & 511) * 8;
    return table_of(l2e)[va >> 12 & 511];
}

static inline long set_pte(const void *va, uint64_t pte)
{
    return hypercall_update_va_mapping(va, pte, UVMF_INVLPG);
}

/* Shows VA, a page of the image, with its own frame again. */
static inline long restore(const void *va) { return set_pte(va, mfn_of(va) << 12 | PTE_RW_PAGE); }

/* Asks for COUNT frames; the status, or a thousand and the error of the call. */
static inline long setup(domid_t dom, unsigned int count, xen_pfn_t *list)
{
    gnttab_setup_table_t op = {.dom = dom, .nr_frames = count, .status = UNTOUCHED};
    long result;

    set_xen_guest_handle(op.frame_list, list);
    result = gnttab(GNTTABOP_setup_table, &op, 1);
    return result ? 1000 - result : op.status;
}

/* COUNT frames of the table, shown at table_pages. */
static inline int show_table(unsigned int count)
{
    if (setup(DOMID_SELF, count, table_frames) != GNTST_okay)
        return 0;
    for (unsigned int i = 0; i < count; i++) {
        if (set_pte(table_pages[i], table_frames[i] << 12 | PTE_RW_PAGE))
            return 0;
    }
    return 1;
}

/* Entry REF of a version 1 table. */
static inline void grant_v1(grant_ref_t ref, unsigned int flags, domid_t domid, unsigned long frame)
{
    v1[ref].frame = (uint32_t)frame;
    v1[ref].domid = domid;
    v1[ref].flags = (uint16_t)flags;
}

static inline gnttab_map_grant_ref_t map(unsigned int flags, grant_ref_t ref, uint64_t host_addr)
{
    gnttab_map_grant_ref_t op = {.host_addr = host_addr,
                                 .flags = flags,
                                 .ref = ref,
                                 .dom = domain_id(),
                                 .status = UNTOUCHED,
                                 .handle = 0x55555555};

    if (gnttab(GNTTABOP_map_grant_ref, &op, 1))
        op.status = 1000;
    return op;
}

static inline gnttab_map_grant_ref_t map_at(void *va, unsigned int flags, grant_ref_t ref)
{
    return map(flags | GNTMAP_host_map, ref, (uintptr_t)va);
}

static inline int unmap(uint64_t host_addr, uint64_t dev_bus_addr, grant_handle_t handle)
{
    gnttab_unmap_grant_ref_t op = {.host_addr = host_addr,
                                   .dev_bus_addr = dev_bus_addr,
                                   .handle = handle,
                                   .status = UNTOUCHED};

    return gnttab(GNTTABOP_unmap_grant_ref, &op, 1) ? 1000 : op.status;
}

static inline int unmap_at(void *va, grant_handle_t handle)
{
    return unmap((uintptr_t)va, 0, handle);
}

#endif
