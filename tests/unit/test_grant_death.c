/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains that end with grants in use: a frame that goes while it is mapped, or never; a pin that
 * stays; a number that is given to a new domain while the old one's frames are there.
 */
#include "grant.h"

#include <stdio.h>
#include <stdlib.h>

#define HOST   GNTMAP_host_map
#define DEVICE GNTMAP_device_map
#define RO     GNTMAP_readonly

static uint64_t frames[8];

/* Domain 1 grants its pages 0 to 7 to domain 2 as 8 to 15. */
static void granter(void *arg)
{
    (void)arg;
    show_table(1);
    for (unsigned int i = 0; i < 8; i++) {
        frames[i] = guest_mfn(guest_page(i));
        snprintf(guest_page(i), 20, "page %u", i);
        grant_v1_to(8 + i, GTF_permit_access, 2, frames[i]);
    }
}

static void two(void (*first)(void *), void (*second)(void *), bool hardware)
{
    machine_start(40);
    guest_create(16, false, first, NULL);
    guest_create(16, hardware, second, NULL);
    ck_assert(guest_run());
    machine_stop();
}

/* ---- the granter dies ---- */

/* How many domains are dead but for frames that others have mapped. */
static unsigned int dying(void)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < MAX_DOMAINS; i++)
        count += hv->domains[i] && hv->domains[i]->is_dying;
    return count;
}

static void survivor(void *arg)
{
    char *at = guest_page(MAP_PAGE), *ro = guest_page(MAP_PAGE + 1);
    char *more = guest_page(MAP_PAGE + 2);
    uint64_t mine = guest_mfn(guest_page(0));
    grant_handle_t h, h_ro, h_device, h_more;
    struct gnttab_cache_flush flush = {
        .a.dev_bus_addr = frames[0] << PAGE_SHIFT, .length = 64, .op = GNTTAB_CACHE_CLEAN};

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 9, HOST | RO, ro, &h_ro), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 10, DEVICE, NULL, &h_device), GNTST_okay);
    domain_destroy(hv->domains[1]);
    check_model();
    ck_assert(hv->domains[1]->is_dying);
    ck_assert_uint_eq(hv->domains[1]->left_frames, 3);
    ck_assert_str_eq(at, "page 0");
    ck_assert_str_eq(ro, "page 1");
    strcpy(at, "still");
    ck_assert(!can(ro, true));
    ck_assert(page_is_of(hv, 1, frames[0]));
    ck_assert(!page_is_of(hv, 1, frames[3]));
    ck_assert_uint_eq(page_info(hv, frames[3])->owner, OWNER_FREE);

    /* What is mapped can be mapped once more, as from Xen's dying domains; the rest has gone. */
    ck_assert_int_eq(map_grant(1, 8, HOST, more, &h_more), GNTST_okay);
    ck_assert_str_eq(more, "still");
    ck_assert_int_eq(unmap_grant(more, 0, h_more), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 11, HOST, more, &h_more), GNTST_bad_page);
    ck_assert_int_eq(copy_from_grant(1, 11, mine, 5), GNTST_bad_page);
    ck_assert_int_eq(copy_from_grant(1, 8, mine, 5), GNTST_bad_domain);
    ck_assert_int_eq(transfer(current->domain->first_mfn + current->domain->extent_pages - 1, 1, 8),
                     GNTST_general_error);
    ck_assert_int_eq(gnttab(GNTTABOP_cache_flush, &flush, 1), 0);
    flush.a.dev_bus_addr = frames[3] << PAGE_SHIFT;
    ck_assert_int_eq(gnttab(GNTTABOP_cache_flush, &flush, 1), -EPERM);
    check_model();

    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_okay);
    ck_assert_uint_eq(page_info(hv, frames[0])->owner, OWNER_FREE);
    ck_assert_int_eq(unmap_grant(ro, 0, h_ro), GNTST_okay);
    ck_assert_uint_eq(hv->domains[1]->left_frames, 1);
    ck_assert_int_eq(unmap_grant(NULL, frames[2] << PAGE_SHIFT, h_device), GNTST_okay);
    ck_assert_ptr_null(hv->domains[1]);
    ck_assert_int_eq(map_grant(1, 8, HOST, more, &h_more), GNTST_bad_domain);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_bad_handle);
}

