/* SPDX-License-Identifier: BSD-3-Clause */
#include "xenstore/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16U

void *store_realloc(void *p, size_t size)
{
    void *q = realloc(p, size);

    if (q)
        return q;
    fputs("xenstore: no memory\n", stderr); /* LCOV_EXCL_LINE: Linux gives memory */
    abort();                                /* LCOV_EXCL_LINE */
}

void *store_alloc(size_t size) { return memset(store_realloc(NULL, size), 0, size); }

uint64_t hash_of(const char *key, size_t len)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < len; i++)
        hash = hash_step(hash, key[i]);
    return hash;
}

static struct hash_entry **bucket_of(const struct hash_table *t, uint64_t hash)
{
    /* The low bits of FNV are its weak ones. */
    return &t->buckets[(hash ^ (hash >> 32)) & (t->size - 1)];
}

struct hash_entry *hash_find(const struct hash_table *t, uint64_t hash, const char *key, size_t len)
{
    if (!t->count)
        return NULL;
    for (struct hash_entry *e = *bucket_of(t, hash); e; e = e->next)
        if (e->hash == hash && e->len == len && memcmp(e->key, key, len) == 0)
            return e;
    return NULL;
}

static void grow(struct hash_table *t)
{
    struct hash_table old = *t;

    t->size = old.size ? 2 * old.size : FIRST_SIZE;
    t->buckets = store_alloc(t->size * sizeof(*t->buckets));
    for (size_t i = 0; i < old.size; i++) {
        for (struct hash_entry *e = old.buckets[i], *next; e; e = next) {
            struct hash_entry **bucket = bucket_of(t, e->hash);

            next = e->next;
            e->next = *bucket;
            *bucket = e;
        }
    }
    free(old.buckets);
}

void hash_add(struct hash_table *t, struct hash_entry *e, uint64_t hash, const char *key,
              size_t len)
{
    struct hash_entry **bucket;

    if (t->count == t->size)
        grow(t);
    e->key = key;
    e->len = len;
    e->hash = hash;
    bucket = bucket_of(t, e->hash);
    e->next = *bucket;
    *bucket = e;
    t->count++;
}

void hash_remove(struct hash_table *t, struct hash_entry *e)
{
    struct hash_entry **at = bucket_of(t, e->hash);

    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    t->count--;
}

void hash_free(struct hash_table *t)
{
    free(t->buckets);
    *t = (struct hash_table){0};
}
