/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels: a send that gets lost, an error that Xen would give and we do not, a port that
 * survives its closing, a peer that does not hear of it.
 */
#include "guest.h"

static evtchn_port_t alloc(domid_t remote)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = remote};

    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &op), 0);
    return op.port;
}

static long simple(unsigned int op, evtchn_port_t port)
{
    return evtchn(op, &port); /* close, send and unmask have the port alone */
}

static bool pending(evtchn_port_t p) { return event_channel_pending(current->domain, p); }

static unsigned int status_of(evtchn_port_t port)
{
    evtchn_status_t op = {.dom = DOMID_SELF, .port = port};

    ck_assert_int_eq(evtchn(EVTCHNOP_status, &op), 0);
    return op.status;
}

static void loopback(void *arg)
{
    evtchn_port_t a = alloc(DOMID_SELF);
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF, .remote_port = a};
    evtchn_port_t b;

    (void)arg;
    ck_assert_uint_eq(status_of(a), EVTCHNSTAT_unbound);
    ck_assert_int_eq(simple(EVTCHNOP_send, a), 0); /* dropped */
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    b = bind.local_port;
    ck_assert_uint_ne(a, b);
    ck_assert(pending(b)); /* Xen raises the new end once */
    ck_assert(!pending(a));
    ck_assert_int_eq(simple(EVTCHNOP_send, b), 0);
    ck_assert(pending(a));
    ck_assert_uint_eq(status_of(a), EVTCHNSTAT_interdomain);
    ck_assert(current->info->evtchn_pending_sel & 1);
    ck_assert_uint_eq(current->info->evtchn_upcall_pending, 1);
    /* Bound already. */
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_close, a), 0);
    ck_assert(!pending(a));
    ck_assert_uint_eq(status_of(a), EVTCHNSTAT_closed);
    ck_assert_uint_eq(status_of(b), EVTCHNSTAT_unbound);
    ck_assert_int_eq(simple(EVTCHNOP_close, a), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_send, a), -EINVAL);
}

static void errors(void *arg)
{
    evtchn_alloc_unbound_t un = {.dom = 77, .remote_dom = 0};
    evtchn_bind_interdomain_t bind = {.remote_dom = 77};
    evtchn_bind_virq_t virq = {.virq = NR_VIRQS};
    evtchn_bind_ipi_t ipi = {.vcpu = 1};
    evtchn_bind_vcpu_t bv = {.vcpu = 1};
    evtchn_status_t status = {.dom = 77};
    evtchn_reset_t reset = {.dom = 77};
    evtchn_bind_pirq_t pirq = {0};

    (void)arg;
    for (unsigned int op = 0; op <= EVTCHNOP_set_priority + 1; op++) /* and Xen's reset_cont */
        ck_assert_int_eq(evtchn(op, WILD), -EFAULT);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_pirq, &pirq), -EPERM);
    pirq.pirq = 55;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_pirq, &pirq), -EPERM);
    pirq.pirq = 56;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_pirq, &pirq), -EINVAL);
    ck_assert_int_eq(evtchn(99, WILD), -ENOSYS);
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), -ESRCH);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -ESRCH);
    bind.remote_dom = DOMID_SELF;
    bind.remote_port = 100000;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), -EINVAL);
    virq.virq = VIRQ_CONSOLE;
    virq.vcpu = 1; /* global ones belong to vCPU 0 */
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), -EINVAL);
    virq.virq = VIRQ_TIMER;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), -ENOENT);
    virq.vcpu = 0;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), -EEXIST);
    ck_assert_uint_eq(status_of(virq.port), EVTCHNSTAT_virq);
    ck_assert_int_eq(simple(EVTCHNOP_send, virq.port), -EINVAL);
    bv.vcpu = 0;
    bv.port = virq.port; /* a vCPU's own */
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &bv), -EINVAL);
    bv.vcpu = 1;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &bv), -ENOENT);
    bv.vcpu = 0;
    bv.port = 100000;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &bv), -EINVAL);
    bv.port = alloc(0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &bv), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &ipi), -ENOENT);
    ipi.vcpu = 0;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &ipi), 0);
    ck_assert_uint_eq(status_of(ipi.port), EVTCHNSTAT_ipi);
    ck_assert_int_eq(simple(EVTCHNOP_send, ipi.port), 0);
    ck_assert(pending(ipi.port));
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -ESRCH);
    status.dom = DOMID_SELF;
    status.port = 100000;
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_close, 0), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_close, 100000), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_send, 100000), -EINVAL);
    ck_assert_int_eq(simple(EVTCHNOP_unmask, 100000), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), -ESRCH);
    reset.dom = DOMID_SELF;
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), 0);
    ck_assert_uint_eq(status_of(ipi.port), EVTCHNSTAT_closed);
    virq.port = 0;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0); /* free again */
}

