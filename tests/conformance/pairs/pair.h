/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Two domains of one image that test what is between domains. Each plays a role, "a" or "b", and
 * prints TAP of its own; both transcripts must be the same on the shim and on Xen.
 *
 * They are started together, as "ROLE SELF PEER" with both domains' numbers, and find each other
 * by event channels whose ports are known: the builder of a domain leaves port 3 as the first
 * free one. So the library takes ports 3 and 4 of both; the first that a test gets is 5.
 */
#ifndef TESTS_CONFORMANCE_PAIR_H
#define TESTS_CONFORMANCE_PAIR_H

#include "../tap.h"

#include <stdbool.h>
#include <stdlib.h>

#include <xen/event_channel.h>
#include <xen/sched.h>

#include "core/clock.h"
#include "core/shared_info.h"

#define FIRST_PORT 5U

/* What each test defines. */
static void a(void);
static void b(void);

static domid_t self, peer;

static inline long event_op(unsigned int cmd, void *arg)
{
    return hypercall_event_channel_op(cmd, arg);
}

static inline bool is_pending(evtchn_port_t port)
{
    return __atomic_load_n(&shared_info()->evtchn_pending[port / 64], __ATOMIC_SEQ_CST) >>
               (port % 64) &
           1;
}

static inline void clear_pending(evtchn_port_t port)
{
    __atomic_and_fetch(&shared_info()->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

/* Waits until PORT is pending, and takes the event. */
static inline void wait_for(evtchn_port_t port)
{
    sched_poll_t poll = {.nr_ports = 1};

    set_xen_guest_handle(poll.ports, &port);
    while (!is_pending(port))
        hypercall_sched_op(SCHEDOP_poll, &poll);
    clear_pending(port);
}

/* Lets the other domain and the tools get on: for what no event tells of. */
static inline void pause_a_moment(void)
{
    sched_poll_t poll = {.nr_ports = 0, .timeout = clock_monotonic() + 1000000};

    hypercall_sched_op(SCHEDOP_poll, &poll);
}

static inline long send_on(evtchn_port_t port)
{
    evtchn_send_t send = {.port = port};

    return event_op(EVTCHNOP_send, &send);
}

static inline evtchn_status_t status_of(evtchn_port_t port)
{
    evtchn_status_t status = {.dom = DOMID_SELF, .port = port};

    if (event_op(EVTCHNOP_status, &status) != 0)
        status.status = 0xffff;
    return status;
}

static inline long close_port(evtchn_port_t port)
{
    evtchn_close_t op = {.port = port};

    return event_op(EVTCHNOP_close, &op);
}

/* Offers a port to REMOTE; returns it, or the negative error. */
static inline long offer_to(domid_t remote)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = remote};
    long error = event_op(EVTCHNOP_alloc_unbound, &op);

    return error ? error : (long)op.port;
}

/* Binds to PORT of REMOTE; returns the local port, or the negative error. */
static inline long bind_to(domid_t remote, evtchn_port_t port)
{
    evtchn_bind_interdomain_t op = {.remote_dom = remote, .remote_port = port};
    long error = event_op(EVTCHNOP_bind_interdomain, &op);

    return error ? error : (long)op.local_port;
}

/* ---- meeting ---- */

#define MEETING_PORT 3U

/*
 * Returns when the other is here too. The two channels take turns: whoever is one meeting ahead
 * cannot make an event pending that the other has not taken yet.
 */
static inline void meet(void)
{
    static unsigned int turn;
    evtchn_port_t port = MEETING_PORT + turn;

    turn = !turn;
    send_on(port);
    wait_for(port);
}

static inline void connect(bool offers)
{
    for (evtchn_port_t port = MEETING_PORT; port < FIRST_PORT; port++) {
        long got;

        if (offers) {
            got = offer_to(peer);
        } else {
            while ((got = bind_to(peer, port)) == -XEN_EINVAL || got == -XEN_ESRCH)
                pause_a_moment();
            /* A new binding is pending; the meeting is not. */
            if (got > 0)
                clear_pending((evtchn_port_t)got);
        }
        if (got != (long)port) {
            printf("Bail out! port %u is %ld\n", port, got);
            exit(1);
        }
    }
    /*
     * Sends on an offer that nobody has taken are lost: the one who binds says when both ports are
     * bound, on the port that the second meeting uses.
     */
    if (offers)
        wait_for(MEETING_PORT + 1);
    else
        send_on(MEETING_PORT + 1);
}

int main(int argc, char **argv)
{
    static char buffer[32768];
    bool is_a;

    /* Whole buffers: xenconsoled takes 30 events in 200 ms from a domain. */
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if (argc != 4) {
        printf("Bail out! arguments: ROLE SELF PEER\n");
        return 1;
    }
    is_a = argv[1][0] == 'a';
    self = (domid_t)atoi(argv[2]);
    peer = (domid_t)atoi(argv[3]);
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    connect(is_a);
    if (is_a)
        a();
    else
        b();
    return tap_done();
}

#endif
