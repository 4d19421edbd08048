/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Rules of grant tables that were broken in Xen once: what happens when an operation fails half
 * way, when a number is one too large, when a mapping is not any more what it was. The model (see
 * guest.c) sees what leaks; tests/mutants shows that.
 */
#include "grant.h"

#define HOST   GNTMAP_host_map
#define DEVICE GNTMAP_device_map
#define RO     GNTMAP_readonly
#define ENTRY  GNTMAP_contains_pte

#define RW_ENTRY (PTE_PRESENT | PTE_USER | PTE_RW)
#define TABLE    4U /* the granter's page that is a page table */

static uint64_t frames[8];

static void yield(void) { call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0); }

static void run(unsigned int count, void (*const functions[])(void *))
{
    machine_start(80);
    for (unsigned int i = 0; i < count; i++)
        guest_create(16, false, functions[i], NULL);
    ck_assert(guest_run());
    machine_stop();
}

static long set_leaf(void *va, uint64_t entry)
{
    return call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, entry, 0);
}

static int swap(grant_ref_t a, grant_ref_t b)
{
    struct gnttab_swap_grant_ref op = {.ref_a = a, .ref_b = b};

    ck_assert_int_eq(gnttab(GNTTABOP_swap_grant_ref, &op, 1), 0);
    return op.status;
}

/* Domain 1 grants its page I to domain 2 by entry 8 + I; page TABLE is a page table. */
static void granter(void *arg)
{
    (void)arg;
    show_table(1);
    for (unsigned int i = 0; i < 8; i++) {
        frames[i] = guest_mfn(guest_page(i));
        grant_v1_to(8 + i, GTF_permit_access, 2, frames[i]);
    }
    ck_assert_int_eq(set_leaf(guest_page(TABLE), 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, frames[TABLE], 0), 0);
}

static grant_entry_v1_t *entry(grant_ref_t ref)
{
    return grant_v1(hv->domains[1]->grant_table, ref);
}

/* ---- mapping ---- */

static void failing(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    uint64_t table, mine = guest_mfn(guest_page(0));
    unsigned int slot;
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 512, HOST, at, &h), GNTST_bad_gntref);
    /* Pinned, then refused: a page table is not mapped writable. */
    ck_assert_int_eq(map_grant(1, 8 + TABLE, HOST, at, &h), GNTST_general_error);
    ck_assert_int_eq(copy_to_grant(mine, 1, 8 + TABLE, 8), GNTST_general_error);
    ck_assert_uint_eq(entry(8 + TABLE)->flags, GTF_permit_access);
    /* Pinned and referred to, then refused: no place to map it at. */
    ck_assert_int_eq(map_grant(1, 8, HOST, WILD, &h), GNTST_general_error);
    ck_assert(page_table_find_leaf(hv, current->cr3, (uintptr_t)at, &table, &slot));
    ck_assert_int_eq(
        map_grant(1, 8, HOST | ENTRY, (void *)(table << PAGE_SHIFT | (slot * 8 + 4)), &h),
        GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 8, HOST | ENTRY, (void *)(mine << PAGE_SHIFT), &h),
                     GNTST_general_error);
    ck_assert_uint_eq(*(uint64_t *)guest_page(0), 0);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access);
    ck_assert_int_eq(map_grant(1, 8, HOST | ENTRY, (void *)(table << PAGE_SHIFT | slot * 8), &h),
                     GNTST_okay);
    ck_assert_uint_eq(guest_mfn(at), frames[0]);
}

static void limits(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    grant_handle_t h;

    (void)arg;
    for (unsigned int i = 0; i < MAX_PINS; i++)
        ck_assert_int_eq(map_grant(1, 8, HOST | RO, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 8, HOST | RO, at, &h), GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay); /* counted for itself */
}

START_TEST(mapping)
{
    run(2, (void (*const[])(void *)){granter, failing});
    run(2, (void (*const[])(void *)){granter, limits});
}
END_TEST

/* ---- unmapping ---- */

static void changed(void *arg)
{
    char *at = guest_page(MAP_PAGE), *at2 = guest_page(MAP_PAGE + 1);
    grant_handle_t h, h2;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 9, HOST, at2, &h2), GNTST_okay);
    ck_assert_int_eq(unmap_grant(at2, 0, h), GNTST_general_error); /* another frame is there */
    /* The frame's number is still there, but nothing is mapped: XSA-234. */
    ck_assert_int_eq(set_leaf(at, PTE_MAKE(frames[0], 0)), 0);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_general_error);
    ck_assert_int_eq(unmap_grant(at2, 0, h2), GNTST_okay);
}

static void by_halves(void *arg)
{
    char *at = guest_page(MAP_PAGE), *at2 = guest_page(MAP_PAGE + 1);
    uint64_t address = frames[0] << PAGE_SHIFT;
    grant_handle_t h, h2;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST | DEVICE, at, &h), GNTST_okay);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_okay);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
    ck_assert_int_eq(unmap_grant(NULL, address, h), GNTST_okay);
    ck_assert_int_eq(unmap_grant(NULL, address, h), GNTST_bad_handle);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access);
    /* One of two writers goes: the other still writes. */
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 8, HOST, at2, &h2), GNTST_okay);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_okay);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
    ck_assert_int_eq(unmap_grant(at2, 0, h2), GNTST_okay);
}

