/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The tree: nodes in one table by their paths, each in the list of its parent's children in the
 * order in which they were made. All that is done to one node takes the same time however many
 * there are.
 */
#include "xenstore/store.h"

#include <stdlib.h>
#include <string.h>

size_t path_parent(const char *path, size_t len)
{
    while (path[len - 1] != '/')
        len--;
    return len > 1 ? len - 1 : 1;
}

const char *path_base(const char *path, size_t len)
{
    while (path[len - 1] != '/')
        len--;
    return path + len;
}

/* Of one that has a parent. */
static size_t name_bytes(const struct node *n)
{
    const struct node *parent = n->parent;

    return n->path.len - parent->path.len + (parent->parent ? 0 : 1);
}

/* What the quota of memory counts: the record, and the key. */
static size_t memory_of(const struct node *n)
{
    return quota_record_size(n->record, n->child_bytes) + n->path.len;
}

/*
 * What there is room for behind a path: two permissions and a value of 36 bytes, as is a UUID or
 * the path of a device.
 */
#define ROOM 64U

static size_t room_offset(size_t path_len)
{
    size_t align = _Alignof(struct record);

    return (offsetof(struct node, path.text) + path_len + align) / align * align;
}

static struct record *room_of(struct node *n)
{
    return (struct record *)((char *)n + room_offset(n->path.len));
}

/* N holds R from now on, whose reference it takes. */
static void hold(struct node *n, struct record *r)
{
    size_t size = record_size(r);

    n->record = r;
    if (size > ROOM)
        return;
    n->record = memcpy(room_of(n), r, size);
    n->record->references = 1;
    record_put(r);
}

static void let_go(struct node *n)
{
    if (n->record != room_of(n))
        record_put(n->record);
}

struct record *node_record(struct node *n)
{
    const struct record *r = n->record;

    if (r != room_of(n))
        return record_ref(n->record);
    return record_make(r->permissions, r->count, record_value(r), r->len);
}

static unsigned int owner_of(const struct node *n) { return n->record->permissions[0].domid; }

struct node *node_find_hashed(const struct xenstore *s, uint64_t hash, const char *path, size_t len)
{
    struct hash_key *key = hash_find(&s->nodes, hash, path, len);

    return key ? container_of(key, struct node, path) : NULL;
}

struct node *node_of_path(const struct xenstore *s, const struct hash_key *path)
{
    return node_find_hashed(s, path->hash, path->text, path->len);
}

struct node *node_find(const struct xenstore *s, const char *path, size_t len)
{
    return node_find_hashed(s, hash_of(path, len), path, len);
}

struct node *node_child(const struct xenstore *s, const struct node *n, const char *name)
{
    char path[XENSTORE_ABS_PATH_MAX + 2];
    size_t len = n->path.len, size = strlen(name) + 1;
    uint64_t hash = hash_step(n->path.hash, '/');

    if (len + size >= sizeof(path))
        return NULL;
    memcpy(path, n->path.text, len);
    path[len] = '/';
    memcpy(path + len + 1, name, size);
    for (const char *p = name; *p; p++)
        hash = hash_step(hash, *p);
    return node_find_hashed(s, hash, path, len + size);
}

struct node *node_add(struct xenstore *s, struct node *parent, const char *path, size_t len,
                      struct record *r)
{
    return node_add_hashed(s, parent, hash_of(path, len), path, len, r);
}

struct node *node_add_hashed(struct xenstore *s, struct node *parent, uint64_t hash,
                             const char *path, size_t len, struct record *r)
{
    struct node *n = store_realloc(NULL, room_offset(len) + ROOM);

    n->parent = parent;
    n->snapshots = NULL;
    n->child_bytes = 0;
    hash_key_set(&n->path, hash, path, len);
    hold(n, r);
    n->generation = ++s->generation;
    list_init(&n->children);
    list_init(&n->sibling);
    hash_add(&s->nodes, &n->path);
    quota_memory_add(s, owner_of(n), memory_of(n));
    if (parent) {
        snapshots_leave(parent);
        list_append(&parent->children, &n->sibling);
        parent->child_bytes += name_bytes(n);
        quota_memory_add(s, owner_of(parent), name_bytes(n));
    }
    return n;
}

void node_free(struct node *n)
{
    let_go(n);
    free(n);
}

void node_remove(struct xenstore *s, struct node *n)
{
    snapshots_leave(n);
    snapshots_leave(n->parent);
    quota_memory_sub(s, owner_of(n), memory_of(n));
    quota_memory_sub(s, owner_of(n->parent), name_bytes(n));
    n->parent->child_bytes -= name_bytes(n);
    list_remove(&n->sibling);
    hash_remove(&s->nodes, &n->path);
    node_free(n);
}

void node_set(struct xenstore *s, struct node *n, struct record *r)
{
    quota_memory_sub(s, owner_of(n), memory_of(n));
    let_go(n);
    hold(n, r);
    quota_memory_add(s, owner_of(n), memory_of(n));
}

void node_touch(struct xenstore *s, struct node *n)
{
    n->record = record_adjust(s, n->record, n->generation);
    n->generation = ++s->generation;
}

void node_last(struct node *n)
{
    struct link *children = &n->parent->children;

    list_remove(&n->sibling);
    list_append(children, &n->sibling);
}

static bool check_node(const struct xenstore *s, const struct node *n)
{
    size_t bytes = 0;

    if (node_of_path(s, &n->path) != n || !n->record || n->generation > s->generation)
        return false;
    for (const struct link *l = n->children.next; l != &n->children; l = l->next) {
        const struct node *child = container_of(l, struct node, sibling);

        if (child->parent != n || path_parent(child->path.text, child->path.len) != n->path.len ||
            memcmp(child->path.text, n->path.text, n->path.len) != 0)
            return false;
        bytes += name_bytes(child);
    }
    return bytes == n->child_bytes;
}

bool node_check_all(const struct xenstore *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->nodes.size; i++) {
        const struct hash_key *key = s->nodes.slots[i].key;

        if (key && !check_node(s, container_of(key, struct node, path)))
            return false;
        count += key ? 1 : 0;
    }
    return count == s->nodes.count;
}
