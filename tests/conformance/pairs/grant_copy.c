/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Copying to and from what another domain has granted, giving it frames for good, and what is
 * left of a domain whose pages are still mapped by another. It would catch a byte that is copied
 * without the right to, a frame that two domains own or none, and a frame that goes with its
 * domain while it is in use.
 */
#include "pair_grant.h"

#define ENTRY(ref) (((volatile grant_entry_v1_t *)v1)[ref])

#define BASIC GTF_permit_access

static int do_copy(gnttab_copy_t op)
{
    op.status = UNTOUCHED;
    return gnttab(GNTTABOP_copy, &op, 1) ? 1000 : op.status;
}

/* LEN bytes from the start of DOM's grant to the start of a page of its own. */
static int copy_from(domid_t dom, grant_ref_t ref, const void *to, unsigned int len)
{
    return do_copy((gnttab_copy_t){
        .source = {.u.ref = ref, .domid = dom},
        .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref,
    });
}

static int copy_to(domid_t dom, grant_ref_t ref, const void *from, unsigned int len)
{
    return do_copy((gnttab_copy_t){
        .source = {.u.gmfn = mfn_of(from), .domid = DOMID_SELF},
        .dest = {.u.ref = ref, .domid = dom},
        .len = (uint16_t)len,
        .flags = GNTCOPY_dest_gref,
    });
}

static bool is_all(const char *page, char c)
{
    for (unsigned int i = 0; i < 4096; i++) {
        if (((const volatile char *)page)[i] != c)
            return false;
    }
    return true;
}

/* ---- copies ---- */

#define READABLE   REF       /* granted[0], to read */
#define WRITABLE   (REF + 1) /* granted[1] */
#define FOR_DOM0   (REF + 2) /* granted[0] */
#define FOR_ITSELF (REF + 3) /* granted[0] */
#define TRANSFER   (REF + 4)
#define XENS       (REF + 5)
#define OF_B       (REF + 6)
#define TABLE      (REF + 7)
#define EMPTY      (REF + 8)

static void a_is_copied(void)
{
    meet(); /* b has written letter 0 */
    memset(granted[0], 'r', 4096);
    memset(granted[1], 'w', 4096);
    grant_v1(READABLE, BASIC | GTF_readonly, peer, mfn_of(granted[0]));
    grant_v1(WRITABLE, BASIC, peer, mfn_of(granted[1]));
    grant_v1(FOR_DOM0, BASIC, 0, mfn_of(granted[0]));
    grant_v1(FOR_ITSELF, BASIC, self, mfn_of(granted[0]));
    grant_v1(TRANSFER, GTF_accept_transfer, peer, 0);
    grant_v1(XENS, BASIC, peer, 0);
    grant_v1(OF_B, BASIC, peer, letters[0]);
    grant_v1(TABLE, BASIC, peer, mfn_of((void *)domain_start_info()->pt_base));
    letters[1] = mfn_of(granted[0]);
    letters[2] = *(uint64_t *)(uintptr_t)domain_start_info()->pt_base;
    meet();
    meet(); /* b has copied from them */
    ok(is_all(granted[0], 'r') && is_all(granted[1], 'w'), "reading has changed nothing");
    ok(ENTRY(READABLE).flags == (BASIC | GTF_readonly) && ENTRY(WRITABLE).flags == BASIC,
       "and nothing stays in use");
    meet();
    meet(); /* b has copied to them */
    ok(is_all(granted[0], 'r'), "what b may only read is as it was");
    ok(is_all(granted[1], 'b'), "a page came");
    meet();
    meet();
    ok(granted[1][99] == 'b' && granted[1][100] == 'r' && granted[1][149] == 'r' &&
           granted[1][150] == 'b',
       "then a part of a page, between two grants of a's");
    ok(ENTRY(READABLE).flags == (BASIC | GTF_readonly) && ENTRY(WRITABLE).flags == BASIC,
       "nothing stays in use");
    ok(ENTRY(TRANSFER).flags == GTF_accept_transfer && ENTRY(XENS).flags == BASIC &&
           ENTRY(OF_B).flags == BASIC && ENTRY(TABLE).flags == BASIC && ENTRY(EMPTY).flags == 0,
       "the entries that were of no use are as they were");
    for (grant_ref_t ref = READABLE; ref <= EMPTY; ref++)
        grant_v1(ref, 0, 0, 0);
}

