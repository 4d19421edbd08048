/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mapping what another domain has granted. It would catch a page that is reached without a grant
 * for it, a grant that is not the granting domain's to give, a use that is not shown in its table,
 * and what remains of a mapping when the grant is revoked or the mapping domain ends.
 */
#include "pair_grant.h"

#include <xen/memory.h>

#define ENTRY(ref) (((volatile grant_entry_v1_t *)v1)[ref])

#define BASIC GTF_permit_access

/* ---- a page, mapped to write ---- */

static void a_shares(void)
{
    strcpy(granted[0], "from a");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    letters[0] = mfn_of(granted[0]);
    meet();
    meet(); /* b has mapped and written */
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "the entry says that it is used");
    ok(ENTRY(REF).domid == peer && ENTRY(REF).frame == mfn_of(granted[0]),
       "and is otherwise as it was");
    ok(strcmp(granted[0], "from b") == 0, "a sees what b wrote");
    *(volatile char *)granted[0] = 'F';
    meet();
    meet(); /* b has unmapped */
    ok(ENTRY(REF).flags == BASIC, "the entry says that it is not used");
    ok(strcmp(granted[0], "From b") == 0, "the page is as it was");
}

static void b_maps(void)
{
    gnttab_map_grant_ref_t m;

    meet();
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "map a page of the other domain");
    ok(m.dev_bus_addr == letters[0] << 12, "it is the frame that a granted");
    ok(m.handle == 1, "the second mapping has handle 1");
    ok(PTE_MFN(pte_of(target[0], NULL)) == letters[0], "the page table has it");
    ok(strcmp(target[0], "from a") == 0, "b sees what a wrote");
    ok(is_writable(target[0]), "it can be written");
    strcpy(target[0], "from b");
    meet();
    meet();
    ok(*(volatile char *)target[0] == 'F', "b sees what a wrote since");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(pte_of(target[0], NULL) == 0, "the address is empty");
    answers(unmap_at(target[0], m.handle), GNTST_bad_handle, "unmap it again");
    answers(restore(target[0]), 0, "b's own page again");
    ok(target[0][0] == 0, "is untouched");
    meet();
}

/* ---- read only ---- */

static void a_shares_to_read(void)
{
    strcpy(granted[0], "to read");
    grant_v1(REF, BASIC | GTF_readonly, peer, mfn_of(granted[0]));
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_readonly | GTF_reading), "it is read, not written");
    ok(strcmp(granted[0], "to read") == 0, "and has not been written");
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_readonly), "it is not used");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_reading), "a writable one that is mapped to read");
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "and to write");
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "the writer is left");
    meet();
    meet();
    ok(ENTRY(REF).flags == BASIC, "nobody is left");
}

static void b_reads(void)
{
    gnttab_map_grant_ref_t m, w;

    meet();
    answers(map_peer(target[0], REF, 0).status, GNTST_general_error, "map it to write");
    ok(target[0][0] == 0 && is_writable(target[0]), "which leaves b's page there");
    m = map_peer(target[0], REF, GNTMAP_readonly);
    answers(m.status, GNTST_okay, "map it to read");
    ok(strcmp(target[0], "to read") == 0, "b sees what a wrote");
    ok(!is_writable(target[0]), "it cannot be written");
    answers(map_peer(target[1], REF, 0).status, GNTST_general_error, "map it to write as well");
    meet();
    meet();
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    meet();
    meet();
    m = map_peer(target[0], REF, GNTMAP_readonly);
    answers(m.status, GNTST_okay, "map a writable one to read");
    ok(!is_writable(target[0]), "it cannot be written");
    meet();
    meet();
    w = map_peer(target[1], REF, 0);
    answers(w.status, GNTST_okay, "and at another address to write");
    ok(is_writable(target[1]), "where it can be written");
    ok(!is_writable(target[0]), "but not at the first");
    meet();
    meet();
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the first");
    ok(strcmp(target[1], "to read") == 0 && is_writable(target[1]), "the second stays");
    meet();
    meet();
    answers(unmap_at(target[1], w.handle), GNTST_okay, "unmap the second");
    answers(restore(target[0]) + restore(target[1]), 0, "b's own pages again");
    meet();
}

/* ---- what is not granted ---- */

