/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The grant table itself: its frames, its size, its version, and what is done to its entries
 * without mapping or copying. It would catch a table that does not grow as Xen's does, entries that
 * get lost, and arguments that are checked in another order.
 */
#include "grant.h"

static void test_arguments(void)
{
    static const struct {
        unsigned int cmd;
        const char *name;
    } lists[] = {
        {GNTTABOP_map_grant_ref, "map_grant_ref"},
        {GNTTABOP_unmap_grant_ref, "unmap_grant_ref"},
        {GNTTABOP_unmap_and_replace, "unmap_and_replace"},
        {GNTTABOP_transfer, "transfer"},
        {GNTTABOP_copy, "copy"},
        {GNTTABOP_swap_grant_ref, "swap_grant_ref"},
        {GNTTABOP_cache_flush, "cache_flush"},
    };
    static const struct {
        unsigned int cmd;
        const char *name;
    } singles[] = {
        {GNTTABOP_setup_table, "setup_table"},
        {GNTTABOP_query_size, "query_size"},
        {GNTTABOP_get_status_frames, "get_status_frames"},
    };
    char nothing[64] = {0};

    for (unsigned int i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        answers(gnttab(lists[i].cmd, nothing, 0), 0, "%s of nothing", lists[i].name);
        answers(gnttab(lists[i].cmd, WILD_POINTER, 0), 0, "%s of nothing, wild", lists[i].name);
        answers(gnttab(lists[i].cmd, WILD_POINTER, 1), -XEN_EFAULT, "%s, wild", lists[i].name);
        answers(gnttab(lists[i].cmd, XENS_POINTER, 0), -XEN_EFAULT, "%s of nothing in Xen's range",
                lists[i].name);
        answers(gnttab(lists[i].cmd, nothing, 0x80000000U), -XEN_EINVAL, "%s of too many",
                lists[i].name);
        answers(gnttab(lists[i].cmd | 1U << 31, WILD_POINTER, 0x80000000U), -XEN_EINVAL,
                "%s with more bits, of too many", lists[i].name);
    }
    for (unsigned int i = 0; i < sizeof singles / sizeof singles[0]; i++) {
        answers(gnttab(singles[i].cmd, WILD_POINTER, 1), -XEN_EFAULT, "%s, wild", singles[i].name);
        answers(gnttab(singles[i].cmd, WILD_POINTER, 0), -XEN_EINVAL, "%s of none",
                singles[i].name);
        answers(gnttab(singles[i].cmd, WILD_POINTER, 2), -XEN_EINVAL, "%s of two", singles[i].name);
        answers(gnttab(singles[i].cmd, WILD_POINTER, 0xffffffffU), -XEN_EINVAL, "%s of too many",
                singles[i].name);
    }
    answers(gnttab(GNTTABOP_get_version, WILD_POINTER, 0), -XEN_EFAULT, "get_version, wild");
    answers(gnttab(GNTTABOP_set_version, WILD_POINTER, 0), -XEN_EFAULT, "set_version, wild");
    answers(gnttab(GNTTABOP_dump_table, WILD_POINTER, 1), -XEN_ENOSYS, "dump_table is no more");
    answers(gnttab(13, WILD_POINTER, 1), -XEN_ENOSYS, "an operation that is none");
    answers(gnttab(0xfff, WILD_POINTER, 1), -XEN_ENOSYS, "nor is the last one");
    answers(gnttab(13, WILD_POINTER, 0x80000000U), -XEN_EINVAL, "none, of too many");
    answers(gnttab(GNTTABOP_query_size | 1 << 12, WILD_POINTER, 1), -XEN_EINVAL,
            "bits above the operation");
    answers(gnttab(0x1fff, WILD_POINTER, 1), -XEN_EINVAL, "and above none");
}

static gnttab_query_size_t query(domid_t dom)
{
    gnttab_query_size_t op = {.dom = dom, .nr_frames = 999, .max_nr_frames = 999, .status = 999};

    if (gnttab(GNTTABOP_query_size, &op, 1))
        op.status = 1000;
    return op;
}

