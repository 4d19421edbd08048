/* SPDX-License-Identifier: BSD-3-Clause */
#include "xenstore_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_store_host fake;
struct xenstore *store;

/* ---- the host ---- */

static uint64_t fake_now(void *context)
{
    (void)context;
    return fake.time;
}

static enum xenstore_domain_state fake_state(void *context, unsigned int domid)
{
    (void)context;
    return domid < FAKE_DOMAINS ? fake.domains[domid].state : XENSTORE_DOMAIN_NONE;
}

static struct xenstore_domain_interface *fake_map(void *context, unsigned int domid)
{
    struct fake_domain *d = &fake.domains[domid];

    (void)context;
    ck_assert(!d->mapped);
    if (d->no_page)
        return NULL;
    d->mapped = true;
    return &d->page;
}

static void fake_unmap(void *context, unsigned int domid)
{
    (void)context;
    ck_assert(fake.domains[domid].mapped);
    fake.domains[domid].mapped = false;
}

static bool fake_bind(void *context, unsigned int domid, evtchn_port_t port)
{
    struct fake_domain *d = &fake.domains[domid];

    (void)context;
    (void)port;
    ck_assert(!d->bound);
    d->bound = !d->no_port;
    return d->bound;
}

static void fake_unbind(void *context, unsigned int domid)
{
    (void)context;
    ck_assert(fake.domains[domid].bound);
    fake.domains[domid].bound = false;
}

static void fake_notify(void *context, unsigned int domid)
{
    (void)context;
    ck_assert(fake.domains[domid].bound);
    fake.domains[domid].notified++;
}

static void fake_log(void *context, const char *line)
{
    size_t len = strlen(fake.log);

    (void)context;
    snprintf(fake.log + len, sizeof(fake.log) - len, "%s\n", line);
}

static void fake_trace(void *context, unsigned int domid, bool out,
                       const struct xsd_sockmsg *message, const char *data)
{
    (void)context;
    (void)domid;
    (void)out;
    ck_assert_uint_eq(data[message->len], 0);
    fake.traced++;
}

static size_t local_send(void *context, const char *bytes, size_t len)
{
    struct fake_domain *d = &fake.domains[0];

    (void)context;
    if (len > fake.local_room)
        len = fake.local_room;
    ck_assert_uint_le(d->received_len + len, sizeof(d->received));
    memcpy(d->received + d->received_len, bytes, len);
    d->received_len += len;
    fake.local_room -= len;
    return len;
}

static void local_closed(void *context)
{
    (void)context;
    fake.local_closed = true;
}

void store_start(void)
{
    static const struct xenstore_host host = {.now = fake_now,
                                              .domain_state = fake_state,
                                              .map = fake_map,
                                              .unmap = fake_unmap,
                                              .bind = fake_bind,
                                              .unbind = fake_unbind,
                                              .notify = fake_notify,
                                              .log = fake_log,
                                              .trace = fake_trace};
    static const struct xenstore_local local = {.send = local_send, .closed = local_closed};

    memset(&fake, 0, sizeof(fake));
    fake.domains[0].state = XENSTORE_DOMAIN_RUNNING;
    fake.time = 1000000000;
    fake.local_room = SIZE_MAX;
    store = xenstore_create(&host);
    fake.local = xenstore_local_open(store, &local);
}

void store_stop(void)
{
    ck_assert(node_check_all(store));
    if (!fake.local_closed)
        xenstore_local_close(fake.local);
    xenstore_destroy(store);
    for (unsigned int i = 0; i < FAKE_DOMAINS; i++)
        ck_assert(!fake.domains[i].mapped && !fake.domains[i].bound);
}

/* ---- clients ---- */

void client_start(unsigned int domid)
{
    fake.domains[domid].state = XENSTORE_DOMAIN_RUNNING;
    ck_assert_int_eq(xenstore_introduce(store, domid, 1), 0);
}

void client_put(unsigned int domid, const void *bytes, size_t len)
{
    struct xenstore_domain_interface *p = &fake.domains[domid].page;

    for (size_t i = 0; i < len; i++) {
        ck_assert_uint_lt(p->req_prod - p->req_cons, XENSTORE_RING_SIZE);
        p->req[MASK_XENSTORE_IDX(p->req_prod++)] = ((const char *)bytes)[i];
    }
}

