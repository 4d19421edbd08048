/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Version 2 of the grant table between two domains: status words, parts of pages, and grants of
 * what another has granted. It would catch a use that is written where version 1 has it, a byte
 * outside of the part that is copied, and a grant that is passed on without the right to.
 */
#include "pair_grant.h"

#define BASIC GTF_permit_access

static char status_page[4096] __attribute__((aligned(4096)));
static grant_entry_v2_t *const v2 = (grant_entry_v2_t *)table_pages;
static volatile grant_status_t *const status = (volatile grant_status_t *)status_page;

static void to_version_2(void)
{
    gnttab_set_version_t version = {2};
    gnttab_get_status_frames_t op = {.dom = DOMID_SELF, .nr_frames = 1, .status = UNTOUCHED};
    uint64_t frame = 0;

    answers(gnttab(GNTTABOP_set_version, &version, 1), 0, "version 2");
    set_xen_guest_handle(op.frame_list, &frame);
    answers(gnttab(GNTTABOP_get_status_frames, &op, 1), 0, "its status frame");
    answers(set_pte(status_page, frame << 12 | PTE_RW_PAGE), 0, "is shown");
}

static void grant(grant_ref_t ref, unsigned int flags, domid_t domid, unsigned long frame)
{
    v2[ref].full_page.frame = frame;
    v2[ref].hdr.domid = domid;
    v2[ref].hdr.flags = (uint16_t)flags;
}

static void grant_part(grant_ref_t ref, unsigned int offset, unsigned int len, unsigned long frame)
{
    v2[ref].sub_page.page_off = (uint16_t)offset;
    v2[ref].sub_page.length = (uint16_t)len;
    v2[ref].sub_page.frame = frame;
    v2[ref].hdr.domid = peer;
    v2[ref].hdr.flags = BASIC | GTF_sub_page;
}

/* What DOM grants as FROM is granted to the other domain. */
static void grant_on(grant_ref_t ref, unsigned int flags, domid_t dom, grant_ref_t from)
{
    v2[ref].transitive.trans_domid = dom;
    v2[ref].transitive.gref = from;
    v2[ref].hdr.domid = peer;
    v2[ref].hdr.flags = (uint16_t)(GTF_transitive | flags);
}

static int copy_from(grant_ref_t ref, unsigned int offset, const void *to, unsigned int len)
{
    gnttab_copy_t op = {
        .source = {.u.ref = ref, .domid = peer, .offset = (uint16_t)offset},
        .dest = {.u.gmfn = mfn_of(to), .domid = DOMID_SELF},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref,
        .status = UNTOUCHED,
    };

    return gnttab(GNTTABOP_copy, &op, 1) ? 1000 : op.status;
}

static int copy_to(grant_ref_t ref, unsigned int offset, const void *from, unsigned int len)
{
    gnttab_copy_t op = {
        .source = {.u.gmfn = mfn_of(from), .domid = DOMID_SELF},
        .dest = {.u.ref = ref, .domid = peer, .offset = (uint16_t)offset},
        .len = (uint16_t)len,
        .flags = GNTCOPY_dest_gref,
        .status = UNTOUCHED,
    };

    return gnttab(GNTTABOP_copy, &op, 1) ? 1000 : op.status;
}

/* ---- whole pages ---- */

static void a_changes_version(void)
{
    gnttab_set_version_t version = {2};

    answers(gnttab(GNTTABOP_set_version, &version, 1), -XEN_EBUSY,
            "no other version while b maps something");
    meet();
    meet(); /* b has unmapped the letters */
    to_version_2();
    strcpy(granted[0], "from a");
    grant(REF, BASIC, peer, mfn_of(granted[0]));
    grant(REF + 1, BASIC | GTF_readonly, peer, mfn_of(granted[0]));
    meet();
    meet(); /* b has mapped */
    ok(status[REF] == (GTF_reading | GTF_writing), "the status says that it is used");
    ok(v2[REF].hdr.flags == BASIC, "the flags are as they were");
    ok(status[REF + 1] == GTF_reading, "the other is read");
    ok(v2[REF + 1].hdr.flags == (BASIC | GTF_readonly), "its flags are as they were, too");
    ok(strcmp(granted[0], "from b") == 0, "a sees what b wrote");
    v2[REF].hdr.flags = 0;
    meet();
    meet(); /* b has unmapped */
    ok(status[REF] == 0 && status[REF + 1] == 0, "nobody uses them");
    ok(v2[REF].hdr.flags == 0, "the first is revoked");
}

