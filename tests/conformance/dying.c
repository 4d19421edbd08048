/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain that has been destroyed, but of which the initial domain has a frame mapped: what every
 * hypercall that can name it answers until that is unmapped.
 */
#define __XEN_TOOLS__ /* domctl, and some of memory_op */
#include "frames.h"

#include "toolstack.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/physdev.h>
#include <xen/sched.h>

static domid_t dead;
static xen_pfn_t frame[3]; /* of the domain: 0 stays mapped, 1 was a pinned table, 2 nothing */
static xen_pfn_t list[4];

static long event(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static long gnttab(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_grant_table_op, cmd, HYPERCALL_ARG(arg), 1, 0, 0);
}

static long map_foreign(unsigned int place, xen_pfn_t mfn, uint64_t flags)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, HYPERCALL_ARG(places[place]),
                     pte(mfn, flags), UVMF_INVLPG, dead, 0);
}

/* Frame 0 is mapped at place 0, until the end. */
static void make_domain(void)
{
    struct xen_memory_reservation r = {.nr_extents = 3};
    evtchn_alloc_unbound_t unbound = {.remote_dom = DOMID_SELF};

    dead = new_domain(2);
    memset(&op, 0, sizeof op);
    op.u.max_mem.max_memkb = 64;
    domctl(XEN_DOMCTL_max_mem, dead);
    r.domid = dead;
    for (unsigned int i = 0; i < 3; i++)
        frame[i] = i;
    set_xen_guest_handle(r.extent_start, frame);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 3, "a domain of three frames");
    answers(mmuext_as(MMUEXT_PIN_L1_TABLE, frame[1], dead), 0, "one is a table");
    answers(map_foreign(0, frame[0], RW), 0, "one is mapped");
    unbound.dom = dead;
    answers(event(EVTCHNOP_alloc_unbound, &unbound), 0, "it has an event channel");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, dead), 0, "it is destroyed");
}

static void test_description(void)
{
    const struct xen_domctl_getdomaininfo *info = domain_info(dead);

    ok(info->domain == dead, "getdomaininfo knows it");
    ok((info->flags & 0xffff) == (XEN_DOMINF_dying | XEN_DOMINF_paused), "as dying");
    ok(info->tot_pages == 1 && info->max_pages == 16, "one page is left, of 16");
    ok(info->max_vcpu_id == 1 && info->nr_online_vcpus == 0, "its vCPUs are there, but down");
}

/* ---- event channels ---- */

static void test_events(void)
{
    evtchn_alloc_unbound_t unbound = {.dom = dead, .remote_dom = DOMID_SELF};
    evtchn_bind_interdomain_t bind = {.remote_dom = dead};
    evtchn_status_t status = {.dom = dead};
    evtchn_reset_t reset = {.dom = dead};

    answers(event(EVTCHNOP_alloc_unbound, &unbound), -XEN_EINVAL, "alloc_unbound in it");
    for (unsigned int port = 0; port < 3; port++) {
        bind.remote_port = status.port = port;
        answers(event(EVTCHNOP_bind_interdomain, &bind), -XEN_EINVAL, "bind to port %u", port);
        answers(event(EVTCHNOP_status, &status), 0, "status of port %u", port);
        ok(status.status == EVTCHNSTAT_closed && status.vcpu == 0, "it is closed");
    }
    status.port = 63;
    answers(event(EVTCHNOP_status, &status), 0, "of the last port that was valid");
    status.port = 64;
    answers(event(EVTCHNOP_status, &status), -XEN_EINVAL, "of the first that was not");
    answers(event(EVTCHNOP_reset, &reset), 0, "reset");
    unbound.dom = DOMID_SELF;
    unbound.remote_dom = dead;
    answers(event(EVTCHNOP_alloc_unbound, &unbound), 0, "a port that waits for it");
    answers(event(EVTCHNOP_close, &(evtchn_close_t){unbound.port}), 0, "is closed");
}