/* Nobody has unmapped anything when both are gone. */
static void careless(void *arg)
{
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, guest_page(MAP_PAGE), &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 9, HOST | DEVICE | RO, guest_page(MAP_PAGE + 1), &h), GNTST_okay);
    domain_destroy(hv->domains[1]);
    check_model();
}

START_TEST(granter_dies)
{
    two(granter, survivor, false);
    two(granter, careless, false);
}
END_TEST

/* A frame of the domain's, given back before, and one that came to it later. */
static void odd_frames(void *arg)
{
    xen_pfn_t mfn;

    granter(arg);
    mfn = page_allocate(current->domain);
    ck_assert_uint_ne(mfn, 0);
    current->domain->pages++;
    frames[1] = mfn;
    grant_v1_to(9, GTF_permit_access, 2, mfn);
    /* Frame 2 is in no page table any more. */
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(2), 0, 0), 0);
}

static void odd_survivor(void *arg)
{
    grant_handle_t h[3];

    (void)arg;
    for (unsigned int i = 0; i < 3; i++)
        ck_assert_int_eq(map_grant(1, 8 + i, HOST, guest_page(MAP_PAGE + i), &h[i]), GNTST_okay);
    ck_assert(page_release(hv->domains[1], frames[2]));
    ck_assert_str_eq(guest_page(MAP_PAGE + 2), "page 2");
    domain_destroy(hv->domains[1]);
    ck_assert_str_eq(guest_page(MAP_PAGE + 2), "page 2");
    check_model();
    for (unsigned int i = 0; i < 3; i++) {
        ck_assert_int_eq(unmap_grant(guest_page(MAP_PAGE + i), 0, h[i]), GNTST_okay);
        ck_assert_uint_eq(page_info(hv, frames[i])->owner, OWNER_FREE);
    }
    ck_assert_uint_eq(dying(), 0);
}

START_TEST(odd) { two(odd_frames, odd_survivor, false); }
END_TEST

/* Two at a time, in either order. */
static void granter_3(void *arg)
{
    (void)arg;
    show_table(1);
    grant_v1_to(8, GTF_permit_access, 2, guest_mfn(guest_page(0)));
    strcpy(guest_page(0), "from 3");
}

static void mapper_of_two(void *arg)
{
    char *first = guest_page(MAP_PAGE), *third = guest_page(MAP_PAGE + 1);
    grant_handle_t h[2];

    (void)arg;
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    for (unsigned int round = 0; round < 2; round++) {
        ck_assert_int_eq(map_grant(1, 8, HOST, first, &h[0]), GNTST_okay);
        ck_assert_int_eq(map_grant(3, 8, HOST, third, &h[1]), GNTST_okay);
        if (round == 0) {
            ck_assert_int_eq(unmap_grant(first, 0, h[0]), GNTST_okay);
            ck_assert_int_eq(unmap_grant(third, 0, h[1]), GNTST_okay);
        }
    }
    domain_destroy(hv->domains[1]);
    domain_destroy(hv->domains[3]);
    check_model();
    ck_assert_int_eq(unmap_grant(first, 0, h[0]), GNTST_okay);
    ck_assert_ptr_null(hv->domains[1]);
    ck_assert_str_eq(third, "from 3");
    ck_assert_int_eq(unmap_grant(third, 0, h[1]), GNTST_okay);
}

