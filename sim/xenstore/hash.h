/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Lists whose links are inside of what they hold, and tables of what has a string for its key:
 * nodes, watches and transactions' accesses are in several at once. A table's slots know the hashes
 * of what is in them, so nothing is touched in memory but what is looked for. The hash can be
 * continued, so that one pass over a path gives the hash of each of its ancestors.
 */
#ifndef SIM_XENSTORE_HASH_H
#define SIM_XENSTORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* ---- lists: the head is a link too ---- */

struct link {
    struct link *prev, *next;
};

static inline void list_init(struct link *head) { head->prev = head->next = head; }

static inline bool list_empty(const struct link *head) { return head->next == head; }

static inline void list_append(struct link *head, struct link *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}

/* L is in no list afterwards; it can be removed again. */
static inline void list_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

/* ---- tables of strings ---- */

/* The last member of what is in a table. */
struct hash_key {
    uint64_t hash;
    size_t len;
    char text[]; /* and a zero byte behind it */
};

struct hash_slot {
    uint64_t hash;
    struct hash_key *key; /* NULL: there is nothing */
};

struct hash_table {
    struct hash_slot *slots; /* NULL while it is empty */
    size_t size, count;      /* SIZE is a power of two */
};

#define HASH_START 0xcbf29ce484222325U

/* FNV-1a */
static inline uint64_t hash_step(uint64_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * 0x100000001b3U;
}

uint64_t hash_of(const char *text, size_t len);
/* Fills KEY, which has room for LEN bytes and a zero byte; HASH is TEXT's. */
void hash_key_set(struct hash_key *key, uint64_t hash, const char *text, size_t len);
struct hash_key *hash_find(const struct hash_table *t, uint64_t hash, const char *text, size_t len);
/* KEY is filled and not in the table. */
void hash_add(struct hash_table *t, struct hash_key *key);
void hash_remove(struct hash_table *t, const struct hash_key *key);
void hash_free(struct hash_table *t);

/* ---- memory ---- */

/*
 * What domains can make the store allocate is limited by quotas; if the host has no memory left
 * for that, the process ends.
 */
void *store_alloc(size_t size);
void *store_realloc(void *p, size_t size);

#endif