static void b_uses_it(void)
{
    gnttab_map_grant_ref_t m, n;

    meet();
    answers(unmap_at(letter_page, 0), GNTST_okay, "unmap the letters");
    meet();
    meet();
    m = map_peer(target[0], REF, 0);
    answers(m.status, GNTST_okay, "map a page of a table of version 2");
    answers(map_peer(target[1], REF + 1, 0).status, GNTST_general_error,
            "map one to write that may only be read");
    n = map_peer(target[1], REF + 1, GNTMAP_readonly);
    answers(n.status, GNTST_okay, "map it to read");
    ok(strcmp(target[0], "from a") == 0 && strcmp(target[1], "from a") == 0, "both are there");
    strcpy(target[0], "from b");
    meet();
    meet();
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(unmap_at(target[1], n.handle), GNTST_okay, "unmap the other");
    answers(map_peer(target[0], REF, 0).status, GNTST_general_error,
            "what is revoked is not mapped");
    answers(map_peer(target[0], 256, 0).status, GNTST_bad_gntref,
            "a frame has half as many entries");
    answers(restore(target[0]) + restore(target[1]), 0, "b's own pages again");
    meet();
}

/* ---- parts ---- */

static bool is_copied(const char *page, unsigned int first, unsigned int end, char inside)
{
    for (unsigned int i = 0; i < 4096; i++) {
        if (((const volatile char *)page)[i] != (i >= first && i < end ? inside : '.'))
            return false;
    }
    return true;
}

static void a_grants_parts(void)
{
    memset(granted[0], '.', 4096);
    memset(granted[0] + 100, 'a', 50);
    grant_part(REF, 100, 50, mfn_of(granted[0]));
    meet();
    meet(); /* b has copied from it */
    ok(is_copied(granted[0], 100, 150, 'a'), "reading has changed nothing");
    ok(status[REF] == 0, "it is not in use");
    meet();
    meet(); /* b has copied to it */
    ok(is_copied(granted[0], 100, 150, 'b'), "the part was written, and nothing else");
    ok(status[REF] == 0, "it is not in use");
}

static void b_copies_parts(void)
{
    meet();
    memset(granted[0], '.', 4096);
    answers(map_peer(target[0], REF, GNTMAP_readonly).status, GNTST_general_error,
            "a part of a page is not mapped");
    answers(copy_from(REF, 100, granted[0], 50), GNTST_okay, "it is copied");
    ok(is_copied(granted[0], 0, 50, 'a'), "all of it");
    memset(granted[0], '.', 4096);
    answers(copy_from(REF, 99, granted[0], 2), GNTST_general_error, "not from before it");
    answers(copy_from(REF, 149, granted[0], 2), GNTST_general_error, "nor to behind it");
    answers(copy_from(REF, 0, granted[0], 0), GNTST_general_error, "nor nothing, before it");
    answers(copy_from(REF, 149, granted[0], 1), GNTST_okay, "its last byte is");
    ok(is_copied(granted[0], 0, 1, 'a'), "which alone came");
    meet();
    meet();
    memset(granted[0], 'b', 4096);
    answers(copy_to(REF, 100, granted[0], 50), GNTST_okay, "it is copied to");
    answers(copy_to(REF, 99, granted[0], 1), GNTST_general_error, "not before it");
    answers(copy_to(REF, 150, granted[0], 1), GNTST_general_error, "nor behind it");
    meet();
}

/* ---- grants of grants ---- */

