/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains that have been destroyed while others hold something of them, in every way there is:
 * mapped by a grant, as a domain's manager, as a frame of a grant table; and what can be done to
 * them then. It would catch a frame that is freed while it is in use, or never.
 */
#define _DEFAULT_SOURCE
#include "grant.h"

#include "domctl.h"

#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>

#include <stdlib.h>
#include <sys/mman.h>

#define HOST   GNTMAP_host_map
#define DEVICE GNTMAP_device_map
#define RO     GNTMAP_readonly
#define LEAF   (PTE_PRESENT | PTE_USER)

#define VICTIM 1
#define PEER   2

static void yield(void) { call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0); }

static long map_foreign(void *at, uint64_t mfn, domid_t domid, uint64_t flags)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)at,
                     PTE_MAKE(mfn, flags), 0, domid, 0);
}

static long memory(unsigned int op, void *argument)
{
    return call(__HYPERVISOR_memory_op, op, (uintptr_t)argument);
}

static long acquire(domid_t domid, unsigned int id, xen_pfn_t *mfn)
{
    struct xen_mem_acquire_resource r = {
        .domid = domid, .type = XENMEM_resource_grant_table, .id = id, .nr_frames = 1};

    set_xen_guest_handle(r.frame_list, mfn);
    return memory(XENMEM_acquire_resource, &r);
}

static long domctl(uint32_t cmd, domid_t domid)
{
    struct xen_domctl *op = guest_page(5);

    memset(op, 0, sizeof(*op));
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domid;
    return call(__HYPERVISOR_domctl, (uintptr_t)op, 0);
}

static bool is_dying(domid_t domid) { return hv->domains[domid] && hv->domains[domid]->is_dying; }

/* ---- one domain, held in all ways by a manager and by an equal ---- */

static uint64_t frames[8], table_frame;
static evtchn_port_t ports[3]; /* of the victim, for the domain of that number */
static bool peer_ready, peer_done;

static void victim(void *arg)
{
    vcpu_register_vcpu_info_t info = {.mfn = guest_mfn(guest_page(40))};
    evtchn_alloc_unbound_t unbound = {.dom = DOMID_SELF};
    uint64_t *table = guest_page(41);

    (void)arg;
    show_table(1);
    for (unsigned int i = 0; i < 8; i++)
        frames[i] = guest_mfn(guest_page(i));
    ck_assert_int_eq(set_version(2), 0);
    show_status(guest_page(TABLE_PAGE + 2));
    for (unsigned int i = 0; i < 8; i++) {
        entry_v2(8 + i)->hdr.domid = i < 4 ? 0 : PEER;
        entry_v2(8 + i)->full_page.frame = frames[i];
        entry_v2(8 + i)->hdr.flags = GTF_permit_access;
    }
    for (unsigned int i = 0; i < 3; i += 2) {
        unbound.remote_dom = (domid_t)i;
        ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &unbound), 0);
        ports[i] = unbound.port;
    }
    ck_assert_int_eq(call3(__HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, (uintptr_t)&info),
                     0);
    table[0] = PTE_MAKE(frames[0], LEAF);
    table_frame = guest_mfn(table);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)table, 0, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, table_frame, 0), 0);
}

static evtchn_port_t bind_to(evtchn_port_t port)
{
    evtchn_bind_interdomain_t bind = {.remote_dom = VICTIM, .remote_port = port};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    return bind.local_port;
}

/* The other end has gone: the port waits for one. */
static void check_port(evtchn_port_t port)
{
    evtchn_status_t status = {.dom = DOMID_SELF, .port = port};
    evtchn_send_t send = {port};

    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), 0);
    ck_assert_uint_eq(status.status, EVTCHNSTAT_unbound);
    ck_assert_uint_eq(status.u.unbound.dom, VICTIM);
    ck_assert_int_eq(evtchn(EVTCHNOP_send, &send), 0);
}

