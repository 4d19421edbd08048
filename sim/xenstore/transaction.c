/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Transactions. One holds its own view of each node that it has accessed, and nothing of the
 * others. It can be committed if all of those are in the tree as they were when it saw them first
 * (tools/xenstore/xenstored_transaction.c).
 *
 * A view shares the record of its node, which is never changed, and the list of its children,
 * which is: then the view gets a copy of its own before, which happens once for each view, and
 * only to transactions that have lost already.
 */
#include "xenstore/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct accessed *accessed_of_order(struct link *l)
{
    return container_of(l, struct accessed, order);
}

static struct accessed *accessed_find(const struct transaction *t, uint64_t hash, const char *path,
                                      size_t len)
{
    struct hash_key *key = hash_find(&t->table, hash, path, len);

    return key ? container_of(key, struct accessed, path) : NULL;
}

struct accessed *accessed_of_path(const struct transaction *t, const struct hash_key *path)
{
    return accessed_find(t, path->hash, path->text, path->len);
}

/* ---- sharing lists of children ---- */

static void share(struct accessed *a, struct node *n)
{
    a->base = n;
    a->child_bytes = n->child_bytes;
    a->next_snapshot = n->snapshots;
    a->at_snapshot = &n->snapshots;
    if (n->snapshots)
        n->snapshots->at_snapshot = &a->next_snapshot;
    n->snapshots = a;
}

static void unshare(struct accessed *a)
{
    if (!a->base)
        return;
    *a->at_snapshot = a->next_snapshot;
    if (a->next_snapshot)
        a->next_snapshot->at_snapshot = a->at_snapshot;
    a->base = NULL;
}

static void forget_names(struct accessed *a)
{
    free(a->names);
    a->names = NULL;
}

void snapshots_leave(struct node *n)
{
    struct accessed *a;

    while ((a = n->snapshots)) {
        struct view v = {.accessed = a};
        struct buffer names = {0};

        view_children(&v, &names);
        while (!list_empty(&a->added))
            list_remove(a->added.next);
        unshare(a);
        a->names = names.bytes;
        a->child_bytes = names.len;
    }
}

/* ---- accesses ---- */

/* What xenstored stores for it: a record whose key has the transaction's number before it. */
static void recharge(struct accessed *a)
{
    struct connection *c = a->transaction->connection;
    size_t bytes = 0;

    if (a->record)
        bytes = quota_record_size(a->record, a->child_bytes) + a->path.len + a->transaction->prefix;
    if (bytes == a->charged)
        return;
    quota_memory_sub(c->store, c->id, a->charged);
    quota_memory_add(c->store, c->id, bytes);
    a->charged = bytes;
}

static struct accessed *accessed_new(struct transaction *t, uint64_t hash, const char *path,
                                     size_t len)
{
    struct accessed *a = store_alloc(sizeof(*a) + len + 1);
    struct node *n = node_find_hashed(t->connection->store, hash, path, len);

    a->transaction = t;
    hash_key_set(&a->path, hash, path, len);
    list_init(&a->added);
    list_init(&a->place_link);
    a->seen = a->generation = NO_GENERATION;
    if (n) {
        a->seen = a->generation = n->generation;
        a->original = node_record(n);
        a->record = record_ref(a->original);
        share(a, n);
    }
    hash_add(&t->table, &a->path);
    list_append(&t->accessed, &a->order);
    recharge(a);
    return a;
}

struct accessed *transaction_access(struct transaction *t, const char *path, size_t len, int *error)
{
    uint64_t hash = hash_of(path, len);
    struct accessed *a = accessed_find(t, hash, path, len);
    int limit = t->connection->store->quota.transaction_nodes;

    if (a)
        return a;
    if (!is_privileged(t->connection) && t->nodes >= (unsigned int)limit) {
        t->fail = true;
        *error = ENOSPC;
        return NULL;
    }
    t->nodes++;
    return accessed_new(t, hash, path, len);
}

void accessed_set(struct accessed *a, struct record *r)
{
    record_put(a->record);
    a->record = r;
    recharge(a);
}

void accessed_touch(struct accessed *a)
{
    struct xenstore *s = a->transaction->connection->store;

    if (a->generation != NO_GENERATION)
        a->record = record_adjust(s, a->record, a->generation);
    a->generation = ++s->generation;
    a->modified = true;
}

void accessed_fire(struct accessed *a, bool exact)
{
    if (!a->fire)
        a->exact = exact;
    else if (!exact)
        a->exact = false;
    a->fire = true;
}

/* ---- children ---- */

static size_t name_bytes(const struct accessed *a)
{
    return (size_t)(a->path.text + a->path.len - path_base(a->path.text, a->path.len)) + 1;
}