/* ---- grant tables ---- */

/* The table can grow. */
static void test_table(unsigned int count, unsigned int now)
{
    gnttab_setup_table_t setup = {.dom = dead, .nr_frames = count, .status = 77};
    gnttab_query_size_t size = {.dom = dead, .status = 77};
    gnttab_get_version_t version = {.dom = dead};
    gnttab_get_status_frames_t status = {.dom = dead, .nr_frames = count, .status = 77};

    answers(gnttab(GNTTABOP_query_size, &size), 0, "query_size");
    ok(size.status == GNTST_okay && size.nr_frames == now && size.max_nr_frames == 4,
       "its table has %u of 4 frames", now);
    set_xen_guest_handle(setup.frame_list, list);
    answers(gnttab(GNTTABOP_setup_table, &setup), 0, "setup_table, %u frames", count);
    ok(setup.status == (count > 4 ? GNTST_general_error : GNTST_okay), "its status");
    answers(gnttab(GNTTABOP_get_version, &version), 0, "get_version");
    ok(version.version == 1, "it is 1");
    set_xen_guest_handle(status.frame_list, (uint64_t *)list);
    answers(gnttab(GNTTABOP_get_status_frames, &status), 0, "get_status_frames, %u", count);
    ok(status.status == (count ? GNTST_general_error : GNTST_okay), "it has none");
}

static long acquire(unsigned int id, unsigned int first, unsigned int count)
{
    struct xen_mem_acquire_resource r = {.domid = dead,
                                         .type = XENMEM_resource_grant_table,
                                         .id = id,
                                         .frame = first,
                                         .nr_frames = count};
    long result;

    if (count)
        set_xen_guest_handle(r.frame_list, list);
    result = hypercall_memory_op(XENMEM_acquire_resource, &r);
    return result || count ? result : r.nr_frames;
}

static void test_resources(void)
{
    const unsigned int shared = XENMEM_resource_grant_table_id_shared;
    const unsigned int status = XENMEM_resource_grant_table_id_status;

    answers(acquire(shared, 0, 0), 4, "acquire_resource: frames of its table");
    answers(acquire(status, 0, 0), 1, "status frames");
    answers(acquire(status, 0, 1), -XEN_EINVAL, "the first, which version 1 has not");
    answers(acquire(shared, 4, 1), -XEN_EINVAL, "the fifth of the table");
    answers(acquire(shared, 0, 4), 0, "all of the table");
    for (unsigned int i = 0; i < 4; i++)
        ok(map_foreign(1, list[i], RW) != 0, "frame %u cannot be mapped any more", i);
}

static void test_grants(void)
{
    gnttab_map_grant_ref_t map = {.dom = dead, .flags = GNTMAP_host_map, .status = 77};
    gnttab_copy_t copy = {.len = 8, .status = 77};
    gnttab_transfer_t transfer = {.domid = dead, .status = 77};
    gnttab_cache_flush_t flush = {
        .a.dev_bus_addr = frame[0] << 12, .length = 64, .op = GNTTAB_CACHE_CLEAN};

    map.host_addr = (uintptr_t)places[1];
    for (unsigned int ref = 0; ref < 2000; ref += 500) {
        map.ref = ref;
        answers(gnttab(GNTTABOP_map_grant_ref, &map), 0, "map reference %u", ref);
        ok(map.status == GNTST_general_error, "nobody has granted that");
    }
    map.ref = 4096;
    answers(gnttab(GNTTABOP_map_grant_ref, &map), 0, "map a reference that there is not");
    ok(map.status == GNTST_bad_gntref, "its status");
    copy.source.u.gmfn = root_mfn();
    copy.source.domid = DOMID_SELF;
    copy.dest.domid = dead;
    copy.flags = GNTCOPY_dest_gref;
    answers(gnttab(GNTTABOP_copy, &copy), 0, "copy by a grant");
    ok(copy.status == GNTST_general_error, "its status");
    copy.flags = 0;
    answers(gnttab(GNTTABOP_copy, &copy), 0, "copy without one");
    ok(copy.status == GNTST_permission_denied, "its status");
    transfer.mfn = spare();
    answers(gnttab(GNTTABOP_transfer, &transfer), 0, "transfer a frame to it");
    ok(transfer.status == GNTST_general_error, "its status; the frame is lost");
    answers(gnttab(GNTTABOP_cache_flush, &flush), -XEN_EINVAL, "flush a line of its frame");
}

