/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See area.h. The ranges that were given back are a list, sorted, and never touch each other.
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/area.h"
#include "core/memory.h"

struct range {
    struct range *next;
    uintptr_t start;
    size_t count; /* of pages */
};

static struct range *ranges;

void *area_take(size_t count)
{
    for (struct range **link = &ranges; *link; link = &(*link)->next) {
        struct range *r = *link;
        uintptr_t at = r->start;

        if (r->count < count)
            continue;
        r->start += count * PAGE_SIZE;
        r->count -= count;
        if (r->count == 0) {
            *link = r->next;
            free(r);
        }
        return (void *)at;
    }
    return count <= SIZE_MAX / PAGE_SIZE ? memory_reserve(count * PAGE_SIZE, PAGE_SIZE) : NULL;
}

static uintptr_t end_of(const struct range *r) { return r->start + r->count * PAGE_SIZE; }

/* Makes R and the one after it one, if they touch. */
static void join(struct range *r)
{
    struct range *next = r->next;

    if (!next || end_of(r) != next->start)
        return;
    r->count += next->count;
    r->next = next->next;
    free(next);
}

void area_give(void *at, size_t count)
{
    struct range **link = &ranges, *previous = NULL, *made;

    while (*link && (*link)->start < (uintptr_t)at) {
        previous = *link;
        link = &previous->next;
    }
    if (previous && end_of(previous) == (uintptr_t)at) {
        previous->count += count;
        join(previous);
        return;
    }
    made = malloc(sizeof *made);
    if (!made)
        return; /* lost, but it was only address space */
    *made = (struct range){*link, (uintptr_t)at, count};
    *link = made;
    join(made);
}