/* What anybody can ask; RIGHTS is what is missing, 0 or -EPERM. */
static void ask(int rights)
{
    const int status = rights ? GNTST_permission_denied : GNTST_okay;
    evtchn_alloc_unbound_t unbound = {.dom = VICTIM};
    evtchn_bind_interdomain_t bind = {.remote_dom = VICTIM, .remote_port = 1};
    evtchn_status_t port = {.dom = VICTIM, .port = 1};
    evtchn_reset_t reset = {.dom = VICTIM};
    struct gnttab_query_size size = {.dom = VICTIM};
    struct gnttab_get_version version = {.dom = VICTIM};
    struct gnttab_get_status_frames frame = {.dom = VICTIM, .nr_frames = 1};
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = VICTIM};
    struct sched_remote_shutdown shut = {.domain_id = VICTIM, .reason = SHUTDOWN_crash};
    domid_t domid = VICTIM;
    xen_pfn_t mfn = frames[7];

    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &unbound), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &port), rights);
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), rights ? rights : -EINVAL); /* not paused */
    ck_assert_int_eq(setup(VICTIM, 1), status);
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_int_eq(size.status, status);
    ck_assert_int_eq(gnttab(GNTTABOP_get_version, &version, 1), rights);
    set_xen_guest_handle(frame.frame_list, &mfn);
    ck_assert_int_eq(gnttab(GNTTABOP_get_status_frames, &frame, 1), 0);
    ck_assert_int_eq(frame.status, status);
    ck_assert_int_eq(acquire(VICTIM, XENMEM_resource_grant_table_id_shared, &mfn), rights);
    ck_assert_int_eq(acquire(VICTIM, XENMEM_resource_grant_table_id_status, &mfn), rights);
    set_xen_guest_handle(r.extent_start, &mfn);
    ck_assert_int_eq(memory(XENMEM_increase_reservation, &r), 0);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    ck_assert_int_eq(memory(XENMEM_maximum_gpfn, &domid) < 0, rights != 0);
    ck_assert_int_eq(memory(XENMEM_current_reservation, &domid) < 0, rights != 0);
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, (uintptr_t)&shut),
                     rights);
    for (uint32_t cmd = 0; cmd < 1100; cmd++) {
        if (cmd != XEN_DOMCTL_createdomain && cmd != XEN_DOMCTL_destroydomain)
            domctl(cmd, VICTIM);
    }
    check_model();
}

/* Its mappings: of one page for itself and a device, of another to read; after an end too. */
static void peer(void *arg)
{
    char *at = guest_page(MAP_PAGE), *ro = guest_page(MAP_PAGE + 1),
         *late = guest_page(MAP_PAGE + 2);
    evtchn_port_t port = bind_to(ports[PEER]);
    grant_handle_t h, h_ro, h_late, none;

    (void)arg;
    ck_assert_int_eq(map_grant(VICTIM, 12, HOST | DEVICE, at, &h), GNTST_okay);
    ck_assert_int_eq(map_grant(VICTIM, 13, HOST | RO, ro, &h_ro), GNTST_okay);
    strcpy(at, "the peer's");
    for (peer_ready = true; !is_dying(VICTIM); yield())
        ;
    check_port(port);
    ask(-EPERM);
    ck_assert_int_eq(map_foreign(late, frames[4], VICTIM, LEAF), -EPERM);
    ck_assert_int_eq(map_grant(VICTIM, 12, HOST, late, &h_late), GNTST_okay);
    ck_assert_str_eq(late, "the peer's");
    ck_assert_int_eq(map_grant(VICTIM, 14, HOST, late, &none), GNTST_bad_page);
    ck_assert_int_eq(unmap_grant(at, frames[4] << PAGE_SHIFT, h), GNTST_okay);
    check_model();
    ck_assert_int_eq(unmap_grant(late, 0, h_late), GNTST_okay);
    ck_assert_uint_eq(page_info(hv, frames[4])->owner, OWNER_FREE);
    peer_done = true; /* and the other one is left to the end of this domain */
}

