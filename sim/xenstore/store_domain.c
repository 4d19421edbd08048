/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains: those that are introduced have a ring; others are only known as owners of nodes or from
 * permissions. What belongs to a domain goes with it.
 */
#include "xenstore/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t store_domain_path(unsigned int domid, char *out, size_t size)
{
    return (size_t)snprintf(out, size, "/local/domain/%u", domid);
}

struct store_domain *store_domain_find(const struct xenstore *s, unsigned int domid)
{
    return domid < s->domains_size ? s->domains[domid] : NULL;
}

static struct store_domain *store_domain_new(struct xenstore *s, unsigned int domid)
{
    struct store_domain *d = store_alloc(sizeof(*d));

    if (domid >= s->domains_size) {
        size_t old = s->domains_size;

        s->domains_size = 2 * (size_t)(domid + 8);
        s->domains = store_realloc(s->domains, s->domains_size * sizeof(d));
        memset(s->domains + old, 0, (s->domains_size - old) * sizeof(d));
    }
    d->domid = domid;
    list_append(&s->known, &d->link);
    d->generation = s->generation;
    s->domains[domid] = d;
    return d;
}

static enum xenstore_domain_state state_of(const struct xenstore *s, unsigned int domid)
{
    if (domid >= DOMID_FIRST_RESERVED)
        return XENSTORE_DOMAIN_NONE;
    return s->host.domain_state(s->host.context, domid);
}

struct store_domain *store_domain_find_existing(struct xenstore *s, unsigned int domid)
{
    struct store_domain *d = store_domain_find(s, domid);

    if (!d && (domid == 0 || state_of(s, domid) != XENSTORE_DOMAIN_NONE))
        d = store_domain_new(s, domid);
    return d;
}

/* ---- introduction ---- */

static int connect(struct xenstore *s, struct store_domain *d, evtchn_port_t port)
{
    d->ring = s->host.map(s->host.context, d->domid);
    if (!d->ring)
        return EINVAL;
    if (!s->host.bind(s->host.context, d->domid, port)) {
        s->host.unmap(s->host.context, d->domid);
        d->ring = NULL;
        return EINVAL;
    }
    d->bound = true;
    d->introduced = true;
    d->shutdown = false;
    d->connection = connection_new(s, &ring_transport);
    d->connection->domain = d;
    d->connection->id = d->domid;
    rate_domain_new(s, d);
    return 0;
}

static void notify(struct xenstore *s, struct store_domain *d)
{
    if (d->bound)
        s->host.notify(s->host.context, d->domid);
}

int store_domain_introduce(struct xenstore *s, unsigned int domid, evtchn_port_t port)
{
    struct store_domain *d;
    struct xenstore_domain_interface *ring;
    int error;

    if (!port || domid == 0 || state_of(s, domid) == XENSTORE_DOMAIN_NONE)
        return EINVAL;
    d = store_domain_find_existing(s, domid);
    if (!d->introduced) {
        error = connect(s, d, port);
        if (error)
            return error;
        watches_fire_special(s, "@introduceDomain");
    } else {
        /* Again: it has another event channel. */
        if (d->bound)
            s->host.unbind(s->host.context, domid);
        d->bound = s->host.bind(s->host.context, domid, port);
    }
    connection_reset(d->connection);
    ring = d->ring;
    ring->req_cons = ring->req_prod = 0;
    ring->rsp_cons = ring->rsp_prod = 0;
    if (ring->connection == XENSTORE_RECONNECT) {
        __atomic_store_n(&ring->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
        notify(s, d);
    }
    return 0;
}

/* ---- its end ---- */

/* The node after N in the order of a tree, without those below it. */
static struct node *after(struct node *n)
{
    for (; n->parent; n = n->parent)
        if (n->sibling.next != &n->parent->children)
            return node_of_sibling(n->sibling.next);
    return NULL;
}

/* Removes what D owns, with all that is below it, whoever owns that. */
static void remove_owned(struct xenstore *s, struct store_domain *d)
{
    for (struct node *n = s->root, *next; n && d->nodes > 0; n = next) {
        if (n->record->permissions[0].domid == d->domid && n->parent) {
            next = after(n);
            view_remove(NULL, s, n->path.text, n->path.len);
        } else {
            next = list_empty(&n->children) ? after(n) : node_of_sibling(n->children.next);
        }
    }
    /* / itself stays, as domain 0's. */
    if (s->root->record->permissions[0].domid == d->domid) {
        struct permission p = {.domid = 0, .flags = s->root->record->permissions[0].flags};

        node_set(s, s->root,
                 record_make(&p, 1, record_value(s->root->record), s->root->record->len));
        quota_nodes_add(s, 0, 1);
    }
    permissions_forget(&s->release_permissions, d->domid);
    permissions_forget(&s->introduce_permissions, d->domid);
}

/* Nobody acts for it any more. */
static void forget_target(struct xenstore *s, unsigned int domid)
{
    for (struct link *l = s->connections.next; l != &s->connections; l = l->next) {
        struct connection *c = container_of(l, struct connection, link);

        if (c->target == domid)
            c->has_target = false;
    }
}

void store_domain_end(struct xenstore *s, struct store_domain *d)
{
    bool introduced = d->introduced;
    unsigned int domid = d->domid;

    if (d->connection)
        connection_free(d->connection);
    d->connection = NULL;
    forget_target(s, domid);
    remove_owned(s, d);
    if (d->bound)
        s->host.unbind(s->host.context, domid);
    if (d->ring)
        s->host.unmap(s->host.context, domid);
    if (introduced)
        rate_domain_end(s, d);
    s->domains[domid] = NULL;
    list_remove(&d->link);
    free(d);
    if (introduced)
        watches_fire_special(s, "@releaseDomain");
}

/* Returns whether those who watch for ends have to be told. */
static bool look_at(struct xenstore *s, struct store_domain *d)
{
    enum xenstore_domain_state state = state_of(s, d->domid);

    if (state == XENSTORE_DOMAIN_NONE || (state == XENSTORE_DOMAIN_DYING && d->introduced)) {
        store_domain_end(s, d);
        return false;
    }
    if (state != XENSTORE_DOMAIN_SHUTDOWN || !d->introduced || d->shutdown)
        return false;
    d->shutdown = true;
    return true;
}

void xenstore_domains_changed(struct xenstore *s)
{
    bool notify_all = false;

    for (struct link *l = s->known.next, *next; l != &s->known; l = next) {
        struct store_domain *d = container_of(l, struct store_domain, link);

        next = l->next;
        if (d->domid != 0 && look_at(s, d))
            notify_all = true;
    }
    if (notify_all)
        watches_fire_special(s, "@releaseDomain");
    xenstore_run(s);
}