START_TEST(two_die)
{
    machine_start(60);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, mapper_of_two, NULL);
    guest_create(16, false, granter_3, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- the mapper dies ---- */

static void witness(void *arg)
{
    struct grant_table *t = hv->domains[1]->grant_table;
    struct domain *mapper = hv->domains[2];

    (void)arg;
    ck_assert_uint_eq(grant_v1(t, 8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
    domain_destroy(mapper);
    check_model();
    for (unsigned int i = 0; i < 8; i++) {
        ck_assert_uint_eq(grant_v1(t, 8 + i)->flags, GTF_permit_access);
        ck_assert_uint_eq(t->active[8 + i].pinned, 0);
        ck_assert_ptr_eq(page_owner(hv, frames[i]), hv->domains[1]);
    }
    ck_assert_uint_eq(dying(), 0);
}

static void mapper_of_all(void *arg)
{
    grant_handle_t h;

    (void)arg;
    for (unsigned int i = 0; i < 8; i++) {
        unsigned int flags = i % 4 == 0   ? HOST
                             : i % 4 == 1 ? HOST | RO
                             : i % 4 == 2 ? HOST | DEVICE
                                          : DEVICE | RO;

        ck_assert_int_eq(map_grant(1, 8 + i, flags, guest_page(MAP_PAGE + i), &h), GNTST_okay);
    }
}

START_TEST(mapper_dies)
{
    machine_start(60);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, mapper_of_all, NULL);
    guest_create(16, false, witness, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- entries that the guest overwrites without unmapping ---- */

static grant_handle_t stale;

static void overwriter(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(at);

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &stale), GNTST_okay);
    restore(at, mfn);
    ck_assert_uint_eq(hv->domains[1]->grant_table->active[8].pinned, 1);
    ck_assert_uint_eq(page_info(hv, frames[0])->refs, 1); /* the granter's own mapping */
    ck_assert_int_eq(unmap_grant(at, 0, stale), GNTST_general_error);
    check_model();
    /* Without a frame that is referred to, the other goes altogether. */
    domain_destroy(hv->domains[1]);
    ck_assert_uint_eq(dying(), 0);
    unmap_grant(at, 0, stale);
    ck_abort_msg("Xen crashes it for that");
}

START_TEST(overwritten)
{
    two(granter, overwriter, false);
    machine_start(40);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, overwriter, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.ended, 2);
    ck_assert_uint_eq(host.reason, SHUTDOWN_crash);
    machine_stop();
}
END_TEST

/* The frame changes hands under a pin. */
static void pin_of_another(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(at);
    struct domain *other = hv->domains[1];
    grant_handle_t h, h2;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 10, HOST | RO, at, &h), GNTST_okay);
    restore(at, mfn);
    ck_assert(page_release(other, frames[2])); /* nothing refers to it: free */
    ck_assert_uint_eq(page_info(hv, frames[2])->owner, OWNER_FREE);
    ck_assert_int_eq(map_grant(1, 10, HOST | RO, at, &h2), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(1, 10, mfn, 4), GNTST_bad_domain);
    ck_assert_uint_eq(grant_pins(&other->grant_table->active[10], PIN_HOST_READ), 1);
    ck_assert_uint_eq(grant_v1(other->grant_table, 10)->flags, GTF_permit_access | GTF_reading);
}

START_TEST(frame_gone) { two(odd_frames, pin_of_another, false); }
END_TEST

/* ---- numbers ---- */

static struct domain *create(void)
{
    struct domain *d;
    const struct domain_config config = {
        .name = "new", .memory = 4 << 20, .command_line = "", .entry = abort};

    ck_assert_int_eq(domain_create(hv, &config, &d), 0);
    domain_shutdown(d, SHUTDOWN_poweroff);
    return d;
}

static void number_keeper(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(at);
    grant_handle_t h, kept;
    struct domain *d;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 9, HOST, guest_page(MAP_PAGE + 1), &kept), GNTST_okay);
    domain_destroy(hv->domains[1]);
    hv->next_domid = 1;
    d = create();
    ck_assert_uint_ne(d->id, 1);
    domain_destroy(d);
    restore(at, mfn);
    ck_assert_int_eq(unmap_grant(guest_page(MAP_PAGE + 1), 0, kept), GNTST_okay);
    ck_assert_uint_eq(dying(), 0);
    /* The number is free, but a handle of the old domain's is left. */
    hv->next_domid = 1;
    d = create();
    ck_assert_uint_eq(d->id, 1);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_bad_handle);
    model_watches = false; /* the new domain knows nothing of it */
    grant_table_get(d)->active[8] = (struct active_grant){.domid = 2};
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_bad_handle);
    ck_assert_int_eq(map_grant(1, 8, HOST | RO, at, &h), GNTST_general_error);
}