void accessed_add_child(struct accessed *parent, struct accessed *child)
{
    size_t bytes = name_bytes(child);

    if (parent->names) {
        parent->names = store_realloc(parent->names, parent->child_bytes + bytes);
        memcpy(parent->names + parent->child_bytes, path_base(child->path.text, child->path.len),
               bytes);
    } else {
        child->place = IN_ADDED;
        list_append(&parent->added, &child->place_link);
    }
    parent->child_bytes += bytes;
    recharge(parent);
}

static void remove_name(struct accessed *parent, const char *name, size_t bytes)
{
    size_t at = 0;

    while (at < parent->child_bytes && strcmp(parent->names + at, name) != 0)
        at += strlen(parent->names + at) + 1;
    if (at == parent->child_bytes)
        return; /* it was made in the tree before the list was seen: there is a conflict */
    memmove(parent->names + at, parent->names + at + bytes, parent->child_bytes - at - bytes);
    parent->child_bytes -= bytes;
}

static void remove_child(struct accessed *parent, struct accessed *child)
{
    size_t bytes = name_bytes(child);

    if (parent->names)
        remove_name(parent, path_base(child->path.text, child->path.len), bytes);
    else if (parent->child_bytes >= bytes)
        parent->child_bytes -= bytes;
    child->place = NOWHERE;
    list_remove(&child->place_link);
    accessed_touch(parent);
    recharge(parent);
}

/* The next child that A still has, NULL: none. */
static struct accessed *next_child(struct accessed *a)
{
    struct transaction *t = a->transaction;
    struct accessed *child;
    int error;

    if (a->names) {
        char path[XENSTORE_ABS_PATH_MAX + 2];
        int len;

        if (!a->child_bytes)
            return NULL;
        len = snprintf(path, sizeof(path), "%s/%s", a->path.text, a->names);
        return transaction_access(t, path, (size_t)len, &error);
    }
    while (a->base && a->walk != &a->base->children) {
        struct node *n = node_of_sibling(a->walk);

        a->walk = a->walk->next;
        child = transaction_access(t, n->path.text, n->path.len, &error);
        if (!child || (child->place == IN_BASE && child->record))
            return child;
    }
    return list_empty(&a->added) ? NULL : container_of(a->added.next, struct accessed, place_link);
}

static void remove_one(struct accessed *a, struct accessed *parent, bool exact)
{
    accessed_touch(a);
    transaction_owner_change(a->transaction, a->record->permissions[0].domid, -1);
    accessed_fire(a, exact);
    accessed_set(a, NULL);
    a->generation = NO_GENERATION;
    unshare(a);
    forget_names(a);
    a->child_bytes = 0;
    remove_child(parent, a);
}

void accessed_remove(struct accessed *top, struct accessed *parent)
{
    struct accessed *a = top, *child;

    a->up = parent;
    a->walk = a->base ? a->base->children.next : NULL;
    for (;;) {
        child = next_child(a);
        if (child && child->record) {
            child->up = a;
            child->walk = child->base ? child->base->children.next : NULL;
            a = child;
            continue;
        }
        if (child) {
            /* Its list has a name that it cannot see otherwise: there is a conflict. */
            remove_child(a, child);
            continue;
        }
        remove_one(a, a->up, a != top);
        if (a == top)
            return;
        a = a->up;
    }
}

void transaction_owner_change(struct transaction *t, unsigned int domid, int nodes)
{
    struct owner_change **at = &t->owners;

    while (*at && (*at)->domid != domid)
        at = &(*at)->next;
    if (!*at) {
        *at = store_alloc(sizeof(**at));
        (*at)->domid = domid;
    }
    (*at)->nodes += nodes;
}

/* ---- begin and end ---- */

struct transaction *transaction_find(struct connection *c, uint32_t id)
{
    for (struct link *l = c->transactions.next; l != &c->transactions; l = l->next) {
        struct transaction *t = container_of(l, struct transaction, link);

        if (t->id == id)
            return t;
    }
    return NULL;
}

int transaction_start(struct connection *c, uint32_t *id)
{
    struct xenstore *s = c->store;
    struct transaction *t;

    /* One more than the quota, as in do_transaction_start() of xenstored_transaction.c */
    if (!is_privileged(c) && c->transactions_started > (unsigned int)s->quota.transactions)
        return ENOSPC;
    t = store_alloc(sizeof(*t));
    t->connection = c;
    t->prefix = (size_t)snprintf(NULL, 0, "%llu/", (unsigned long long)++s->generation);
    list_init(&t->accessed);
    do
        t->id = c->next_transaction++;
    while (t->id == 0 || transaction_find(c, t->id));
    list_append(&c->transactions, &t->link);
    c->transactions_started++;
    s->transactions++;
    *id = t->id;
    return 0;
}

