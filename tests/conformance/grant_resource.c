/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XENMEM_acquire_resource of grant tables, and what createdomain bounds of a domain: its event
 * channels and the size of its table.
 */
#define __XEN_TOOLS__ /* domctl, and some of memory_op */
#include "frames.h"

#include "toolstack.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define SHARED XENMEM_resource_grant_table_id_shared
#define STATUS XENMEM_resource_grant_table_id_status
#define NONE   77UL

static domid_t domid;
static xen_pfn_t list[80];
static struct xen_mem_acquire_resource r;

static long gnttab(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_grant_table_op, cmd, HYPERCALL_ARG(arg), 1, 0, 0);
}

static long ask(unsigned int start)
{
    return hypercall_memory_op(XENMEM_acquire_resource | start << 6, &r);
}

/* COUNT frames from FIRST on, in the list. */
static long acquire(unsigned int id, unsigned int first, unsigned int count)
{
    for (unsigned int i = 0; i < sizeof list / sizeof list[0]; i++)
        list[i] = NONE;
    r = (struct xen_mem_acquire_resource){.domid = domid,
                                          .type = XENMEM_resource_grant_table,
                                          .id = id,
                                          .nr_frames = count,
                                          .frame = first};
    set_xen_guest_handle(r.frame_list, list);
    return ask(0);
}

static long how_many(unsigned int id)
{
    r = (struct xen_mem_acquire_resource){
        .domid = domid, .type = XENMEM_resource_grant_table, .id = id};
    return ask(0) ?: r.nr_frames;
}

static unsigned int got(void)
{
    unsigned int n = 0;

    while (list[n] != NONE)
        n++;
    return n;
}

static unsigned int table_size(unsigned int *max)
{
    gnttab_query_size_t size = {.dom = domid, .status = 77};

    gnttab(GNTTABOP_query_size, &size);
    *max = size.max_nr_frames;
    return size.nr_frames;
}

static int has_frames(unsigned int n, unsigned int of)
{
    unsigned int max;

    return table_size(&max) == n && max == of;
}

static long create(uint32_t ports, int32_t grant_frames, int32_t maptrack_frames)
{
    good_config(1);
    op.u.createdomain.max_evtchn_port = ports;
    op.u.createdomain.max_grant_frames = grant_frames;
    op.u.createdomain.max_maptrack_frames = maptrack_frames;
    op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(2);
    if (domctl(XEN_DOMCTL_createdomain, 0))
        return -1;
    domid = op.domain;
    return 0;
}

static void destroy(void)
{
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy it");
    ok(domctl_zero(XEN_DOMCTL_destroydomain, domid) == -XEN_ESRCH, "it has gone");
}

/* ---- the resource ---- */

static void test_size(void)
{
    answers(how_many(SHARED), 4, "how many frames a table can have");
    answers(how_many(STATUS), 1, "how many status frames, in version 1 too");
    answers(how_many(2), -XEN_EINVAL, "of something else");
    r.id = SHARED;
    r.nr_frames = 1;
    answers(ask(0), -XEN_EINVAL, "a frame, but no list");
    r.nr_frames = 0;
    answers(ask(1), -XEN_EINVAL, "continued");
    r.type = XENMEM_resource_ioreq_server;
    answers(ask(0), -XEN_EINVAL, "an ioreq server's");
    r.type = XENMEM_resource_vmtrace_buf;
    answers(ask(0), -XEN_EINVAL, "a trace buffer's");
    r.type = 3;
    answers(ask(0), 0, "of an unknown type");
    ok(r.nr_frames == (uint32_t)-XEN_EOPNOTSUPP, "is an error as a number");
    ok(has_frames(1, 4), "the table has not grown");
}

