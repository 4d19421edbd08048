/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Real time: what comes from outside while nobody can run (wait), and now and then while somebody
 * does (look). An idle host sleeps in libevent.
 */
#include "host.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#define SECOND 1000000000UL

struct host_loop {
    struct event_base *base;
    struct event *timer, *input;
    uint64_t sleeps;
};

/* Whatever it was, the waiting ends, and whoever waited looks. */
static void happened(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
}

struct host_loop *host_loop_create(struct sim_host *h)
{
    struct host_loop *l = calloc(1, sizeof(*l));
    struct event_config *config = event_config_new();

    (void)h;
    if (!l || !config)
        abort();
    /* Else times are rounded up to milliseconds. */
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    l->base = event_base_new_with_config(config);
    event_config_free(config);
    if (!l->base) {
        free(l);
        return NULL;
    }
    l->timer = evtimer_new(l->base, happened, l);
    l->input = event_new(l->base, 0, EV_READ, happened, l);
    return l;
}

struct event_base *host_loop_base(struct host_loop *l) { return l->base; }

uint64_t host_loop_sleeps(const struct host_loop *l) { return l->sleeps; }

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) > 0;
}

/* One turn; it ends the process rather than go round for ever. */
static void turn(struct sim_host *h, int flags)
{
    if (event_base_loop(h->loop->base, flags) >= 0)
        return;
    fprintf(stderr, "%s: cannot wait for anything: %s\n", h->machine.program, strerror(errno));
    if (h->machine.trace)
        trace_flush(h->machine.trace);
    machine_leave(1);
}

static void sleep_until(struct sim_host *h, uint64_t deadline)
{
    uint64_t now = hypervisor_now(h->machine.hv), left = deadline > now ? deadline - now : 0;
    const struct timeval t = {
        .tv_sec = (time_t)(left / SECOND),
        .tv_usec = (suseconds_t)((left % SECOND + 999) / 1000),
    };

    if (deadline != HYPERVISOR_FOREVER)
        event_add(h->loop->timer, &t);
    if (h->machine.trace)
        trace_write_out(h->machine.trace);
    h->loop->sleeps++;
    turn(h, EVLOOP_ONCE);
    event_del(h->loop->timer);
}

enum hypervisor_wait host_loop_wait(struct sim_host *h, uint64_t deadline)
{
    struct sim_domain *reader = machine_reader(&h->machine);

    deadline = machine_deadline(&h->machine, deadline);
    if (!reader && deadline == HYPERVISOR_FOREVER && !h->serves)
        return HYPERVISOR_WAIT_NEVER;
    /* A file is always readable, and nothing that can be waited for. */
    if (reader && !is_readable(0)) {
        event_add(h->loop->input, NULL);
        sleep_until(h, deadline);
        event_del(h->loop->input);
    } else if (!reader) {
        sleep_until(h, deadline);
    }
    if (reader && is_readable(0))
        console_input(&reader->console);
    machine_tick(&h->machine);
    return HYPERVISOR_WAIT_DONE;
}

void host_loop_look(struct sim_host *h) { turn(h, EVLOOP_NONBLOCK); }