static void manager(void *arg)
{
    char *at[6];
    evtchn_port_t port = bind_to(ports[0]);
    xen_pfn_t shared, status;
    grant_handle_t h, h_device;

    (void)arg;
    for (unsigned int i = 0; i < 6; i++)
        at[i] = guest_page(MAP_PAGE + i);
    ck_assert_int_eq(map_grant(VICTIM, 8, HOST, at[0], &h), GNTST_okay);
    ck_assert_int_eq(map_grant(VICTIM, 9, DEVICE | RO, NULL, &h_device), GNTST_okay);
    ck_assert_int_eq(map_foreign(at[1], frames[2], VICTIM, LEAF | PTE_RW), 0);
    ck_assert_int_eq(map_foreign(at[2], table_frame, VICTIM, LEAF), 0);
    ck_assert_int_eq(acquire(VICTIM, XENMEM_resource_grant_table_id_shared, &shared), 0);
    ck_assert_int_eq(map_foreign(at[3], shared, VICTIM, LEAF | PTE_RW), 0);
    ck_assert_int_eq(acquire(VICTIM, XENMEM_resource_grant_table_id_status, &status), 0);
    ck_assert_int_eq(map_foreign(at[4], status, VICTIM, LEAF), 0);
    while (!peer_ready)
        yield();
    ck_assert_int_eq(domctl(XEN_DOMCTL_destroydomain, VICTIM), 0);
    check_model();
    ck_assert_uint_eq(hv->domains[VICTIM]->left_frames, 8);
    check_port(port);
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpucontext, VICTIM), -EFAULT); /* to NULL */
    ask(0);
    ck_assert_int_eq(domctl(XEN_DOMCTL_getvcpucontext, VICTIM), -ENODATA); /* it was reset */
    ck_assert_uint_eq(((grant_entry_v2_t *)at[3])[8].full_page.frame, frames[0]);
    ck_assert_uint_eq(((grant_status_t *)at[4])[8], 0 | GTF_reading | GTF_writing);
    ck_assert_int_eq(map_foreign(at[5], frames[7], VICTIM, LEAF), -EBUSY);
    ck_assert_int_eq(unmap_grant(at[0], 0, h), GNTST_okay);
    ck_assert_int_eq(unmap_grant(NULL, frames[1] << PAGE_SHIFT, h_device), GNTST_okay);
    while (!peer_done)
        yield();
    for (unsigned int i = 1; i < 5; i++) {
        ck_assert(is_dying(VICTIM));
        ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)at[i], 0, 0), 0);
        check_model();
    }
    ck_assert_uint_eq(hv->domains[VICTIM]->left_frames, 1);
    ck_assert_int_eq(domctl(XEN_DOMCTL_destroydomain, PEER), 0);
    ck_assert_ptr_null(hv->domains[VICTIM]);
    ck_assert_ptr_null(hv->domains[PEER]);
    ck_assert_int_eq(domctl(XEN_DOMCTL_pausedomain, VICTIM), -ESRCH);
}

START_TEST(held_by_all)
{
    peer_ready = peer_done = false;
    machine_start(80);
    guest_create(16, false, victim, NULL);
    guest_create(16, false, peer, NULL);
    guest_create(16, true, manager, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* The machine ends with everything as it is; or first the manager. */
static void leaves(void *arg)
{
    xen_pfn_t mfn;
    grant_handle_t h;

    (void)arg;
    ck_assert_int_eq(map_grant(VICTIM, 8, HOST, guest_page(MAP_PAGE), &h), GNTST_okay);
    ck_assert_int_eq(map_grant(VICTIM, 9, DEVICE, NULL, &h), GNTST_okay);
    ck_assert_int_eq(map_foreign(guest_page(MAP_PAGE + 1), frames[2], VICTIM, LEAF), 0);
    ck_assert_int_eq(acquire(VICTIM, XENMEM_resource_grant_table_id_status, &mfn), 0);
    ck_assert_int_eq(map_foreign(guest_page(MAP_PAGE + 2), mfn, VICTIM, LEAF), 0);
    ck_assert_int_eq(domctl(XEN_DOMCTL_destroydomain, VICTIM), 0);
    ck_assert_int_eq(setup(VICTIM, 20), GNTST_okay);
    ck_assert_int_eq(domctl(XEN_DOMCTL_setvcpuaffinity, VICTIM), -EINVAL);
}

START_TEST(left_mapped)
{
    for (int i = 0; i < 2; i++) {
        machine_start(40);
        guest_create(16, false, victim, NULL);
        guest_create(16, true, leaves, NULL);
        ck_assert(guest_run());
        if (i)
            domain_destroy(hv->domains[0]);
        machine_stop();
    }
}
END_TEST

/* ---- at random ---- */

#define GRANTERS 4U
#define PLACES   24U

/* Each grants its first 8 pages to domain 0. */
static void granter(void *arg)
{
    (void)arg;
    show_table(1);
    for (unsigned int i = 0; i < 8; i++)
        grant_v1_to(8 + i, GTF_permit_access, 0, guest_mfn(guest_page(i)));
}

struct held {
    enum { NOTHING, GRANT, FOREIGN } what;
    uint64_t device_address;
    grant_handle_t handle;
};

static unsigned int pick(unsigned int below) { return (unsigned int)rand() % below; }

static void hold(struct held *p, void *at)
{
    static const unsigned int ways[] = {HOST, HOST | RO, HOST | DEVICE, HOST | DEVICE | RO};
    domid_t domid = (domid_t)(1 + pick(GRANTERS));
    unsigned int way = ways[pick(4)];
    struct gnttab_map_grant_ref op = {
        .host_addr = (uintptr_t)at, .flags = way, .ref = 8 + pick(8), .dom = domid};
    xen_pfn_t mfn;

    if (pick(3)) {
        gnttab(GNTTABOP_map_grant_ref, &op, 1);
        p->handle = op.handle;
        p->device_address = way & DEVICE ? op.dev_bus_addr : 0;
        p->what = op.status ? NOTHING : GRANT;
    } else if (acquire(domid, XENMEM_resource_grant_table_id_shared, &mfn) == 0) {
        p->what = map_foreign(at, mfn, domid, LEAF | PTE_RW) ? NOTHING : FOREIGN;
    }
}

static void let_go(struct held *p, void *at)
{
    if (p->what == GRANT)
        ck_assert_int_eq(unmap_grant(at, p->device_address, p->handle), GNTST_okay);
    else
        ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)at, 0, 0), 0);
    p->what = NOTHING;
}

