/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames: memory that is lost or made, a domain that gets another's, a table that disagrees.
 */
#include "guest.h"

#include <xen/memory.h>

static long memory(unsigned int op, void *arg)
{
    return call(__HYPERVISOR_memory_op, op, (uintptr_t)arg);
}

static struct xen_memory_reservation reservation(xen_pfn_t *list, unsigned long count)
{
    struct xen_memory_reservation r = {.nr_extents = count, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return r;
}

static void tables(void *arg)
{
    struct domain *d = current->domain;
    const start_info_t *si = domain_start_info(d);
    const xen_pfn_t *p2m = (const xen_pfn_t *)si->mfn_list;
    struct xen_machphys_mapping where;
    const uint64_t *m2p;
    /* In a small domain all are made at the start. */
    bool made = !(page_info(hv, d->p2m_lazy.start + d->p2m_lazy.count - 1)->flags & PAGE_LAZY);

    (void)arg;
    ck_assert_int_eq(memory(XENMEM_machphys_mapping, WILD), -EFAULT);
    ck_assert_int_eq(memory(XENMEM_machphys_mapping, &where), 0);
    m2p = (const uint64_t *)where.v_start;
    ck_assert_uint_eq(where.max_mfn, (where.v_end - where.v_start) / 8 - 1);
    /* Nobody has looked at these pages yet; the sim would do this in its signal handler. */
    ck_assert_int_ne(hypervisor_populate_on_fault(hv, &p2m[si->nr_pages - 1]), made);
    ck_assert(!hypervisor_populate_on_fault(hv, &p2m[si->nr_pages - 1]));
    ck_assert(!hypervisor_populate_on_fault(hv, WILD));
    hypervisor_populate_all(hv);
    for (uint64_t pfn = 0; pfn < si->nr_pages; pfn++) {
        ck_assert_uint_ne(p2m[pfn], pfn); /* a guest that mixes them up fails here */
        ck_assert_ptr_eq(page_owner(hv, p2m[pfn]), d);
        ck_assert_uint_eq(m2p[p2m[pfn]], pfn);
    }
    ck_assert_uint_eq(m2p[0], INVALID_P2M_ENTRY);
    ck_assert_uint_eq(guest_mfn(guest_page(3)), p2m[3]);
    ck_assert_uint_eq(si->shared_info >> 12, d->shared_info_mfn);
    ck_assert_str_eq(si->magic, "xen-3.0-x86_64");
    ck_assert_str_eq((const char *)si->cmd_line, "a test");
    ck_assert_ptr_null(domain_frame(d, 2));
    ck_assert_ptr_nonnull(domain_frame(d, si->console.domU.mfn));
    ck_assert_ptr_eq(hypervisor_current_domain(), d);
    ck_assert_ptr_eq(domain_hypervisor(d), hv);
    ck_assert_str_eq(domain_name(d), "test");
    ck_assert_uint_eq(domain_id(d), 1);
    ck_assert(!domain_is_hardware(d));
    /* The frame of the 2 MiB of the table. */
    xen_pfn_t frame = 0;
    struct xen_machphys_mfn_list list = {.max_extents = 1};
    set_xen_guest_handle(list.extent_start, &frame);
    ck_assert_int_eq(memory(XENMEM_machphys_mfn_list, &list), 0);
    ck_assert_uint_eq(list.nr_extents, 1);
    ck_assert_uint_eq(((uint64_t *)page_map(hv, frame))[p2m[5]], 5);
    set_xen_guest_handle(list.extent_start, (xen_pfn_t *)WILD);
    ck_assert_int_eq(memory(XENMEM_machphys_mfn_list, &list), -EFAULT);
    ck_assert_int_eq(memory(XENMEM_machphys_mfn_list, WILD), -EFAULT);
}

static void balloon(void *arg)
{
    struct domain *d = current->domain;
    domid_t self = DOMID_SELF, other = 9;
    xen_pfn_t *list = guest_page(0);
    struct xen_memory_reservation r;
    long pages = 16 << 8;

    (void)arg;
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages);
    ck_assert_int_eq(memory(XENMEM_maximum_reservation, &self), pages + 256);
    ck_assert_int_eq(memory(XENMEM_maximum_gpfn, &self), 0);
    d->shared_info->arch.max_pfn = 1000;
    ck_assert_int_eq(memory(XENMEM_maximum_gpfn, &self), 999);
    ck_assert_int_eq(memory(XENMEM_maximum_ram_page, NULL), (long)hv->frames);
    for (int i = 0; i < 3; i++) {
        static const unsigned int queries[] = {XENMEM_current_reservation,
                                               XENMEM_maximum_reservation, XENMEM_maximum_gpfn};

        ck_assert_int_eq(memory(queries[i], &other), -ESRCH);
        ck_assert_int_eq(memory(queries[i], WILD), -EFAULT);
    }
    /* Down: ten free frames, and one that is still mapped, which stays until it is not. */
    for (unsigned int i = 0; i < 10; i++)
        list[i] = d->first_mfn + d->extent_pages - 1 - i;
    list[10] = guest_mfn(guest_page(9));
    strcpy(guest_page(9), "mine");
    r = reservation(list, 11);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 11);
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages - 10);
    ck_assert_str_eq(guest_page(9), "mine");
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(9), 0, 0), 0);
    ck_assert_ptr_null(page_owner(hv, list[10]));
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages - 11);
    ck_assert_uint_eq(m2p_get(hv, list[0]), INVALID_P2M_ENTRY);
    /* Not its own any more; nobody's. */
    r = reservation(list, 1);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0);
    list[0] = 2;
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0);
    /* A special one goes for the domain, but not for the hypervisor. */
    list[0] = d->shared_info_mfn;
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 1);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(9),
                           PTE_MAKE(d->shared_info_mfn, PTE_PRESENT), 0),
                     -EBUSY);
    /* A pin holds a table. */
    uint64_t table = d->first_mfn + d->extent_pages - 20;
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, table, 0), 0);
    list[0] = table;
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 1);
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages - 11);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, table, 0), 0);
    /* Up again, with names. */
    for (unsigned int i = 0; i < 12; i++)
        list[i] = 5000 + i;
    r = reservation(list, 12);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 12);
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages);
    for (unsigned int i = 0; i < 12; i++) {
        ck_assert_ptr_eq(page_owner(hv, list[i]), d);
        ck_assert_uint_eq(m2p_get(hv, list[i]), 5000 + i);
        ck_assert_uint_eq(*(uint64_t *)page_map(hv, list[i]), 0);
    }
    /* Continued at a later extent: the number counts from the start. */
    r = reservation(NULL, 4);
    ck_assert_int_eq(memory(XENMEM_increase_reservation | 2 << 6, &r), 4);
    ck_assert_int_eq(memory(XENMEM_current_reservation, &self), pages + 2);
    ck_assert_int_eq(memory(XENMEM_increase_reservation | 4 << 6, &r), 4);
    /* Larger extents: aligned. */
    r = reservation(list, 1);
    r.extent_order = 4;
    list[0] = 7000;
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 1);
    ck_assert_uint_eq(list[0] % 16, 0);
    ck_assert_uint_eq(m2p_get(hv, list[0] + 15), 7015);
    r.extent_order = 10; /* more than a domU may have */
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    r.extent_order = 9; /* more than its limit */
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    /* Bad requests do nothing. */
    r = reservation(WILD, 1);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, WILD), 0);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, WILD), 0);
    r = reservation(list, 1UL << 40);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    r = reservation(list, 1);
    r.domid = 9;
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    /* Until the limit. */
    r = reservation(NULL, 1000);
    ck_assert_int_eq(memory(XENMEM_increase_reservation, &r), 256 - 18);
}

