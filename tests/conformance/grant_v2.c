/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Version 2 of the grant table: status frames, parts of pages, transitive grants, and the way from
 * one version to the other. It would catch flags written where version 1 has them, a part of a page
 * that is mapped or copied as a whole, and entries that a change of version should keep or clear.
 */
#include "grant.h"

#define REF 30U
#define TO  31U

#define STATUS_FRAMES 8U /* that many for MAX_FRAMES of 256 entries, two bytes each */

static char status_pages[STATUS_FRAMES][4096] __attribute__((aligned(4096)));
static uint64_t status_frames[STATUS_FRAMES];

static grant_entry_v2_t *const v2 = (grant_entry_v2_t *)table_pages;
static volatile grant_status_t *const status = (volatile grant_status_t *)status_pages;
static domid_t self;

static long set_version(uint32_t version)
{
    gnttab_set_version_t op = {version};
    long result = gnttab(GNTTABOP_set_version, &op, 1);

    return result ? result : (long)op.version;
}

static long version_is(void)
{
    gnttab_get_version_t op = {.dom = DOMID_SELF};

    return gnttab(GNTTABOP_get_version, &op, 1) ? -1 : (long)op.version;
}

static int get_status(domid_t dom, unsigned int count, uint64_t *list)
{
    gnttab_get_status_frames_t op = {.dom = dom, .nr_frames = count, .status = UNTOUCHED};
    long result;

    set_xen_guest_handle(op.frame_list, list);
    result = gnttab(GNTTABOP_get_status_frames, &op, 1);
    return result ? 1000 - (int)result : op.status;
}

static int show_status(unsigned int count)
{
    if (get_status(DOMID_SELF, count, status_frames))
        return 0;
    for (unsigned int i = 0; i < count; i++) {
        if (set_pte(status_pages[i], status_frames[i] << 12 | PTE_RW_PAGE))
            return 0;
    }
    return 1;
}

static int hide_status(void)
{
    long error = 0;

    for (unsigned int i = 0; i < STATUS_FRAMES; i++)
        error |= restore(status_pages[i]);
    return error == 0;
}

static void grant_v2(grant_ref_t ref, unsigned int flags, domid_t domid, unsigned long frame)
{
    v2[ref].full_page.frame = frame;
    v2[ref].hdr.domid = domid;
    v2[ref].hdr.flags = (uint16_t)flags;
}

static void grant_part(grant_ref_t ref, unsigned int flags, unsigned int offset, unsigned int len,
                       unsigned long frame)
{
    grant_v2(ref, flags | GTF_permit_access | GTF_sub_page, self, frame);
    v2[ref].sub_page.page_off = (uint16_t)offset;
    v2[ref].sub_page.length = (uint16_t)len;
}

static int copy(grant_ref_t from, unsigned int from_offset, grant_ref_t to, unsigned int to_offset,
                unsigned int len)
{
    gnttab_copy_t op = {
        .source = {.u.ref = from, .domid = self, .offset = (uint16_t)from_offset},
        .dest = {.u.ref = to, .domid = self, .offset = (uint16_t)to_offset},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
        .status = UNTOUCHED,
    };

    return gnttab(GNTTABOP_copy, &op, 1) ? 1000 : op.status;
}