START_TEST(numbers)
{
    machine_start(60);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, number_keeper, NULL);
    ck_assert(hypervisor_run(hv));
    domain_destroy(hv->domains[2]); /* before the one whose number its handle names */
    machine_stop();
}
END_TEST

/* ---- the privileged domain maps without a grant ---- */

static void table_only(void *arg)
{
    (void)arg;
    frames[0] = guest_mfn(guest_page(0));
    strcpy(guest_page(0), "page 0");
    show_table(2);
    frames[1] = guest_mfn(guest_page(TABLE_PAGE + 1));
    strcpy(guest_page(TABLE_PAGE + 1), "table");
}

static void no_table(void *arg)
{
    (void)arg;
    frames[0] = guest_mfn(guest_page(0));
    frames[1] = current->domain->shared_info_mfn;
    strcpy(guest_page(0), "page 0");
}

static void foreign(void *arg)
{
    char *at = guest_page(MAP_PAGE), *at1 = guest_page(MAP_PAGE + 1);
    uint64_t mfn = guest_mfn(at), mfn1 = guest_mfn(at1);
    bool table = hv->domains[1]->grant_table;
    struct gnttab_query_size size = {.dom = 1};

    (void)arg;
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)at,
                               PTE_MAKE(frames[0], PTE_PRESENT | PTE_RW | PTE_USER), 0, 1, 0),
                     0);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)at1,
                               PTE_MAKE(frames[1], PTE_PRESENT | PTE_RW | PTE_USER), 0, 1, 0),
                     0);
    domain_destroy(hv->domains[1]);
    check_model();
    ck_assert_uint_eq(hv->domains[1]->left_frames, 2);
    ck_assert_str_eq(at, "page 0");
    if (table)
        ck_assert_str_eq(at1, "table");
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_int_eq(size.status, GNTST_okay);
    ck_assert_uint_eq(size.nr_frames, table ? 2 : 1);
    ck_assert_int_eq(setup(1, 3), GNTST_okay);
    restore(at1, mfn1);
    check_model();
    ck_assert_uint_eq(hv->domains[1]->left_frames, 1);
    restore(at, mfn);
    ck_assert_uint_eq(dying(), 0);
    ck_assert_uint_eq(page_info(hv, frames[1])->owner, OWNER_FREE);
}

/* Domain 0 itself comes back only after all of it has gone. */
static void mapper_of_0(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    const struct domain_config config = {.name = "again",
                                         .memory = 4 << 20,
                                         .command_line = "",
                                         .hardware_domain = true,
                                         .entry = abort};
    struct domain *d;
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(map_grant(0, 8, HOST, at, &h), GNTST_okay);
    domain_destroy(hv->domains[0]);
    ck_assert_int_eq(domain_create(hv, &config, &d), -EEXIST);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_okay);
    ck_assert_int_eq(domain_create(hv, &config, &d), 0);
    domain_shutdown(d, SHUTDOWN_poweroff);
}

static void granter_to_1(void *arg)
{
    (void)arg;
    show_table(1);
    grant_v1_to(8, GTF_permit_access, 1, guest_mfn(guest_page(0)));
}

START_TEST(hardware_domain)
{
    two(table_only, foreign, true);
    two(no_table, foreign, true);
    machine_start(60);
    guest_create(16, true, granter_to_1, NULL);
    guest_create(16, false, mapper_of_0, NULL);
    ck_assert(hypervisor_run(hv));
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grant_death");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(c, granter_dies);
    tcase_add_test(c, odd);
    tcase_add_test(c, two_die);
    tcase_add_test(c, mapper_dies);
    tcase_add_test(c, overwritten);
    tcase_add_test(c, frame_gone);
    tcase_add_test(c, numbers);
    tcase_add_test(c, hardware_domain);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