#define FOR_DOM0   17U
#define FOR_ITSELF 18U
#define EMPTY      19U
#define TRANSFER   20U
#define XENS       21U /* frame 0 */
#define OF_B       22U /* a frame that is b's */
#define NO_FRAME   23U
#define TABLE      24U /* a page table of a's */
#define TABLE_RO   25U
#define INVALID    26U /* the type is none, but all else is there */

static void a_grants_badly(void)
{
    unsigned long table = mfn_of((void *)domain_start_info()->pt_base);

    meet(); /* b has written letter 1 */
    grant_v1(FOR_DOM0, BASIC, 0, mfn_of(granted[0]));
    grant_v1(FOR_ITSELF, BASIC, self, mfn_of(granted[0]));
    grant_v1(TRANSFER, GTF_accept_transfer, peer, mfn_of(granted[0]));
    grant_v1(XENS, BASIC, peer, 0);
    grant_v1(OF_B, BASIC, peer, letters[1]);
    grant_v1(NO_FRAME, BASIC, peer, 0xfffffff0UL);
    grant_v1(TABLE, BASIC, peer, table);
    grant_v1(TABLE_RO, BASIC | GTF_readonly, peer, table);
    grant_v1(INVALID, GTF_invalid, peer, mfn_of(granted[0]));
    letters[2] = table;
    meet();
    meet();
    ok(ENTRY(FOR_DOM0).flags == BASIC && ENTRY(FOR_ITSELF).flags == BASIC &&
           ENTRY(TRANSFER).flags == GTF_accept_transfer && ENTRY(INVALID).flags == GTF_invalid,
       "entries that b may not use are as they were");
    ok(ENTRY(XENS).flags == BASIC && ENTRY(OF_B).flags == BASIC && ENTRY(NO_FRAME).flags == BASIC,
       "and those that are not a's to give");
    ok(ENTRY(TABLE).flags == BASIC, "and the page table's");
    ok(ENTRY(EMPTY).flags == 0, "and the empty one");
    for (grant_ref_t ref = FOR_DOM0; ref <= INVALID; ref++)
        grant_v1(ref, 0, 0, 0);
}

static void b_maps_badly(void)
{
    gnttab_map_grant_ref_t m;
    void *at = target[0];

    letters[1] = mfn_of(granted[0]);
    meet();
    meet();
    answers(map_peer(at, FOR_DOM0, 0).status, GNTST_general_error, "a grant to domain 0");
    answers(map_peer(at, FOR_ITSELF, 0).status, GNTST_general_error, "a grant to a itself");
    answers(map_peer(at, EMPTY, 0).status, GNTST_general_error, "an empty entry");
    answers(map_peer(at, INVALID, 0).status, GNTST_general_error, "an invalid entry");
    answers(map_peer(at, TRANSFER, 0).status, GNTST_general_error, "an entry for a transfer");
    answers(map_peer(at, XENS, 0).status, GNTST_bad_page, "a frame of Xen's");
    answers(map_peer(at, OF_B, 0).status, GNTST_bad_page, "a frame of b's, granted by a");
    answers(map_peer(at, NO_FRAME, 0).status, GNTST_bad_page, "a frame that is not there");
    answers(map_peer(at, TABLE, 0).status, GNTST_general_error, "a page table, to write");
    m = map_peer(at, TABLE_RO, GNTMAP_readonly);
    answers(m.status, GNTST_okay, "a page table, to read");
    ok(PTE_MFN(pte_of(at, NULL)) == letters[2] && !is_writable(at), "is shown read only");
    answers(unmap_at(at, m.handle), GNTST_okay, "unmap it");
    answers(restore(at), 0, "b's own page again");
    answers(map_peer(at, 512, 0).status, GNTST_bad_gntref, "an entry beyond a's table");
    answers(map_peer(at, NO_REF, 0).status, GNTST_bad_gntref, "an entry far beyond");
    answers(map_of(NO_DOMAIN, REF, GNTMAP_host_map, (uintptr_t)at).status, GNTST_bad_domain,
            "a grant of no domain");
    answers(map_of(DOMID_SELF, REF, GNTMAP_host_map, (uintptr_t)at).status, GNTST_bad_domain,
            "a grant of DOMID_SELF");
    answers(map_of(peer, REF, 0, (uintptr_t)at).status, GNTST_bad_gntref, "mapped in no way");
    answers(map_of(peer, REF, GNTMAP_readonly, (uintptr_t)at).status, GNTST_bad_gntref,
            "to read, but in no way");
    answers(map_peer(WILD_POINTER, REF, 0).status, GNTST_general_error,
            "at an address without a page table");
    ok(target[0][0] == 0 && is_writable(target[0]), "b's page is still there");
    meet();
}

