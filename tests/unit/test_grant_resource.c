/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What one domain bounds of another, and sees of its grant table, where the other one must run for
 * it: tables of version 2, and limits that only their owner meets.
 */
#include "grant.h"

#include <xen/event_channel.h>
#include <xen/memory.h>

#define SHARED XENMEM_resource_grant_table_id_shared
#define STATUS XENMEM_resource_grant_table_id_status
#define HOST   GNTMAP_host_map
#define RW     (PTE_PRESENT | PTE_RW | PTE_USER)

static struct xen_mem_acquire_resource *request(void) { return guest_page(0); }

static xen_pfn_t *list(void) { return guest_page(1); }

static long acquire(domid_t domid, unsigned int id, unsigned int first, unsigned int count)
{
    *request() = (struct xen_mem_acquire_resource){.domid = domid,
                                                   .type = XENMEM_resource_grant_table,
                                                   .id = id,
                                                   .nr_frames = count,
                                                   .frame = first};
    if (count)
        set_xen_guest_handle(request()->frame_list, list());
    return call(__HYPERVISOR_memory_op, XENMEM_acquire_resource, (uintptr_t)request());
}

static long map_foreign(void *at, uint64_t mfn, domid_t domid)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)at, PTE_MAKE(mfn, RW),
                     0, domid, 0);
}

static void two(void (*first)(void *), void (*second)(void *), const struct domain_limits *limits)
{
    struct domain *d;

    machine_start(40);
    d = guest_create(16, false, first, NULL);
    if (limits)
        d->limits = *limits;
    guest_create(16, true, second, NULL);
    ck_assert(guest_run());
    machine_stop();
}

/* ---- version 2 ---- */

static uint64_t granted;

static void version_2(void *arg)
{
    (void)arg;
    granted = guest_mfn(guest_page(0));
    strcpy(guest_page(0), "granted");
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    entry_v2(8)->hdr.domid = 0;
    entry_v2(8)->full_page.frame = granted;
    entry_v2(8)->hdr.flags = GTF_permit_access;
}

static void sees_status(void *arg)
{
    char *at = guest_page(MAP_PAGE);
    grant_status_t *status = guest_page(MAP_PAGE + 1);
    uint64_t mfn = guest_mfn(status), first;
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(acquire(1, STATUS, 0, 0), 0);
    ck_assert_uint_eq(request()->nr_frames, 2); /* for 12 frames */
    ck_assert_int_eq(acquire(1, STATUS, 0, 1), 0);
    first = list()[0];
    ck_assert_int_eq(map_foreign(status, first, 1), 0);
    ck_assert_uint_eq(status[8], 0);
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &h), GNTST_okay);
    ck_assert_str_eq(at, "granted");
    ck_assert_uint_eq(status[8], GTF_reading | GTF_writing);
    ck_assert_int_eq(unmap_grant(at, 0, h), GNTST_okay);
    ck_assert_uint_eq(status[8], 0);
    /* For the second the table would have 16 frames. With all of its 12 there are two. */
    ck_assert_int_eq(acquire(1, STATUS, 1, 1), -EINVAL);
    ck_assert_uint_eq(hv->domains[1]->grant_table->frames, 1);
    ck_assert_int_eq(acquire(1, SHARED, 11, 1), 0);
    ck_assert_int_eq(acquire(1, STATUS, 1, 1), 0);
    ck_assert_int_eq(acquire(1, STATUS, 0, 3), -EINVAL);
    ck_assert_int_eq(acquire(1, STATUS, 0, 2), 0);
    ck_assert_uint_eq(list()[0], first);
    restore(status, mfn);
}

START_TEST(status_frames)
{
    two(version_2, sees_status,
        &(struct domain_limits){.last_port = 63, .grant_frames = 12, .grant_version = 2});
}
END_TEST

