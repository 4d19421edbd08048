/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels between a domain that uses the FIFO ABI and one that does not, neither of them
 * the initial domain. It would catch an event that goes by the sender's ABI, not the receiver's,
 * a priority or a queue that the other end's closing takes away, and more ports than a domain may
 * have.
 */
#include "pair.h"

#include <xen/io/console.h>

#include "core/domain.h"
#include "core/memory.h"
#include "core/start.h"

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED  (1U << EVTCHN_FIFO_MASKED)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)

/* Two channels between them, the first offered by a, the second by b. */
#define FIRST  FIRST_PORT
#define SECOND (FIRST_PORT + 1)

/* What xl gives a domain: ports up to 1023 (xl.cfg(5), max_event_channels). */
#define LAST_PORT 1023

static char control_page[4096] __attribute__((aligned(4096)));
static event_word_t array[1024] __attribute__((aligned(4096)));
static evtchn_fifo_control_block_t *const control = (void *)control_page;

static unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static long set_priority(evtchn_port_t port, unsigned int priority)
{
    evtchn_set_priority_t arg = {.port = port, .priority = priority};

    return event_op(EVTCHNOP_set_priority, &arg);
}

static event_word_t value(evtchn_port_t port)
{
    return __atomic_load_n(&array[port], __ATOMIC_SEQ_CST);
}

static uint32_t ready(void) { return __atomic_load_n(&control->ready, __ATOMIC_SEQ_CST); }

/* The head of QUEUE, taken out of it and not pending any more. */
static evtchn_port_t take(unsigned int queue)
{
    evtchn_port_t port = control->head[queue];
    event_word_t old;

    if (!(ready() >> queue & 1))
        return 0;
    old = __atomic_fetch_and(&array[port], ~(PENDING | LINKED | EVTCHN_FIFO_LINK_MASK),
                             __ATOMIC_SEQ_CST);
    control->head[queue] = old & EVTCHN_FIFO_LINK_MASK;
    if (!control->head[queue])
        __atomic_fetch_and(&control->ready, ~(1U << queue), __ATOMIC_SEQ_CST);
    return port;
}

/* meet() looks at two-level bits, which a has no more: its part of it, where b does its own. */
static void fifo_meet(void)
{
    static unsigned int turn;
    evtchn_port_t port = MEETING_PORT + turn;
    sched_poll_t poll = {.nr_ports = 1};

    turn = !turn;
    set_xen_guest_handle(poll.ports, &port);
    send_on(port);
    while (!(value(port) & PENDING))
        hypercall_sched_op(SCHEDOP_poll, &poll);
    __atomic_fetch_and(&array[port], ~PENDING, __ATOMIC_SEQ_CST);
}

static void a_changes(void)
{
    evtchn_init_control_t init = {.control_gfn = mfn_of(control_page)};
    evtchn_expand_array_t expand = {.array_gfn = mfn_of(array)};
    evtchn_bind_pirq_t pirq = {.pirq = 1};

    answers(event_op(EVTCHNOP_bind_pirq, &pirq), -XEN_EPERM, "an interrupt line");
    pirq.pirq = 1 << 20;
    answers(event_op(EVTCHNOP_bind_pirq, &pirq), -XEN_EINVAL, "a line beyond all");
    answers(offer_to(peer), FIRST, "an offer");
    /* All ports are masked: the library's meetings, XenStore and the console. */
    for (unsigned int i = 0; i < sizeof array / sizeof array[0]; i++)
        array[i] = MASKED;
    answers(event_op(EVTCHNOP_init_control, &init), 0, "init_control");
    answers(event_op(EVTCHNOP_expand_array, &expand), 0, "expand_array");
    answers(set_priority(FIRST, 3), 0, "a priority for the offer");
    ok(ready() == 0, "nothing is ready");
    array[FIRST] = 0;
    fifo_meet();
    fifo_meet(); /* b has bound, offered, sent */
    ok(value(FIRST) == (PENDING | LINKED), "what b sent is linked");
    ok(ready() == 1U << 3 && control->head[3] == FIRST, "in the queue of the offer's priority");
    ok(take(3) == FIRST, "taken");
    array[SECOND] = 0;
    answers(bind_to(peer, FIRST + 1), SECOND, "bind to b's offer");
    ok(ready() == 1U << EVTCHN_FIFO_PRIORITY_DEFAULT, "is ready at once, by the default priority");
    ok(take(EVTCHN_FIFO_PRIORITY_DEFAULT) == SECOND, "taken");
    answers(send_on(FIRST), 0, "a sends on the first");
    answers(send_on(SECOND), 0, "and the second");
    fifo_meet();
    fifo_meet(); /* b has sent on both, and closed the first */
    ok(ready() == (1U << 3 | 1U << EVTCHN_FIFO_PRIORITY_DEFAULT), "two events of two queues");
    ok(value(FIRST) == (PENDING | LINKED), "the event of a channel that b has closed since stays");
    ok(status_of(FIRST).status == EVTCHNSTAT_unbound, "the channel is an offer again");
    fifo_meet();
    fifo_meet(); /* b has bound to it again, and sent */
    ok(value(FIRST) == (PENDING | LINKED) && ready() & 1U << 3, "sent again, it is where it was");
    ok(take(3) == FIRST && take(EVTCHN_FIFO_PRIORITY_DEFAULT) == SECOND, "both are taken");
    fifo_meet();
    fifo_meet(); /* b has sent on the first */
    ok(control->head[3] == FIRST && ready() == 1U << 3, "the end has kept its priority");
    take(3);
}

