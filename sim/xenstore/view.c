/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A node as a request sees it: in the tree, or in its transaction.
 */
#include "xenstore/store.h"

#include <stdlib.h>
#include <string.h>

char *buffer_extend(struct buffer *b, size_t len)
{
    char *at;

    if (b->len + len > b->size) {
        b->size = 2 * (b->len + len);
        b->bytes = store_realloc(b->bytes, b->size);
    }
    at = b->bytes + b->len;
    b->len += len;
    return at;
}

/* ---- paths ---- */

/* The length of "/local/domain/N/" as sscanf would find it, N being up to 5 characters. */
static size_t domain_prefix(const char *path, size_t len)
{
    static const char prefix[] = "/local/domain/";
    size_t i = sizeof(prefix) - 1, end = i + 5;

    if (len <= i || memcmp(path, prefix, i) != 0)
        return 0;
    if (path[i] == '-')
        i++;
    if (path[i] < '0' || path[i] > '9')
        return 0;
    while (i < end && path[i] >= '0' && path[i] <= '9')
        i++;
    return path[i] == '/' ? i + 1 : 0;
}

/* One that can be in a path. */
static const bool valid[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['-'] = true,
    ['/'] = true,         ['_'] = true,         ['@'] = true,
};

bool path_goes_on(const char *path, size_t at, size_t len)
{
    for (; at < len; at++) {
        if (!valid[(unsigned char)path[at]])
            return false;
        if (path[at] == '/' && (at + 1 == len || path[at + 1] == '/'))
            return false;
    }
    return true;
}

bool path_valid(const struct xenstore *s, const char *path, size_t len)
{
    if (path[0] != '/')
        return false;
    if (len > 1 && !path_goes_on(path, 0, len))
        return false;
    return len <= domain_prefix(path, len) + (size_t)s->quota.path_max;
}

/* ---- reading ---- */

int view_read(struct connection *c, struct xenstore *s, const char *path, size_t len,
              struct view *v)
{
    int error = ENOENT;

    *v = (struct view){.node = NULL};
    if (c && c->transaction) {
        struct accessed *a = transaction_access(c->transaction, path, len, &error);

        if (!a || !a->record)
            return error;
        *v = (struct view){.accessed = a, .record = a->record, .generation = a->generation};
    } else {
        struct node *n = node_find(s, path, len);

        if (!n)
            return ENOENT;
        *v = (struct view){.node = n, .record = n->record, .generation = n->generation};
    }
    return 0;
}

/*
 * C has no access to PATH, because of ERROR. It learns that only if it has PERM on the nearest
 * ancestor that there is; else nothing but that.
 */
static int disclose(struct connection *c, const char *path, size_t len, int error,
                    unsigned int perm)
{
    struct xenstore *s = c->store;
    struct view v;

    for (;;) {
        int found;

        len = path_parent(path, len);
        found = view_read(c, s, path, len, &v);
        if (!found)
            return permission_of(s, c, v.record, v.generation) & perm ? error : EACCES;
        if (found != ENOENT)
            return found;
    }
}

int view_get(struct connection *c, const char *path, size_t len, unsigned int perm, struct view *v)
{
    struct xenstore *s = c->store;
    int error;

    if (!path || !path_valid(s, path, len))
        return EINVAL;
    error = view_read(c, s, path, len, v);
    if (error && error != ENOENT)
        return error;
    if (!error && (permission_of(s, c, v->record, v->generation) & perm) != perm)
        error = EACCES;
    return error ? disclose(c, path, len, error, perm) : 0;
}

size_t view_child_bytes(const struct view *v)
{
    return v->accessed ? v->accessed->child_bytes : v->node->child_bytes;
}

static void append_name(struct buffer *out, const struct hash_key *path)
{
    const char *name = path_base(path->text, path->len);
    size_t size = (size_t)(path->text + path->len - name) + 1;

    memcpy(buffer_extend(out, size), name, size);
}

static void node_children(const struct node *n, const struct transaction *t, struct buffer *out)
{
    for (const struct link *l = n->children.next; l != &n->children; l = l->next) {
        const struct node *child = container_of(l, struct node, sibling);
        const struct accessed *a = t ? accessed_of_path(t, &child->path) : NULL;

        if (!a || a->place == IN_BASE)
            append_name(out, &child->path);
    }
}

void view_children(const struct view *v, struct buffer *out)
{
    const struct accessed *a = v->accessed;

    out->len = 0;
    if (!a) {
        node_children(v->node, NULL, out);
        return;
    }
    if (a->names)
        memcpy(buffer_extend(out, a->child_bytes), a->names, a->child_bytes);
    if (a->base)
        node_children(a->base, a->transaction, out);
    for (const struct link *l = a->added.next; l != &a->added; l = l->next) {
        const struct accessed *child = container_of(l, struct accessed, place_link);

        append_name(out, &child->path);
    }
}

/* ---- writing ---- */

static unsigned int owner_of(const struct record *r) { return r->permissions[0].domid; }

void view_owner_change(struct connection *c, struct xenstore *s, unsigned int domid, int nodes)
{
    if (c && c->transaction)
        transaction_owner_change(c->transaction, domid, nodes);
    else
        quota_nodes_add(s, domid, nodes);
}

/*
 * Whether a node may become as large as R and CHILD_BYTES need, and its owner have that much more
 * memory. A transaction that has met a limit fails (xenstored_core.c, write_node).
 */
static int check_size(struct connection *c, struct xenstore *s, const struct record *r,
                      size_t child_bytes, size_t more)
{
    int error = 0;

    if (!is_privileged(c) && quota_record_size(r, child_bytes) >= (size_t)s->quota.node_size)
        error = ENOSPC;
    else if (!quota_memory_allows(s, c && c->transaction ? c->id : owner_of(r), more))
        error = EIO;
    if (error && c && c->transaction)
        c->transaction->fail = true;
    return error;
}

