/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The guests of life.c. A peer lives as long as the machine; a victim finds it through XenStore
 * and talks to it for ever: an event channel, a page that each grants to the other, watches and
 * nodes. The peer goes on whenever a victim is destroyed, and fails if something of it is left. One
 * that reboots does that, and nothing else.
 */
#include "../conformance/grant.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/event_channel.h>
#include <xen/io/xs_wire.h>
#include <xen/sched.h>

#include "core/shared_info.h"
#include "core/start.h"

static void __attribute__((noreturn)) fail(const char *what, long value)
{
    printf("failed: %s: %ld\n", what, value);
    fflush(stdout);
    exit(1);
}

static void expect(long value, long expected, const char *what)
{
    if (value != expected)
        fail(what, value);
}

/* ---- event channels ---- */

static long event_op(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static long send_on(evtchn_port_t port)
{
    evtchn_send_t send = {.port = port};

    return event_op(EVTCHNOP_send, &send);
}

static uint16_t status_of(evtchn_port_t port)
{
    evtchn_status_t status = {.dom = DOMID_SELF, .port = port};

    expect(event_op(EVTCHNOP_status, &status), 0, "the status of a port");
    return (uint16_t)status.status;
}

static bool take_event(evtchn_port_t port)
{
    uint64_t bit = 1UL << (port % 64),
             *word = (uint64_t *)&shared_info()->evtchn_pending[port / 64];

    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* ---- XenStore ---- */

static struct xenstore_domain_interface *ring;
static evtchn_port_t store;
static char received[8192], answer[4097], events[4096];
static size_t have;

static void wait_on(const evtchn_port_t *ports, unsigned int count)
{
    sched_poll_t poll = {.nr_ports = count};

    set_xen_guest_handle(poll.ports, (evtchn_port_t *)(uintptr_t)ports);
    hypercall_sched_op(SCHEDOP_poll, &poll);
}

static void put(const void *bytes, size_t len)
{
    const char *from = bytes;

    for (size_t i = 0; i < len; i++)
        ring->req[MASK_XENSTORE_IDX(ring->req_prod + (uint32_t)i)] = from[i];
    __atomic_store_n(&ring->req_prod, ring->req_prod + (uint32_t)len, __ATOMIC_SEQ_CST);
}

static void take(void)
{
    while (ring->rsp_cons != __atomic_load_n(&ring->rsp_prod, __ATOMIC_SEQ_CST)) {
        received[have++] = ring->rsp[MASK_XENSTORE_IDX(ring->rsp_cons)];
        __atomic_store_n(&ring->rsp_cons, ring->rsp_cons + 1, __ATOMIC_SEQ_CST);
    }
}

/* The next message, if it is there: an event is added to EVENTS, "path token\n", else true. */
static bool next(struct xsd_sockmsg *header)
{
    while (have >= sizeof *header) {
        size_t size;

        memcpy(header, received, sizeof *header);
        size = sizeof *header + header->len;
        if (have < size)
            break;
        if (header->type == XS_WATCH_EVENT) {
            strcat(events, received + sizeof *header);
            strcat(events, "\n");
        } else {
            memcpy(answer, received + sizeof *header, header->len);
            answer[header->len] = '\0';
        }
        memmove(received, received + size, have - size);
        have -= size;
        if (header->type != XS_WATCH_EVENT)
            return true;
    }
    return false;
}

/* A request of one or two strings; whether it was granted. */
static bool ask(uint32_t type, const char *path, const char *value, bool with_zero)
{
    struct xsd_sockmsg header = {.type = type};
    size_t more = value ? strlen(value) + with_zero : 0;

    header.len = (uint32_t)(strlen(path) + 1 + more);
    put(&header, sizeof header);
    put(path, strlen(path) + 1);
    put(value, more);
    send_on(store);
    for (;;) {
        take_event(store); /* before looking: what comes later sets it again */
        take();
        if (next(&header))
            return header.type != XS_ERROR;
        send_on(store);
        wait_on(&store, 1);
    }
}

static bool write_node(const char *path, const char *value)
{
    return ask(XS_WRITE, path, value, false);
}

static void watch(const char *path) { expect(ask(XS_WATCH, path, "t", true), true, "a watch"); }

static bool saw(const char *path)
{
    char *at = strstr(events, path);

    if (!at)
        return false;
    memset(at, ' ', strlen(path));
    return true;
}

/* ---- the page of the other ---- */

#define REF 16U

static char *const mine = granted[0], *const theirs = target[0];

static int map_theirs(domid_t dom, grant_handle_t *handle)
{
    gnttab_map_grant_ref_t op = {.host_addr = (uintptr_t)theirs,
                                 .flags = GNTMAP_host_map,
                                 .ref = REF,
                                 .dom = dom,
                                 .status = UNTOUCHED};

    expect(gnttab(GNTTABOP_map_grant_ref, &op, 1), 0, "mapping");
    *handle = op.handle;
    return op.status;
}

static void begin(void)
{
    const start_info_t *si = domain_start_info();

    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    ring = memory_initial_page(si->store_mfn);
    store = si->store_evtchn;
    expect(show_table(1), 1, "the grant table");
}

/* ---- the peer ---- */

struct guest {
    domid_t id;
    evtchn_port_t port;
    grant_handle_t handle;
    bool met, mapped;
};

/* A victim has come, or gone already: what it wrote is "ID". */
static void greet(struct guest *g)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF};
    char text[32];

    if (!ask(XS_READ, "/rendezvous/victim", NULL, false) || g->met)
        return;
    g->id = offer.remote_dom = (domid_t)atoi(answer);
    expect(event_op(EVTCHNOP_alloc_unbound, &offer), 0, "offering a port");
    g->port = offer.port;
    grant_v1(REF, GTF_permit_access, g->id, mfn_of(mine));
    g->mapped = map_theirs(g->id, &g->handle) == GNTST_okay;
    g->met = true;
    sprintf(text, "%u", g->port);
    expect(write_node("/rendezvous/peer", text), true, "telling the port");
}