static void b_copies_from(void)
{
    memset(granted[0], '.', 4096);
    answers(copy_from(peer, READABLE, granted[0], 4096), GNTST_okay, "copy a page of a's");
    ok(is_all(granted[0], 'r'), "all of it");
    answers(copy_from(peer, WRITABLE, granted[0], 4096), GNTST_okay,
            "also one that can be written");
    ok(is_all(granted[0], 'w'), "all of it");
    memset(granted[0], '.', 4096);
    answers(copy_from(peer, FOR_DOM0, granted[0], 16), GNTST_general_error, "a grant to domain 0");
    answers(copy_from(peer, FOR_ITSELF, granted[0], 16), GNTST_general_error,
            "a grant to a itself");
    answers(copy_from(peer, TRANSFER, granted[0], 16), GNTST_general_error,
            "an entry for a transfer");
    answers(copy_from(peer, EMPTY, granted[0], 16), GNTST_general_error, "an empty entry");
    answers(copy_from(peer, XENS, granted[0], 16), GNTST_bad_page, "a frame of Xen's");
    answers(copy_from(peer, OF_B, granted[0], 16), GNTST_bad_page, "a frame of b's, granted by a");
    answers(copy_from(peer, 512, granted[0], 16), GNTST_bad_gntref, "an entry beyond a's table");
    answers(copy_from(NO_DOMAIN, READABLE, granted[0], 16), GNTST_bad_domain, "of no domain");
    answers(copy_from(peer, READABLE, granted[0], 4097), GNTST_bad_copy_arg, "more than a page");
    ok(is_all(granted[0], '.'), "nothing was copied");
    answers(copy_from(peer, TABLE, granted[0], 8), GNTST_okay, "a page table of a's");
    ok(*(uint64_t *)(void *)granted[0] == letters[2], "is copied");
}

static void b_copies_to(void)
{
    memset(granted[0], 'b', 4096);
    answers(copy_to(peer, WRITABLE, granted[0], 4096), GNTST_okay, "copy a page to a");
    answers(copy_to(peer, READABLE, granted[0], 16), GNTST_general_error,
            "to what may only be read");
    answers(copy_to(peer, FOR_DOM0, granted[0], 16), GNTST_general_error, "to a grant to domain 0");
    answers(copy_to(peer, TRANSFER, granted[0], 16), GNTST_general_error,
            "to an entry for a transfer");
    answers(copy_to(peer, EMPTY, granted[0], 16), GNTST_general_error, "to an empty entry");
    answers(copy_to(peer, XENS, granted[0], 16), GNTST_bad_page, "to a frame of Xen's");
    answers(copy_to(peer, TABLE, granted[0], 16), GNTST_general_error, "to a page table");
    answers(copy_to(NO_DOMAIN, WRITABLE, granted[0], 16), GNTST_bad_domain, "to no domain");
}

static void b_copies_otherwise(void)
{
    gnttab_copy_t op = {
        .source = {.u.gmfn = letters[1], .domid = peer},
        .dest = {.u.gmfn = mfn_of(granted[0]), .domid = DOMID_SELF},
        .len = 16,
    };

    answers(do_copy(op), GNTST_permission_denied, "from a frame of a's, by its number");
    op.source.domid = DOMID_SELF;
    answers(do_copy(op), GNTST_bad_page, "as if it were b's");
    op = (gnttab_copy_t){
        .source = {.u.gmfn = mfn_of(granted[0]), .domid = DOMID_SELF},
        .dest = {.u.gmfn = letters[1], .domid = peer},
        .len = 16,
    };
    answers(do_copy(op), GNTST_permission_denied, "to a frame of a's, by its number");
    op = (gnttab_copy_t){
        .source = {.u.ref = READABLE, .domid = peer, .offset = 3000},
        .dest = {.u.ref = WRITABLE, .domid = peer, .offset = 100},
        .len = 50,
        .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
    };
    answers(do_copy(op), GNTST_okay, "from one grant of a's to another");
    op.dest.offset = 4050;
    answers(do_copy(op), GNTST_bad_copy_arg, "beyond the end of it");
}

static void b_copies(void)
{
    letters[0] = mfn_of(granted[1]);
    meet();
    meet();
    b_copies_from();
    meet();
    meet();
    b_copies_to();
    meet();
    meet();
    b_copies_otherwise();
    meet();
}

/* ---- copying while it is mapped, and with no right any more ---- */

