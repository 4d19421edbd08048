/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels between two domains. It would catch an event that reaches the wrong domain or
 * port, a right that Xen does not give (over another domain's ports), an end that stays bound
 * when the other is closed or its domain has gone, and a limit other than Xen's.
 */
#include "pair.h"

/* What xl gives a domain: ports up to 1023 (xl.cfg(5), max_event_channels). */
#define LAST_PORT 1023

static bool is_masked(evtchn_port_t port)
{
    return shared_info()->evtchn_mask[port / 64] >> (port % 64) & 1;
}

static void clear_vcpu(void)
{
    shared_vcpu_info()->evtchn_upcall_pending = 0;
    shared_vcpu_info()->evtchn_pending_sel = 0;
}

static long unmask(evtchn_port_t port)
{
    evtchn_unmask_t op = {.port = port};

    return event_op(EVTCHNOP_unmask, &op);
}

/* ---- an offer, taken ---- */

static void a_offers(void)
{
    evtchn_status_t status;

    answers(offer_to(peer), FIRST_PORT, "alloc_unbound for the other gives the first free port");
    status = status_of(FIRST_PORT);
    ok(status.status == EVTCHNSTAT_unbound && status.u.unbound.dom == peer,
       "its status names the other domain");
    answers(send_on(FIRST_PORT), 0, "send before it is taken does nothing");
    meet();
    meet(); /* b has bound */
    status = status_of(FIRST_PORT);
    ok(status.status == EVTCHNSTAT_interdomain && status.u.interdomain.dom == peer,
       "it is bound to the other domain");
    ok(status.u.interdomain.port == FIRST_PORT, "to the port that b got");
    ok(status.vcpu == 0, "it notifies vCPU 0");
    ok(!is_pending(FIRST_PORT), "the binding makes no event here");
}

static void b_binds(void)
{
    evtchn_status_t status;

    meet();
    answers(bind_to(peer, FIRST_PORT), FIRST_PORT, "bind_interdomain gives the first free port");
    ok(is_pending(FIRST_PORT), "which is pending at once");
    clear_pending(FIRST_PORT);
    status = status_of(FIRST_PORT);
    ok(status.status == EVTCHNSTAT_interdomain && status.u.interdomain.dom == peer &&
           status.u.interdomain.port == FIRST_PORT,
       "its status names the other end");
    answers(bind_to(peer, FIRST_PORT), -XEN_EINVAL, "what is bound cannot be bound again");
    meet();
}

/* ---- sends, both ways ---- */

static void a_sends(void)
{
    meet();
    answers(send_on(FIRST_PORT), 0, "a sends");
    ok(!is_pending(FIRST_PORT), "nothing comes back");
    meet();
    meet();
    ok(is_pending(FIRST_PORT), "an event came from b");
    clear_pending(FIRST_PORT);
    meet();
    answers(send_on(FIRST_PORT), 0, "a sends once");
    answers(send_on(FIRST_PORT), 0, "a sends twice, before b looks");
    meet();
}

static void b_receives(void)
{
    sched_poll_t poll = {.nr_ports = 1};
    evtchn_port_t port = FIRST_PORT;

    meet();
    set_xen_guest_handle(poll.ports, &port);
    while (!is_pending(port))
        hypercall_sched_op(SCHEDOP_poll, &poll);
    ok(is_pending(port), "poll returns when the event has come");
    answers(hypercall_sched_op(SCHEDOP_poll, &poll), 0, "and at once while it is pending");
    clear_pending(port);
    meet();
    answers(send_on(port), 0, "b sends");
    ok(!is_pending(port), "nothing comes back");
    meet();
    meet();
    meet();
    ok(is_pending(port), "two sends are one event");
    clear_pending(port);
    ok(!is_pending(port), "which is taken once");
}

/* ---- masks ---- */

static void a_sends_to_masks(void)
{
    for (int i = 0; i < 3; i++) {
        meet();
        send_on(FIRST_PORT);
        meet();
    }
}

static void b_masks(void)
{
    vcpu_info_t *vcpu = shared_vcpu_info();

    clear_vcpu();
    meet();
    meet();
    ok(is_pending(FIRST_PORT), "an event comes on a masked port");
    ok(!vcpu->evtchn_upcall_pending && !vcpu->evtchn_pending_sel, "and asks for nothing");
    answers(unmask(FIRST_PORT), 0, "unmask");
    ok(!is_masked(FIRST_PORT) && vcpu->evtchn_upcall_pending, "asks for the upcall");
    ok(vcpu->evtchn_pending_sel == 1, "and marks the word");
    clear_vcpu();
    meet();
    meet();
    ok(!vcpu->evtchn_upcall_pending, "a second one, while it is pending, asks for nothing");
    clear_pending(FIRST_PORT);
    meet();
    meet();
    ok(is_pending(FIRST_PORT) && vcpu->evtchn_upcall_pending && vcpu->evtchn_pending_sel == 1,
       "the next one, on the open port, asks for the upcall itself");
    shared_info()->evtchn_mask[0] = ~0UL;
    clear_pending(FIRST_PORT);
    clear_vcpu();
}

/* ---- closing, and binding again ---- */

static void a_sees_closing(void)
{
    evtchn_status_t status;

    meet();
    send_on(FIRST_PORT);
    meet();
    meet(); /* b has closed its end */
    status = status_of(FIRST_PORT);
    ok(status.status == EVTCHNSTAT_unbound && status.u.unbound.dom == peer,
       "when b closes its end, this one is an offer again");
    answers(send_on(FIRST_PORT), 0, "send on it does nothing");
    meet();
    meet(); /* b has bound again */
    ok(status_of(FIRST_PORT).status == EVTCHNSTAT_interdomain, "b has bound to it again");
    answers(send_on(FIRST_PORT), 0, "send");
    meet();
    answers(close_port(FIRST_PORT), 0, "a closes its end");
    ok(status_of(FIRST_PORT).status == EVTCHNSTAT_closed, "it is closed");
    answers(send_on(FIRST_PORT), -XEN_EINVAL, "and cannot be sent on");
    answers(close_port(FIRST_PORT), -XEN_EINVAL, "nor closed again");
    meet();
    meet(); /* b has seen it */
    answers(bind_to(peer, FIRST_PORT), FIRST_PORT, "a binds to what b was left with");
    answers(send_on(FIRST_PORT), 0, "and sends");
    meet();
    answers(close_port(FIRST_PORT), 0, "a closes again");
    meet();
}

static void b_closes(void)
{
    evtchn_status_t status;

    meet();
    meet();
    ok(is_pending(FIRST_PORT), "an event has come");
    answers(close_port(FIRST_PORT), 0, "b closes its end");
    ok(!is_pending(FIRST_PORT), "which takes the event away");
    ok(status_of(FIRST_PORT).status == EVTCHNSTAT_closed, "it is closed");
    meet();
    meet();
    ok(!is_pending(FIRST_PORT), "nothing comes on a closed port");
    answers(bind_to(peer, FIRST_PORT), FIRST_PORT, "b binds again, to the same port");
    clear_pending(FIRST_PORT);
    meet();
    meet();
    ok(is_pending(FIRST_PORT), "an event has come again");
    meet(); /* a has closed its end */
    status = status_of(FIRST_PORT);
    ok(status.status == EVTCHNSTAT_unbound && status.u.unbound.dom == peer,
       "when a closes its end, this one is an offer to a");
    ok(is_pending(FIRST_PORT), "the event stays");
    clear_pending(FIRST_PORT);
    answers(send_on(FIRST_PORT), 0, "send on it does nothing");
    meet();
    meet();
    ok(is_pending(FIRST_PORT), "an event comes from a's new end");
    clear_pending(FIRST_PORT);
    meet();
    answers(close_port(FIRST_PORT), 0, "b closes");
}

/* ---- what is not allowed ---- */

#define FOR_ITSELF FIRST_PORT       /* a's offers: to itself, */
#define FOR_DOM0   (FIRST_PORT + 1) /* to domain 0, */
#define FOR_NOBODY (FIRST_PORT + 2) /* to a domain that is not there, */
#define FOR_B      (FIRST_PORT + 3) /* to b, */
#define FREE       (FIRST_PORT + 4)

static void a_refuses(void)
{
    evtchn_status_t status = {.dom = peer, .port = FOR_B};
    evtchn_alloc_unbound_t unbound = {.dom = peer, .remote_dom = self};
    evtchn_reset_t reset = {.dom = peer};

    answers(offer_to(DOMID_SELF), FOR_ITSELF, "an offer to itself");
    ok(status_of(FOR_ITSELF).u.unbound.dom == self, "names this domain");
    answers(offer_to(0), FOR_DOM0, "an offer to domain 0");
    answers(offer_to(4321), FOR_NOBODY, "an offer to a domain that is not there");
    answers(offer_to(peer), FOR_B, "an offer to b");
    answers(event_op(EVTCHNOP_status, &status), -XEN_EPERM, "status in the other domain");
    answers(event_op(EVTCHNOP_alloc_unbound, &unbound), -XEN_EPERM, "an offer of the other's");
    unbound.dom = 0;
    answers(event_op(EVTCHNOP_alloc_unbound, &unbound), -XEN_EPERM, "an offer of domain 0's");
    answers(event_op(EVTCHNOP_reset, &reset), -XEN_EPERM, "reset of the other domain");
    reset.dom = 4321;
    answers(event_op(EVTCHNOP_reset, &reset), -XEN_ESRCH, "reset of a domain that is not there");
    meet();
    meet();
    ok(status_of(FOR_ITSELF).status == EVTCHNSTAT_unbound &&
           status_of(FOR_DOM0).status == EVTCHNSTAT_unbound &&
           status_of(FOR_NOBODY).status == EVTCHNSTAT_unbound &&
           status_of(FOR_B).status == EVTCHNSTAT_unbound,
       "all offers are as they were");
    for (evtchn_port_t port = FOR_ITSELF; port <= FOR_B; port++)
        close_port(port);
    meet();
    meet();
}

static void b_is_refused(void)
{
    evtchn_bind_interdomain_t bind = {.remote_dom = peer, .remote_port = FOR_B};
    evtchn_bind_vcpu_t vcpu = {.port = MEETING_PORT, .vcpu = 4000};

    meet();
    answers(bind_to(peer, FOR_ITSELF), -XEN_EINVAL, "bind to an offer of a's to itself");
    answers(bind_to(peer, FOR_DOM0), -XEN_EINVAL, "bind to an offer to another domain");
    answers(bind_to(peer, FOR_NOBODY), -XEN_EINVAL, "bind to an offer to nobody");
    answers(bind_to(peer, 0), -XEN_EINVAL, "bind to port 0");
    answers(bind_to(peer, 1), -XEN_EINVAL, "bind to the port of a's XenStore");
    answers(bind_to(peer, FREE), -XEN_EINVAL, "bind to a port that is free");
    answers(bind_to(peer, 1 << 20), -XEN_EINVAL, "bind to a port beyond all");
    answers(bind_to(4321, 1), -XEN_ESRCH, "bind in a domain that is not there");
    answers(bind_to(DOMID_SELF, FOR_B), -XEN_EINVAL, "bind to a free port of its own");
    answers(bind_to(0, 1 << 20), -XEN_EINVAL, "bind to a port of domain 0's beyond all");
    bind.remote_dom = DOMID_XEN;
    answers(event_op(EVTCHNOP_bind_interdomain, &bind), -XEN_ESRCH, "bind in DOMID_XEN");
    answers(event_op(EVTCHNOP_bind_interdomain, WILD_POINTER), -XEN_EFAULT, "a wild pointer");
    answers(event_op(EVTCHNOP_bind_vcpu, &vcpu), -XEN_ENOENT, "bind_vcpu to vCPU 4000");
    vcpu.vcpu = 0;
    answers(event_op(EVTCHNOP_bind_vcpu, &vcpu), 0, "bind_vcpu of an interdomain port to vCPU 0");
    meet();
    meet();
    answers(bind_to(peer, FOR_B), -XEN_EINVAL, "bind to an offer that was taken back");
    meet();
}

/* ---- limits ---- */

static void a_offers_all(void)
{
    long port, last = 0;

    while ((port = offer_to(peer)) > 0)
        last = port;
    answers(port, -XEN_ENOSPC, "offers end");
    ok(last == LAST_PORT, "with port %d", LAST_PORT);
    answers(bind_to(peer, FIRST_PORT), -XEN_ENOSPC, "nor is there a port to bind with");
    answers(send_on(LAST_PORT), 0, "send on the last, unbound");
    meet();
    meet();
    ok(status_of(LAST_PORT).status == EVTCHNSTAT_interdomain, "b has bound to the last");
    ok(is_pending(LAST_PORT), "and its event came");
    for (port = FIRST_PORT; port <= LAST_PORT; port++) {
        if (close_port((evtchn_port_t)port) != 0)
            break;
    }
    ok(port == LAST_PORT + 1, "all are closed");
    ok(!is_pending(LAST_PORT), "the event went with its port");
    answers(offer_to(peer), FIRST_PORT, "and the first is given out again");
    close_port(FIRST_PORT);
    meet();
}

static void b_binds_the_last(void)
{
    meet();
    answers(bind_to(peer, LAST_PORT + 1), -XEN_EINVAL, "there is no port after a's last");
    answers(bind_to(peer, LAST_PORT), FIRST_PORT, "bind to a's last port");
    answers(send_on(FIRST_PORT), 0, "send");
    meet();
    meet();
    ok(status_of(FIRST_PORT).status == EVTCHNSTAT_unbound, "a has closed it");
    close_port(FIRST_PORT);
}

/* ---- the end of a domain ---- */

#define BOUND_BY_B (FIRST_PORT + 1)
#define BOUND_BY_A (FIRST_PORT + 2)

static void a_survives(void)
{
    evtchn_status_t status;
    long error;

    answers(offer_to(peer), FIRST_PORT, "an offer that b does not take");
    answers(offer_to(peer), BOUND_BY_B, "an offer that b takes");
    meet();
    meet();
    answers(bind_to(peer, FIRST_PORT), BOUND_BY_A, "an offer of b's, taken");
    send_on(BOUND_BY_A);
    meet();
    /* No event tells of it. */
    while (status_of(BOUND_BY_B).status == EVTCHNSTAT_interdomain ||
           status_of(BOUND_BY_A).status == EVTCHNSTAT_interdomain)
        pause_a_moment();
    status = status_of(BOUND_BY_B);
    ok(status.status == EVTCHNSTAT_unbound && status.u.unbound.dom == peer,
       "after b's end, what it had bound is an offer again");
    ok(is_pending(BOUND_BY_B), "the last event that it sent is there");
    ok(status_of(BOUND_BY_A).status == EVTCHNSTAT_unbound, "what was bound to it is one too");
    answers(send_on(BOUND_BY_B), 0, "send to nobody");
    while ((error = bind_to(peer, FIRST_PORT)) == -XEN_EINVAL)
        pause_a_moment();
    answers(error, -XEN_ESRCH, "there is no such domain any more");
    ok(status_of(FIRST_PORT).status == EVTCHNSTAT_unbound, "the offer that was not taken stays");
    answers(offer_to(peer), BOUND_BY_A + 1, "an offer to a domain that has gone");
    answers(close_port(BOUND_BY_B), 0, "close of a port that was bound to it");
}

static void b_goes(void)
{
    meet();
    answers(bind_to(peer, BOUND_BY_B), FIRST_PORT, "bind");
    answers(offer_to(peer), FIRST_PORT + 1, "an offer to a");
    close_port(FIRST_PORT);
    answers(offer_to(peer), FIRST_PORT, "an offer to a, first");
    answers(bind_to(peer, BOUND_BY_B), FIRST_PORT + 2, "bind again");
    meet();
    meet();
    ok(is_pending(FIRST_PORT), "a has bound to the offer and sent");
    answers(send_on(FIRST_PORT + 2), 0, "send, and end");
}

static void a(void)
{
    a_offers();
    a_sends();
    a_sends_to_masks();
    a_sees_closing();
    a_refuses();
    a_offers_all();
    a_survives();
}

static void b(void)
{
    b_binds();
    b_receives();
    b_masks();
    b_closes();
    b_is_refused();
    b_binds_the_last();
    b_goes();
}
