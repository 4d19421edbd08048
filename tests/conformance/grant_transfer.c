/* SPDX-License-Identifier: BSD-3-Clause
 *
 * GNTTABOP_transfer of a domain's frames to itself. It would catch a frame that is lost when it
 * should stay, or stays when Xen frees it: all that is checked after the frame has been taken away
 * costs the frame.
 */
#include "grant.h"

#define REF 40U

static domid_t self;
static long pages;

static long reservation(void)
{
    domid_t dom = DOMID_SELF;

    return hypercall_memory_op(XENMEM_current_reservation, &dom);
}

static int transfer(unsigned long mfn, domid_t domid, grant_ref_t ref)
{
    gnttab_transfer_t op = {.mfn = mfn, .domid = domid, .ref = ref, .status = UNTOUCHED};

    return gnttab(GNTTABOP_transfer, &op, 1) ? 1000 : op.status;
}

static void accept(grant_ref_t ref, domid_t domid, unsigned long pfn)
{
    grant_v1(ref, GTF_accept_transfer, domid, pfn);
}

/* A frame that nothing refers to. */
static unsigned long unmapped(unsigned int i)
{
    set_pte(granted[i], 0);
    return mfn_of(granted[i]);
}

static void test_kept(void)
{
    unsigned long mfn = mfn_of(granted[0]);
    gnttab_map_grant_ref_t m;

    accept(REF, self, 1);
    answers(transfer(mfn, self, REF), GNTST_bad_page, "a frame that is mapped");
    answers(transfer(0xfffffff0UL, self, REF), GNTST_bad_page, "no frame");
    answers(transfer(~0UL, self, REF), GNTST_bad_page, "the last number");
    answers(transfer(0, self, REF), GNTST_bad_page, "Xen's frame");
    answers(transfer(table_frames[0], self, REF), GNTST_bad_page, "a frame of the table");
    answers(transfer(mfn_of((void *)domain_start_info()->pt_base), self, REF), GNTST_bad_page,
            "a page table");
    grant_v1(50, GTF_permit_access, self, mfn);
    m = map(GNTMAP_device_map, 50, 0);
    unmapped(0);
    answers(transfer(mfn, self, REF), GNTST_bad_page, "a frame that is granted and in use");
    answers(unmap(0, m.dev_bus_addr, m.handle), GNTST_okay, "which it is no more");
    ok(v1[REF].flags == GTF_accept_transfer, "nothing is committed");
    answers(reservation(), pages, "no frame is lost");
    answers(restore(granted[0]), 0, "the page is there still");
}

static void test_done(void)
{
    unsigned long mfn;
    xen_machphys_mapping_t machphys;

    hypercall_memory_op(XENMEM_machphys_mapping, &machphys);
    strcpy(granted[0], "mine");
    mfn = unmapped(0);
    accept(REF, self, 0x1234);
    answers(transfer(mfn, self, REF), GNTST_okay, "a frame that nothing refers to");
    ok(v1[REF].flags == (GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed),
       "it is completed");
    ok(v1[REF].frame == mfn, "and says the frame");
    ok(((unsigned long *)machphys.v_start)[mfn] == 0x1234, "which has the wished number");
    answers(reservation(), pages, "no frame is lost");
    answers(set_pte(granted[0], mfn << 12 | PTE_RW_PAGE), 0, "it is the domain's");
    ok(strcmp(granted[0], "mine") == 0, "with its contents");
    unmapped(0);
    answers(transfer(mfn, self, REF), GNTST_general_error, "an entry is good for one only");
    answers(reservation(), pages - 1, "and the frame is lost");
    answers(set_pte(granted[0], mfn << 12 | PTE_RW_PAGE), -XEN_EBUSY, "for good");
}

static void test_lost(void)
{
    gnttab_transfer_t list[2];

    accept(REF, self, 1);
    answers(transfer(unmapped(1), NO_DOMAIN, REF), GNTST_bad_domain, "to no domain");
    answers(transfer(unmapped(2), DOMID_SELF, REF), GNTST_bad_domain, "to DOMID_SELF");
    answers(transfer(unmapped(3), self, 512), GNTST_general_error, "to no entry");
    answers(transfer(unmapped(4), self, REF + 1), GNTST_general_error, "to an empty entry");
    accept(REF + 1, self + 1, 1);
    answers(transfer(unmapped(5), self, REF + 1), GNTST_general_error, "to another's entry");
    grant_v1(REF + 2, GTF_accept_transfer | GTF_PWT, self, 1);
    answers(transfer(unmapped(6), self, REF + 2), GNTST_general_error, "with another flag");
    ok(v1[REF].flags == GTF_accept_transfer && v1[REF + 1].flags == GTF_accept_transfer &&
           v1[REF + 2].flags == (GTF_accept_transfer | GTF_PWT),
       "nothing is committed");
    answers(reservation(), pages - 7, "all frames are lost");
    list[0] = list[1] = (gnttab_transfer_t){.mfn = unmapped(7), .domid = self, .ref = REF};
    list[1].mfn = 0;
    answers(gnttab(GNTTABOP_transfer, list, 2), 0, "two in a call");
    answers(list[0].status, GNTST_okay, "the first");
    answers(list[1].status, GNTST_bad_page, "the second");
    answers(reservation(), pages - 7, "no more are lost");
}

static void test_version_2(void)
{
    gnttab_set_version_t two = {2};
    grant_entry_v2_t *entry = (grant_entry_v2_t *)table_pages;
    unsigned long mfn = mfn_of(target[0]);

    answers(gnttab(GNTTABOP_set_version, &two, 1), 0, "version 2");
    set_pte(target[0], 0);
    entry[REF].full_page.frame = 5;
    entry[REF].hdr.domid = self;
    entry[REF].hdr.flags = GTF_accept_transfer;
    answers(transfer(mfn, self, REF), GNTST_okay, "a frame to an entry of version 2");
    ok(entry[REF].hdr.flags ==
           (GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed),
       "it is completed");
    ok(entry[REF].full_page.frame == mfn, "and says the frame");
    answers(transfer(mfn, self, 256), GNTST_general_error, "an entry that only version 1 had");
    answers(reservation(), pages - 8, "costs the frame");
}

int main(void)
{
    self = domain_id();
    pages = reservation();
    ok(show_table(1), "the table is shown");
    test_kept();
    test_done();
    test_lost();
    test_version_2();
    return tap_done();
}