static void test_to_version_2(void)
{
    gnttab_map_grant_ref_t m, reserved;

    answers(get_status(DOMID_SELF, 0, status_frames), GNTST_okay, "no status frame of version 1");
    answers(get_status(DOMID_SELF, 1, status_frames), GNTST_general_error, "but there is none");
    answers(get_status(NO_DOMAIN, 0, status_frames), GNTST_bad_domain, "nor of no domain");
    answers(get_status(DOMID_SELF, 0, XENS_POINTER), 1000 + XEN_EFAULT, "a list in Xen's range");
    ok(show_table(1), "the table is shown");
    grant_v1(2, GTF_permit_access, self, mfn_of(granted[0]));
    grant_v1(3, GTF_permit_access | GTF_readonly, 7, 0x12345678);
    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map a grant");
    answers(set_version(2), -XEN_EBUSY, "no other version while it is mapped");
    answers(version_is(), 1, "it is 1");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    reserved = map_at(target[0], GNTMAP_readonly, 2);
    answers(reserved.status, GNTST_okay, "map a reserved one");
    answers(set_version(2), 2, "which does not matter");
    answers(version_is(), 2, "it is 2");
    ok(show_status(1), "the status is shown");
    ok(v2[2].hdr.flags == GTF_permit_access && v2[2].hdr.domid == self &&
           v2[2].full_page.frame == mfn_of(granted[0]),
       "a reserved entry is kept");
    ok(status[2] == GTF_reading, "its pin is in the status");
    ok(v2[3].hdr.flags == (GTF_permit_access | GTF_readonly) && v2[3].hdr.domid == 7 &&
           v2[3].full_page.frame == 0x12345678,
       "another too");
    ok(v2[REF].hdr.flags == 0 && v2[REF].full_page.frame == 0, "the others are clear");
    answers(unmap_at(target[0], reserved.handle), GNTST_okay, "unmap the reserved one");
    ok(status[2] == 0, "nobody reads");
    answers(set_version(2), 2, "the version that it is");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void test_status_frames(void)
{
    uint64_t list[2] = {0, 0};

    answers(get_status(self, 1, list), GNTST_okay, "the status frame, by number");
    ok(list[0] == status_frames[0] && list[1] == 0, "the same");
    answers(get_status(DOMID_SELF, 2, list), GNTST_general_error, "there is one only");
    answers(get_status(DOMID_SELF, 1, WILD_POINTER), GNTST_bad_virt_addr, "nowhere to put it");
    answers(setup(DOMID_SELF, 8, table_frames), GNTST_okay, "eight frames of entries");
    answers(get_status(DOMID_SELF, 2, list), GNTST_general_error, "need one for their status");
    answers(setup(DOMID_SELF, 9, table_frames), GNTST_okay, "nine");
    answers(get_status(DOMID_SELF, 2, list), GNTST_okay, "need two");
    ok(list[0] == status_frames[0] && list[1] != list[0], "the first and another");
    ok(show_table(MAX_FRAMES), "the table grows to its limit");
    ok(show_status(STATUS_FRAMES), "so does the status");
    answers(get_status(DOMID_SELF, STATUS_FRAMES + 1, list), GNTST_general_error, "and no further");
    answers(map_at(target[0], 0, MAX_FRAMES * 256).status, GNTST_bad_gntref, "an entry beyond");
    answers(map_at(target[0], 0, MAX_FRAMES * 256 - 1).status, GNTST_general_error, "the last one");
}

static void test_map(void)
{
    grant_ref_t last = MAX_FRAMES * 256 - 1;
    gnttab_map_grant_ref_t m, w;

    strcpy(granted[0], "two");
    grant_v2(last, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, last);
    answers(m.status, GNTST_okay, "map the last entry");
    ok(strcmp(target[0], "two") == 0, "the page is there");
    ok(v2[last].hdr.flags == GTF_permit_access, "the entry is left alone");
    ok(status[last] == (GTF_reading | GTF_writing), "the status says reading and writing");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(status[last] == 0, "nobody reads or writes");

    grant_v2(REF, GTF_permit_access | GTF_readonly, self, mfn_of(granted[0]));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error,
            "map a read-only grant to write");
    ok(status[REF] == 0, "pins nothing");
    m = map_at(target[0], GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "map it to read");
    ok(status[REF] == GTF_reading, "reading");
    answers(map_at(target[1], 0, REF).status, GNTST_general_error, "and then to write");
    ok(status[REF] == GTF_reading, "reading still");
    v2[REF].hdr.flags = GTF_permit_access;
    w = map_at(target[1], 0, REF);
    answers(w.status, GNTST_okay, "made writable, it can be");
    ok(status[REF] == (GTF_reading | GTF_writing), "reading and writing");
    answers(unmap_at(target[1], w.handle), GNTST_okay, "unmap it");
    ok(status[REF] == GTF_reading, "reading still");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the other");
    ok(status[REF] == 0, "nobody reads");
    grant_v2(REF, GTF_invalid, self, mfn_of(granted[0]));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error, "map an invalid entry");
    grant_v2(REF, GTF_permit_access, self + 1, mfn_of(granted[0]));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error, "map another's");
    grant_v2(REF, GTF_permit_access, self, 1UL << 40);
    answers(map_at(target[0], 0, REF).status, GNTST_bad_page, "map no frame");
    ok(status[REF] == 0, "pins nothing");
    grant_v2(REF, GTF_permit_access, self, mfn_of(granted[0]) + (1UL << 32));
    answers(map_at(target[0], 0, REF).status, GNTST_bad_page, "all bits of the frame count");
    grant_part(REF, 0, 0, 4096, mfn_of(granted[0]));
    answers(map_at(target[0], GNTMAP_readonly, REF).status, GNTST_general_error,
            "map a part of a page");
    grant_v2(REF, GTF_transitive, self, 0);
    answers(map_at(target[0], GNTMAP_readonly, REF).status, GNTST_general_error,
            "map a transitive grant");
    ok(status[REF] == 0, "pins nothing");
    /* Bits of version 1's status mean nothing in the entry. */
    grant_v2(REF, GTF_permit_access | GTF_reading | GTF_writing, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map with old bits");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(v2[REF].hdr.flags == (GTF_permit_access | GTF_reading | GTF_writing), "they are left alone");
    answers(restore(target[0]) + restore(target[1]), 0, "the pages of the image again");
}