START_TEST(unmapping)
{
    run(2, (void (*const[])(void *)){granter, changed});
    run(2, (void (*const[])(void *)){granter, by_halves});
}
END_TEST

/* ---- changes of what is in use ---- */

static void restless(void *arg)
{
    granter(arg);
    yield(); /* domain 2 maps */
    ck_assert_int_eq(set_version(2), -EBUSY);
    ck_assert_int_eq(swap(20, 8), GNTST_eagain);
    ck_assert_int_eq(swap(8, 20), GNTST_eagain);
    ck_assert_int_eq(swap(8, 512), GNTST_bad_gntref);
    ck_assert_int_eq(swap(512, 8), GNTST_bad_gntref);
}

static void mapper(void *arg)
{
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, guest_page(MAP_PAGE), &h), GNTST_okay);
    yield();
}

static int status_frames(unsigned int count)
{
    uint64_t list[4];
    struct gnttab_get_status_frames op = {.dom = DOMID_SELF, .nr_frames = count};

    set_xen_guest_handle(op.frame_list, list);
    ck_assert_int_eq(gnttab(GNTTABOP_get_status_frames, &op, 1), 0);
    return op.status;
}

/* A status frame that is mapped stays: XSA-379. */
static void two_versions(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(at);

    (void)arg;
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    ck_assert_int_eq(status_frames(1), GNTST_okay);
    ck_assert_int_eq(status_frames(2), GNTST_general_error);
    show_status(at);
    ck_assert_int_eq(set_version(1), -EBUSY);
    restore(at, mfn);
    ck_assert_int_eq(set_version(1), 0);
}

START_TEST(changes)
{
    run(2, (void (*const[])(void *)){restless, mapper});
    run(1, (void (*const[])(void *)){two_versions});
}
END_TEST

/* ---- copies ---- */

/* Domains 1 to 3: what the one before grants is granted to the one after, by entry 8. */
static void link_of_chain(void *arg)
{
    domid_t me = current->domain->id;

    (void)arg;
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    frames[me] = guest_mfn(guest_page(0));
    entry_v2(8)->hdr.domid = (domid_t)(me + 1);
    if (me == 1) {
        entry_v2(8)->full_page.frame = frames[me];
        entry_v2(8)->hdr.flags = GTF_permit_access;
        entry_v2(9)->sub_page.frame = frames[me];
        entry_v2(9)->sub_page.page_off = 100;
        entry_v2(9)->sub_page.length = 50;
        entry_v2(9)->hdr.domid = 4;
        entry_v2(9)->hdr.flags = GTF_permit_access | GTF_sub_page;
    } else {
        entry_v2(8)->transitive.trans_domid = (domid_t)(me - 1);
        entry_v2(8)->transitive.gref = 8;
        entry_v2(8)->hdr.flags = GTF_transitive;
    }
}

static int copy_part(grant_ref_t ref, unsigned int from, unsigned int to, unsigned int len)
{
    struct gnttab_copy op = {
        .source = {.u.ref = ref, .domid = 1, .offset = (uint16_t)from},
        .dest = {.u.gmfn = guest_mfn(guest_page(0)), .domid = DOMID_SELF, .offset = (uint16_t)to},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref,
    };

    ck_assert_int_eq(gnttab(GNTTABOP_copy, &op, 1), 0);
    return op.status;
}

static void end_of_chain(void *arg)
{
    uint64_t mine = guest_mfn(guest_page(0));
    struct gnttab_cache_flush flush = {.a.dev_bus_addr = mine << PAGE_SHIFT,
                                       .offset = 4090,
                                       .length = 100,
                                       .op = GNTTAB_CACHE_CLEAN};

    (void)arg;
    ck_assert_int_eq(copy_from_grant(3, 8, mine, 8), GNTST_general_error); /* two steps */
    ck_assert_int_eq(copy_part(9, 100, 0, 50), GNTST_okay);
    ck_assert_int_eq(copy_part(9, 99, 0, 20), GNTST_general_error);
    ck_assert_int_eq(copy_part(9, 140, 0, 20), GNTST_general_error);
    ck_assert_int_eq(copy_part(9, 100, 4090, 10), GNTST_bad_copy_arg);
    ck_assert_int_eq(gnttab(GNTTABOP_cache_flush, &flush, 1), -EINVAL);
    flush.length = 6;
    ck_assert_int_eq(gnttab(GNTTABOP_cache_flush, &flush, 1), 0);
}

START_TEST(copies)
{
    run(4, (void (*const[])(void *)){link_of_chain, link_of_chain, link_of_chain, end_of_chain});
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grant_rules");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(c, mapping);
    tcase_add_test(c, unmapping);
    tcase_add_test(c, changes);
    tcase_add_test(c, copies);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