#define OWN    (REF + 1) /* a's, to write */
#define OWN_RO (REF + 2) /* a's, to read */
#define NOT_B  (REF + 3) /* a's, to domain 0 */
#define ON     (REF + 4) /* b's, of OWN */
#define ON_RO  (REF + 5) /* b's, of OWN, to read */
#define OF_RO  (REF + 6) /* b's, of OWN_RO */
#define OF_NOT (REF + 7) /* b's, of NOT_B */
#define OF_B   (REF + 8) /* b's, of an entry of its own */
#define OF_NO  (REF + 9) /* b's, of a domain that is not there */

static void a_gets_its_own(void)
{
    memset(granted[0], 'a', 4096);
    grant(OWN, BASIC, peer, mfn_of(granted[0]));
    grant(OWN_RO, BASIC | GTF_readonly, peer, mfn_of(granted[0]));
    grant(NOT_B, BASIC, 0, mfn_of(granted[0]));
    meet();
    meet(); /* b has granted on */
    memset(granted[1], '.', 4096);
    answers(copy_from(ON, 0, granted[1], 16), GNTST_okay, "copy what b grants of a's");
    ok(is_copied(granted[1], 0, 16, 'a'), "it is a's own");
    answers(copy_from(ON_RO, 0, granted[1], 16), GNTST_okay, "what b grants to read");
    answers(copy_from(OF_RO, 0, granted[1], 16), GNTST_okay, "what b may only read");
    memset(granted[1], 'x', 4096);
    answers(copy_to(ON, 8, granted[1], 8), GNTST_okay, "copy to what b grants of a's");
    ok(granted[0][7] == 'a' && granted[0][8] == 'x' && granted[0][15] == 'x' &&
           granted[0][16] == 'a',
       "it comes to a's own");
    answers(copy_to(ON_RO, 0, granted[1], 8), GNTST_general_error, "what b grants to read");
    answers(copy_to(OF_RO, 0, granted[1], 8), GNTST_general_error, "what b may only read");
    answers(copy_from(OF_NOT, 0, granted[1], 8), GNTST_general_error, "what b was not granted");
    answers(copy_from(OF_B, 0, granted[1], 8), GNTST_general_error, "what b grants of its own so");
    answers(copy_from(OF_NO, 0, granted[1], 8), GNTST_general_error, "of no domain");
    answers(map_peer(target[0], ON, GNTMAP_readonly).status, GNTST_general_error,
            "a grant of a grant is not mapped");
    ok(status[OWN] == 0 && status[OWN_RO] == 0 && status[NOT_B] == 0, "a's grants are not in use");
    v2[OWN].hdr.flags = 0;
    answers(copy_from(ON, 0, granted[1], 16), GNTST_general_error,
            "when a has revoked it, b's is worth nothing");
    meet();
}

static void b_grants_on(void)
{
    to_version_2();
    meet();
    memset(granted[2], '.', 4096);
    grant(REF, BASIC, peer, mfn_of(granted[2]));
    grant_on(ON, 0, peer, OWN);
    grant_on(ON_RO, GTF_readonly, peer, OWN);
    grant_on(OF_RO, 0, peer, OWN_RO);
    grant_on(OF_NOT, 0, peer, NOT_B);
    grant_on(OF_B, 0, self, REF);
    grant_on(OF_NO, 0, NO_DOMAIN, OWN);
    meet();
    meet();
    ok(status[ON] == 0 && status[ON_RO] == 0 && status[OF_RO] == 0 && status[OF_NOT] == 0 &&
           status[OF_B] == 0 && status[OF_NO] == 0,
       "b's grants are not in use");
    ok(v2[ON].hdr.flags == GTF_transitive, "and are as they were");
}

static void a(void)
{
    share_letters(true);
    a_changes_version();
    a_grants_parts();
    a_gets_its_own();
}

static void b(void)
{
    share_letters(false);
    b_uses_it();
    b_copies_parts();
    b_grants_on();
}