static void maps(void *arg)
{
    struct xen_memory_map map = {.nr_entries = 3};
    struct xen_foreign_memory_map set = {.domid = DOMID_SELF, .map = {.nr_entries = 1}};
    uint8_t *entry = guest_page(1), *got = guest_page(2);

    (void)arg;
    memset(entry, 7, 20);
    set_xen_guest_handle(map.buffer, (void *)got);
    set_xen_guest_handle(set.map.buffer, (void *)entry);
    ck_assert_int_eq(memory(XENMEM_memory_map, &map), -ENOSYS);
    ck_assert_int_eq(memory(XENMEM_set_memory_map, &set), 0);
    ck_assert_int_eq(memory(XENMEM_memory_map, &map), 0);
    ck_assert_uint_eq(map.nr_entries, 1);
    ck_assert_int_eq(memcmp(entry, got, 20), 0);
    set.domid = 0;
    ck_assert_int_eq(memory(XENMEM_set_memory_map, &set), -ESRCH);
    ck_assert_int_eq(memory(XENMEM_machine_memory_map, &map), -EPERM);
    ck_assert_int_eq(memory(60, NULL), -ENOSYS);
}

START_TEST(test_tables) { guest_test(tables); }
END_TEST
START_TEST(test_balloon) { guest_test(balloon); }
END_TEST
START_TEST(test_maps) { guest_test(maps); }
END_TEST

