/* SPDX-License-Identifier: BSD-3-Clause
 *
 * GNTTABOP_copy with oneself: every mix of references and frames, at every place of a page. It
 * would catch a byte too many, a right that is not looked at, and a pin that stays.
 */
#include "grant.h"

#define FROM 20U
#define TO   21U

static domid_t self;

static int copy_op(gnttab_copy_t *op)
{
    op->status = UNTOUCHED;
    return gnttab(GNTTABOP_copy, op, 1) ? 1000 : op->status;
}

/* LEN bytes from FROM_OFFSET of the grant FROM to TO_OFFSET of TO. */
static gnttab_copy_t by_reference(unsigned int from_offset, unsigned int to_offset,
                                  unsigned int len)
{
    return (gnttab_copy_t){
        .source = {.u.ref = FROM, .domid = self, .offset = (uint16_t)from_offset},
        .dest = {.u.ref = TO, .domid = self, .offset = (uint16_t)to_offset},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
    };
}

static gnttab_copy_t by_frame(unsigned int from_offset, unsigned int to_offset, unsigned int len)
{
    return (gnttab_copy_t){
        .source = {.u.gmfn = mfn_of(granted[0]),
                   .domid = DOMID_SELF,
                   .offset = (uint16_t)from_offset},
        .dest = {.u.gmfn = mfn_of(granted[1]), .domid = DOMID_SELF, .offset = (uint16_t)to_offset},
        .len = (uint16_t)len,
    };
}

static void fill(void)
{
    for (unsigned int i = 0; i < 4096; i++) {
        granted[0][i] = (char)(i * 7 + i / 256);
        granted[1][i] = 0x55;
    }
    grant_v1(FROM, GTF_permit_access | GTF_readonly, self, mfn_of(granted[0]));
    grant_v1(TO, GTF_permit_access, self, mfn_of(granted[1]));
}

/* Whether granted[1] has LEN bytes of granted[0] where they belong, and nothing else. */
static int is_copied(unsigned int from_offset, unsigned int to_offset, unsigned int len)
{
    for (unsigned int i = 0; i < 4096; i++) {
        char expected = 0x55;

        if (i >= to_offset && i < to_offset + len)
            expected = granted[0][from_offset + i - to_offset];
        if (((volatile char *)granted[1])[i] != expected)
            return 0;
    }
    return 1;
}

static void test_ways(void)
{
    gnttab_copy_t frames, references, mixed;

    for (unsigned int way = 0; way < 4; way++) {
        fill();
        frames = by_frame(0, 0, 4096);
        references = by_reference(0, 0, 4096);
        mixed = frames;
        mixed.flags = (uint16_t)way;
        if (way & GNTCOPY_source_gref)
            mixed.source = references.source;
        if (way & GNTCOPY_dest_gref)
            mixed.dest = references.dest;
        answers(copy_op(&mixed), GNTST_okay, "copy a page, way %u", way);
        ok(is_copied(0, 0, 4096), "all of it");
        ok(v1[FROM].flags == (GTF_permit_access | GTF_readonly) &&
               v1[TO].flags == GTF_permit_access,
           "nothing stays pinned");
    }
    fill();
    mixed = by_reference(0, 0, 16);
    mixed.source.domid = mixed.dest.domid = DOMID_SELF;
    answers(copy_op(&mixed), GNTST_okay, "references of DOMID_SELF");
    ok(is_copied(0, 0, 16), "are its own");
    mixed = by_frame(0, 0, 16);
    mixed.source.domid = self;
    answers(copy_op(&mixed), GNTST_permission_denied, "a frame by the domain's number");
    mixed = by_frame(0, 0, 16);
    mixed.dest.domid = self;
    answers(copy_op(&mixed), GNTST_permission_denied, "as destination");
    mixed.source.domid = self;
    mixed.dest.domid = NO_DOMAIN;
    answers(copy_op(&mixed), GNTST_bad_domain, "both domains are found first");
    mixed.source.domid = NO_DOMAIN;
    mixed.dest.domid = self;
    answers(copy_op(&mixed), GNTST_bad_domain, "a frame of no domain");
    mixed = by_frame(0, 0, 16);
    mixed.dest.domid = NO_DOMAIN;
    answers(copy_op(&mixed), GNTST_bad_domain, "as destination");
    mixed.dest.domid = DOMID_IO;
    answers(copy_op(&mixed), GNTST_bad_domain, "to a frame of DOMID_IO");
    mixed = by_reference(0, 0, 16);
    mixed.source.domid = NO_DOMAIN;
    answers(copy_op(&mixed), GNTST_bad_domain, "a reference of no domain");
    mixed = by_reference(0, 0, 16);
    mixed.dest.domid = NO_DOMAIN;
    answers(copy_op(&mixed), GNTST_bad_domain, "as destination");
    mixed.source.u.ref = NO_REF;
    answers(copy_op(&mixed), GNTST_bad_domain, "is seen before the reference");
}