static void test_size(void)
{
    gnttab_query_size_t size = query(DOMID_SELF);
    xen_pfn_t again[3];

    answers(size.status, GNTST_okay, "query_size of itself");
    answers(size.nr_frames, 1, "one frame at first");
    answers(size.max_nr_frames, MAX_FRAMES, "and as many as Xen lets a domain have");
    answers(query(domain_id()).status, GNTST_okay, "query_size by number");
    size = query(NO_DOMAIN);
    answers(size.status, GNTST_bad_domain, "query_size of no domain");
    answers(size.nr_frames, 999, "stores no size");
    answers(query(DOMID_IO).status, GNTST_bad_domain, "query_size of DOMID_IO");
    answers(setup(DOMID_SELF, 0, NULL), GNTST_okay, "setup_table of no frame");
    answers(query(DOMID_SELF).nr_frames, 1, "leaves one");
    answers(setup(DOMID_SELF, 1, table_frames), GNTST_okay, "setup_table of one frame");
    ok(table_frames[0] != 0, "which has a number");
    answers(setup(NO_DOMAIN, 1, table_frames), GNTST_bad_domain, "setup_table of no domain");
    answers(setup(DOMID_SELF, MAX_FRAMES + 1, table_frames), GNTST_general_error,
            "setup_table of more than the limit");
    answers(setup(DOMID_SELF, 0xffffffffU, table_frames), GNTST_general_error,
            "setup_table of very many");
    answers(setup(DOMID_SELF, 1, XENS_POINTER), 1000 + XEN_EFAULT, "a list in Xen's range");
    answers(setup(NO_DOMAIN, 1, XENS_POINTER), 1000 + XEN_EFAULT, "is seen before the domain");
    answers(setup(DOMID_SELF, 2, WILD_POINTER), GNTST_bad_virt_addr, "a list that is not there");
    answers(query(DOMID_SELF).nr_frames, 2, "after the table has grown");
    answers(setup(DOMID_SELF, 3, table_frames), GNTST_okay, "setup_table of three frames");
    ok(table_frames[0] != table_frames[1] && table_frames[1] != table_frames[2], "all different");
    again[2] = 0;
    answers(setup(domain_id(), 2, again), GNTST_okay, "asked for fewer, by number");
    ok(again[0] == table_frames[0] && again[1] == table_frames[1], "it names the same");
    ok(again[2] == 0, "and no more");
    answers(query(DOMID_SELF).nr_frames, 3, "the table does not shrink");
}

static void test_frames(void)
{
    char page[4096];
    mmuext_op_t pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = table_frames[1]};
    int zero = 1;

    ok(show_table(3), "the frames are the domain's to map");
    for (unsigned int i = 0; i < 4096; i++)
        zero &= table_pages[2][i] == 0;
    ok(zero, "an entry is zero at first");
    table_pages[2][5] = 7;
    answers(set_pte(table_pages[3], table_frames[2] << 12 | PTE_PRESENT | PTE_USER | PTE_NX), 0,
            "a frame read only, once more");
    ok(table_pages[3][5] == 7, "it is the same");
    answers(restore(table_pages[3]), 0, "and away");
    memcpy(page, table_pages[2], sizeof page);
    ok(page[5] == 7, "the other is there still");
    table_pages[2][5] = 0;
    answers(hypercall_mmuext_op(&pin, 1), -XEN_EINVAL, "a frame of the table is no page table");
    answers(set_pte(table_pages[3], table_frames[1] << 12 | PTE_RW_PAGE), 0, "writable, twice");
    answers(restore(table_pages[3]), 0, "and once");
}

static long version_of(domid_t dom, uint32_t *version)
{
    gnttab_get_version_t op = {.dom = dom, .version = 999};
    long result = gnttab(GNTTABOP_get_version, &op, 1);

    *version = op.version;
    return result;
}

