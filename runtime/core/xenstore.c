/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See xenstore.h. Requests wait in a queue for room in the ring, and then in a list for their
 * answers, which come in any order and are told by their numbers. The store sends the events of
 * watches as it likes; a watch is told by its token, which is a number.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/io/xs_wire.h>

#include "core/domain.h"
#include "core/event.h"
#include "core/format.h"
#include "core/hypercall.h"
#include "core/start.h"
#include "core/xenstore.h"

struct xenstore_message {
    struct xenstore_message *next;
    struct xenstore_request *request; /* NULL: forgotten */
    uint32_t id;
    size_t sent, size; /* of BYTES */
    char bytes[];      /* header and payload */
};

struct queue {
    struct xenstore_message *first, **last;
};

static struct {
    enum { UNKNOWN, ABSENT, CONNECTED, BROKEN } state;
    bool alive;
    bool serving; /* store_event is at work, and calls functions of others */
    struct xenstore_domain_interface *ring;
    evtchn_port_t port;
    struct queue unsent, unanswered;
    uint32_t last_id, last_watch;
    struct xenstore_watch *watches;
    /* What is being received; PAYLOAD is allocated when the header is there. */
    struct xsd_sockmsg header;
    size_t header_len, payload_len;
    char *payload;
} store = {
    .unsent = {.last = &store.unsent.first},
    .unanswered = {.last = &store.unanswered.first},
};

bool xenstore_is_alive(void) { return store.alive && store.state == CONNECTED; }

static void append(struct queue *q, struct xenstore_message *m)
{
    m->next = NULL;
    *q->last = m;
    q->last = &m->next;
}

/* Takes the message with number ID out, or the first if ID is 0. */
static struct xenstore_message *take_out(struct queue *q, uint32_t id)
{
    for (struct xenstore_message **link = &q->first; *link; link = &(*link)->next) {
        struct xenstore_message *m = *link;

        if (id && m->id != id)
            continue;
        *link = m->next;
        if (!*link)
            q->last = link;
        return m;
    }
    return NULL;
}

/* DATA is allocated, and goes to who asked. */
static void finish(struct xenstore_message *m, int error, char *data, size_t len)
{
    struct xenstore_request *r = m->request;

    free(m);
    if (!r || error) {
        free(data);
        data = NULL;
    }
    if (!r)
        return;
    r->message = NULL;
    r->error = error;
    r->data = data;
    r->len = len;
    r->done = true;
    if (r->answered)
        r->answered(r);
}

/* The store does not keep to the protocol, or says that we do not: nothing more can come. */
static void give_up(void)
{
    struct xenstore_message *m;

    store.state = BROKEN;
    event_unregister(store.port);
    while ((m = take_out(&store.unanswered, 0)) || (m = take_out(&store.unsent, 0)))
        finish(m, -XEN_EIO, NULL, 0);
}

/* ---- the ring ---- */

static uint32_t acquire(const uint32_t *index) { return __atomic_load_n(index, __ATOMIC_ACQUIRE); }

/* Copies up to LEN bytes out of the ring; returns how many. */
static size_t ring_take(char *to, size_t len)
{
    XENSTORE_RING_IDX cons = store.ring->rsp_cons;
    uint32_t there = acquire(&store.ring->rsp_prod) - cons;

    if (there > XENSTORE_RING_SIZE) {
        give_up();
        return 0;
    }
    if (len > there)
        len = there;
    for (size_t i = 0; i < len; i++)
        to[i] = store.ring->rsp[MASK_XENSTORE_IDX(cons++)];
    __atomic_store_n(&store.ring->rsp_cons, cons, __ATOMIC_RELEASE);
    return len;
}

/* Puts up to LEN bytes into the ring; returns how many. */
static size_t ring_put(const char *from, size_t len)
{
    XENSTORE_RING_IDX prod = store.ring->req_prod;
    uint32_t there = prod - acquire(&store.ring->req_cons);

    if (there > XENSTORE_RING_SIZE) {
        give_up();
        return 0;
    }
    if (len > XENSTORE_RING_SIZE - there)
        len = XENSTORE_RING_SIZE - there;
    for (size_t i = 0; i < len; i++)
        store.ring->req[MASK_XENSTORE_IDX(prod++)] = from[i];
    __atomic_store_n(&store.ring->req_prod, prod, __ATOMIC_RELEASE);
    return len;
}