/* One is gone: nothing of it may be left here, but what the peer itself holds. */
static void forget(struct guest *g, unsigned int *rounds, unsigned int *met)
{
    evtchn_close_t close = {.port = g->port};
    char text[32];

    if (g->met) {
        expect(status_of(g->port), EVTCHNSTAT_unbound, "the port of one that is gone");
        expect(send_on(g->port), 0, "a send to it, which is dropped");
        expect(v1[REF].flags, GTF_permit_access, "the grant to it");
        expect(event_op(EVTCHNOP_close, &close), 0, "closing");
        grant_v1(REF, 0, 0, 0);
        if (g->mapped) {
            theirs[0]++; /* the page is there until it is unmapped */
            expect(unmap_at(theirs, g->handle), GNTST_okay, "unmapping");
            expect(restore(theirs), 0, "the own page");
        }
        ask(XS_RM, "/rendezvous/peer", NULL, false);
        sprintf(text, "%u", ++*met);
        expect(write_node("/rendezvous/met", text), true, "counting those that it met");
    }
    ask(XS_RM, "/rendezvous/victim", NULL, false);
    *g = (struct guest){0};
    sprintf(text, "%u", ++*rounds);
    expect(write_node("/rendezvous/rounds", text), true, "counting");
}

static void peer(void)
{
    struct guest g = {0};
    unsigned int rounds = 0, met = 0, talks = 0;

    watch("@releaseDomain");
    watch("/rendezvous/victim");
    events[0] = '\0'; /* each fires at first */
    for (;;) {
        evtchn_port_t ports[2] = {store, g.port};

        if (saw("/rendezvous/victim"))
            greet(&g);
        if (saw("@releaseDomain"))
            forget(&g, &rounds, &met);
        if (g.port && take_event(g.port) && status_of(g.port) == EVTCHNSTAT_interdomain) {
            if (g.mapped)
                sprintf(theirs, "%u", talks++);
            send_on(g.port);
            continue;
        }
        take();
        next(&(struct xsd_sockmsg){0});
        if (strchr(events, '@') || strchr(events, '/'))
            continue;
        events[0] = '\0';
        wait_on(ports, g.port ? 2 : 1);
        take_event(store);
    }
}

/* ---- the victim ---- */

static void victim(void)
{
    evtchn_bind_interdomain_t bind = {0};
    grant_handle_t handle;
    char path[64], text[64];
    domid_t other;

    watch("/rendezvous/peer");
    expect(ask(XS_READ, "/rendezvous/peer_id", NULL, false), true, "who the peer is");
    bind.remote_dom = other = (domid_t)atoi(answer);
    expect(ask(XS_READ, "domid", NULL, false), true, "who it is itself");
    strcpy(text, answer);
    grant_v1(REF, GTF_permit_access, other, mfn_of(mine));
    write_node("/rendezvous/victim", text);
    while (!ask(XS_READ, "/rendezvous/peer", NULL, false)) {
        while (!saw("/rendezvous/peer")) {
            take_event(store);
            take();
            next(&(struct xsd_sockmsg){0});
            if (!strchr(events, '/'))
                wait_on(&store, 1);
        }
    }
    bind.remote_port = (evtchn_port_t)atoi(answer);
    expect(event_op(EVTCHNOP_bind_interdomain, &bind), 0, "binding");
    expect(map_theirs(other, &handle), GNTST_okay, "mapping the peer's page");
    for (unsigned int i = 0;; i++) {
        take_event(bind.local_port);
        sprintf(theirs, "%u", i);
        send_on(bind.local_port);
        wait_on(&bind.local_port, 1);
        if (i % 8 == 0) {
            sprintf(path, "data/%u", i % 64);
            watch(path);
            expect(write_node(path, "something"), true, "writing");
            events[0] = '\0';
        }
        if (i % 16 == 5) {
            expect(unmap_at(theirs, handle), GNTST_okay, "unmapping the peer's page");
            expect(restore(theirs), 0, "the own page");
            expect(map_theirs(other, &handle), GNTST_okay, "mapping it again");
        }
        if (i % 64 == 63)
            expect(ask(XS_RESET_WATCHES, "", NULL, false), true, "forgetting watches");
    }
}

int main(int argc, char **argv)
{
    begin();
    if (argc > 1 && !strcmp(argv[1], "reboot")) {
        sched_shutdown_t reboot = {.reason = SHUTDOWN_reboot};

        write_node("data/reboots", "yes");
        hypercall_sched_op(SCHEDOP_shutdown, &reboot);
    }
    if (argc > 1 && !strcmp(argv[1], "peer"))
        peer();
    victim();
    return 0;
}
