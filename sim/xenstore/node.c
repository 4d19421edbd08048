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

static size_t name_bytes(const struct node *n)
{
    return (size_t)(n->path + n->len - path_base(n->path, n->len)) + 1;
}

/* What the quota of memory counts: the record, and the key. */
static size_t memory_of(const struct node *n)
{
    return quota_record_size(n->record, n->child_bytes) + n->len;
}

static unsigned int owner_of(const struct node *n) { return n->record->permissions[0].domid; }

struct node *node_find_hashed(const struct xenstore *s, uint64_t hash, const char *path, size_t len)
{
    struct hash_entry *e = hash_find(&s->nodes, hash, path, len);

    return e ? container_of(e, struct node, by_path) : NULL;
}

struct node *node_find(const struct xenstore *s, const char *path, size_t len)
{
    return node_find_hashed(s, hash_of(path, len), path, len);
}

struct node *node_add(struct xenstore *s, struct node *parent, const char *path, size_t len,
                      struct record *r)
{
    return node_add_hashed(s, parent, hash_of(path, len), path, len, r);
}

struct node *node_add_hashed(struct xenstore *s, struct node *parent, uint64_t hash,
                             const char *path, size_t len, struct record *r)
{
    struct node *n = store_realloc(NULL, sizeof(*n) + len + 1);

    *n = (struct node){.parent = parent, .record = r, .len = len};
    memcpy(n->path, path, len);
    n->path[len] = '\0';
    n->generation = ++s->generation;
    list_init(&n->children);
    list_init(&n->sibling);
    hash_add(&s->nodes, &n->by_path, hash, n->path, len);
    quota_memory_add(s, owner_of(n), memory_of(n));
    if (parent) {
        snapshots_leave(parent);
        list_append(&parent->children, &n->sibling);
        parent->child_bytes += name_bytes(n);
        quota_memory_add(s, owner_of(parent), name_bytes(n));
    }
    return n;
}

void node_remove(struct xenstore *s, struct node *n)
{
    snapshots_leave(n);
    snapshots_leave(n->parent);
    quota_memory_sub(s, owner_of(n), memory_of(n));
    quota_memory_sub(s, owner_of(n->parent), name_bytes(n));
    n->parent->child_bytes -= name_bytes(n);
    list_remove(&n->sibling);
    hash_remove(&s->nodes, &n->by_path);
    record_put(n->record);
    free(n);
}

void node_set(struct xenstore *s, struct node *n, struct record *r)
{
    quota_memory_sub(s, owner_of(n), memory_of(n));
    record_put(n->record);
    n->record = r;
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

    if (node_find(s, n->path, n->len) != n || !n->record || n->generation > s->generation)
        return false;
    for (const struct link *l = n->children.next; l != &n->children; l = l->next) {
        const struct node *child = container_of(l, struct node, sibling);

        if (child->parent != n || path_parent(child->path, child->len) != n->len ||
            memcmp(child->path, n->path, n->len) != 0)
            return false;
        bytes += name_bytes(child);
    }
    return bytes == n->child_bytes;
}

bool node_check_all(const struct xenstore *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->nodes.size; i++) {
        for (const struct hash_entry *e = s->nodes.buckets[i]; e; e = e->next) {
            if (!check_node(s, container_of(e, struct node, by_path)))
                return false;
            count++;
        }
    }
    return count == s->nodes.count;
}