/* ---- the frame, without a grant ---- */

static void a_has_a_frame(void)
{
    strcpy(granted[1], "not granted");
    letters[0] = mfn_of(granted[1]);
    letters[1] = mfn_of(granted[0]);
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet();
    ok(strcmp(granted[1], "not granted") == 0, "the frame is untouched");
    ok(ENTRY(REF).flags == BASIC, "nothing stays in use");
}

static void b_takes_a_frame(void)
{
    unsigned long page = PTE_RW_PAGE;
    mmu_update_t update;
    uint64_t machine;
    gnttab_map_grant_ref_t m;
    unsigned int done;

    meet();
    answers(set_pte(target[0], letters[0] << 12 | page), -XEN_EBUSY,
            "update_va_mapping with a's frame");
    pte_of(target[0], &machine);
    update = (mmu_update_t){.ptr = machine, .val = letters[0] << 12 | page};
    answers(hypercall(__HYPERVISOR_mmu_update, HYPERCALL_ARG(&update), 1, HYPERCALL_ARG(&done),
                      peer, 0),
            -XEN_EPERM, "mmu_update of a mapping of a's");
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "a frame that is granted");
    answers(set_pte(target[1], letters[1] << 12 | page), -XEN_EBUSY,
            "is not mapped a second time without the grant");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "b's own page again");
    meet();
}

/* ---- revoked while it is mapped ---- */

static void a_revokes(void)
{
    strcpy(granted[0], "first");
    strcpy(granted[1], "second");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet(); /* b has mapped */
    grant_v1(REF, 0, 0, mfn_of(granted[1]));
    meet();
    meet(); /* b has tried */
    ok(strcmp(granted[0], "revoked") == 0, "what b had mapped, it could still write");
    ok(strcmp(granted[1], "second") == 0, "but not what the entry names now");
    ok(ENTRY(REF).flags == 0, "the entry is as a left it");
    meet();
    meet();
    ok(ENTRY(REF).flags == 0, "also when nothing is mapped");
}

static void b_is_revoked(void)
{
    gnttab_map_grant_ref_t m, again;

    meet();
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "map it");
    meet();
    meet();
    ok(strcmp(target[0], "first") == 0, "after the revocation it is still there");
    strcpy(target[0], "revoked");
    again = map_peer(target[1], REF, 0);
    answers(again.status, GNTST_okay, "and can be mapped again while it is");
    ok(strcmp(target[1], "revoked") == 0, "as it was");
    meet();
    meet();
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap one");
    answers(unmap_at(target[1], again.handle), GNTST_okay, "unmap the other");
    answers(map_peer(target[1], REF, 0).status, GNTST_general_error, "now it is gone");
    answers(restore(target[0]) + restore(target[1]), 0, "b's own pages again");
    meet();
}

/* ---- ways of unmapping ---- */

static void a_waits_for_unmapping(void)
{
    strcpy(granted[0], "unmapping");
    strcpy(granted[1], "other");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    grant_v1(REF + 1, BASIC, peer, mfn_of(granted[1]));
    meet();
    meet();
    ok(ENTRY(REF).flags == BASIC, "it is not used");
    ok(ENTRY(REF + 1).flags == BASIC, "nor is the other");
}