static bool send_queued(void)
{
    bool moved = false;

    while (store.state == CONNECTED && store.unsent.first) {
        struct xenstore_message *m = store.unsent.first;
        size_t len = ring_put(m->bytes + m->sent, m->size - m->sent);

        if (len == 0)
            break;
        moved = true;
        m->sent += len;
        if (m->sent == m->size)
            append(&store.unanswered, take_out(&store.unsent, 0));
    }
    return moved;
}

/* Takes what there is of a message; returns whether it is whole. */
static bool receive(bool *moved)
{
    struct xsd_sockmsg *h = &store.header;
    size_t len = ring_take((char *)h + store.header_len, sizeof *h - store.header_len);

    *moved = *moved || len;
    store.header_len += len;
    if (store.state != CONNECTED || store.header_len < sizeof *h)
        return false;
    if (h->len > XENSTORE_PAYLOAD_MAX) {
        give_up();
        return false;
    }
    if (!store.payload) {
        store.payload = malloc(h->len + 1);
        if (!store.payload)
            domain_panic("no memory for a message of XenStore's");
        store.payload[h->len] = '\0';
    }
    len = ring_take(store.payload + store.payload_len, h->len - store.payload_len);
    *moved = *moved || len;
    store.payload_len += len;
    return store.state == CONNECTED && store.payload_len == h->len;
}

/* ---- messages ---- */

static int error_number(const char *name)
{
    for (size_t i = 0; i < sizeof xsd_errors / sizeof *xsd_errors; i++) {
        if (strcmp(xsd_errors[i].errstring, name) == 0)
            return -xsd_errors[i].errnum; /* musl's are Xen's */
    }
    return -XEN_EINVAL; /* as libxenstore does */
}

/* Path and token, each with its zero byte. A watch that was stopped can still have some here. */
static void watch_event(const char *path, size_t len)
{
    size_t token = strlen(path) + 1;

    for (struct xenstore_watch *w = store.watches; w && token < len; w = w->next) {
        if (w->id == strtoul(path + token, NULL, 10)) {
            w->fired(w, path);
            return;
        }
    }
}

/* The message that has been received. What others do with it may send, wait and so receive. */
static void deliver(void)
{
    struct xsd_sockmsg h = store.header;
    char *payload = store.payload;
    struct xenstore_message *m;

    store.header_len = store.payload_len = 0;
    store.payload = NULL;
    store.alive = true;
    if (h.type == XS_WATCH_EVENT) {
        watch_event(payload, h.len);
        free(payload);
        return;
    }
    m = take_out(&store.unanswered, h.req_id);
    if (m)
        finish(m, h.type == XS_ERROR ? error_number(payload) : 0, payload, h.len);
    else
        free(payload);
}

/* Receives and sends until nothing moves. */
static void serve(void)
{
    bool moved = true;

    while (moved && store.state == CONNECTED) {
        moved = false;
        while (receive(&moved))
            deliver();
        if (store.state == CONNECTED && acquire(&store.ring->error) != XENSTORE_ERROR_NONE)
            give_up();
        moved = send_queued() || moved;
        if (moved)
            event_send(store.port);
    }
}

static void store_event(evtchn_port_t port, void *arg)
{
    (void)port, (void)arg;
    if (store.serving)
        return; /* whoever waits in there serves */
    store.serving = true;
    serve();
    store.serving = false;
}

/* ---- the connection ---- */

static bool is_bound(evtchn_port_t port)
{
    evtchn_status_t status = {.dom = DOMID_SELF, .port = port};

    return hypercall_event_channel_op(EVTCHNOP_status, &status) == 0 &&
           status.status == EVTCHNSTAT_interdomain;
}

/*
 * What is in the ring is of a kernel that ran in this domain before us. A store that can drops it,
 * with that kernel's watches and transactions; else it is skipped, as Linux does.
 */
static void make_quiet(void)
{
    struct xenstore_domain_interface *ring = store.ring;

    if (ring->req_prod == acquire(&ring->req_cons) && acquire(&ring->rsp_prod) == ring->rsp_cons)
        return;
    if (!(ring->server_features & XENSTORE_SERVER_FEATURE_RECONNECTION)) {
        __atomic_store_n(&ring->rsp_cons, ring->rsp_prod, __ATOMIC_RELEASE);
        return;
    }
    __atomic_store_n(&ring->connection, XENSTORE_RECONNECT, __ATOMIC_SEQ_CST);
    event_send(store.port);
    store.serving = true;
    while (acquire(&ring->connection) != XENSTORE_CONNECTED)
        event_wait(EVENT_FOREVER);
    store.serving = false;
}

