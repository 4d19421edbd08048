/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels: a send that gets lost, an error that Xen would give and we do not, a port that
 * survives its closing, a peer that does not hear of it.
 */
#include "guest.h"

#include "event_channel.h"

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
    bv.port = 50; /* free */
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
    ck_assert_int_eq(simple(EVTCHNOP_unmask, ipi.port), 0); /* neither masked nor pending */
    s->evtchn_mask[0] |= 1UL << ipi.port;
    ck_assert_int_eq(simple(EVTCHNOP_unmask, ipi.port), 0);
    ck_assert_uint_eq(s->evtchn_mask[0], 0);
    s->evtchn_mask[0] |= 1UL << ipi.port | 1UL << 50;
    ck_assert_int_eq(simple(EVTCHNOP_unmask, 50), 0);
    ck_assert_uint_eq(s->evtchn_mask[0] >> 50, 1); /* a free port keeps its mask */
    s->evtchn_mask[0] = 1UL << ipi.port;
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

/* ---- several domains, in turns ---- */

static unsigned int turn;

static void wait_turn(unsigned int mine)
{
    while (turn != mine)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void sleep_until_idle(void)
{
    struct sched_poll op = {.timeout = host.time + 1000};

    call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op);
}

static evtchn_status_t status_in(domid_t dom, evtchn_port_t port)
{
    evtchn_status_t op = {.dom = dom, .port = port};

    ck_assert_int_eq(evtchn(EVTCHNOP_status, &op), 0);
    return op;
}

static evtchn_port_t bind_to(domid_t dom, evtchn_port_t port)
{
    evtchn_bind_interdomain_t op = {.remote_dom = dom, .remote_port = port};

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &op), 0);
    return op.local_port;
}

/* Domain 2 shuts down and is destroyed: what its peer, domain 1, sees. */
static void outlives(void *arg)
{
    evtchn_bind_interdomain_t bind = {.remote_dom = 2, .remote_port = 3};
    evtchn_status_t status;
    evtchn_port_t other = alloc(2);

    (void)arg;
    shared_port = alloc(2);
    turn = 1;
    wait_turn(2);
    ck_assert_uint_eq(status_in(DOMID_SELF, shared_port).status, EVTCHNSTAT_interdomain);
    sleep_until_idle(); /* 2 has shut down, which closes nothing; now it is destroyed */
    ck_assert_uint_eq(hv->domain_count, 1);
    status = status_in(DOMID_SELF, shared_port);
    ck_assert_uint_eq(status.status, EVTCHNSTAT_unbound);
    ck_assert_uint_eq(status.u.unbound.dom, 2);
    ck_assert(pending(shared_port)); /* what it sent before stays */
    ck_assert_int_eq(simple(EVTCHNOP_send, shared_port), 0);
    status = status_in(DOMID_SELF, other);
    ck_assert_uint_eq(status.status, EVTCHNSTAT_unbound);
    ck_assert_uint_eq(status.u.unbound.dom, 2);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -ESRCH);
    ck_assert_int_eq(simple(EVTCHNOP_close, shared_port), 0);
}

static void dies(void *arg)
{
    evtchn_port_t port;

    (void)arg;
    wait_turn(1);
    port = bind_to(1, shared_port);
    ck_assert_int_eq(simple(EVTCHNOP_send, port), 0);
    turn = 2;
}

static void destroy_the_dead(struct fake_host *h)
{
    struct domain *d = domain_by_id(hv, 2);

    if (!d)
        return;
    ck_assert(d->is_shut_down);
    ck_assert_uint_eq(evtchn_at(domain_by_id(hv, 1), shared_port)->state, EVTCHN_INTERDOMAIN);
    domain_destroy(d);
    h->idle_did_something = false;
}