/* ---- memory ---- */

static void test_reservation(void)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = dead};
    xen_pfn_t pfn = 0;

    set_xen_guest_handle(r.extent_start, &pfn);
    answers(hypercall_memory_op(XENMEM_increase_reservation, &r), 0, "no memory for it");
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 0, "nor at a number");
    pfn = frame[0];
    answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 1, "take the mapped frame");
    ok(domain_info(dead)->tot_pages == 1, "it stays until it is unmapped");
    for (unsigned int i = 1; i < 3; i++) {
        pfn = frame[i];
        answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 0, "one that has gone");
    }
    answers(hypercall_memory_op(XENMEM_current_reservation, &dead), 1, "current_reservation");
    answers(hypercall_memory_op(XENMEM_maximum_reservation, &dead), 16, "maximum_reservation");
    answers(hypercall_memory_op(XENMEM_maximum_gpfn, &dead), 0, "maximum_gpfn");
    set_xen_guest_handle(r.extent_start, NULL);
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "claim a page for it");
    r.nr_extents = 0;
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), 0, "claim none");
}

static void test_maps(void)
{
    struct xen_add_to_physmap add = {.domid = dead, .space = XENMAPSPACE_grant_table};
    struct xen_remove_from_physmap take = {.domid = dead};
    struct xen_memory_exchange exchange = {.in = {.nr_extents = 1, .domid = dead},
                                           .out = {.nr_extents = 1, .domid = dead}};
    struct xen_foreign_memory_map map = {.domid = dead};
    struct xen_vnuma_topology_info numa = {.domid = dead};
    struct xen_pod_target pod = {.domid = dead};
    struct xen_mem_access_op access = {.domid = dead};
    uint8_t e820[20] = {0};

    set_xen_guest_handle(exchange.in.extent_start, frame);
    set_xen_guest_handle(exchange.out.extent_start, list);
    answers(hypercall_memory_op(XENMEM_exchange, &exchange), -XEN_EINVAL, "exchange");
    answers(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES, "add_to_physmap");
    answers(hypercall_memory_op(XENMEM_remove_from_physmap, &take), -XEN_EACCES,
            "remove_from_physmap");
    set_xen_guest_handle(map.map.buffer, (void *)e820);
    map.map.nr_entries = 1;
    answers(hypercall_memory_op(XENMEM_set_memory_map, &map), 0, "set_memory_map");
    answers(hypercall_memory_op(XENMEM_get_vnumainfo, &numa), -XEN_EOPNOTSUPP, "get_vnumainfo");
    answers(hypercall_memory_op(XENMEM_get_pod_target, &pod), -XEN_EINVAL, "get_pod_target");
    answers(hypercall_memory_op(XENMEM_access_op, &access), -XEN_EINVAL, "access_op");
}

/* ---- page tables ---- */

static long update(uint64_t ptr, unsigned int owners)
{
    mmu_update_t u = {.ptr = ptr};

    return hypercall(__HYPERVISOR_mmu_update, HYPERCALL_ARG(&u), 1, 0, owners, 0);
}