static void test_places(void)
{
    static const struct {
        unsigned int from, to, len;
    } good[] = {{0, 0, 0},       {0, 0, 1},          {4095, 4095, 1}, {4095, 0, 1},
                {0, 4095, 1},    {1, 2, 3},          {100, 7, 250},   {1, 0, 4095},
                {0, 1, 4095},    {2048, 2048, 2048}, {4096, 4096, 0}, {0, 4096, 0},
                {3, 1000, 3001}, {2000, 0, 2096},    {8, 16, 4000}};
    static const struct {
        unsigned int from, to, len;
    } bad[] = {{0, 0, 4097}, {1, 0, 4096}, {0, 1, 4096},         {4095, 0, 2},  {0, 4095, 2},
               {4096, 0, 1}, {0, 4096, 1}, {0, 0, 65535},        {65535, 0, 1}, {0, 65535, 1},
               {4097, 0, 0}, {0, 4097, 0}, {65535, 65535, 65535}};

    for (unsigned int i = 0; i < sizeof good / sizeof good[0]; i++) {
        gnttab_copy_t op = i & 1 ? by_frame(good[i].from, good[i].to, good[i].len)
                                 : by_reference(good[i].from, good[i].to, good[i].len);

        fill();
        answers(copy_op(&op), GNTST_okay, "%u bytes from %u to %u", good[i].len, good[i].from,
                good[i].to);
        ok(is_copied(good[i].from, good[i].to, good[i].len), "these and no others");
    }
    fill();
    for (unsigned int i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gnttab_copy_t op = i & 1 ? by_frame(bad[i].from, bad[i].to, bad[i].len)
                                 : by_reference(bad[i].from, bad[i].to, bad[i].len);

        answers(copy_op(&op), GNTST_bad_copy_arg, "%u bytes from %u to %u", bad[i].len, bad[i].from,
                bad[i].to);
    }
    ok(is_copied(0, 0, 0), "none of which wrote anything");
    ok(v1[FROM].flags == (GTF_permit_access | GTF_readonly) && v1[TO].flags == GTF_permit_access,
       "nor left a pin");
}

static int source_status(unsigned int flags, domid_t domid, unsigned long frame)
{
    gnttab_copy_t op = by_reference(0, 0, 16);

    grant_v1(FROM, flags, domid, frame);
    return copy_op(&op);
}

static int dest_status(unsigned int flags, domid_t domid, unsigned long frame)
{
    gnttab_copy_t op = by_reference(0, 0, 16);

    grant_v1(TO, flags, domid, frame);
    return copy_op(&op);
}

