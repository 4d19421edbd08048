/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Hypercalls and their returns, which are records of their own, as one where that is possible: if
 * no other vCPU has made or ended a hypercall in between. What happened in between (events, the
 * entries of a multicall) comes after the call.
 */
#include "read.h"

#include <stdlib.h>
#include <string.h>

/* So many records are held at most, to look for a return. */
#define AHEAD 4096U

/* A record that has been read. */
struct held {
    struct trace_item item;
    struct trace_record record;
    unsigned int depth;
    bool is_joined; /* a return that has been shown */
    uint8_t *body;
    size_t space;
};

struct trace_joiner {
    struct trace_reader *reader;
    struct held held[AHEAD];         /* a ring */
    unsigned int first, count, used; /* of USED something is allocated */
    unsigned int depth;              /* of the vCPU that made a call last */
    uint32_t current;                /* which one that is */
    enum trace_more more;            /* what the reader said last */
};

static uint32_t vcpu_of(const struct trace_record *r) { return (uint32_t)r->domid << 8 | r->vcpu; }

static bool is_call_or_return(const struct trace_record *r)
{
    return r->kind == TRACE_CALL_RECORD || r->kind == TRACE_RETURN_RECORD;
}

static struct held *at(struct trace_joiner *j, unsigned int i)
{
    return &j->held[(j->first + i) % AHEAD];
}

/* The hypercalls that a vCPU is in the middle of begin anew when another one has had its turn. */
static unsigned int depth_of(struct trace_joiner *j, const struct trace_record *r)
{
    if (!is_call_or_return(r))
        return vcpu_of(r) == j->current ? j->depth : 0;
    if (vcpu_of(r) != j->current) {
        j->current = vcpu_of(r);
        j->depth = 0;
    }
    if (r->kind == TRACE_CALL_RECORD)
        return j->depth++;
    if (j->depth)
        j->depth--;
    return j->depth;
}

/* One record more. False: there is none, or no room. */
static bool hold(struct trace_joiner *j)
{
    struct held *h = at(j, j->count);

    if (j->count == AHEAD || j->more != TRACE_MORE)
        return false;
    j->more = trace_read(j->reader, &h->item);
    if (j->more != TRACE_MORE)
        return false;
    if (h >= j->held + j->used)
        j->used = (unsigned int)(h - j->held) + 1;
    if (h->item.size > h->space) {
        free(h->body);
        h->body = malloc(h->item.size);
        h->space = h->item.size;
        if (!h->body)
            abort();
    }
    if (h->item.size)
        memcpy(h->body, h->item.body, h->item.size);
    h->record = *h->item.record;
    h->item.record = &h->record;
    h->item.body = h->body;
    h->is_joined = false;
    h->depth = depth_of(j, &h->record);
    j->count++;
    return true;
}

/* The return of the first one held, which is a call; NULL if another vCPU comes before it. */
static struct held *find_return(struct trace_joiner *j)
{
    const struct held *call = at(j, 0);

    for (unsigned int i = 1; i < j->count || hold(j); i++) {
        struct held *h = at(j, i);

        if (!is_call_or_return(&h->record))
            continue;
        if (vcpu_of(&h->record) != vcpu_of(&call->record))
            return NULL;
        if (h->record.kind == TRACE_RETURN_RECORD && h->depth <= call->depth)
            return h;
    }
    return NULL;
}

struct trace_joiner *trace_joiner_create(struct trace_reader *r)
{
    struct trace_joiner *j = calloc(1, sizeof(*j));

    if (!j)
        abort();
    j->reader = r;
    j->current = UINT32_MAX;
    trace_names_later(r);
    return j;
}

void trace_joiner_destroy(struct trace_joiner *j)
{
    for (unsigned int i = 0; i < j->used; i++)
        free(j->held[i].body);
    free(j);
}

enum trace_more trace_join(struct trace_joiner *j, struct trace_entry *entry)
{
    struct held *h, *back;

    do {
        if (!j->count && !hold(j))
            return j->more;
        h = at(j, 0);
        memset(entry, 0, sizeof(*entry));
        entry->item = h->item;
        entry->depth = h->depth;
        if (h->record.kind == TRACE_CALL_RECORD) {
            back = find_return(j);
            entry->returns = back;
            if (back) {
                entry->back = back->item;
                back->is_joined = true;
            }
        }
        /* Its contents stay until the place is used again. */
        j->first = (j->first + 1) % AHEAD;
        j->count--;
    } while (h->is_joined);
    trace_name_domain(j->reader, &entry->item);
    return TRACE_MORE;
}
