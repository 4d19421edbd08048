/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The store as a whole: its beginning and end, and who is served when.
 */
#include "xenstore/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xenstored's, without options (tools/xenstore/xenstored_core.c) */
static const struct quota default_quota = {
    .nodes = 1000,
    .watches = 128,
    .transactions = 10,
    .outstanding = 20,
    .transaction_nodes = 1024,
    .memory = 2560 * 1024,
    .node_size = 2048,
    .path_max = XENSTORE_REL_PATH_MAX,
    .permissions = 5,
    .soft_memory = 2048 * 1024,
};

void store_log(struct xenstore *s, const char *format, ...)
{
    char line[300];
    va_list args;

    if (!s->host.log)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    s->host.log(s->host.context, line);
}

struct xenstore *xenstore_create(const struct xenstore_host *host)
{
    static const struct permission nobody = {.domid = 0, .flags = PERM_NONE};
    static const char *const first[] = {"/tool", "/tool/xenstored"};
    struct xenstore *s = store_alloc(sizeof(*s));
    struct node *n;

    s->host = *host;
    s->quota = default_quota;
    list_init(&s->connections);
    list_init(&s->active);
    list_init(&s->known);
    s->release_permissions = record_make(&nobody, 1, NULL, 0);
    s->introduce_permissions = record_make(&nobody, 1, NULL, 0);
    /* Domain 0 has no ring, but is always there. */
    store_domain_find_existing(s, 0)->introduced = true;
    n = s->root = node_add(s, NULL, "/", 1, record_make(&nobody, 1, NULL, 0));
    for (size_t i = 0; i < 2; i++)
        n = node_add(s, n, first[i], strlen(first[i]), record_make(&nobody, 1, NULL, 0));
    quota_nodes_add(s, 0, 3);
    s->own = connection_new(s, NULL);
    return s;
}

static void nodes_free(struct xenstore *s)
{
    for (size_t i = 0; i < s->nodes.size; i++) {
        if (s->nodes.slots[i].key)
            node_free(container_of(s->nodes.slots[i].key, struct node, path));
    }
    hash_free(&s->nodes);
}

void xenstore_destroy(struct xenstore *s)
{
    /* Nobody can be told any more. */
    while (!list_empty(&s->connections))
        connection_free(container_of(s->connections.next, struct connection, link));
    while (!list_empty(&s->known)) {
        struct store_domain *d = container_of(s->known.next, struct store_domain, link);

        list_remove(&d->link);
        if (d->bound)
            s->host.unbind(s->host.context, d->domid);
        if (d->ring)
            s->host.unmap(s->host.context, d->domid);
        free(d);
    }
    nodes_free(s);
    hash_free(&s->watched);
    record_put(s->release_permissions);
    record_put(s->introduce_permissions);
    free(s->domains);
    free(s->listing.bytes);
    free(s);
}

/* ---- serving ---- */

/* C cannot go on now: its domain is told of what was done. */
static void rest(struct connection *c)
{
    struct xenstore *s = c->store;

    list_remove(&c->active);
    if (!c->moved)
        return;
    c->moved = false;
    if (c->domain->bound)
        s->host.notify(s->host.context, c->id);
}

void xenstore_run(struct xenstore *s)
{
    /* One message in and one out, of each in turn. */
    while (!list_empty(&s->active)) {
        struct connection *c = container_of(s->active.next, struct connection, active);
        bool in = connection_input(c), out = connection_output(c);

        if (c->closing) {
            connection_close(c);
        } else if (!in && !out) {
            rest(c);
        } else {
            list_remove(&c->active);
            list_append(&s->active, &c->active);
        }
    }
}

void xenstore_ring_event(struct xenstore *s, unsigned int domid)
{
    struct store_domain *d = store_domain_find(s, domid);

    if (d && d->connection)
        connection_activate(d->connection);
}

void xenstore_ring_serve(struct xenstore *s, unsigned int domid)
{
    xenstore_ring_event(s, domid);
    xenstore_run(s);
}

/* ---- time ---- */

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; }

uint64_t xenstore_deadline(struct xenstore *s)
{
    uint64_t deadline = XENSTORE_FOREVER;

    for (struct link *l = s->connections.next; l != &s->connections; l = l->next) {
        const struct connection *c = container_of(l, struct connection, link);

        if (!c->domain || c->ignored)
            continue;
        deadline = earlier(deadline, connection_deadline(c));
        if (c->domain->credit < 0)
            deadline = earlier(deadline, rate_deadline(s, c->domain));
    }
    return deadline;
}

void xenstore_tick(struct xenstore *s)
{
    uint64_t now = s->host.now(s->host.context);

    for (struct link *l = s->connections.next; l != &s->connections; l = l->next) {
        struct connection *c = container_of(l, struct connection, link);

        if (!c->domain || c->ignored)
            continue;
        connection_drop_events(c, now);
        connection_activate(c);
    }
    xenstore_run(s);
}