static void test_rights(void)
{
    unsigned long from, to, table = mfn_of((void *)domain_start_info()->pt_base);
    gnttab_copy_t op;

    fill();
    from = mfn_of(granted[0]);
    to = mfn_of(granted[1]);
    answers(source_status(GTF_invalid, self, from), GNTST_general_error, "from an invalid entry");
    answers(source_status(GTF_accept_transfer, self, from), GNTST_general_error,
            "from one for a transfer");
    answers(source_status(GTF_transitive, self, from), GNTST_general_error,
            "from a transitive one, in version 1");
    answers(source_status(GTF_permit_access | GTF_sub_page, self, from), GNTST_okay,
            "the bit for parts of pages means nothing in version 1");
    answers(source_status(GTF_permit_access, self + 1, from), GNTST_general_error,
            "from what is another's");
    answers(source_status(GTF_permit_access, DOMID_SELF, from), GNTST_general_error,
            "or DOMID_SELF's");
    answers(source_status(GTF_permit_access, self, 0xfffffff0UL), GNTST_bad_page, "from no frame");
    ok(v1[FROM].flags == GTF_permit_access, "which pins nothing");
    answers(source_status(GTF_permit_access, self, 0), GNTST_bad_page, "from Xen's frame");
    answers(source_status(GTF_permit_access | GTF_readonly, self, table), GNTST_okay,
            "from a page table");
    ok(memcmp(granted[1], (void *)domain_start_info()->pt_base, 16) == 0, "it is copied");
    fill();
    answers(dest_status(GTF_invalid, self, to), GNTST_general_error, "to an invalid entry");
    answers(dest_status(GTF_permit_access | GTF_readonly, self, to), GNTST_general_error,
            "to a read-only one");
    ok(v1[TO].flags == (GTF_permit_access | GTF_readonly), "which stays so");
    answers(dest_status(GTF_permit_access, self, 0xfffffff0UL), GNTST_bad_page, "to no frame");
    answers(dest_status(GTF_permit_access, self, table), GNTST_general_error, "to a page table");
    ok(v1[TO].flags == GTF_permit_access, "which pins nothing");
    fill();
    ok(v1[FROM].flags == (GTF_permit_access | GTF_readonly), "nor the source");
    op = by_reference(0, 0, 16);
    op.source.u.ref = 512;
    answers(copy_op(&op), GNTST_bad_gntref, "from beyond the table");
    op = by_reference(0, 0, 16);
    op.dest.u.ref = NO_REF;
    answers(copy_op(&op), GNTST_bad_gntref, "to far beyond the table");
    op = by_frame(0, 0, 16);
    op.source.u.gmfn = 0xfffffffffffUL;
    answers(copy_op(&op), GNTST_bad_page, "from no frame, by number");
    op = by_frame(0, 0, 16);
    op.source.u.gmfn = ~0UL;
    answers(copy_op(&op), GNTST_bad_page, "from the last number");
    op = by_frame(0, 0, 16);
    op.dest.u.gmfn = 0;
    answers(copy_op(&op), GNTST_bad_page, "to Xen's frame, by number");
    op = by_frame(0, 0, 16);
    op.dest.u.gmfn = table;
    answers(copy_op(&op), GNTST_general_error, "to a page table, by number");
    op = by_frame(0, 0, 16);
    op.source.u.gmfn = table;
    answers(copy_op(&op), GNTST_okay, "from one");
    fill();
    op = by_reference(0, 0, 16);
    op.source.u.ref = TO;
    op.dest.u.ref = TO;
    op.source.offset = 64;
    answers(copy_op(&op), GNTST_okay, "from and to one grant");
    ok(v1[TO].flags == GTF_permit_access, "which is pinned no more");
    op = by_frame(0, 0, 16);
    op.flags = 0xfffc;
    answers(copy_op(&op), GNTST_okay, "flags that mean nothing");
    op = by_reference(5000, 0, 16);
    op.source.u.ref = 512;
    answers(copy_op(&op), GNTST_bad_gntref, "the reference is seen before the place");
}

