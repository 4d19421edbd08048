/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Connections: messages in and out, over whatever moves bytes. Requests of one are answered one
 * after the other. What is not taken yet is counted: a domain that does not take its answers, or
 * that makes events which others do not take, is not listened to any more after some.
 */
#include "xenstore/store.h"

#include <stdlib.h>
#include <string.h>

#define EVENT_TIMEOUT 20000000000U /* nanoseconds that an event waits for a domain to take it */

/*
 * What a local connection may leave unread of events. Nothing limits what other privileged ones do
 * meanwhile, and whether an event is among those that wait is looked for in all of them.
 */
#define UNREAD_MOST (1U << 20) /* bytes of memory */

static struct message *message_of(struct link *l) { return container_of(l, struct message, link); }

/* ---- messages ---- */

struct message *message_new(const struct xsd_sockmsg *header)
{
    struct message *m = store_realloc(NULL, sizeof(*m));

    *m = (struct message){.data = NULL};
    list_init(&m->link);
    if (header)
        m->header = *header;
    return m;
}

static void message_room(struct message *m, size_t len)
{
    if (m->data != m->small)
        free(m->data);
    m->data = len < sizeof(m->small) ? m->small : store_realloc(NULL, len + 1);
    m->data[len] = '\0';
}

void message_free(struct message *m)
{
    if (m->data != m->small)
        free(m->data);
    list_remove(&m->link);
    free(m);
}

static void outstanding_less(struct connection *c)
{
    if (!c->domain)
        return;
    c->domain->outstanding--;
    connection_activate(c);
}

/* An event of M's has been taken, or forgotten. */
static void event_done(struct message *m)
{
    if (--m->events || m->queued)
        return;
    if (m->owner)
        outstanding_less(m->owner);
    message_free(m);
}

/* The first of C's messages has been sent, or some of them is forgotten. */
static void message_done(struct connection *c, struct message *m)
{
    list_remove(&m->link);
    m->queued = false;
    quota_memory_sub(c->store, c->id, m->header.len + sizeof(m->header));
    c->unsent -= m->header.len + sizeof(*m);
    if (m->is_event) {
        if (m->cause)
            event_done(m->cause);
        message_free(m);
    } else if (m->events) {
        m->owner = c;
        list_append(&c->waiting, &m->link);
    } else {
        outstanding_less(c);
        message_free(m);
    }
}

static void queue(struct connection *c, struct message *m)
{
    struct xenstore *s = c->store;

    quota_memory_add(s, c->id, m->header.len + sizeof(m->header));
    c->unsent += m->header.len + sizeof(*m);
    list_append(&c->out, &m->link);
    m->queued = true;
    m->used = 0;
    connection_activate(c);
    if (s->host.trace)
        s->host.trace(s->host.context, c->id, true, &m->header, m->data);
}

void send_reply(struct connection *c, uint32_t type, const void *data, size_t len)
{
    struct message *m = c->in;

    if (len > XENSTORE_PAYLOAD_MAX) {
        send_error(c, E2BIG);
        return;
    }
    /* Errors are told although there is no memory left. */
    if (len > 16 && !quota_memory_allows(c->store, c->id, len + sizeof(m->header))) {
        send_error(c, ENOMEM);
        return;
    }
    c->in = NULL;
    m->header.type = type;
    m->header.len = (uint32_t)len;
    message_room(m, len);
    if (len)
        memcpy(m->data, data, len);
    queue(c, m);
    if (c->domain)
        c->domain->outstanding++;
}

void send_error(struct connection *c, int error)
{
    size_t i = sizeof(xsd_errors) / sizeof(xsd_errors[0]);

    /* What the protocol has no name for is EINVAL, the first. */
    while (--i > 0 && xsd_errors[i].errnum != error)
        ;
    send_reply(c, XS_ERROR, xsd_errors[i].errstring, strlen(xsd_errors[i].errstring) + 1);
}

/* Whether C is going to be told just this. Each special event counts. */
static bool is_queued(struct connection *c, const struct message *m)
{
    if (m->data[0] == '@')
        return false;
    for (struct link *l = c->out.next; l != &c->out; l = l->next) {
        const struct message *other = message_of(l);

        if (other->is_event && other->header.len == m->header.len &&
            memcmp(other->data, m->data, m->header.len) == 0)
            return true;
    }
    return false;
}