int view_write(struct connection *c, struct view *v, struct record *r)
{
    struct xenstore *s = c->store;
    size_t before = quota_record_size(v->record, 0), after = quota_record_size(r, 0);
    int error = check_size(c, s, r, view_child_bytes(v), after > before ? after - before : 0);

    rate_written(s, c);
    if (error) {
        record_put(r);
        return error;
    }
    r = record_adjust(s, r, v->generation);
    if (v->accessed) {
        accessed_set(v->accessed, r);
        accessed_touch(v->accessed);
        v->record = v->accessed->record;
    } else {
        node_set(s, v->node, r);
        node_touch(s, v->node);
        v->record = v->node->record;
    }
    return 0;
}

/* The permissions of what C makes in V: the same, but a domain owns what it makes. */
static struct record *inherit(struct connection *c, const struct view *v, const void *value,
                              size_t len)
{
    struct record *r = record_make(v->record->permissions, v->record->count, value, len);

    if (!is_privileged(c))
        r->permissions[0].domid = c->id;
    return record_adjust(c->store, r, v->generation);
}

static bool may_own(const struct connection *c, int more)
{
    /* What a transaction has made is counted when it ends. */
    if (c->transaction)
        more = 0;
    return is_privileged(c) || c->domain->nodes + more < c->store->quota.nodes;
}

/* Whether quotas let C make PATH with R, and what is missing between it and V, of length HAVE. */
static int check_create(struct connection *c, const char *path, size_t len, const struct view *v,
                        size_t have, const struct record *r, const struct record *inherited)
{
    size_t child_bytes = 0, memory = 0;
    int made = 0, error = 0;

    for (size_t end = len; end > have && !error; end = path_parent(path, end)) {
        if (!may_own(c, made)) {
            if (made && c->transaction)
                c->transaction->fail = true;
            return ENOSPC;
        }
        rate_written(c->store, c);
        memory += quota_record_size(r, child_bytes) + end;
        error = check_size(c, c->store, r, child_bytes, memory);
        child_bytes = end - path_parent(path, end);
        if (path_parent(path, end) == 1)
            child_bytes = end;
        r = inherited;
        made++;
    }
    rate_written(c->store, c);
    return error ? error
                 : check_size(c, c->store, v->record, view_child_bytes(v) + child_bytes, memory);
}

/* The end of the component that begins behind PATH[AT], a slash or the end of the parent. */
static size_t next_component(const char *path, size_t at)
{
    do
        at++;
    while (path[at] != '/' && path[at] != '\0');
    return at;
}

static void make_missing(struct connection *c, const char *path, size_t len, struct view *v,
                         size_t have, struct record *r, struct record *inherited)
{
    struct node *node = v->node;
    struct accessed *accessed = v->accessed;
    int error;

    if (node)
        node_touch(c->store, node);
    else
        accessed_touch(accessed);
    /* From / the next component begins at once. */
    for (size_t at = have == 1 ? 0 : have; at < len;) {
        at = next_component(path, at);
        record_ref(at == len ? r : inherited);
        if (node) {
            node = node_add(c->store, node, path, at, at == len ? r : inherited);
        } else {
            struct accessed *a = transaction_access(c->transaction, path, at, &error);

            accessed_set(a, at == len ? r : inherited);
            accessed_touch(a);
            accessed_add_child(accessed, a);
            accessed = a;
        }
        view_owner_change(c, c->store, owner_of(r), 1);
    }
}

int view_create(struct connection *c, const char *path, size_t len, const void *value,
                size_t value_len)
{
    size_t have = len;
    struct record *r, *inherited;
    struct view v;
    int error;

    do {
        have = path_parent(path, have);
        error = view_read(c, c->store, path, have, &v);
    } while (error == ENOENT && have > 1);
    if (error)
        return error;
    if (c->transaction)
        c->transaction->node_created = true;
    r = inherit(c, &v, value, value_len);
    inherited = inherit(c, &v, NULL, 0);
    error = check_create(c, path, len, &v, have, r, inherited);
    if (!error)
        make_missing(c, path, len, &v, have, r, inherited);
    record_put(r);
    record_put(inherited);
    return error;
}

/* ---- removing ---- */

static void remove_tree(struct connection *c, struct xenstore *s, struct node *top)
{
    struct node *n = top, *up;

    for (;;) {
        while (!list_empty(&n->children))
            n = node_of_sibling(n->children.next);
        up = n->parent;
        /* Children first, and while its permissions can be seen. */
        watches_fire(s, c, n->path.text, n->path.len, n->record, n->generation, NULL, 0, n != top);
        quota_nodes_add(s, owner_of(n->record), -1);
        rate_written(s, c); /* it ... */
        rate_written(s, c); /* ... and its parent */
        if (n == top)
            break;
        node_remove(s, n);
        n = up;
    }
    node_remove(s, top);
    node_touch(s, up);
}

int view_remove(struct connection *c, struct xenstore *s, const char *path, size_t len)
{
    struct view v, parent;
    int error = view_read(c, s, path, path_parent(path, len), &parent);

    if (error)
        return error == ENOENT ? EINVAL : error;
    error = view_read(c, s, path, len, &v);
    if (error)
        return error;
    if (v.accessed)
        accessed_remove(v.accessed, parent.accessed);
    else
        remove_tree(c, s, v.node);
    return 0;
}

void view_fire(struct connection *c, const char *path, size_t len, const struct record *old,
               uint64_t old_generation)
{
    int error;

    if (c->transaction)
        accessed_fire(transaction_access(c->transaction, path, len, &error), false);
    else
        watches_fire(c->store, c, path, len, NULL, 0, old, old_generation, false);
}