static void a_maps_and_revokes(void)
{
    memset(granted[0], '1', 4096);
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet(); /* b has mapped it */
    grant_v1(REF, 0, 0, 0);
    meet();
    meet();
    ok(granted[0][0] == 'x', "what was mapped was still copied to");
    ok(ENTRY(REF).flags == 0, "it is not in use");
}

static void b_copies_what_it_maps(void)
{
    gnttab_map_grant_ref_t m;

    meet();
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "map it");
    meet();
    meet(); /* a has revoked it */
    answers(copy_from(peer, REF, granted[1], 4096), GNTST_okay, "while it is mapped, it is copied");
    ok(is_all(granted[1], '1'), "all of it");
    memset(granted[1], 'x', 4096);
    answers(copy_to(peer, REF, granted[1], 1), GNTST_okay, "and copied to");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "b's own page again");
    answers(copy_from(peer, REF, granted[1], 16), GNTST_general_error, "then it is not copied");
    answers(copy_to(peer, REF, granted[1], 16), GNTST_general_error, "nor copied to");
    meet();
}

/* ---- giving frames for good ---- */

static long reservation(void)
{
    domid_t dom = DOMID_SELF;

    return hypercall_memory_op(XENMEM_current_reservation, &dom);
}

static long give_back(unsigned long mfn)
{
    xen_memory_reservation_t op = {.nr_extents = 1, .domid = DOMID_SELF};
    xen_pfn_t frame = mfn;

    set_xen_guest_handle(op.extent_start, &frame);
    return hypercall_memory_op(XENMEM_decrease_reservation, &op);
}

static int transfer(unsigned long mfn, domid_t domid, grant_ref_t ref)
{
    gnttab_transfer_t op = {.mfn = mfn, .domid = domid, .ref = ref, .status = UNTOUCHED};

    return gnttab(GNTTABOP_transfer, &op, 1) ? 1000 : op.status;
}

#define PLACE 0x777U /* the frame number that a wishes */

static void a_receives(void)
{
    xen_machphys_mapping_t machphys;
    long before = reservation();

    hypercall_memory_op(XENMEM_machphys_mapping, &machphys);
    /* A domain takes no more than it may have: there must be room. */
    set_pte(granted[6], 0);
    answers(give_back(mfn_of(granted[6])), 1, "give a frame back");
    grant_v1(REF, GTF_accept_transfer, peer, PLACE);
    grant_v1(REF + 1, GTF_accept_transfer, 0, PLACE);
    grant_v1(REF + 2, BASIC, peer, mfn_of(granted[0]));
    meet();
    meet(); /* b has given */
    ok(ENTRY(REF).flags == (GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed),
       "a transfer is completed");
    ok(ENTRY(REF).frame == letters[0], "the entry says the frame");
    ok(((unsigned long *)machphys.v_start)[letters[0]] == PLACE, "which has the wished number");
    answers(reservation(), before, "it is a's");
    ok(ENTRY(REF + 1).flags == GTF_accept_transfer, "one for another domain is as it was");
    ok(ENTRY(REF + 2).flags == BASIC, "nor is a page taken for one");
    answers(set_pte(granted[6], letters[0] << 12 | PTE_RW_PAGE), 0, "map it");
    ok(strcmp(granted[6], "a present") == 0, "with what was in it");
    strcpy(granted[6], "taken");
    grant_v1(REF, BASIC, peer, ENTRY(REF).frame);
    meet();
    meet();
    ok(ENTRY(REF).flags == BASIC, "a has granted it, and b used it");
    answers(reservation(), before, "a has as many frames as before");
}

static void b_gives(void)
{
    long before = reservation();
    unsigned long mfn = mfn_of(granted[5]);
    gnttab_map_grant_ref_t m;

    strcpy(granted[5], "a present");
    meet();
    answers(transfer(mfn, peer, REF), GNTST_bad_page, "a frame that is mapped is not given");
    answers(transfer(mfn_of((void *)domain_start_info()->pt_base), peer, REF), GNTST_bad_page,
            "nor a page table");
    answers(transfer(0, peer, REF), GNTST_bad_page, "nor a frame of Xen's");
    answers(transfer(letters[1], peer, REF), GNTST_bad_page, "nor a frame of a's");
    set_pte(granted[5], 0);
    set_pte(granted[4], 0);
    set_pte(granted[3], 0);
    set_pte(granted[2], 0);
    answers(transfer(mfn, peer, REF), GNTST_okay, "a frame that nothing refers to is");
    letters[0] = mfn;
    answers(reservation(), before - 1, "b has one less");
    answers(set_pte(granted[5], mfn << 12 | PTE_RW_PAGE), -XEN_EBUSY, "and cannot map it");
    answers(transfer(mfn, peer, REF + 1), GNTST_bad_page, "nor give it again");
    answers(transfer(mfn_of(granted[4]), peer, REF + 1), GNTST_general_error,
            "to an entry for domain 0");
    answers(transfer(mfn_of(granted[3]), peer, REF + 2), GNTST_general_error, "to a grant");
    answers(transfer(mfn_of(granted[2]), peer, 512), GNTST_general_error, "to no entry");
    answers(reservation(), before - 4, "costs the frames");
    meet();
    meet(); /* a has granted it */
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "map what was given, now granted");
    ok(m.dev_bus_addr == mfn << 12 && strcmp(target[0], "taken") == 0, "it is the same frame");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "b's own page again");
    meet();
}