static long set_version(uint32_t *version)
{
    gnttab_set_version_t op = {*version};
    long result = gnttab(GNTTABOP_set_version, &op, 1);

    *version = op.version;
    return result;
}

static void test_version(void)
{
    uint32_t version;

    answers(version_of(DOMID_SELF, &version), 0, "get_version of itself");
    answers(version, 1, "it is 1");
    answers(version_of(domain_id(), &version), 0, "get_version by number");
    answers(version, 1, "it is 1");
    answers(version_of(NO_DOMAIN, &version), -XEN_ESRCH, "get_version of no domain");
    answers(version, 999, "stores none");
    version = 0;
    answers(set_version(&version), -XEN_EINVAL, "set_version 0");
    answers(version, 1, "says what it is");
    version = 3;
    answers(set_version(&version), -XEN_EINVAL, "set_version 3");
    answers(version, 1, "says what it is");
    version = 1;
    answers(set_version(&version), 0, "set_version as it is");
    answers(version, 1, "says so");
}

static int swap(grant_ref_t a, grant_ref_t b)
{
    gnttab_swap_grant_ref_t op = {.ref_a = a, .ref_b = b, .status = UNTOUCHED};

    return gnttab(GNTTABOP_swap_grant_ref, &op, 1) ? 1000 : op.status;
}

static void test_swap(void)
{
    gnttab_map_grant_ref_t mapped;
    gnttab_swap_grant_ref_t two[2] = {{.ref_a = 9, .ref_b = 1000, .status = UNTOUCHED},
                                      {.ref_a = NO_REF, .ref_b = 1000, .status = UNTOUCHED}};

    grant_v1(9, GTF_permit_access | GTF_readonly, 5, 1234);
    grant_v1(1000, GTF_permit_access, 6, 4321);
    answers(swap(9, 1000), GNTST_okay, "swap two entries");
    ok(v1[9].flags == GTF_permit_access && v1[9].domid == 6 && v1[9].frame == 4321, "one way");
    ok(v1[1000].flags == (GTF_permit_access | GTF_readonly) && v1[1000].domid == 5 &&
           v1[1000].frame == 1234,
       "and the other");
    answers(swap(9, 9), GNTST_okay, "swap an entry with itself");
    ok(v1[9].domid == 6 && v1[9].frame == 4321, "leaves it");
    answers(swap(3 * 512, 9), GNTST_bad_gntref, "swap beyond the table");
    answers(swap(9, 3 * 512), GNTST_bad_gntref, "as the second");
    answers(swap(3 * 512 - 1, 9), GNTST_okay, "swap with the last");
    ok(v1[3 * 512 - 1].frame == 4321 && v1[9].flags == 0, "has swapped");
    answers(swap(9, 3 * 512 - 1), GNTST_okay, "swap back");
    answers(gnttab(GNTTABOP_swap_grant_ref, two, 2), 0, "two swaps in a call");
    answers(two[0].status, GNTST_okay, "the first is done");
    answers(two[1].status, GNTST_bad_gntref, "the second is not");
    ok(v1[9].domid == 5 && v1[1000].domid == 6, "as the entries show");

    grant_v1(10, GTF_permit_access, domain_id(), mfn_of(granted[0]));
    mapped = map_at(target[0], 0, 10);
    answers(mapped.status, GNTST_okay, "map an entry");
    answers(swap(10, 9), GNTST_eagain, "swap an entry that is mapped");
    answers(swap(9, 10), GNTST_eagain, "as the second");
    answers(swap(10, 10), GNTST_okay, "swap it with itself");
    ok(v1[10].frame == mfn_of(granted[0]), "it is as it was");
    answers(unmap_at(target[0], mapped.handle), GNTST_okay, "unmap it");
    answers(swap(10, 9), GNTST_okay, "swap it now");
    ok(v1[9].frame == mfn_of(granted[0]), "it has moved");
    answers(restore(target[0]), 0, "the page of the image again");
}

