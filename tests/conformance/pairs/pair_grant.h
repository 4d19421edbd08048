/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pairs that grant pages to each other. Each shows its own grant table (grant.h), and a page of
 * a's is mapped by both from the start, for numbers that the other must know.
 */
#ifndef TESTS_CONFORMANCE_PAIR_GRANT_H
#define TESTS_CONFORMANCE_PAIR_GRANT_H

#include "pair.h"

#include "../grant.h"

/* Xen's tools use the first eight entries. */
#define LETTER_REF 8U
#define REF        16U

static char letter_page[4096] __attribute__((aligned(4096)));
#define letters ((volatile unsigned long *)letter_page)

static inline gnttab_map_grant_ref_t map_of(domid_t dom, grant_ref_t ref, unsigned int flags,
                                            uint64_t host_addr)
{
    gnttab_map_grant_ref_t op = {
        .host_addr = host_addr, .flags = flags, .ref = ref, .dom = dom, .status = UNTOUCHED};

    if (gnttab(GNTTABOP_map_grant_ref, &op, 1))
        op.status = 1000;
    return op;
}

/*
 * Maps what the other granted as REF at VA. Xen does not flush the TLB for a mapping
 * (create_grant_pv_mapping, x86/pv/grant_table.c): it may still have the page that was there
 * before.
 */
static inline gnttab_map_grant_ref_t map_peer(void *va, grant_ref_t ref, unsigned int flags)
{
    mmuext_op_t flush = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    gnttab_map_grant_ref_t op = map_of(peer, ref, flags | GNTMAP_host_map, (uintptr_t)va);

    hypercall_mmuext_op(&flush, 1);
    return op;
}

/* Whether the hypervisor can write at VA, where the guest would get a fault if it cannot. */
static inline bool is_writable(void *va)
{
    xen_machphys_mapping_t before;
    bool written;

    memcpy(&before, va, sizeof before);
    written = hypercall_memory_op(XENMEM_machphys_mapping, va) == 0;
    if (written)
        memcpy(va, &before, sizeof before);
    return written;
}

/* Begins with it: a grants the page of letters, b maps it. */
static inline void share_letters(bool grants)
{
    ok(show_table(1), "the grant table is shown");
    if (grants)
        grant_v1(LETTER_REF, GTF_permit_access, peer, mfn_of(letter_page));
    meet();
    if (!grants)
        answers(map_peer(letter_page, LETTER_REF, 0).status, GNTST_okay, "the page of letters");
    meet();
}

#endif