START_TEST(test_dying_peer)
{
    machine_start(24);
    turn = 0;
    guest_create(8, false, outlives, NULL);
    guest_create(8, false, dies, NULL);
    host.idle = destroy_the_dead;
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* The initial domain may do to others what they may not do to each other. */
static void privileged(void *arg)
{
    evtchn_alloc_unbound_t un = {.dom = 1, .remote_dom = 2};
    evtchn_reset_t reset = {.dom = 1};
    evtchn_status_t status = {.dom = 1, .port = 100000};

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), 0);
    shared_port = un.port;
    ck_assert_uint_eq(status_in(1, shared_port).status, EVTCHNSTAT_unbound);
    ck_assert_uint_eq(status_in(1, shared_port).u.unbound.dom, 2);
    un.remote_dom = DOMID_SELF; /* the caller, not the domain that has the port */
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), 0);
    ck_assert_uint_eq(status_in(1, un.port).u.unbound.dom, 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), -EINVAL); /* it is not paused */
    ck_assert_int_eq(evtchn(EVTCHNOP_set_priority + 1, &reset), -EINVAL);
    turn = 1;
    wait_turn(3);
    ck_assert_uint_eq(status_in(1, shared_port).u.interdomain.dom, 2);
    bind_to(1, un.port);
    turn = 4;
}

static void first_of_three(void *arg)
{
    evtchn_port_t port;

    (void)arg;
    wait_turn(2);
    ck_assert_uint_eq(status_of(shared_port), EVTCHNSTAT_interdomain);
    for (port = alloc(0); port < 1023; port = alloc(0))
        ;
    turn = 3;
    wait_turn(5);
}

static void second_of_three(void *arg)
{
    evtchn_status_t status = {.dom = 1, .port = shared_port};
    evtchn_reset_t reset = {.dom = 1};
    evtchn_alloc_unbound_t un = {.dom = 1, .remote_dom = 2};
    evtchn_bind_interdomain_t bind = {.remote_dom = 1, .remote_port = 1};

    (void)arg;
    wait_turn(1);
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EPERM);
    status.port = 100000; /* Xen looks at the port first */
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_reset, &reset), -EPERM);
    ck_assert_int_eq(evtchn(EVTCHNOP_set_priority + 1, &reset), -EPERM);
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), -EPERM);
    /* The channel of another, and a port that waits for another. */
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    bind.remote_port = shared_port + 1;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    bind_to(1, shared_port);
    turn = 2;
    wait_turn(4);
    /* Xen takes the port before it asks whether it may. */
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), -ENOSPC);
    turn = 5;
}

START_TEST(test_rights)
{
    machine_start(32);
    turn = 0;
    guest_create(8, true, privileged, NULL);
    guest_create(8, false, first_of_three, NULL);
    guest_create(8, false, second_of_three, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* A domain that tools have killed, but others hold: its ports are gone. */
static void asks_the_dying(void *arg)
{
    evtchn_alloc_unbound_t un = {.dom = 1, .remote_dom = 0};
    evtchn_bind_interdomain_t bind = {.remote_dom = 1, .remote_port = 1};
    evtchn_status_t status = {.dom = 1, .port = 1};
    struct domain *d = domain_by_id(hv, 1);
    evtchn_port_t port;

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), 0);
    port = bind_to(1, un.port);
    event_channel_destroy(d);
    ck_assert_uint_eq(status_of(port), EVTCHNSTAT_unbound);
    ck_assert_int_eq(evtchn(EVTCHNOP_alloc_unbound, &un), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), 0);
    ck_assert_uint_eq(status.status, EVTCHNSTAT_closed);
    status.port = 64;
    ck_assert_int_eq(evtchn(EVTCHNOP_status, &status), -EINVAL);
    event_channel_host_raise(d, 1);
    ck_assert(!event_channel_awaited(d, 1));
    ck_assert_int_eq(event_channel_send(d, 1), -EINVAL);
    domain_shutdown(d, SHUTDOWN_poweroff);
}

static void does_nothing(void *arg) { (void)arg; }