static void accessed_free(struct accessed *a)
{
    quota_memory_sub(a->transaction->connection->store, a->transaction->connection->id, a->charged);
    unshare(a);
    forget_names(a);
    record_put(a->original);
    record_put(a->record);
    list_remove(&a->order);
    free(a);
}

void transaction_free(struct transaction *t)
{
    struct owner_change *o;

    while (!list_empty(&t->accessed))
        accessed_free(accessed_of_order(t->accessed.next));
    while ((o = t->owners)) {
        t->owners = o->next;
        free(o);
    }
    hash_free(&t->table);
    list_remove(&t->link);
    t->connection->transactions_started--;
    t->connection->store->transactions--;
    free(t);
}

void transactions_free(struct connection *c)
{
    while (!list_empty(&c->transactions))
        transaction_free(container_of(c->transactions.next, struct transaction, link));
    c->transaction = NULL;
}

/* ---- commit ---- */

static int check_owners(struct xenstore *s, struct transaction *t)
{
    if (!t->node_created || is_privileged(t->connection))
        return 0;
    for (const struct owner_change *o = t->owners; o; o = o->next) {
        const struct store_domain *d = store_domain_find_existing(s, o->domid);

        if (d && d->domid != 0 && d->nodes + o->nodes >= s->quota.nodes)
            return ENOSPC;
    }
    return 0;
}

static bool has_conflict(struct xenstore *s, struct transaction *t)
{
    for (struct link *l = t->accessed.next; l != &t->accessed; l = l->next) {
        const struct accessed *a = accessed_of_order(l);
        const struct node *n = node_of_path(s, &a->path);

        if ((n ? n->generation : NO_GENERATION) != a->seen)
            return true;
    }
    return false;
}

/* Removes A's node, from the bottom: all below it was removed in the transaction too. */
static void apply_removal(struct xenstore *s, struct accessed *a)
{
    struct node *n = node_of_path(s, &a->path), *up;

    for (struct node *at = n; at; at = up) {
        while (!list_empty(&at->children))
            at = node_of_sibling(at->children.next);
        up = at == n ? NULL : at->parent;
        node_remove(s, at);
    }
}

static struct node *apply_write(struct xenstore *s, struct transaction *t, struct accessed *a)
{
    struct node *n = node_of_path(s, &a->path), *parent;
    size_t len = path_parent(a->path.text, a->path.len);
    uint64_t hash;

    if (n) {
        if (a->record != a->original)
            node_set(s, n, record_ref(a->record));
        n->generation = ++s->generation;
        return n;
    }
    hash = hash_of(a->path.text, len);
    parent = node_find_hashed(s, hash, a->path.text, len);
    if (!parent)
        parent = apply_write(s, t, accessed_find(t, hash, a->path.text, len));
    return node_add_hashed(s, parent, a->path.hash, a->path.text, a->path.len,
                           record_ref(a->record));
}

/* What was added is last, in the order in which that was done. */
static void apply_order(struct xenstore *s, struct accessed *a)
{
    for (struct link *l = a->added.next; l != &a->added; l = l->next) {
        const struct accessed *child = container_of(l, struct accessed, place_link);

        node_last(node_of_path(s, &child->path));
    }
}

static void apply(struct xenstore *s, struct transaction *t)
{
    struct link *l;

    /* Nothing is shared any more with a tree that will be what they say. */
    for (l = t->accessed.next; l != &t->accessed; l = l->next)
        unshare(accessed_of_order(l));
    for (l = t->accessed.next; l != &t->accessed; l = l->next) {
        struct accessed *a = accessed_of_order(l);

        if (a->modified && (!a->record || (a->original && a->place != IN_BASE)))
            apply_removal(s, a);
    }
    for (l = t->accessed.next; l != &t->accessed; l = l->next) {
        struct accessed *a = accessed_of_order(l);

        if (a->modified && a->record)
            apply_write(s, t, a);
    }
    for (l = t->accessed.next; l != &t->accessed; l = l->next)
        apply_order(s, accessed_of_order(l));
}

static void fire_all(struct xenstore *s, struct transaction *t)
{
    for (struct link *l = t->accessed.next; l != &t->accessed; l = l->next) {
        struct accessed *a = accessed_of_order(l);

        if (a->modified && a->fire)
            watches_fire(s, t->connection, a->path.text, a->path.len, NULL, 0, a->original, a->seen,
                         a->exact);
    }
}

int transaction_commit(struct transaction *t)
{
    struct connection *c = t->connection;
    struct xenstore *s = c->store;
    int error = t->fail ? ENOMEM : check_owners(s, t);

    if (!error && has_conflict(s, t))
        error = EAGAIN;
    if (!error) {
        apply(s, t);
        rate_committed(s, c);
        for (const struct owner_change *o = t->owners; o; o = o->next)
            quota_nodes_add(s, o->domid, o->nodes);
        fire_all(s, t);
    }
    transaction_free(t);
    return error;
}