static void b_unmaps(void)
{
    gnttab_map_grant_ref_t m, n;
    gnttab_unmap_and_replace_t replace;

    meet();
    m = map_peer(target[0], REF, 0);
    n = map_peer(target[1], REF + 1, 0);
    answers(unmap_at(target[1], m.handle), GNTST_general_error, "unmap at another's address");
    answers(unmap_at(target[2], m.handle), GNTST_general_error, "unmap where b's own page is");
    answers(unmap_at(WILD_POINTER, m.handle), GNTST_general_error, "unmap where nothing is");
    answers(unmap(0, 0, m.handle), GNTST_okay, "unmap at no address does nothing");
    answers(unmap_at(target[0], 100), GNTST_bad_handle, "a handle that is not in use");
    answers(unmap_at(target[0], 1 << 30), GNTST_bad_handle, "a handle that cannot be");
    ok(strcmp(target[0], "unmapping") == 0 && strcmp(target[1], "other") == 0, "both are there");
    strcpy(target[2], "b's own");
    replace = (gnttab_unmap_and_replace_t){.host_addr = (uintptr_t)target[0],
                                           .new_addr = (uintptr_t)target[2],
                                           .handle = m.handle,
                                           .status = UNTOUCHED};
    answers(gnttab(GNTTABOP_unmap_and_replace, &replace, 1), 0, "unmap_and_replace");
    answers(replace.status, GNTST_okay, "succeeds");
    ok(strcmp(target[0], "b's own") == 0, "the address has the other page now");
    ok(pte_of(target[2], NULL) == 0, "which is not where it was");
    answers(unmap_at(target[1], n.handle), GNTST_okay, "unmap the other");
    answers(restore(target[0]) + restore(target[1]) + restore(target[2]), 0, "b's own pages again");
    meet();
}

/* ---- for devices ---- */

static void a_shares_with_devices(void)
{
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    letters[0] = mfn_of(granted[0]);
    meet();
    meet();
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "a mapping for devices is a use");
    meet();
    meet();
    ok(ENTRY(REF).flags == BASIC, "it is not used");
}

static void b_maps_for_devices(void)
{
    gnttab_map_grant_ref_t m;

    meet();
    m = map_of(peer, REF, GNTMAP_device_map, 0);
    answers(m.status, GNTST_okay, "map it for devices");
    ok(m.dev_bus_addr == letters[0] << 12, "its address is told");
    meet();
    meet();
    answers(unmap(0, m.dev_bus_addr + 4096, m.handle), GNTST_bad_dev_addr, "another address");
    answers(unmap(0, m.dev_bus_addr, m.handle), GNTST_okay, "unmap it");
    meet();
}

/* ---- what the owner cannot do meanwhile ---- */

static long pin_l1(const void *page, unsigned int cmd)
{
    mmuext_op_t op = {.cmd = cmd, .arg1.mfn = mfn_of(page)};

    return hypercall_mmuext_op(&op, 1);
}

static long give_back(unsigned long mfn)
{
    xen_memory_reservation_t op = {.nr_extents = 1, .domid = DOMID_SELF};
    xen_pfn_t frame = mfn;

    set_xen_guest_handle(op.extent_start, &frame);
    return hypercall_memory_op(XENMEM_decrease_reservation, &op);
}

static void a_uses_it_otherwise(void)
{
    memset(granted[2], 0, 4096);
    strcpy(granted[3], "given back");
    grant_v1(REF, BASIC, peer, mfn_of(granted[2]));
    grant_v1(REF + 1, BASIC, peer, mfn_of(granted[3]));
    meet();
    meet(); /* b has mapped both */
    set_pte(granted[2], 0);
    answers(pin_l1(granted[2], MMUEXT_PIN_L1_TABLE), -XEN_EINVAL,
            "a page that another maps to write is not made a page table");
    set_pte(granted[3], 0);
    answers(give_back(mfn_of(granted[3])), 1, "it can be given back to Xen");
    answers(restore(granted[3]), 0, "while it is in use, it is still a's to map");
    ok(strcmp(granted[3], "given back") == 0, "as it was");
    set_pte(granted[3], 0);
    meet();
    meet(); /* b has unmapped the first */
    answers(pin_l1(granted[2], MMUEXT_PIN_L1_TABLE), 0, "when it is not mapped, it is");
    meet();
    meet(); /* b has failed to map it */
    answers(pin_l1(granted[2], MMUEXT_UNPIN_TABLE), 0, "and then not");
    answers(restore(granted[2]), 0, "a's page again");
    meet();
    meet();
    ok(ENTRY(REF + 1).flags == BASIC, "what was given back is not used");
    answers(restore(granted[3]), -XEN_EBUSY, "then it is not a's to map");
}