static long flush(unsigned long more, uint64_t address, unsigned int offset, unsigned int length,
                  uint32_t op)
{
    gnttab_cache_flush_t f = {.a.dev_bus_addr = address,
                              .offset = (uint16_t)offset,
                              .length = (uint16_t)length,
                              .op = op};

    return gnttab(GNTTABOP_cache_flush | (unsigned int)more, &f, 1);
}

static void test_cache_flush(void)
{
    uint64_t address = mfn_of(granted[0]) << 12;
    gnttab_cache_flush_t two[2] = {{.a.dev_bus_addr = address, .length = 4096, .op = 1},
                                   {.a.dev_bus_addr = address, .length = 4096, .op = 4}};

    answers(flush(0, address, 0, 4096, GNTTAB_CACHE_CLEAN), 0, "clean a page");
    answers(flush(0, address, 64, 64, GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL), 0,
            "clean and invalidate a line");
    answers(flush(0, address, 0, 64, GNTTAB_CACHE_INVAL), -XEN_EOPNOTSUPP,
            "invalidate without cleaning");
    answers(flush(0, address, 4095, 1, GNTTAB_CACHE_CLEAN), 0, "clean the last byte");
    answers(flush(0, address, 4096, 0, GNTTAB_CACHE_CLEAN), -XEN_EINVAL, "an offset beyond");
    answers(flush(0, address, 0, 4097, GNTTAB_CACHE_CLEAN), -XEN_EINVAL, "a length beyond");
    answers(flush(0, address, 4095, 2, GNTTAB_CACHE_CLEAN), -XEN_EINVAL, "both together");
    answers(flush(0, address, 0, 64, GNTTAB_CACHE_SOURCE_GREF | GNTTAB_CACHE_CLEAN), -XEN_EINVAL,
            "by reference");
    answers(flush(0, address, 0, 64, 4), -XEN_EINVAL, "an operation that is none");
    answers(flush(0, address, 0, 0, GNTTAB_CACHE_CLEAN), 0, "no bytes");
    answers(flush(0, address, 0, 64, 0), 0, "no operation");
    answers(flush(0, ~0UL, 0, 0, 0), 0, "neither, of no frame");
    answers(flush(0, ~0xfffUL, 0, 64, GNTTAB_CACHE_CLEAN), -XEN_EINVAL, "no frame");
    answers(flush(0x5000, address, 0, 64, GNTTAB_CACHE_CLEAN), 0,
            "the first reference to look at does not matter for an own frame");
    answers(flush(0x5000, address, 0, 0, GNTTAB_CACHE_CLEAN), -XEN_EILSEQ, "with no bytes it does");
    answers(gnttab(GNTTABOP_cache_flush, two, 2), -XEN_EINVAL, "two, of which one is wrong");
    two[1].op = 1;
    answers(gnttab(GNTTABOP_cache_flush, two, 2), 0, "two, right");
}

static void test_growth(void)
{
    int distinct = 1;

    v1[700].frame = 0x700;
    ok(show_table(MAX_FRAMES), "the table grows to its limit");
    answers(query(DOMID_SELF).nr_frames, MAX_FRAMES, "query_size says so");
    ok(v1[700].frame == 0x700, "entries stay where they were");
    for (unsigned int i = 0; i < MAX_FRAMES; i++) {
        for (unsigned int k = 0; k < i; k++)
            distinct &= table_frames[i] != table_frames[k];
    }
    ok(distinct, "all frames are different");
    answers(setup(DOMID_SELF, MAX_FRAMES + 1, table_frames), GNTST_general_error, "and no further");
    grant_v1(MAX_FRAMES * 512 - 1, GTF_permit_access, 9, 99);
    answers(swap(8, MAX_FRAMES * 512 - 1), GNTST_okay, "the last entry is one");
    ok(v1[8].frame == 99, "as it shows");
    answers(swap(8, MAX_FRAMES * 512), GNTST_bad_gntref, "the next is none");
}

int main(void)
{
    test_arguments();
    test_size();
    test_frames();
    test_version();
    test_swap();
    test_cache_flush();
    test_growth();
    return tap_done();
}