static void test_frames(void)
{
    xen_pfn_t first[4];

    answers(acquire(SHARED, 0, 0), -XEN_EINVAL, "a list of none");
    answers(acquire(SHARED, 0, 1), 0, "the first frame");
    ok(got() == 1 && list[0] != 0, "it is one");
    ok(has_frames(1, 4), "the table has not grown");
    memcpy(first, list, sizeof first);
    answers(acquire(SHARED, 1, 2), 0, "two more");
    ok(got() == 2 && list[0] != first[0] && list[1] != first[0] && list[1] != list[0],
       "others than the first");
    ok(has_frames(3, 4), "for which it has grown");
    answers(acquire(SHARED, 4, 1), -XEN_EINVAL, "the fifth of four");
    answers(acquire(SHARED, 0, 5), -XEN_EINVAL, "all five");
    answers(acquire(SHARED, UINT32_MAX, 0), -XEN_EINVAL, "none from the last on");
    answers(acquire(SHARED, UINT32_MAX - 1, 1), -XEN_EINVAL, "the last number");
    ok(has_frames(3, 4) && got() == 0, "nothing has changed");
    answers(acquire(SHARED, 0, 4), 0, "all four");
    ok(got() == 4 && list[0] == first[0], "beginning with the first");
    memcpy(first, list, sizeof first);
    acquire(SHARED, 0, 0);
    r.nr_frames = 4;
    answers(ask(2), 0, "all four, continued at the third");
    ok(list[0] == NONE && list[1] == NONE && list[2] == first[2] && list[3] == first[3],
       "two are stored");
    answers(ask(4), -XEN_EINVAL, "continued at the end");
    answers(acquire(STATUS, 0, 1), -XEN_EINVAL, "a status frame in version 1");
    answers(acquire(2, 0, 1), -XEN_EINVAL, "something else");
    r.type = XENMEM_resource_ioreq_server;
    answers(ask(0), -XEN_EINVAL, "an ioreq server's");
    r.type = 3;
    answers(ask(0), -XEN_EOPNOTSUPP, "of an unknown type");
    r.type = XENMEM_resource_grant_table;
    r.id = SHARED;
    r.nr_frames = 1U << 26;
    answers(ask(0), -XEN_EINVAL, "more than can be continued");
}

static void test_growth(void)
{
    ok(create(1023, 64, 0) == 0, "a domain with a larger table");
    answers(how_many(SHARED), 64, "it can have 64 frames");
    answers(how_many(STATUS), 8, "and 8 of status");
    acquire(SHARED, 0, 2);
    set_xen_guest_handle(r.frame_list, WILD_POINTER);
    r.nr_frames = 3;
    answers(ask(0), -XEN_EFAULT, "three, for a wild list");
    ok(has_frames(3, 64), "it has grown all the same");
    answers(acquire(SHARED, 0, 65), -XEN_EINVAL, "65");
    ok(got() == 64 && has_frames(64, 64), "are 64, before the error");
    destroy();
}

static long map_foreign(unsigned int place, xen_pfn_t mfn)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, HYPERCALL_ARG(places[place]),
                     pte(mfn, RW), UVMF_INVLPG, domid, 0);
}

static xen_pfn_t give_page(void)
{
    struct xen_memory_reservation m = {.nr_extents = 1, .domid = domid};
    xen_pfn_t pfn = 0;

    memset(&op, 0, sizeof op);
    op.u.max_mem.max_memkb = 64;
    domctl(XEN_DOMCTL_max_mem, domid);
    set_xen_guest_handle(m.extent_start, &pfn);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &m), 1, "the domain gets a page");
    return pfn;
}

static gnttab_map_grant_ref_t map(unsigned int place, grant_ref_t ref)
{
    gnttab_map_grant_ref_t m = {.host_addr = (uintptr_t)places[place],
                                .flags = GNTMAP_host_map,
                                .ref = ref,
                                .dom = domid,
                                .status = 77};

    gnttab(GNTTABOP_map_grant_ref, &m);
    return m;
}

static int unmap(unsigned int place, grant_handle_t handle)
{
    gnttab_unmap_grant_ref_t u = {.host_addr = (uintptr_t)places[place], .handle = handle};

    return gnttab(GNTTABOP_unmap_grant_ref, &u) ? 1000 : u.status;
}

/*
 * As a toolstack does for a domain that has not begun: grants a page of it, through its table. Then
 * the domain ends, with the page mapped by the grant, and a frame of its table mapped.
 */