static void nothing(void *arg) { (void)arg; }

START_TEST(test_again_and_again)
{
    struct domain *d;
    uint32_t first = 0;

    machine_start(40);
    for (int i = 0; i < 12; i++) {
        d = guest_create(16, false, i % 2 ? nothing : maps, NULL);
        ck_assert(guest_run());
        ck_assert(!first || first == d->first_mfn);
        first = d->first_mfn;
        domain_destroy(d);
    }
    machine_stop();
}
END_TEST

START_TEST(test_refused)
{
    struct domain_config c = {.name = "x", .memory = 1 << 20};
    char line[MAX_GUEST_CMDLINE + 1];
    struct domain *d;

    machine_start(24);
    ck_assert_uint_gt(domain_minimum_memory(&c), 1 << 20);
    ck_assert_int_eq(domain_create(hv, &c, &d), -ENOMEM);
    c.memory = 64 << 20; /* more than the machine has */
    ck_assert_int_eq(domain_create(hv, &c, &d), -ENOMEM);
    memset(line, 'a', sizeof(line));
    line[MAX_GUEST_CMDLINE] = '\0';
    c.command_line = line;
    c.memory = 8 << 20;
    ck_assert_int_eq(domain_create(hv, &c, &d), -E2BIG);
    guest_create(8, true, nothing, NULL);
    c.command_line = NULL;
    c.hardware_domain = true;
    ck_assert_int_eq(domain_create(hv, &c, &d), -EEXIST); /* there is one already */
    machine_stop();
}
END_TEST

/* ---- what a domain leaves to the next one ---- */

#define DIRT_FIRST 30U

static unsigned int dirty_pages;

static void leave_dirt(void *arg)
{
    char *page = guest_page(DIRT_FIRST);
    unsigned int dirt = 0;

    (void)arg;
    for (unsigned int i = 0; i < dirty_pages * PAGE_SIZE; i++)
        dirt += page[i] != 0;
    ck_assert_uint_eq(dirt, 0);
    memset(page, 0x5a, dirty_pages * PAGE_SIZE);
}

/* Few pages are zeroed and kept, many are given back to Linux: neither is seen by the next one. */
START_TEST(test_nothing_left)
{
    machine_start(24);
    for (int i = 0; i < 6; i++) {
        struct domain *d = guest_create(8, false, leave_dirt, NULL);

        dirty_pages = i % 2 ? 3 : 120;
        ck_assert(guest_run());
        domain_destroy(d);
    }
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frames");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_tables);
    tcase_add_test(t, test_balloon);
    tcase_add_test(t, test_maps);
    tcase_add_test(t, test_again_and_again);
    tcase_add_test(t, test_refused);
    tcase_add_test(t, test_nothing_left);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