static void at_random(void *arg)
{
    struct held held[PLACES] = {{0}};
    unsigned int alive = GRANTERS;

    srand((unsigned int)(uintptr_t)arg);
    for (int i = 0; i < 300; i++) {
        unsigned int n = pick(PLACES);
        void *at = guest_page(MAP_PAGE + n);

        if (held[n].what)
            let_go(&held[n], at);
        else
            hold(&held[n], at);
        if (pick(60) == 0) {
            domid_t domid = (domid_t)(1 + pick(GRANTERS));

            alive -= hv->domains[domid] && !is_dying(domid);
            domctl(XEN_DOMCTL_destroydomain, domid);
            setup(domid, 1 + pick(5));
        }
        if (i % 10 == 0)
            check_model();
    }
    for (unsigned int n = 0; n < PLACES; n++) {
        if (held[n].what)
            let_go(&held[n], guest_page(MAP_PAGE + n));
    }
    for (domid_t domid = 1; domid <= GRANTERS; domid++)
        alive -= hv->domains[domid] != NULL;
    ck_assert_uint_eq(alive, 0); /* no one is dying still */
}

START_TEST(random_order)
{
    for (uintptr_t seed = 1; seed <= 8; seed++) {
        machine_start(60);
        for (unsigned int i = 0; i < GRANTERS; i++)
            guest_create(8, false, granter, NULL);
        guest_create(16, true, at_random, (void *)seed);
        ck_assert(guest_run());
        machine_stop();
    }
}
END_TEST

/* ---- the addresses of one that had not shut down ---- */

static void waits(void *arg)
{
    (void)arg;
    yield();
}

static void destroys(void *arg)
{
    struct domain *d = *(struct domain **)arg;

    domain_destroy(d);
    call(__HYPERVISOR_xen_version, 0, 0); /* at whose end mappings are made */
}

/* Nothing of the process is mapped there any more: they may be another's by then. */
START_TEST(addresses)
{
    struct domain *d;
    void *window, *low;
    unsigned char in_core;

    machine_start(60);
    guest_create(16, true, destroys, &d);
    d = guest_create(8, false, waits, NULL);
    window = (void *)(uintptr_t)d->window;
    low = (void *)(uintptr_t)d->virt_base;
    ck_assert_int_eq(mincore(window, PAGE_SIZE, &in_core), 0);
    ck_assert(guest_run());
    ck_assert_int_eq(mincore(window, PAGE_SIZE, &in_core), -1);
    ck_assert_int_eq(mincore(low, PAGE_SIZE, &in_core), -1);
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dying");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_set_timeout(c, 120);
    tcase_add_test(c, held_by_all);
    tcase_add_test(c, left_mapped);
    tcase_add_test(c, random_order);
    tcase_add_test(c, addresses);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