size_t client_message(char *out, uint32_t type, uint32_t id, uint32_t t, const char *text)
{
    struct xsd_sockmsg header = {
        .type = type, .req_id = id, .tx_id = t, .len = (uint32_t)strlen(text)};

    memcpy(out, &header, sizeof(header));
    for (size_t i = 0; i < header.len; i++)
        out[sizeof(header) + i] = text[i] == '|' ? '\0' : text[i];
    return sizeof(header) + header.len;
}

/* Takes what is in the ring; returns whether there was anything. */
static bool client_take(unsigned int domid)
{
    struct fake_domain *d = &fake.domains[domid];
    struct xenstore_domain_interface *p = &d->page;
    bool any = false;

    if (domid == 0 || d->lazy)
        return false;
    while (p->rsp_cons != p->rsp_prod) {
        ck_assert_uint_lt(d->received_len, sizeof(d->received));
        d->received[d->received_len++] = p->rsp[MASK_XENSTORE_IDX(p->rsp_cons++)];
        any = true;
    }
    return any;
}

/* Sends all of it, taking what comes. */
static void client_send(unsigned int domid, const char *bytes, size_t len)
{
    struct xenstore_domain_interface *p = &fake.domains[domid].page;

    if (domid == 0) {
        xenstore_local_receive(fake.local, bytes, len);
        return;
    }
    while (len) {
        size_t room = XENSTORE_RING_SIZE - (p->req_prod - p->req_cons);
        size_t n = len < room ? len : room;

        ck_assert_uint_gt(n, 0);
        client_put(domid, bytes, n);
        bytes += n;
        len -= n;
        xenstore_ring_serve(store, domid);
        while (client_take(domid))
            xenstore_ring_serve(store, domid);
    }
}

static const char *render(const char *data, size_t len)
{
    static char texts[4][70000];
    static unsigned int turn;
    char *text = texts[turn++ % 4];

    for (size_t i = 0; i < len; i++)
        text[i] = data[i] ? data[i] : '|';
    text[len] = '\0';
    return text;
}

/* The next message that is no event, or NULL. */
static const struct xsd_sockmsg *client_next(unsigned int domid, const char **text)
{
    struct fake_domain *d = &fake.domains[domid];
    static struct xsd_sockmsg header;

    while (client_take(domid))
        xenstore_ring_serve(store, domid);
    for (;;) {
        size_t size;

        if (d->received_len < sizeof(header))
            return NULL;
        memcpy(&header, d->received, sizeof(header));
        size = sizeof(header) + header.len;
        ck_assert_uint_le(header.len, XENSTORE_PAYLOAD_MAX);
        if (d->received_len < size)
            return NULL;
        *text = render(d->received + sizeof(header), header.len);
        memmove(d->received, d->received + size, d->received_len - size);
        d->received_len -= size;
        if (header.type != XS_WATCH_EVENT)
            return &header;
        ck_assert_uint_eq(header.req_id | header.tx_id, 0);
        ck_assert_uint_lt(strlen(d->events) + size, sizeof(d->events));
        strcat(d->events, *text);
    }
}

const char *client_answer(unsigned int domid)
{
    static char error[64];
    const char *text;
    const struct xsd_sockmsg *h = client_next(domid, &text);

    if (!h)
        return NULL;
    if (h->type != XS_ERROR)
        return text;
    snprintf(error, sizeof(error), "!%.*s", (int)strlen(text) - 1, text);
    return error;
}

const char *ask(unsigned int domid, uint32_t t, uint32_t type, const char *text)
{
    static char bytes[70000], error[64];
    static uint32_t id;
    const struct xsd_sockmsg *h;
    const char *answer;

    client_send(domid, bytes, client_message(bytes, type, ++id, t, text));
    h = client_next(domid, &answer);
    if (!h)
        return "nothing";
    ck_assert_uint_eq(h->req_id, id);
    ck_assert_uint_eq(h->tx_id, t);
    if (h->type != XS_ERROR) {
        ck_assert_uint_eq(h->type, type);
        return answer;
    }
    snprintf(error, sizeof(error), "!%.*s", (int)strlen(answer) - 1, answer);
    return error;
}

const char *events(unsigned int domid)
{
    struct fake_domain *d = &fake.domains[domid];
    const char *text;

    ck_assert(!client_next(domid, &text));
    text = render(d->events, strlen(d->events));
    d->events[0] = '\0';
    return text;
}

uint32_t begin_transaction(unsigned int domid)
{
    return (uint32_t)strtoul(ask(domid, 0, XS_TRANSACTION_START, "|"), NULL, 10);
}