void send_event(struct connection *c, struct message *cause, const char *path, size_t path_len,
                const char *token)
{
    struct xenstore *s = c->store;
    size_t token_size = strlen(token) + 1, len = path_len + 1 + token_size;
    struct message *m;

    if (len > XENSTORE_PAYLOAD_MAX)
        return;
    if (!c->domain && c->unsent > UNREAD_MOST) {
        /* Its watches are being looked at: xenstore_run closes it. */
        c->closing = c->ignored = true;
        connection_activate(c);
        return;
    }
    m = message_new(NULL);
    m->header.type = XS_WATCH_EVENT;
    m->header.len = (uint32_t)len;
    m->is_event = true;
    message_room(m, len);
    memcpy(m->data, path, path_len);
    m->data[path_len] = '\0';
    memcpy(m->data + path_len + 1, token, token_size);
    if (is_queued(c, m) || !quota_memory_allows(s, c->id, len + sizeof(m->header))) {
        message_free(m);
        return;
    }
    if (!is_privileged(c))
        m->timeout = s->host.now(s->host.context) + EVENT_TIMEOUT;
    m->cause = cause;
    if (cause)
        cause->events++;
    queue(c, m);
}

/* ---- time ---- */

uint64_t connection_deadline(const struct connection *c)
{
    /* They are in the order in which they were made, but one of which a part was sent stays. */
    for (struct link *l = c->out.next; l != &c->out; l = l->next) {
        const struct message *m = message_of(l);

        if (m->timeout && !m->used)
            return m->timeout;
    }
    return XENSTORE_FOREVER;
}

void connection_drop_events(struct connection *c, uint64_t now)
{
    for (struct link *l = c->out.next, *next; l != &c->out; l = next) {
        struct message *m = message_of(l);

        next = l->next;
        if (!m->timeout || m->used)
            continue;
        if (m->timeout > now)
            break;
        message_done(c, m);
    }
}

/* ---- connections ---- */

struct connection *connection_new(struct xenstore *s, const struct transport *t)
{
    struct connection *c = store_alloc(sizeof(*c));

    c->store = s;
    c->transport = t;
    list_init(&c->active);
    list_init(&c->out);
    list_init(&c->waiting);
    list_init(&c->watches);
    list_init(&c->transactions);
    list_append(&s->connections, &c->link);
    return c;
}

void connection_reset(struct connection *c)
{
    watches_free(c);
    transactions_free(c);
    while (!list_empty(&c->out))
        message_done(c, message_of(c->out.next));
    if (c->in)
        message_free(c->in);
    c->in = NULL;
}

void connection_free(struct connection *c)
{
    connection_reset(c);
    while (!list_empty(&c->waiting)) {
        struct message *m = message_of(c->waiting.next);

        m->owner = NULL;
        list_remove(&m->link);
    }
    list_remove(&c->active);
    list_remove(&c->link);
    free(c);
}

void connection_activate(struct connection *c)
{
    if (list_empty(&c->active))
        list_append(&c->store->active, &c->active);
}

void connection_ignore(struct connection *c, uint32_t error)
{
    store_log(c->store, "domain %u has broken the protocol, error %u: it is not listened to", c->id,
              error);
    if (c->domain)
        c->domain->ring->error = error;
    else
        c->closing = true;
    c->ignored = true;
    connection_reset(c);
}

void connection_close(struct connection *c)
{
    c->local.closed(c->local.context);
    connection_free(c);
}

static bool take(struct connection *c, char *to, size_t size)
{
    struct message *m = c->in;
    int n = c->transport->read(c, to + m->used, size - m->used);

    if (n < 0) {
        connection_ignore(c, XENSTORE_ERROR_RINGIDX);
        return false;
    }
    m->used += (size_t)n;
    return m->used == size;
}

bool connection_input(struct connection *c)
{
    struct message *m;

    if (c->ignored || !c->transport->can_read(c))
        return false;
    if (!c->in)
        c->in = message_new(NULL);
    m = c->in;
    if (!m->header_done) {
        if (!take(c, (char *)&m->header, sizeof(m->header)))
            return true;
        if (m->header.len > XENSTORE_PAYLOAD_MAX) {
            connection_ignore(c, XENSTORE_ERROR_PROTO);
            return true;
        }
        message_room(m, m->header.len);
        m->header_done = true;
        m->used = 0;
    }
    if (take(c, m->data, m->header.len))
        process_message(c);
    return true;
}

bool connection_output(struct connection *c)
{
    struct message *m = message_of(c->out.next);
    size_t head = sizeof(m->header), all;

    if (c->ignored || list_empty(&c->out) || !c->transport->can_write(c))
        return false;
    all = head + m->header.len;
    while (m->used < all) {
        const char *from =
            m->used < head ? (const char *)&m->header + m->used : m->data + (m->used - head);
        int n = c->transport->write(c, from, (m->used < head ? head : all) - m->used);

        if (n < 0) {
            connection_ignore(c, XENSTORE_ERROR_RINGIDX);
            return true;
        }
        if (n == 0)
            return true;
        m->used += (size_t)n;
    }
    message_done(c, m);
    return true;
}