static void test_use(void)
{
    volatile grant_entry_v1_t *entry = (volatile grant_entry_v1_t *)places[0];
    xen_pfn_t mfn = give_page(), table;
    gnttab_map_grant_ref_t m;

    acquire(SHARED, 0, 1);
    table = list[0];
    answers(map_foreign(0, table), 0, "show its table");
    entry[8].domid = domain_id();
    entry[8].frame = (uint32_t)mfn;
    entry[8].flags = GTF_permit_access;
    m = map(1, 8);
    ok(m.status == GNTST_okay && m.dev_bus_addr >> 12 == mfn, "the page can be mapped");
    strcpy(places[1], "granted");
    ok(entry[8].flags == (GTF_permit_access | GTF_reading | GTF_writing), "as the entry says");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy the domain");
    ok(domain_info(domid)->tot_pages == 1 && op.u.getdomaininfo.flags & XEN_DOMINF_dying,
       "it is dying");
    ok(entry[8].frame == mfn && strcmp(places[1], "granted") == 0, "both are still mapped");
    answers(map_foreign(2, table), 0, "the table can be shown once more");
    ok(entry[8].domid == ((volatile grant_entry_v1_t *)places[2])[8].domid, "it is the same");
    acquire(SHARED, 0, 2);
    ok(list[0] == table, "it is the table's first frame");
    ok(list[1] != NONE && map_foreign(2, list[1]) != 0, "the second one cannot be shown");
    ok(unmap(1, m.handle) == GNTST_okay, "unmap the page");
    ok(domain_info(domid)->domain == domid && op.u.getdomaininfo.tot_pages == 0,
       "the domain is there, without pages");
    ok(map(1, 8).status == GNTST_bad_page, "what it granted has gone");
    hide(2);
    ok(domain_info(domid)->domain == domid, "as long as its table is shown");
    hide(0);
    ok(domctl_zero(XEN_DOMCTL_destroydomain, domid) == -XEN_ESRCH, "then it has gone");
}

/* ---- limits ---- */

static void test_ports(uint32_t last, unsigned int expected)
{
    evtchn_alloc_unbound_t unbound = {.remote_dom = DOMID_SELF};
    unsigned int count = 0;
    long error;

    ok(create(last, 4, 4) == 0, "a domain with ports up to %u", last);
    unbound.dom = domid;
    while ((error = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &unbound)) == 0)
        count++;
    answers(error, -XEN_ENOSPC, "it has no more");
    ok(count == expected && (!count || unbound.port == count), "after %u", expected);
    destroy();
}

static void test_table_limit(int32_t frames, unsigned int expected)
{
    gnttab_setup_table_t setup = {.nr_frames = expected + 1, .status = 77};

    ok(create(1023, frames, -1) == 0, "a domain with a table of %d frames", frames);
    ok(has_frames(1, expected), "that is %u", expected);
    set_xen_guest_handle(setup.frame_list, list);
    setup.dom = domid;
    answers(gnttab(GNTTABOP_setup_table, &setup), 0, "one more");
    ok(setup.status == GNTST_general_error, "it cannot have");
    setup.nr_frames--;
    answers(gnttab(GNTTABOP_setup_table, &setup), 0, "all");
    ok(setup.status == GNTST_okay && has_frames(expected, expected), "it can");
    destroy();
}

static void test_bad_limits(void)
{
    ok(create(1023, 0, 4) < 0, "a table of no frame");
    ok(create(1023, 65, 4) < 0, "of 65");
    ok(create(1023, 4, 1025) < 0, "more maptrack frames than Xen has for anybody");
    ok(create(1023, 4, 1024) == 0, "as many");
    destroy();
}

int main(void)
{
    frames_init();
    ok(create(1023, 4, 4) == 0, "a domain");
    test_size();
    test_frames();
    destroy();
    test_growth();
    ok(create(1023, 4, 4) == 0, "a domain");
    test_use();
    test_ports(0, 0);
    test_ports(1, 1);
    test_ports(70, 70);
    test_ports(1023, 1023);
    test_ports(0x7fffffff, 4095);
    test_ports(0xffffffff, 4095);
    test_table_limit(1, 1);
    test_table_limit(5, 5);
    test_table_limit(-1, 64);
    test_bad_limits();
    return tap_done();
}