static void b_stays(void)
{
    meet();
    answers(bind_to(peer, FIRST), FIRST, "bind to a's offer");
    ok(is_pending(FIRST), "by two-level bits");
    clear_pending(FIRST);
    answers(offer_to(peer), SECOND, "an offer");
    answers(set_priority(SECOND, 3), -XEN_ENOSYS, "which has no priority");
    answers(send_on(FIRST), 0, "send");
    meet();
    meet();
    ok(is_pending(FIRST) && is_pending(SECOND), "a's events are two-level bits");
    clear_pending(FIRST);
    clear_pending(SECOND);
    answers(send_on(FIRST), 0, "send on the first");
    answers(send_on(SECOND), 0, "and the second");
    answers(close_port(FIRST), 0, "close of the first");
    meet();
    meet();
    answers(bind_to(peer, FIRST), FIRST, "bind again");
    answers(send_on(FIRST), 0, "send");
    meet();
    meet();
    answers(send_on(FIRST), 0, "send");
    meet();
}

static void a_fills(void)
{
    long port, last = 0;

    while ((port = offer_to(peer)) > 0)
        last = port;
    answers(port, -XEN_ENOSPC, "ports end");
    ok(last == LAST_PORT, "with %d, under the FIFO ABI too", LAST_PORT);
    close_port(LAST_PORT);
    array[LAST_PORT] = LINKED;
    answers(offer_to(peer), -XEN_ENOSPC, "a free port that is linked is none");
    array[LAST_PORT] = 0;
    answers(offer_to(peer), LAST_PORT, "until it is not");
    fifo_meet();
    fifo_meet(); /* b has bound to the last */
    ok(value(LAST_PORT) == (PENDING | LINKED), "an event on the last port");
}

static void b_binds_the_last(void)
{
    meet();
    answers(bind_to(peer, LAST_PORT), SECOND + 1, "bind to a's last port");
    answers(send_on(SECOND + 1), 0, "send");
    meet();
}

/*
 * The guest's console waits for the two-level bit of its port, which nobody sets any more: so all
 * that a writes must have been taken before it ends.
 */
static void drain(void)
{
    const start_info_t *si = domain_start_info();
    const struct xencons_interface *ring = memory_initial_page(si->console.domU.mfn);
    evtchn_port_t port = si->console.domU.evtchn;
    sched_poll_t poll = {.nr_ports = 1};

    fflush(stdout);
    set_xen_guest_handle(poll.ports, &port);
    for (;;) {
        __atomic_fetch_and(&array[port], ~PENDING, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) == ring->out_prod)
            return;
        hypercall_sched_op(SCHEDOP_poll, &poll);
    }
}

static void a(void)
{
    int failed;

    a_changes();
    drain();
    a_fills();
    failed = tap_done();
    drain();
    exit(failed);
}

static void b(void)
{
    b_stays();
    b_binds_the_last();
}