START_TEST(test_dying_domain)
{
    machine_start(24);
    guest_create(8, true, asks_the_dying, NULL);
    guest_create(8, false, does_nothing, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- who is woken ---- */

static void block(void)
{
    call(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
    current->info->evtchn_upcall_mask = 1;
    current->info->evtchn_upcall_pending = 0;
    current->info->evtchn_pending_sel = 0;
}

static evtchn_port_t masked_port;

static void sleeps(void *arg)
{
    xen_ulong_t *mask = &current->domain->shared_info->evtchn_mask[0];

    (void)arg;
    shared_port = alloc(2);
    masked_port = alloc(2);
    *mask |= 1UL << masked_port;
    turn = 1;
    block();
    ck_assert_uint_eq(turn, 2); /* by the second of two events */
    ck_assert(pending(masked_port) && pending(shared_port));
    clear(masked_port);
    clear(shared_port);
    turn = 3;
    ck_assert_int_eq(wait_for(masked_port), 0);
    ck_assert_uint_eq(turn, 4);
    ck_assert(pending(masked_port));
    clear(masked_port);
    turn = 5;
    /* Xen: an event that asks for an upcall wakes whoever sleeps, upcalls masked or not. */
    ck_assert_int_eq(wait_for(masked_port), 0);
    ck_assert_uint_eq(turn, 6);
    ck_assert(!pending(masked_port) && pending(shared_port));
    clear(shared_port);
    current->info->evtchn_pending_sel = 0;
    turn = 7;
    /* But not if it has been asked for already. */
    ck_assert_int_eq(wait_for(masked_port), 0);
    ck_assert(pending(masked_port) && pending(shared_port));
}

static void yield(void) { call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0); }

static void wakes(void *arg)
{
    struct vcpu *v = domain_by_id(hv, 1)->vcpus[0];
    evtchn_port_t shared, masked;

    (void)arg;
    wait_turn(1);
    shared = bind_to(1, shared_port);
    masked = bind_to(1, masked_port);
    yield();
    ck_assert_uint_eq(v->state, VCPU_BLOCKED);
    ck_assert(event_channel_awaited(v->domain, shared_port));
    ck_assert(!event_channel_awaited(v->domain, masked_port));
    ck_assert_int_eq(simple(EVTCHNOP_send, masked), 0);
    ck_assert_uint_eq(v->state, VCPU_BLOCKED);
    turn = 2;
    ck_assert_int_eq(simple(EVTCHNOP_send, shared), 0);
    ck_assert_uint_eq(v->state, VCPU_RUNNABLE);

    wait_turn(3);
    yield();
    ck_assert_uint_eq(v->state, VCPU_POLLING);
    ck_assert(event_channel_awaited(v->domain, masked_port));
    ck_assert(event_channel_awaited(v->domain, shared_port));
    turn = 4;
    ck_assert_int_eq(simple(EVTCHNOP_send, masked), 0);
    ck_assert_uint_eq(v->state, VCPU_RUNNABLE);

    wait_turn(5);
    yield();
    ck_assert_uint_eq(v->state, VCPU_POLLING);
    turn = 6;
    ck_assert_int_eq(simple(EVTCHNOP_send, shared), 0);
    ck_assert_uint_eq(v->state, VCPU_RUNNABLE);

    wait_turn(7);
    yield();
    ck_assert_uint_eq(v->state, VCPU_POLLING);
    ck_assert(v->info->evtchn_upcall_pending);
    ck_assert(!event_channel_awaited(v->domain, shared_port));
    ck_assert_int_eq(simple(EVTCHNOP_send, shared), 0);
    ck_assert_uint_eq(v->state, VCPU_POLLING);
    ck_assert_int_eq(simple(EVTCHNOP_send, masked), 0);
    ck_assert_uint_eq(v->state, VCPU_RUNNABLE);
}

START_TEST(test_wakes)
{
    machine_start(24);
    turn = 0;
    guest_create(8, false, sleeps, NULL);
    guest_create(8, false, wakes, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- two vCPUs ---- */

static vcpu_info_t *info_of(unsigned int vcpu) { return current->domain->vcpus[vcpu]->info; }

static void forget_events(void)
{
    memset(current->domain->shared_info->evtchn_pending, 0,
           sizeof(current->domain->shared_info->evtchn_pending));
    for (unsigned int i = 0; i < 2; i++) {
        info_of(i)->evtchn_upcall_pending = 0;
        info_of(i)->evtchn_pending_sel = 0;
    }
}

/* Whether vCPU VCPU, and no other, has been told of events in the first word. */
static bool told(unsigned int vcpu)
{
    bool right = info_of(vcpu)->evtchn_upcall_pending && info_of(vcpu)->evtchn_pending_sel == 1 &&
                 !info_of(!vcpu)->evtchn_upcall_pending && !info_of(!vcpu)->evtchn_pending_sel;

    forget_events();
    return right;
}

static void two_vcpus(void *arg)
{
    evtchn_bind_ipi_t ipi = {.vcpu = 1};
    evtchn_bind_virq_t own[2] = {{.virq = VIRQ_TIMER, .vcpu = 0}, {.virq = VIRQ_TIMER, .vcpu = 1}};
    evtchn_bind_virq_t global = {.virq = VIRQ_CON_RING};
    evtchn_bind_vcpu_t move = {.vcpu = 1};
    struct domain *d = current->domain;
    evtchn_port_t a = alloc(DOMID_SELF), b = bind_to(DOMID_SELF, a);

    (void)arg;
    forget_events();
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_ipi, &ipi), 0);
    ck_assert_uint_eq(status_in(DOMID_SELF, ipi.port).vcpu, 1);
    ck_assert_int_eq(simple(EVTCHNOP_send, ipi.port), 0);
    ck_assert(told(1));

    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &own[0]), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &own[1]), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &own[1]), -EEXIST);
    event_channel_virq_vcpu(d->vcpus[1], VIRQ_TIMER);
    ck_assert(pending(own[1].port) && !pending(own[0].port));
    ck_assert(told(1));
    event_channel_virq_vcpu(d->vcpus[0], VIRQ_TIMER);
    ck_assert(pending(own[0].port));
    ck_assert(told(0));
    ck_assert_int_eq(simple(EVTCHNOP_close, own[1].port), 0);
    event_channel_virq_vcpu(d->vcpus[1], VIRQ_TIMER); /* nobody has it */
    ck_assert(!pending(own[1].port));
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &own[0]), -EEXIST);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &own[1]), 0);

    global.vcpu = 1;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &global), -EINVAL);
    global.vcpu = 0;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &global), 0);
    event_channel_virq(d, VIRQ_CON_RING);
    ck_assert(told(0));
    move.port = global.port;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &move), 0);
    ck_assert_uint_eq(status_in(DOMID_SELF, global.port).vcpu, 1);
    event_channel_virq(d, VIRQ_CON_RING);
    ck_assert(told(1));
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &global), -EEXIST);
    ck_assert_int_eq(simple(EVTCHNOP_close, global.port), 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &global), 0);
    ck_assert_uint_eq(status_in(DOMID_SELF, global.port).vcpu, 0);

    move.port = b;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &move), 0);
    ck_assert_int_eq(simple(EVTCHNOP_send, a), 0);
    ck_assert(told(1));
    d->shared_info->evtchn_mask[0] = 1UL << b;
    ck_assert_int_eq(simple(EVTCHNOP_send, a), 0);
    ck_assert_int_eq(simple(EVTCHNOP_unmask, b), 0);
    ck_assert(told(1));
    /* The other end's closing does not take it from its vCPU, but its own does. */
    ck_assert_int_eq(simple(EVTCHNOP_close, a), 0);
    ck_assert_uint_eq(status_in(DOMID_SELF, b).vcpu, 1);
    ck_assert_int_eq(simple(EVTCHNOP_close, b), 0);
    ck_assert_uint_eq(status_in(DOMID_SELF, b).vcpu, 0);
    move.vcpu = 2;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &move), -ENOENT);
    move.vcpu = MAX_VCPUS;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_vcpu, &move), -ENOENT);
}

