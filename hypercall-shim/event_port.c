/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of a domain's event channels. The lowest free port is found through two levels of
 * bits, so that it costs the same with ten ports as with a hundred thousand.
 */
#include "event_channel.h"

#include <stdlib.h>

static void mark_free(struct event_channels *e, uint32_t bucket)
{
    e->with_free[bucket / 64] |= 1UL << bucket % 64;
    e->words_with_free |= 1UL << bucket / 64;
}

static void mark_full(struct event_channels *e, uint32_t bucket)
{
    e->with_free[bucket / 64] &= ~(1UL << bucket % 64);
    if (!e->with_free[bucket / 64])
        e->words_with_free &= ~(1UL << bucket / 64);
}

static void add_bucket(struct event_channels *e, struct evtchn_bucket *bucket)
{
    uint32_t number = e->valid / PORTS_A_BUCKET;

    bucket->free = ~0UL;
    e->buckets[number] = bucket;
    e->valid += PORTS_A_BUCKET;
    mark_free(e, number);
}

static bool make_space(struct event_channels *e)
{
    uint32_t space = 2 * e->bucket_space;
    bool is_first = e->buckets == e->first_buckets;
    struct evtchn_bucket **more;

    if (e->valid / PORTS_A_BUCKET < e->bucket_space)
        return true;
    more = realloc(is_first ? NULL : e->buckets, space * sizeof(struct evtchn_bucket *));
    if (!more)
        return false; /* LCOV_EXCL_LINE: the process has no memory for a few pointers */
    if (is_first)
        memcpy(more, e->first_buckets, sizeof(e->first_buckets));
    e->buckets = more;
    e->bucket_space = space;
    return true;
}

void evtchn_ports_init(struct domain *d, struct event_channels *e)
{
    d->events = e;
    e->buckets = e->first_buckets;
    e->bucket_space = sizeof(e->first_buckets) / sizeof(e->first_buckets[0]);
    add_bucket(e, &e->first);
    evtchn_take(d, 0, EVTCHN_RESERVED); /* port 0 is never used */
}

void evtchn_ports_free(struct domain *d)
{
    struct event_channels *e = d->events;

    for (uint32_t i = 1; i < e->valid / PORTS_A_BUCKET; i++)
        free(e->buckets[i]);
    if (e->buckets != e->first_buckets)
        free(e->buckets);
    d->events = NULL;
}

/* As many as the ABI can have and D's maker allows. */
static evtchn_port_t ports_max(const struct domain *d)
{
    evtchn_port_t all = d->events->fifo ? EVTCHN_FIFO_NR_CHANNELS : EVTCHN_2L_NR_CHANNELS;

    return d->limits.last_port < all ? d->limits.last_port + 1 : all;
}

/* The lowest free port of the buckets that there are, or VALID. */
static evtchn_port_t lowest_free(const struct domain *d)
{
    const struct event_channels *e = d->events;

    for (uint64_t words = e->words_with_free; words; words &= words - 1) {
        uint32_t word = (uint32_t)__builtin_ctzl(words);

        for (uint64_t buckets = e->with_free[word]; buckets; buckets &= buckets - 1) {
            uint32_t bucket = word * 64 + (uint32_t)__builtin_ctzl(buckets);

            for (uint64_t bits = e->buckets[bucket]->free; bits; bits &= bits - 1) {
                evtchn_port_t p = bucket * PORTS_A_BUCKET + (uint32_t)__builtin_ctzl(bits);

                if (!e->fifo || !event_fifo_busy(d, p))
                    return p;
            }
        }
    }
    return e->valid;
}

int evtchn_find_free(struct domain *d, evtchn_port_t *out)
{
    struct event_channels *e = d->events;
    struct evtchn_bucket *bucket;
    evtchn_port_t p;

    if (!e)
        return -EINVAL; /* Xen: D is dying */
    p = lowest_free(d);
    if (p >= ports_max(d))
        return -ENOSPC;
    if (p == e->valid) {
        bucket = make_space(e) ? calloc(1, sizeof(*bucket)) : NULL;
        if (!bucket)
            return -ENOMEM; /* LCOV_EXCL_LINE: the process has no memory */
        add_bucket(e, bucket);
    }
    *out = p;
    return 0;
}

struct evtchn *evtchn_take(struct domain *d, evtchn_port_t p, enum evtchn_state state)
{
    struct event_channels *e = d->events;
    uint32_t number = p / PORTS_A_BUCKET;
    struct evtchn_bucket *bucket = e->buckets[number];
    struct evtchn *channel = &bucket->ports[p % PORTS_A_BUCKET];

    bucket->free &= ~(1UL << p % PORTS_A_BUCKET);
    if (!bucket->free)
        mark_full(e, number);
    channel->state = (uint8_t)state;
    /* Xen's evtchn_fifo_init: only under the FIFO ABI is there a priority. */
    if (e->fifo)
        channel->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    return channel;
}

void evtchn_give(struct domain *d, evtchn_port_t p)
{
    struct event_channels *e = d->events;
    uint32_t number = p / PORTS_A_BUCKET;
    struct evtchn *channel = evtchn_at(d, p);

    channel->state = EVTCHN_FREE;
    channel->notify_vcpu = 0;
    channel->notify = NULL;
    e->buckets[number]->free |= 1UL << p % PORTS_A_BUCKET;
    mark_free(e, number);
}