static void test_parts(void)
{
    gnttab_map_grant_ref_t m;

    for (unsigned int i = 0; i < 4096; i++)
        granted[0][i] = (char)(i / 16);
    memset(granted[1], 0, 4096);
    grant_part(REF, GTF_readonly, 100, 200, mfn_of(granted[0]));
    grant_v2(TO, GTF_permit_access, self, mfn_of(granted[1]));
    answers(copy(REF, 100, TO, 0, 200), GNTST_okay, "copy a part of a page");
    ok(memcmp(granted[1], granted[0] + 100, 200) == 0 && granted[1][200] == 0, "just that");
    answers(copy(REF, 150, TO, 0, 10), GNTST_okay, "a piece of it");
    answers(copy(REF, 300, TO, 0, 0), GNTST_okay, "nothing at its end");
    answers(copy(REF, 99, TO, 0, 10), GNTST_general_error, "a byte before it");
    answers(copy(REF, 299, TO, 0, 2), GNTST_general_error, "a byte after it");
    answers(copy(REF, 0, TO, 0, 0), GNTST_general_error, "nothing, outside");
    answers(copy(REF, 4095, TO, 0, 2), GNTST_bad_copy_arg, "the page's end is seen first");
    ok(status[REF] == 0 && status[TO] == 0, "nothing stays pinned");
    answers(copy(TO, 0, REF, 100, 10), GNTST_general_error, "to a read-only part");
    grant_part(REF, 0, 4000, 96, mfn_of(granted[0]));
    answers(copy(TO, 0, REF, 4000, 96), GNTST_okay, "to a part");
    ok(memcmp(granted[0] + 4000, granted[1], 96) == 0, "it is there");
    answers(copy(TO, 0, REF, 3999, 1), GNTST_general_error, "to a byte before it");
    grant_part(REF, 0, 4000, 5000, mfn_of(granted[0]));
    answers(copy(TO, 0, REF, 4000, 96), GNTST_okay, "a part that is longer than the page");
    grant_part(REF, 0, 5000, 10, mfn_of(granted[0]));
    answers(copy(TO, 0, REF, 4000, 96), GNTST_general_error, "or begins after it");
    grant_part(REF, 0, 0, 0, mfn_of(granted[0]));
    answers(copy(TO, 0, REF, 0, 1), GNTST_general_error, "a part of no bytes");
    grant_part(REF, 0, 0, 10, 0);
    answers(copy(TO, 0, REF, 0, 1), GNTST_bad_page, "a part of Xen's frame");
    ok(status[REF] == 0 && status[TO] == 0, "nothing stays pinned");

    /* Pinned as a page, changed to a part meanwhile. */
    grant_v2(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], GNTMAP_readonly, REF);
    grant_part(REF, 0, 0, 10, mfn_of(granted[0]));
    answers(copy(REF, 0, TO, 0, 100), GNTST_okay, "while mapped as a page, it is one");
    answers(copy(TO, 0, REF, 0, 100), GNTST_okay, "to write too");
    ok(status[REF] == GTF_reading, "and stays pinned to read");
    grant_part(REF, 0, 0, 10, mfn_of(granted[2]));
    answers(copy(TO, 0, REF, 0, 100), GNTST_general_error, "but not another page");
    grant_part(REF, GTF_readonly, 0, 10, mfn_of(granted[0]));
    answers(copy(TO, 0, REF, 0, 100), GNTST_general_error, "nor a read-only one");
    ok(status[REF] == GTF_reading, "it stays pinned");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(status[REF] == 0, "nobody reads");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void grant_transitive(grant_ref_t ref, domid_t domid, grant_ref_t of)
{
    v2[ref].transitive.trans_domid = domid;
    v2[ref].transitive.gref = of;
    v2[ref].hdr.domid = self;
    v2[ref].hdr.flags = GTF_transitive;
}