START_TEST(test_two_vcpus)
{
    machine_start(24);
    ck_assert_ptr_nonnull(vcpu_create(guest_create(16, false, two_vcpus, NULL), 1));
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* Tools can make a domain, and channels in it, before its vCPUs. */
START_TEST(test_no_vcpu)
{
    struct domain *d;
    struct vcpu *v;

    machine_start(24);
    d = guest_create(16, false, does_nothing, NULL);
    v = d->vcpus[0];
    ck_assert_ptr_nonnull(vcpu_create(d, 1));
    d->vcpus[0] = NULL;
    d->vcpu_count = 1;
    event_channel_host_raise(d, 1);
    ck_assert(event_channel_pending(d, 1));
    event_channel_virq(d, VIRQ_CONSOLE);
    ck_assert(!event_channel_awaited(d, 1));
    ck_assert(!event_channel_virq_awaited(d, VIRQ_CONSOLE));
    d->vcpus[0] = v;
    d->vcpu_count = 2;
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- many domains: a ring, through which one event goes round ---- */

#define RING 40U

static evtchn_port_t ring_ports[RING];
static unsigned int ring_done;

static void in_ring(void *arg)
{
    uintptr_t place = (uintptr_t)arg;
    evtchn_port_t to_next, from_before = alloc((domid_t)(place ? place : RING));

    current->domain->shared_info->evtchn_mask[0] = ~0UL;
    ring_ports[place] = from_before;
    yield();
    to_next = bind_to((domid_t)((place + 1) % RING + 1), ring_ports[(place + 1) % RING]);
    clear(to_next); /* bind_interdomain raises it once */
    if (place == 0)
        ck_assert_int_eq(simple(EVTCHNOP_send, to_next), 0);
    ck_assert_int_eq(wait_for(from_before), 0);
    ck_assert(pending(from_before));
    ring_done++;
    if (place != 0)
        ck_assert_int_eq(simple(EVTCHNOP_send, to_next), 0);
}

START_TEST(test_many_domains)
{
    machine_start(4 * RING + 8);
    ring_done = 0;
    for (uintptr_t i = 0; i < RING; i++)
        guest_create(4, false, in_ring, (void *)i);
    ck_assert(guest_run());
    ck_assert_uint_eq(ring_done, RING);
    machine_stop();
}
END_TEST

/* ---- the hypercall before 3.2.2 ---- */

static void compat(void *arg)
{
    struct evtchn_op op = {.cmd = EVTCHNOP_bind_ipi};

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_event_channel_op_compat, (uintptr_t)WILD, 0), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_event_channel_op_compat, (uintptr_t)&op, 0), 0);
    ck_assert_uint_eq(status_of(op.u.bind_ipi.port), EVTCHNSTAT_ipi);
    op.cmd = EVTCHNOP_reset;
    ck_assert_int_eq(call(__HYPERVISOR_event_channel_op_compat, (uintptr_t)&op, 0), -ENOSYS);
}

START_TEST(test_compat) { guest_test(compat); }
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
    evtchn_bind_virq_t virq = {.virq = VIRQ_DOM_EXC};

    (void)arg;
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &virq), 0);
    ck_assert_int_eq(simple(EVTCHNOP_send, 1), 0); /* nobody has bound the host's end */
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
    ck_assert(!event_channel_virq_awaited(d, VIRQ_DOM_EXC)); /* the upcall is asked for */
    d->vcpus[0]->info->evtchn_upcall_pending = 0;
    ck_assert(event_channel_virq_awaited(d, VIRQ_DOM_EXC));
    d->vcpus[0]->info->evtchn_upcall_pending = 1;
    event_channel_host_raise(d, 3); /* not the host's */
    ck_assert(!event_channel_pending(d, 3));
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
    tcase_add_test(t, test_dying_peer);
    tcase_add_test(t, test_rights);
    tcase_add_test(t, test_dying_domain);
    tcase_add_test(t, test_wakes);
    tcase_add_test(t, test_two_vcpus);
    tcase_add_test(t, test_no_vcpu);
    tcase_add_test(t, test_many_domains);
    tcase_add_test(t, test_compat);
    tcase_add_test(t, test_host);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
