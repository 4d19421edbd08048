/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Watches, in a table by the path that is watched: what a change costs depends on the depth of its
 * path and on those who watch it, not on how many watches there are.
 */
#include "xenstore/store.h"

#include <stdlib.h>
#include <string.h>

static struct watch *watch_of_connection(struct link *l)
{
    return container_of(l, struct watch, link);
}

static struct watched *watched_find(struct xenstore *s, uint64_t hash, const char *path, size_t len)
{
    struct hash_key *key = hash_find(&s->watched, hash, path, len);

    return key ? container_of(key, struct watched, path) : NULL;
}

static struct watched *watched_get(struct xenstore *s, const char *path, size_t len)
{
    uint64_t hash = hash_of(path, len);
    struct watched *w = watched_find(s, hash, path, len);

    if (w)
        return w;
    w = store_alloc(sizeof(*w) + len + 1);
    hash_key_set(&w->path, hash, path, len);
    list_init(&w->watches);
    hash_add(&s->watched, &w->path);
    return w;
}

/* ---- adding and removing ---- */

static struct watch *watch_find(struct connection *c, const char *path, const char *token)
{
    for (struct link *l = c->watches.next; l != &c->watches; l = l->next) {
        struct watch *w = watch_of_connection(l);

        if (strcmp(w->watched->path.text, path) == 0 && strcmp(w->token, token) == 0)
            return w;
    }
    return NULL;
}

static size_t memory_of(const struct watch *w) { return w->watched->path.len + strlen(w->token); }

static void watch_free(struct watch *w)
{
    struct connection *c = w->connection;
    struct watched *watched = w->watched;

    quota_memory_sub(c->store, c->id, memory_of(w));
    if (c->domain)
        c->domain->watches--;
    list_remove(&w->link);
    list_remove(&w->same);
    free(w);
    if (list_empty(&watched->watches)) {
        hash_remove(&c->store->watched, &watched->path);
        free(watched);
    }
}

/* What an event of W about PATH says: relative if the watch was. */
static size_t skipped(const struct watch *w, const char *path)
{
    size_t skip = w->relative;

    return w->relative && path[skip] == '/' ? skip + 1 : skip;
}

int watch_add(struct connection *c, const char *path, const char *token)
{
    struct xenstore *s = c->store;
    bool special = path[0] == '@';
    size_t len, size = strlen(token) + 1, skip;
    const char *full = request_path(c, path, &len);
    struct watch *w;

    if (special ? len > XENSTORE_REL_PATH_MAX : !path_valid(s, full, len))
        return EINVAL;
    if (watch_find(c, full, token))
        return EEXIST;
    /* One more than the quota, as in do_watch() of xenstored_watch.c */
    if (!is_privileged(c) && c->domain->watches > s->quota.watches)
        return E2BIG;
    if (!quota_memory_allows(s, c->id, len + size - 1))
        return ENOMEM;
    w = store_alloc(sizeof(*w) + size);
    w->connection = c;
    w->number = s->next_watch++;
    w->watched = watched_get(s, full, len);
    /* "x" of domain 5 is /local/domain/5/x, and has /x less than that. */
    w->relative = full == path ? 0 : len - strlen(path) - 1;
    memcpy(w->token, token, size);
    list_append(&c->watches, &w->link);
    list_append(&w->watched->watches, &w->same);
    quota_memory_add(s, c->id, memory_of(w));
    if (c->domain)
        c->domain->watches++;
    send_reply(c, XS_WATCH, "OK", 3);
    /* It fires once at the beginning, which no request is blamed for; the request's text is gone.
     */
    skip = skipped(w, w->watched->path.text);
    send_event(c, NULL, w->watched->path.text + skip, len - skip, w->token);
    return 0;
}

int watch_remove(struct connection *c, const char *path, const char *token)
{
    size_t len;
    struct watch *w = watch_find(c, request_path(c, path, &len), token);

    if (!w)
        return ENOENT;
    watch_free(w);
    return 0;
}

