/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Two-level event channels without upcalls: ports stay masked, so that Xen only sets their
 * pending bits (<xen/event_channel.h>, "2-level ABI"), and SCHEDOP_poll waits for those.
 */
#include <stddef.h>
#include <stdint.h>

#include <xen/errno.h>
#include <xen/sched.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/hypercall.h"
#include "core/shared_info.h"

/* SCHEDOP_poll takes at most this many ports (do_poll, xen/common/sched/core.c). */
#define MAX_PORTS 128

struct registration {
    event_handler *handler;
    void *arg;
};

/* The same index in both; the array of ports is what SCHEDOP_poll reads. */
static evtchn_port_t ports[MAX_PORTS];
static struct registration registrations[MAX_PORTS];
static unsigned int port_count;

#define BITS_PER_WORD (8 * sizeof(xen_ulong_t))

static xen_ulong_t *bit_word(xen_ulong_t *map, evtchn_port_t port)
{
    return &map[port / BITS_PER_WORD];
}

static xen_ulong_t bit_mask(evtchn_port_t port) { return (xen_ulong_t)1 << (port % BITS_PER_WORD); }

static unsigned int find(evtchn_port_t port)
{
    unsigned int i;

    for (i = 0; i < port_count && ports[i] != port; i++)
        ;
    return i;
}

int event_register(evtchn_port_t port, event_handler *handler, void *arg)
{
    xen_ulong_t *mask = shared_info()->evtchn_mask;

    if (port >= BITS_PER_WORD * BITS_PER_WORD)
        return -XEN_EINVAL;
    if (find(port) != port_count)
        return -XEN_EBUSY;
    if (port_count == MAX_PORTS)
        return -XEN_ENOSPC;
    __atomic_or_fetch(bit_word(mask, port), bit_mask(port), __ATOMIC_SEQ_CST);
    ports[port_count] = port;
    registrations[port_count++] = (struct registration){handler, arg};
    return 0;
}

void event_unregister(evtchn_port_t port)
{
    unsigned int i = find(port);

    if (i == port_count)
        return;
    port_count--;
    ports[i] = ports[port_count];
    registrations[i] = registrations[port_count];
}

int event_bind_virq(uint32_t virq)
{
    evtchn_bind_virq_t op = {.virq = virq, .vcpu = 0};
    long error = hypercall_event_channel_op(EVTCHNOP_bind_virq, &op);

    return error ? (int)error : (int)op.port;
}

int event_offer(domid_t remote)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = remote};
    long error = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &op);

    return error ? (int)error : (int)op.port;
}

int event_take_offer(domid_t remote, evtchn_port_t port)
{
    evtchn_bind_interdomain_t op = {.remote_dom = remote, .remote_port = port};
    long error = hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &op);

    return error ? (int)error : (int)op.local_port;
}

int event_close(evtchn_port_t port)
{
    evtchn_close_t op = {.port = port};

    event_unregister(port);
    return (int)hypercall_event_channel_op(EVTCHNOP_close, &op);
}

int event_send(evtchn_port_t port)
{
    evtchn_send_t op = {.port = port};

    return (int)hypercall_event_channel_op(EVTCHNOP_send, &op);
}

bool event_poll(void)
{
    xen_ulong_t *pending = shared_info()->evtchn_pending;
    bool ran = false;

    /* Cleared before the handler looks: what comes meanwhile sets the bit again. */
    for (unsigned int i = 0; i < port_count; i++) {
        evtchn_port_t port = ports[i];
        xen_ulong_t *word = bit_word(pending, port);

        if (!(__atomic_load_n(word, __ATOMIC_ACQUIRE) & bit_mask(port)))
            continue;
        __atomic_and_fetch(word, ~bit_mask(port), __ATOMIC_SEQ_CST);
        registrations[i].handler(port, registrations[i].arg);
        ran = true;
    }
    return ran;
}

bool event_wait(uint64_t deadline)
{
    sched_poll_t poll = {.nr_ports = port_count};

    set_xen_guest_handle(poll.ports, ports);
    for (;;) {
        if (event_poll())
            return true;
        if (deadline != EVENT_FOREVER && clock_monotonic() >= deadline)
            return false;
        poll.timeout = deadline == EVENT_FOREVER ? 0 : deadline;
        poll.nr_ports = port_count;
        if (hypercall_sched_op(SCHEDOP_poll, &poll) != 0)
            domain_panic("Xen refuses to wait for %u event channels", port_count);
    }
}