/* What the operations that frame 0 allows or not say of a frame; else they are for oneself. */
static void test_mmuext(unsigned int i)
{
    mmuext_op_t copy = {.cmd = MMUEXT_COPY_PAGE};

    for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_UNPIN_TABLE; cmd++)
        answers(mmuext_as(cmd, frame[i], dead), -XEN_EINVAL, "mmuext_op %u", cmd);
    for (unsigned int cmd = MMUEXT_NEW_BASEPTR; cmd <= MMUEXT_SET_LDT; cmd++)
        answers(mmuext_as(cmd, frame[i], dead), -XEN_EPERM, "mmuext_op %u", cmd);
    answers(mmuext_as(MMUEXT_CLEAR_PAGE, frame[i], dead), i ? -XEN_EINVAL : 0, "CLEAR_PAGE");
    copy.arg1.mfn = frame[i];
    copy.arg2.src_mfn = frame[0];
    answers(hypercall(__HYPERVISOR_mmuext_op, HYPERCALL_ARG(&copy), 1, 0, dead, 0),
            i ? -XEN_EINVAL : 0, "COPY_PAGE");
}

static void test_tables(void)
{
    for (unsigned int i = 0; i < 3; i++) {
        answers(map_foreign(1, frame[i], RW), i ? -XEN_EBUSY : 0, "map frame %u", i);
        hide(1);
        answers(map_foreign(1, frame[i], RO), i ? -XEN_EBUSY : 0, "read only");
        hide(1);
        answers(update(frame[i] << 12 | MMU_NORMAL_PT_UPDATE, dead), -XEN_EINVAL,
                "an entry of one's own tables, in it");
        answers(update(frame[i] << 12 | MMU_NORMAL_PT_UPDATE, DOMID_SELF | (dead + 1U) << 16),
                i ? -XEN_EINVAL : 0, "an entry of its tables");
        answers(update(frame[i] << 12 | MMU_MACHPHYS_UPDATE, dead), i ? -XEN_EINVAL : 0,
                "its number of it");
        test_mmuext(i);
    }
    map_foreign(0, frame[0], RO);
    answers(mmuext_as(MMUEXT_PIN_L1_TABLE, frame[0], dead), 0, "pin what is mapped read only");
    answers(mmuext_as(MMUEXT_UNPIN_TABLE, frame[0], dead), -XEN_EINVAL, "it is unpinned already");
    answers(map_foreign(0, frame[0], RW), 0, "it can be mapped writable again");
}

/* ---- tools ---- */

/* With arguments of zero. The numbers that are not here are of no operation. */
static const struct {
    short from, to, error;
} domctls[] = {
    {1, 1, XEN_EEXIST},
    {2, 5, 0},
    {9, 9, XEN_EINVAL},
    {10, 12, 0},
    {13, 13, XEN_ENODATA},
    {14, 14, 0},
    {15, 16, XEN_EINVAL},
    {17, 18, 0},
    {19, 20, XEN_EPERM},
    {21, 23, XEN_EINVAL},
    {24, 24, 0},
    {25, 25, XEN_EINVAL},
    {27, 29, 0},
    {33, 35, XEN_EINVAL},
    {36, 36, 0},
    {37, 37, XEN_EOPNOTSUPP},
    {38, 39, XEN_EINVAL},
    {40, 40, XEN_EOPNOTSUPP},
    {42, 42, XEN_EINVAL},
    {43, 43, 0},
    {45, 47, XEN_EOPNOTSUPP},
    {48, 48, XEN_EINVAL},
    {50, 50, XEN_EOPNOTSUPP},
    {54, 55, XEN_EINVAL},
    {56, 56, 0},
    {59, 61, 0},
    {62, 62, XEN_EINVAL},
    {63, 64, 0},
    {66, 68, XEN_EINVAL},
    {69, 69, 0},
    {72, 73, 0},
    {74, 74, XEN_EINVAL},
    {75, 75, XEN_ENODEV},
    {77, 77, XEN_EOPNOTSUPP},
    {78, 78, XEN_ENODEV},
    {79, 79, XEN_EINVAL},
    {82, 83, 0},
    {84, 84, XEN_EINVAL},
    {85, 86, XEN_EOPNOTSUPP},
};