/* With the grant mapped, the pin counts. */
static void test_pinned(void)
{
    gnttab_map_grant_ref_t m;
    gnttab_copy_t op = by_reference(0, 0, 16);

    fill();
    m = map_at(target[0], GNTMAP_readonly, TO);
    answers(m.status, GNTST_okay, "map the destination to read");
    answers(copy_op(&op), GNTST_okay, "it can be copied to");
    ok(v1[TO].flags == (GTF_permit_access | GTF_reading), "and is pinned to read as before");
    v1[TO].frame = (uint32_t)mfn_of(granted[2]);
    answers(copy_op(&op), GNTST_general_error, "but not if the entry names another frame now");
    ok(v1[TO].flags == (GTF_permit_access | GTF_reading), "it stays pinned");
    op.source.u.ref = TO;
    op.dest.u.ref = FROM;
    grant_v1(FROM, GTF_permit_access, self, mfn_of(granted[3]));
    answers(copy_op(&op), GNTST_okay, "to read it, the pin is enough");
    ok(memcmp(granted[3], granted[1], 16) == 0, "from the frame that was pinned");
    v1[TO].flags = 0;
    answers(copy_op(&op), GNTST_okay, "even when it is revoked");
    v1[TO].flags |= GTF_reading;
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(v1[TO].flags == 0, "nobody reads");
    answers(copy_op(&op), GNTST_general_error, "now it is revoked");
    answers(restore(target[0]), 0, "the page of the image again");

    fill();
    m = map_at(target[0], 0, TO);
    answers(m.status, GNTST_okay, "map the destination to write");
    op = by_reference(0, 0, 16);
    v1[TO].frame = (uint32_t)mfn_of(granted[2]);
    v1[TO].flags |= GTF_readonly;
    answers(copy_op(&op), GNTST_okay, "the pin is enough to write too");
    ok(memcmp(granted[1], granted[0], 16) == 0, "to the frame that was pinned");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(copy_op(&op), GNTST_general_error, "now it is read-only");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void test_lists(void)
{
    gnttab_copy_t list[4] = {by_reference(0, 0, 16), by_reference(0, 5000, 16),
                             by_frame(100, 100, 50), by_reference(4000, 4000, 96)};
    gnttab_copy_t *end = (gnttab_copy_t *)(void *)target[1] - 2;

    fill();
    list[1].dest.offset = 5000;
    for (unsigned int i = 0; i < 4; i++)
        list[i].status = UNTOUCHED;
    answers(gnttab(GNTTABOP_copy, list, 4), 0, "four copies in a call");
    answers(list[0].status, GNTST_okay, "the first");
    answers(list[1].status, GNTST_bad_copy_arg, "the second, which is wrong");
    answers(list[2].status, GNTST_okay, "the third");
    answers(list[3].status, GNTST_okay, "the fourth");
    ok(memcmp(granted[1] + 100, granted[0] + 100, 50) == 0 && granted[1][150] == 0x55 &&
           memcmp(granted[1] + 4000, granted[0] + 4000, 96) == 0,
       "three are done");
    ok(v1[FROM].flags == (GTF_permit_access | GTF_readonly) && v1[TO].flags == GTF_permit_access,
       "nothing stays pinned");

    /* The third is in a page that is not there. */
    fill();
    answers(set_pte(target[1], 0), 0, "take a page away");
    end[0] = by_frame(0, 0, 8);
    end[1] = by_frame(0, 8, 8);
    end[0].status = end[1].status = UNTOUCHED;
    answers(gnttab(GNTTABOP_copy, end, 3), -XEN_EFAULT, "a list that ends in it");
    ok(end[0].status == GNTST_okay && end[1].status == GNTST_okay, "what is there is done");
    ok(memcmp(granted[1], granted[0], 8) == 0 && memcmp(granted[1] + 8, granted[0], 8) == 0,
       "both");
    answers(restore(target[1]), 0, "and back");
    answers(set_pte(target[0], mfn_of(target[0]) << 12 | PTE_PRESENT | PTE_USER | PTE_NX), 0,
            "a page read only");
    ((gnttab_copy_t *)granted[2])[0] = by_frame(16, 16, 8);
    answers(set_pte(target[0], mfn_of(granted[2]) << 12 | PTE_PRESENT | PTE_USER | PTE_NX), 0,
            "with a list");
    answers(gnttab(GNTTABOP_copy, target[0], 1), -XEN_EFAULT, "the status has nowhere to go");
    ok(memcmp(granted[1] + 16, granted[0] + 16, 8) == 0, "but the bytes are copied");
    answers(restore(target[0]), 0, "the page of the image again");
}

/* The table's own frame, while it is being used. */
static void test_own_table(void)
{
    gnttab_copy_t op = by_reference(FROM * sizeof(grant_entry_v1_t), 0, 8);
    grant_entry_v1_t *seen = (grant_entry_v1_t *)granted[1];

    fill();
    grant_v1(FROM, GTF_permit_access, self, table_frames[0]);
    answers(copy_op(&op), GNTST_okay, "copy from the table by a grant");
    ok(((volatile grant_entry_v1_t *)seen)->flags == (GTF_permit_access | GTF_reading),
       "the entry says that it is being read");
    ok(v1[FROM].flags == GTF_permit_access, "and then no more");
}

int main(void)
{
    self = domain_id();
    ok(show_table(1), "the table is shown");
    test_ways();
    test_places();
    test_rights();
    test_pinned();
    test_lists();
    test_own_table();
    return tap_done();
}
