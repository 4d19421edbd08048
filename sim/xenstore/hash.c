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

uint64_t hash_of(const char *text, size_t len)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < len; i++)
        hash = hash_step(hash, text[i]);
    return hash;
}

void hash_key_set(struct hash_key *key, uint64_t hash, const char *text, size_t len)
{
    key->hash = hash;
    key->len = len;
    memcpy(key->text, text, len);
    key->text[len] = '\0';
}

/* ---- slots: a key is in the first that is free from where its hash says ---- */

static size_t home_of(const struct hash_table *t, uint64_t hash)
{
    /* The low bits of FNV are its weak ones. */
    return (hash ^ (hash >> 32)) & (t->size - 1);
}

static size_t next_slot(const struct hash_table *t, size_t i) { return (i + 1) & (t->size - 1); }

struct hash_key *hash_find(const struct hash_table *t, uint64_t hash, const char *text, size_t len)
{
    const struct hash_slot *slot;

    if (!t->count)
        return NULL;
    for (size_t i = home_of(t, hash); (slot = &t->slots[i])->key; i = next_slot(t, i))
        if (slot->hash == hash && slot->key->len == len && memcmp(slot->key->text, text, len) == 0)
            return slot->key;
    return NULL;
}

static void put(struct hash_table *t, struct hash_slot slot)
{
    size_t i = home_of(t, slot.hash);

    while (t->slots[i].key)
        i = next_slot(t, i);
    t->slots[i] = slot;
}

static void grow(struct hash_table *t)
{
    struct hash_table old = *t;

    t->size = old.size ? 2 * old.size : FIRST_SIZE;
    t->slots = store_alloc(t->size * sizeof(*t->slots));
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i].key)
            put(t, old.slots[i]);
    free(old.slots);
}

void hash_add(struct hash_table *t, struct hash_key *key)
{
    /* A quarter is free, so ways are short. */
    if (t->count >= t->size - t->size / 4)
        grow(t);
    put(t, (struct hash_slot){.hash = key->hash, .key = key});
    t->count++;
}

void hash_remove(struct hash_table *t, const struct hash_key *key)
{
    size_t free_slot = home_of(t, key->hash), mask = t->size - 1;

    while (t->slots[free_slot].key != key)
        free_slot = next_slot(t, free_slot);
    /* What is behind it, and would not be found behind a free slot, moves there. */
    for (size_t i = next_slot(t, free_slot); t->slots[i].key; i = next_slot(t, i)) {
        size_t way = (i - home_of(t, t->slots[i].hash)) & mask;

        if (way < ((i - free_slot) & mask))
            continue;
        t->slots[free_slot] = t->slots[i];
        free_slot = i;
    }
    t->slots[free_slot].key = NULL;
    t->count--;
}

void hash_free(struct hash_table *t)
{
    free(t->slots);
    *t = (struct hash_table){0};
}