/* ---- the end of a domain whose pages are mapped ---- */

static void a_leaves(void)
{
    strcpy(granted[0], "last will");
    strcpy(granted[1], "to read");
    grant_v1(REF, BASIC, peer, mfn_of(granted[0]));
    grant_v1(REF + 1, BASIC | GTF_readonly, peer, mfn_of(granted[1]));
    grant_v1(REF + 2, BASIC, peer, mfn_of(granted[2]));
    meet();
    meet(); /* b has mapped two */
    ok(ENTRY(REF).flags == (BASIC | GTF_reading | GTF_writing) &&
           ENTRY(REF + 1).flags == (BASIC | GTF_readonly | GTF_reading),
       "two are in use");
}

static void b_inherits(void)
{
    gnttab_map_grant_ref_t m, n, late;

    meet();
    m = map_peer(target[0], REF, 0);
    n = map_peer(target[1], REF + 1, GNTMAP_readonly);
    ok(m.status == GNTST_okay && n.status == GNTST_okay, "map two, of three");
    meet();
    /* Nothing tells that it has ended but what becomes of its ports and of the third page. */
    while (status_of(MEETING_PORT).status == EVTCHNSTAT_interdomain)
        pause_a_moment();
    while ((late = map_peer(target[2], REF + 2, 0)).status == GNTST_okay) {
        unmap_at(target[2], late.handle);
        pause_a_moment();
    }
    answers(late.status, GNTST_bad_page, "after a's end, what was not mapped is gone");
    ok(strcmp(target[0], "last will") == 0, "what was mapped is still there");
    ok(strcmp(target[1], "to read") == 0, "also what could be read only");
    ok(is_writable(target[0]) && !is_writable(target[1]), "with the same rights");
    strcpy(target[0], "spent");
    ok(strcmp(target[0], "spent") == 0, "it can be written");
    memset(granted[0], '.', 4096);
    /* acquire_grant_for_copy, grant_table.c: what is pinned of a domain that is dying is not. */
    answers(copy_from(peer, REF, granted[0], 16), GNTST_bad_domain, "but not copied");
    ok(granted[0][0] == '.', "nothing came");
    late = map_peer(target[2], REF, GNTMAP_readonly);
    answers(late.status, GNTST_okay, "it is mapped once more");
    answers(unmap_at(target[2], late.handle), GNTST_okay, "and unmapped");
    answers(copy_from(peer, REF + 2, granted[0], 16), GNTST_bad_page,
            "what is gone cannot be copied either");
    answers(bind_to(peer, 1), -XEN_EINVAL, "the domain is there, without ports");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the first");
    answers(map_peer(target[0], REF, 0).status, GNTST_bad_page, "it is gone");
    answers(strcmp(target[1], "to read"), 0, "the second is not");
    answers(unmap_at(target[1], n.handle), GNTST_okay, "unmap it");
    answers(unmap_at(letter_page, 0), GNTST_okay, "and the letters, the last page of a's");
    while (bind_to(peer, 1) != -XEN_ESRCH)
        pause_a_moment();
    answers(map_peer(target[0], REF, 0).status, GNTST_bad_domain, "now the domain is gone");
    answers(restore(target[0]) + restore(target[1]) + restore(target[2]) + restore(letter_page), 0,
            "b's own pages again");
}

static void a(void)
{
    share_letters(true);
    a_is_copied();
    a_maps_and_revokes();
    a_receives();
    a_leaves();
}

static void b(void)
{
    share_letters(false);
    b_copies();
    b_copies_what_it_maps();
    b_gives();
    b_inherits();
}