static void sees_growth(void *arg)
{
    (void)arg;
    /* A status frame is for eight of the table, which grows for it. */
    ck_assert_int_eq(acquire(1, STATUS, 2, 1), 0);
    ck_assert_uint_eq(hv->domains[1]->grant_table->frames, 24);
    ck_assert_int_eq(acquire(1, STATUS, 0, 8), 0);
    ck_assert_uint_eq(hv->domains[1]->grant_table->frames, 64);
    ck_assert_int_eq(acquire(1, STATUS, 8, 1), -EINVAL);
    ck_assert_int_eq(acquire(1, STATUS, UINT32_MAX - 1, 1), -EINVAL);
}

START_TEST(status_growth) { two(version_2, sees_growth, NULL); }
END_TEST

/* ---- what the owner meets ---- */

static void meets_limits(void *arg)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    evtchn_alloc_unbound_t unbound = {.dom = DOMID_SELF, .remote_dom = 0};
    grant_handle_t h;

    (void)arg;
    show_table(2);
    ck_assert_int_eq(set_version(2), -ENOSYS);
    ck_assert_int_eq(set_version(3), -EINVAL);
    ck_assert_int_eq(set_version(1), 0);
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_uint_eq(size.max_nr_frames, 2);
    ck_assert_int_eq(setup(DOMID_SELF, 3), GNTST_general_error);
    for (int i = 0; i < 5; i++) /* after those of its two rings */
        ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &unbound), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &unbound), -ENOSPC);
    grant_v1_to(8, GTF_permit_access, 1, guest_mfn(guest_page(0)));
    /* A frame of handles, of which the last one is never given out. */
    for (unsigned int i = 0; i < MAPTRACK_A_FRAME - 1; i++)
        ck_assert_int_eq(
            map_grant(1, 8, i < 120 ? HOST : GNTMAP_device_map | (i < 240 ? GNTMAP_readonly : 0),
                      guest_page(MAP_PAGE), &h),
            GNTST_okay);
    ck_assert_int_eq(map_grant(1, 8, GNTMAP_device_map, NULL, &h), GNTST_no_space);
}

static void meets_none(void *arg)
{
    grant_handle_t h;

    (void)arg;
    show_table(1);
    grant_v1_to(8, GTF_permit_access, 1, guest_mfn(guest_page(0)));
    ck_assert_int_eq(map_grant(1, 8, HOST, guest_page(MAP_PAGE), &h), GNTST_no_space);
}

static void does_nothing(void *arg) { (void)arg; }

START_TEST(limits)
{
    two(meets_limits, does_nothing,
        &(struct domain_limits){
            .last_port = 7, .grant_frames = 2, .maptrack_frames = 1, .grant_version = 1});
    two(meets_none, does_nothing,
        &(struct domain_limits){.last_port = 7, .grant_frames = 1, .grant_version = 1});
}
END_TEST

/* The initial domain is bounded by the ABI only. */
static void initial(void *arg)
{
    evtchn_alloc_unbound_t unbound = {.dom = DOMID_SELF, .remote_dom = 0};

    (void)arg;
    while (evtchn(EVTCHNOP_alloc_unbound, &unbound) == 0)
        ;
    ck_assert_uint_eq(unbound.port, EVTCHN_2L_NR_CHANNELS - 1);
    ck_assert_int_eq(acquire(0, SHARED, 0, 0), -EPERM);
}

START_TEST(initial_domain) { guest_test_hardware(initial); }
END_TEST

/* ---- who may, and when ---- */

static void asks(void *arg)
{
    (void)arg;
    ck_assert_int_eq(acquire(1, SHARED, 0, 0), -EPERM); /* oneself */
    ck_assert_int_eq(acquire(0, SHARED, 0, 0), -EPERM); /* whom one does not manage */
    ck_assert_int_eq(acquire(DOMID_SELF, SHARED, 0, 0), -ESRCH);
    ck_assert_int_eq(acquire(7, SHARED, 0, 0), -ESRCH);
}

START_TEST(rights) { two(asks, does_nothing, NULL); }
END_TEST

int main(void)
{
    Suite *s = suite_create("grant_resource");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(c, status_frames);
    tcase_add_test(c, status_growth);
    tcase_add_test(c, limits);
    tcase_add_test(c, initial_domain);
    tcase_add_test(c, rights);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