static void masks(void *arg)
{
    evtchn_bind_ipi_t ipi = {.vcpu = 0};
    shared_info_t *s = current->domain->shared_info;

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &ipi), 0);
    s->evtchn_mask[0] |= 1UL << ipi.port;
    ck_assert_int_eq(simple(EVTCHNOP_send, ipi.port), 0);
    ck_assert(pending(ipi.port));
    ck_assert_uint_eq(current->info->evtchn_upcall_pending, 0);
    ck_assert_int_eq(simple(EVTCHNOP_unmask, ipi.port), 0);
    ck_assert_uint_eq(s->evtchn_mask[0], 0);
    ck_assert_uint_eq(current->info->evtchn_upcall_pending, 1);
    ck_assert_uint_eq(current->info->evtchn_pending_sel, 1);
}

static void limit(void *arg)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = 0};
    long error = 0;
    unsigned int count = 0;

    (void)arg;
    while (!error && count < 5000) {
        error = evtchn(EVTCHNOP_alloc_unbound, &op);
        count += !error;
    }
    ck_assert_int_eq(error, -ENOSPC);
    ck_assert_uint_eq(count, 1024 - 3); /* port 0, XenStore's, the console's */
    evtchn_bind_virq_t virq = {.virq = VIRQ_TIMER};
    evtchn_bind_ipi_t ipi = {0};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF, .remote_port = 5};
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), -ENOSPC);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &ipi), -ENOSPC);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -ENOSPC);
}

START_TEST(test_loopback) { guest_test(loopback); }
END_TEST
START_TEST(test_errors) { guest_test(errors); }
END_TEST
START_TEST(test_masks) { guest_test(masks); }
END_TEST
START_TEST(test_limit) { guest_test(limit); }
END_TEST

/* ---- two domains ---- */

static evtchn_port_t shared_port;
static unsigned int turns;

static long wait_for(evtchn_port_t p)
{
    struct sched_poll op = {.nr_ports = 1};

    set_xen_guest_handle(op.ports, &p);
    return call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op);
}

static void clear(evtchn_port_t p)
{
    current->domain->shared_info->evtchn_pending[0] &= ~(1UL << p);
}

static void first(void *arg)
{
    (void)arg;
    shared_port = alloc(2);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(wait_for(shared_port), 0);
        ck_assert(pending(shared_port));
        clear(shared_port);
        turns++;
        ck_assert_int_eq(simple(EVTCHNOP_send, shared_port), 0);
    }
    /* The other domain closes and goes. */
    while (status_of(shared_port) == EVTCHNSTAT_interdomain)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    ck_assert_uint_eq(status_of(shared_port), EVTCHNSTAT_unbound);
}

static void second(void *arg)
{
    evtchn_bind_interdomain_t bind = {.remote_dom = 1, .remote_port = shared_port};
    evtchn_status_t status = {.dom = 1, .port = 1};
    evtchn_reset_t reset = {.dom = 1};
    evtchn_alloc_unbound_t un = {.dom = 1, .remote_dom = 2};

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EPERM);
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), -EPERM);
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), -EPERM);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    clear(bind.local_port);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(simple(EVTCHNOP_send, bind.local_port), 0);
        ck_assert_int_eq(wait_for(bind.local_port), 0);
        clear(bind.local_port);
    }
    ck_assert_int_eq(simple(EVTCHNOP_close, bind.local_port), 0);
}

START_TEST(test_two_domains)
{
    machine_start(24);
    turns = 0;
    guest_create(8, false, first, NULL);
    guest_create(8, false, second, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(turns, 10);
    machine_stop();
}
END_TEST

/* ---- the host's end ---- */

static unsigned int notified;

static void notify(void *context, struct domain *d, evtchn_port_t port)
{
    ck_assert_ptr_eq(context, &notified);
    notified++;
    event_channel_host_raise(d, port);
}

static void talks_to_host(void *arg)
{
    (void)arg;
    ck_assert_int_eq(simple(EVTCHNOP_send, 2), 0);
    ck_assert(pending(2));
    clear(2);
    ck_assert_int_eq(wait_for(2), 0); /* the idle function raises it */
    ck_assert_int_eq(simple(EVTCHNOP_close, 2), 0);
}

static void raise_when_awaited(struct fake_host *h)
{
    struct domain *d = h->idle_context;

    ck_assert(event_channel_awaited(d, 2));
    ck_assert(!event_channel_awaited(d, 1));
    ck_assert(!event_channel_awaited(d, 3));
    ck_assert(!event_channel_virq_awaited(d, VIRQ_CONSOLE));
    event_channel_host_raise(d, 2);
    h->idle_did_something = true;
}

START_TEST(test_host)
{
    struct domain *d;

    machine_start(24);
    d = guest_create(8, false, talks_to_host, NULL);
    notified = 0;
    ck_assert_int_eq(event_channel_host_bind(d, 2, notify, &notified), 0);
    ck_assert_int_eq(event_channel_host_bind(d, 3, notify, &notified), -EINVAL);
    host.idle = raise_when_awaited;
    host.idle_context = d;
    ck_assert(guest_run());
    ck_assert_uint_eq(notified, 1);
    event_channel_host_raise(d, 2); /* closed: nothing happens */
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("event_channel");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_loopback);
    tcase_add_test(t, test_errors);
    tcase_add_test(t, test_masks);
    tcase_add_test(t, test_limit);
    tcase_add_test(t, test_two_domains);
    tcase_add_test(t, test_host);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