static void b_keeps_it(void)
{
    gnttab_map_grant_ref_t m, n, again;

    meet();
    m = map_peer(target[0], REF, 0);
    n = map_peer(target[1], REF + 1, 0);
    ok(m.status == GNTST_okay && n.status == GNTST_okay, "map two");
    meet();
    meet();
    ok(strcmp(target[1], "given back") == 0, "what a gave back is still there");
    again = map_peer(target[2], REF + 1, GNTMAP_readonly);
    answers(again.status, GNTST_okay, "and can be mapped again while it is");
    answers(unmap_at(target[2], again.handle), GNTST_okay, "unmap it");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the first");
    meet();
    meet();
    answers(map_peer(target[0], REF, 0).status, GNTST_general_error,
            "what is a page table now is not mapped to write");
    meet();
    meet();
    ok(strcmp(target[1], "given back") == 0, "what a gave back is there until");
    answers(unmap_at(target[1], n.handle), GNTST_okay, "it is unmapped");
    answers(map_peer(target[1], REF + 1, 0).status, GNTST_bad_page, "then it is gone");
    answers(restore(target[0]) + restore(target[1]) + restore(target[2]), 0, "b's own pages again");
    meet();
}

/* ---- the other way, and to the end ---- */

static void a_maps_of_b(void)
{
    gnttab_map_grant_ref_t m;

    meet();
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "a maps a page of b's");
    ok(strcmp(target[0], "from b") == 0, "and sees it");
    strcpy(target[0], "from a");
    meet();
    meet();
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "a's own page again");
    meet();
}

static void b_grants(void)
{
    strcpy(granted[0], "from b");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet();
    ok(strcmp(granted[0], "from a") == 0, "b sees what a wrote");
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "in its own table the use is seen");
    meet();
    meet();
    ok(ENTRY(REF).flags == BASIC, "and its end");
}

static void a_is_left(void)
{
    strcpy(granted[0], "before");
    for (grant_ref_t ref = REF; ref < REF + 4; ref++)
        grant_v1(ref, BASIC, peer, mfn_of(granted[ref == REF + 3 ? 1 : 0]));
    meet();
    meet(); /* b has mapped them, and ends */
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing), "one is mapped to write");
    ok(ENTRY(REF + 1).flags == (BASIC | GTF_reading), "one to read");
    ok(ENTRY(REF + 2).flags == (BASIC | GTF_reading | GTF_writing), "one twice");
    ok(ENTRY(REF + 3).flags == (BASIC | GTF_reading), "one for devices");
    meet();
    for (grant_ref_t ref = REF; ref < REF + 4; ref++) {
        while (ENTRY(ref).flags != BASIC)
            pause_a_moment();
    }
    ok(ENTRY(LETTER_REF).flags == BASIC, "after b's end, nothing is used");
    ok(strcmp(granted[0], "after") == 0, "what it wrote is there");
    set_pte(granted[0], 0);
    memset(target[0], 0, 4096);
    answers(restore(granted[0]), 0, "the page can be mapped as before");
    set_pte(granted[1], 0);
    answers(give_back(mfn_of(granted[1])), 1, "and given back");
    while (bind_to(peer, 1) != -XEN_ESRCH)
        pause_a_moment();
    answers(map_peer(target[0], REF, 0).status, GNTST_bad_domain, "b is no domain any more");
}

static void b_leaves(void)
{
    meet();
    answers(map_peer(target[0], REF, 0).status, GNTST_okay, "map one to write");
    answers(map_peer(target[1], REF + 1, GNTMAP_readonly).status, GNTST_okay, "one to read");
    answers(map_peer(target[2], REF + 2, 0).status, GNTST_okay, "one twice:");
    answers(map_peer(target[3], REF + 2, GNTMAP_readonly).status, GNTST_okay, "to read too");
    answers(map_of(peer, REF + 3, GNTMAP_device_map | GNTMAP_readonly, 0).status, GNTST_okay,
            "one for devices");
    strcpy(target[0], "after");
    meet();
    meet();
}

static void a(void)
{
    share_letters(true);
    a_shares();
    a_shares_to_read();
    a_grants_badly();
    a_has_a_frame();
    a_revokes();
    a_waits_for_unmapping();
    a_shares_with_devices();
    a_uses_it_otherwise();
    a_maps_of_b();
    a_is_left();
}

static void b(void)
{
    share_letters(false);
    b_maps();
    b_reads();
    b_maps_badly();
    b_takes_a_frame();
    b_is_revoked();
    b_unmaps();
    b_maps_for_devices();
    b_keeps_it();
    b_grants();
    b_leaves();
}