static int connect(void)
{
    const start_info_t *si = domain_start_info();

    switch (store.state) {
    case UNKNOWN:
        break;
    case CONNECTED:
        return 0;
    case ABSENT:
        return -XEN_ENXIO;
    case BROKEN:
        return -XEN_EIO;
    }
    store.state = ABSENT;
    store.port = si->store_evtchn;
    if (domain_is_initial() || store.port == 0 || !is_bound(store.port) ||
        event_register(store.port, store_event, NULL) != 0)
        return -XEN_ENXIO;
    store.ring = memory_initial_page(si->store_mfn);
    store.state = CONNECTED;
    make_quiet();
    return 0;
}

int xenstore_send(struct xenstore_request *r, uint32_t type, uint32_t transaction,
                  const void *payload, size_t len)
{
    struct xsd_sockmsg header = {.type = type, .tx_id = transaction, .len = (uint32_t)len};
    int error = connect();

    *r = (struct xenstore_request){.answered = r->answered, .context = r->context};
    if (error)
        return error;
    if (len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    r->message = malloc(sizeof *r->message + sizeof header + len);
    if (!r->message)
        return -XEN_ENOMEM;
    if (++store.last_id == 0)
        store.last_id = 1;
    header.req_id = store.last_id;
    *r->message =
        (struct xenstore_message){.request = r, .id = header.req_id, .size = sizeof header + len};
    memcpy(r->message->bytes, &header, sizeof header);
    memcpy(r->message->bytes + sizeof header, payload, len);
    append(&store.unsent, r->message);
    if (send_queued())
        event_send(store.port);
    return 0;
}

void xenstore_forget(struct xenstore_request *r)
{
    if (r->message)
        r->message->request = NULL;
    r->message = NULL;
}

int xenstore_call(uint32_t type, uint32_t transaction, const void *payload, size_t len, char **data,
                  size_t *answer_len)
{
    struct xenstore_request r = {0};
    int error = xenstore_send(&r, type, transaction, payload, len);

    if (error)
        return error;
    while (!r.done) {
        serve();
        if (!r.done)
            event_wait(EVENT_FOREVER);
    }
    if (data)
        *data = r.data;
    else
        free(r.data);
    if (answer_len)
        *answer_len = r.len;
    return r.error;
}

/* ---- watches ---- */

/* Path and token, each with its zero byte; to be freed. */
static char *watch_payload(const struct xenstore_watch *w, size_t *len)
{
    size_t path = strlen(w->path) + 1, room = path + sizeof "4294967295";
    char *payload = malloc(room);

    if (!payload)
        return NULL;
    memcpy(payload, w->path, path);
    *len = path + (size_t)format(payload + path, room - path, "%u", w->id) + 1;
    return payload;
}

int xenstore_watch_start(struct xenstore_watch *w, const char *path)
{
    size_t len;
    char *payload;
    int error;

    if (++store.last_watch == 0)
        store.last_watch = 1;
    w->id = store.last_watch;
    w->path = strdup(path);
    payload = w->path ? watch_payload(w, &len) : NULL;
    error = payload ? xenstore_send(&w->set, XS_WATCH, XENSTORE_NONE, payload, len) : -XEN_ENOMEM;
    free(payload);
    if (error) {
        free(w->path);
        return error;
    }
    w->next = store.watches;
    store.watches = w;
    return 0;
}

static void unwatched(struct xenstore_request *r)
{
    free(r->data);
    free(r);
}

void xenstore_watch_stop(struct xenstore_watch *w)
{
    struct xenstore_request *r;
    struct xenstore_watch **link = &store.watches;
    size_t len = 0;
    char *payload;

    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
    xenstore_forget(&w->set);
    r = calloc(1, sizeof *r);
    payload = watch_payload(w, &len);
    free(w->path);
    /* If it cannot be sent, its events go nowhere. */
    if (r)
        r->answered = unwatched;
    if (!r || !payload || xenstore_send(r, XS_UNWATCH, XENSTORE_NONE, payload, len) != 0)
        free(r);
    free(payload);
}