static long expected_of(unsigned int cmd)
{
    for (unsigned int i = 0; i < sizeof domctls / sizeof domctls[0]; i++) {
        if (cmd >= (unsigned int)domctls[i].from && cmd <= (unsigned int)domctls[i].to)
            return -domctls[i].error;
    }
    return -XEN_ENOSYS;
}

static void test_domctl(void)
{
    for (unsigned int cmd = 0; cmd < 90; cmd++)
        answers(domctl_zero(cmd, dead), expected_of(cmd), "domctl %u", cmd);
    for (unsigned int cmd = 1000; cmd < 1004; cmd++)
        answers(domctl_zero(cmd, dead), -XEN_ENOSYS, "domctl %u", cmd);
}

static void test_contexts(void)
{
    static vcpu_guest_context_t context;

    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    context.flags = VGCF_in_kernel | VGCF_online;
    context.ctrlreg[3] = xen_pfn_to_cr3(frame[0]);
    answers(domctl(XEN_DOMCTL_setvcpucontext, dead), -XEN_EINVAL, "a root that is mapped");
    context.ctrlreg[3] = xen_pfn_to_cr3(frame[2]);
    answers(domctl(XEN_DOMCTL_setvcpucontext, dead), -XEN_EINVAL, "one that has gone");
}

static void test_shutdown(void)
{
    sched_remote_shutdown_t shut = {.domain_id = dead, .reason = SHUTDOWN_crash};

    answers(hypercall_sched_op(SCHEDOP_remote_shutdown, &shut), 0, "remote_shutdown");
    ok(domain_info(dead)->flags >> XEN_DOMINF_shutdownshift == SHUTDOWN_crash, "it has crashed");
    answers(domctl_zero(23, dead), -XEN_EBUSY, "soft_reset_cont");
}

/* What is for other kinds of domains, or for devices. */
static void test_others(void)
{
    struct xen_hvm_param param = {.domid = dead};
    struct physdev_map_pirq map = {.domid = dead, .type = MAP_PIRQ_TYPE_GSI, .index = -1};
    struct physdev_unmap_pirq unmap = {.domid = dead};

    answers(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, HYPERCALL_ARG(&param), 0, 0, 0),
            -XEN_EINVAL, "an HVM parameter");
    answers(hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, HYPERCALL_ARG(&param), 0, 0, 0),
            -XEN_EINVAL, "setting it");
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "map_pirq of no line");
    answers(hypercall_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), -XEN_EINVAL, "unmap_pirq");
    answers(hypercall(__HYPERVISOR_dm_op, dead, 0, 0, 0, 0), -XEN_ENODATA, "dm_op");
}

static void test_end(void)
{
    evtchn_alloc_unbound_t unbound = {.dom = dead};
    gnttab_query_size_t size = {.dom = dead};

    ok(*(volatile uint64_t *)places[0] == 0, "its frame is as it was left");
    answers(hide(0), 0, "unmap it");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, dead), -XEN_ESRCH, "it has gone");
    answers(event(EVTCHNOP_alloc_unbound, &unbound), -XEN_ESRCH, "for event_channel_op");
    answers(gnttab(GNTTABOP_query_size, &size), 0, "for grant_table_op");
    ok(size.status == GNTST_bad_domain, "its status");
    answers(hypercall_memory_op(XENMEM_current_reservation, &dead), -XEN_ESRCH, "for memory_op");
    ok(map_foreign(0, frame[0], RW) == -XEN_ESRCH, "for update_va_mapping_otherdomain");
}

int main(void)
{
    frames_init();
    make_domain();
    test_description();
    test_events();
    for (unsigned int count = 0; count < 6; count++)
        test_table(count, count < 2 ? 1 : count - 1);
    test_resources();
    test_grants();
    test_reservation();
    test_maps();
    test_tables();
    test_domctl();
    test_contexts();
    test_others();
    test_shutdown();
    test_end();
    return tap_done();
}