void watches_free(struct connection *c)
{
    while (!list_empty(&c->watches))
        watch_free(watch_of_connection(c->watches.next));
}

/* ---- firing ---- */

struct change {
    const char *path;
    size_t len;
    const struct record *now, *old;
    uint64_t now_generation, old_generation;
    struct node *parent;
    bool special;
};

/* Whether C may know: it can, or could, read the node, or can read its parent. */
static bool may_know(struct xenstore *s, const struct connection *c, const struct change *change)
{
    if (change->special)
        return permission_of(s, c, change->now, s->generation) & PERM_READ;
    if (change->old && permission_of(s, c, change->old, change->old_generation) & PERM_READ)
        return true;
    if (!change->now)
        return false;
    if (permission_of(s, c, change->now, change->now_generation) & PERM_READ)
        return true;
    return change->parent &&
           permission_of(s, c, change->parent->record, change->parent->generation) & PERM_READ;
}

struct matches {
    struct watch **watches;
    size_t count, size;
    struct watch *first[16];
};

static void collect(struct matches *m, struct watched *w)
{
    if (!w)
        return;
    for (struct link *l = w->watches.next; l != &w->watches; l = l->next) {
        if (m->count == m->size) {
            size_t bytes = m->size * sizeof(*m->watches);
            struct watch **more = store_realloc(NULL, 2 * bytes);

            memcpy(more, m->watches, bytes);
            if (m->watches != m->first)
                free(m->watches);
            m->watches = more;
            m->size *= 2;
        }
        m->watches[m->count++] = container_of(l, struct watch, same);
    }
}

/* Watches of PATH, and if not EXACT of all above it. */
static void match(struct xenstore *s, struct matches *m, const char *path, size_t len, bool exact)
{
    uint64_t hash = HASH_START;

    if (exact) {
        collect(m, watched_find(s, hash_of(path, len), path, len));
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (path[i] == '/' && i)
            collect(m, watched_find(s, hash, path, i));
        hash = hash_step(hash, path[i]);
        if (i == 0 && len > 1)
            collect(m, watched_find(s, hash, path, 1));
    }
    collect(m, watched_find(s, hash, path, len));
}

static int by_number(const void *a, const void *b)
{
    const struct watch *const *x = a, *const *y = b;

    return (*x)->number < (*y)->number ? -1 : 1;
}

static void fire(struct xenstore *s, struct connection *cause, const struct change *change,
                 bool exact)
{
    struct matches m = {.size = sizeof(m.first) / sizeof(m.first[0])};
    /* The request that a domain is answered later for if its events are not taken. */
    struct message *request = is_privileged(cause) ? NULL : cause->in;

    m.watches = m.first;
    match(s, &m, change->path, change->len, exact);
    if (m.count > 1)
        qsort(m.watches, m.count, sizeof(*m.watches), by_number);
    for (size_t i = 0; i < m.count; i++) {
        struct watch *w = m.watches[i];
        size_t skip = skipped(w, change->path);

        if (may_know(s, w->connection, change))
            send_event(w->connection, request, change->path + skip, change->len - skip, w->token);
    }
    if (m.watches != m.first)
        free(m.watches);
}

void watches_fire(struct xenstore *s, struct connection *cause, const char *path, size_t len,
                  const struct record *r, uint64_t generation, const struct record *old,
                  uint64_t old_generation, bool exact)
{
    struct change change = {.path = path,
                            .len = len,
                            .now = r,
                            .now_generation = generation,
                            .old = old,
                            .old_generation = old_generation};
    const struct node *n;

    if (!s->watched.count)
        return;
    n = node_find(s, path, len);
    if (n && !r) {
        change.now = n->record;
        change.now_generation = n->generation;
    }
    /* xenstored takes / for its own parent, which changes nothing. */
    if (n)
        change.parent = n->parent;
    fire(s, cause, &change, exact);
}

void watches_fire_special(struct xenstore *s, const char *name)
{
    struct change change = {
        .path = name, .len = strlen(name), .special = true, .now = *permissions_special(s, name)};

    fire(s, NULL, &change, true);
}