static void test_transitive(void)
{
    grant_v2(TO, GTF_permit_access, self, mfn_of(granted[1]));
    grant_v2(40, GTF_permit_access, self, mfn_of(granted[0]));
    grant_transitive(REF, self, 40);
    answers(copy(REF, 0, TO, 0, 16), GNTST_general_error, "a transitive grant of one's own");
    ok(status[REF] == 0 && status[40] == 0 && status[TO] == 0, "pins nothing");
    grant_transitive(REF, NO_DOMAIN, 40);
    answers(copy(REF, 0, TO, 0, 16), GNTST_general_error, "of no domain's");
    answers(copy(TO, 0, REF, 0, 16), GNTST_general_error, "as destination");
    ok(status[REF] == 0, "pins nothing");
    v2[REF].hdr.flags |= GTF_readonly;
    answers(copy(TO, 0, REF, 0, 16), GNTST_general_error, "read-only");
    v2[REF].hdr.domid = 9;
    answers(copy(REF, 0, TO, 0, 16), GNTST_general_error, "another's");
    grant_v2(REF, GTF_accept_transfer, self, mfn_of(granted[0]));
    answers(copy(REF, 0, TO, 0, 16), GNTST_general_error, "from an entry for a transfer");
    ok(status[REF] == 0 && status[TO] == 0, "pins nothing");
}

static int swap(grant_ref_t a, grant_ref_t b)
{
    gnttab_swap_grant_ref_t op = {.ref_a = a, .ref_b = b, .status = UNTOUCHED};

    return gnttab(GNTTABOP_swap_grant_ref, &op, 1) ? 1000 : op.status;
}

static void test_swap(void)
{
    grant_part(REF, GTF_readonly, 5, 6, 77);
    grant_v2(500, GTF_permit_access, 3, 88);
    status[REF] = 1;
    status[500] = 2;
    answers(swap(REF, 500), GNTST_okay, "swap entries of version 2");
    ok(v2[500].sub_page.page_off == 5 && v2[500].sub_page.length == 6 &&
           v2[500].sub_page.frame == 77 && v2[REF].full_page.frame == 88 && v2[REF].hdr.domid == 3,
       "all of them");
    ok(status[REF] == 2 && status[500] == 1, "and their status");
    status[REF] = status[500] = 0;
    answers(swap(MAX_FRAMES * 256, 1), GNTST_bad_gntref, "swap beyond the table");
}

static void test_to_version_1(void)
{
    gnttab_map_grant_ref_t m, reserved;

    grant_v2(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(set_version(1), -XEN_EBUSY, "no other version while a grant is mapped");
    answers(version_is(), 2, "it is 2");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(set_version(1), -XEN_EBUSY, "nor while the status is mapped");
    answers(version_is(), 2, "it is 2");
    ok(status[REF] == 0 && v2[REF].hdr.flags == GTF_permit_access, "all is as it was");
    grant_v2(4, GTF_permit_access, 5, 1UL << 32);
    answers(set_version(1), -XEN_ERANGE,
            "nor with a reserved frame that version 1 has no room for");
    grant_v2(4, GTF_transitive, 5, 0);
    answers(set_version(1), -XEN_ERANGE, "nor with a transitive one");
    grant_v2(4, GTF_accept_transfer, 5, 66);
    grant_v2(5, GTF_permit_access | GTF_readonly, 6, 77);
    grant_v2(2, GTF_permit_access, self, mfn_of(granted[0]));
    reserved = map_at(target[0], 0, 2);
    answers(reserved.status, GNTST_okay, "map a reserved one");
    ok(hide_status(), "the status is mapped no more");
    answers(set_version(1), 1, "now it goes back to 1");
    answers(version_is(), 1, "it is 1");
    ok(v1[2].flags == (GTF_permit_access | GTF_reading | GTF_writing) && v1[2].domid == self &&
           v1[2].frame == mfn_of(granted[0]),
       "a reserved entry is kept, with its pin");
    ok(v1[4].flags == 0 && v1[4].domid == 0 && v1[4].frame == 0, "one for a transfer is not");
    ok(v1[5].flags == (GTF_permit_access | GTF_readonly) && v1[5].frame == 77, "others are");
    ok(v1[REF].flags == 0 && v1[2 * REF].flags == 0, "the rest is clear");
    answers(unmap_at(target[0], reserved.handle), GNTST_okay, "unmap it");
    ok(v1[2].flags == GTF_permit_access, "nobody reads or writes");
    answers(get_status(DOMID_SELF, 1, status_frames), GNTST_general_error, "no status frames");
    answers(map_at(target[0], 0, MAX_FRAMES * 512 - 1).status, GNTST_general_error,
            "there are twice as many entries");
    answers(set_version(2), 2, "to 2 once more");
    ok(show_status(STATUS_FRAMES), "the status of all is there");
    ok(status[0] == 0 && status[2048] == 0 && status[16383] == 0, "and clear");
    answers(restore(target[0]), 0, "the page of the image again");
}

int main(void)
{
    self = domain_id();
    test_to_version_2();
    test_status_frames();
    test_map();
    test_parts();
    test_transitive();
    test_swap();
    test_to_version_1();
    return tap_done();
}
