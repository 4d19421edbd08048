/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a domain may use of the store. The defaults, and what is counted, are those of xenstored
 * (tools/xenstore/xenstored_core.c and xenstored_domain.c): the sizes are those that its data base
 * would need.
 */
#include "xenstore/store.h"

/* struct xs_tdb_record_hdr and struct xs_permissions of xenstored */
#define RECORD_HEADER     24U
#define RECORD_PERMISSION 8U

size_t quota_record_size(const struct record *r, size_t child_bytes)
{
    return RECORD_HEADER + RECORD_PERMISSION * r->count + r->len + child_bytes;
}

/* Logs when limits are passed, in either direction. Returns whether the hard one is. */
static bool check_memory(struct xenstore *s, struct store_domain *d, size_t memory)
{
    bool hard = s->quota.memory && memory >= (size_t)s->quota.memory;
    bool soft = s->quota.soft_memory && memory >= (size_t)s->quota.soft_memory;

    if (hard && !d->hard_reported)
        store_log(s, "domain %u has reached its quota of memory: its requests wait", d->domid);
    else if (!hard && d->hard_reported)
        store_log(s, "domain %u is below its quota of memory again", d->domid);
    if (soft && !d->soft_reported)
        store_log(s, "domain %u has passed the soft quota of memory", d->domid);
    d->hard_reported = hard;
    d->soft_reported = soft;
    return hard;
}

bool quota_memory_allows(struct xenstore *s, unsigned int domid, size_t bytes)
{
    struct store_domain *d = store_domain_find(s, domid);

    if (!d || domid == 0 || (d->connection && d->connection->ignored))
        return true;
    return !check_memory(s, d, d->memory + bytes);
}

void quota_memory_add(struct xenstore *s, unsigned int domid, size_t bytes)
{
    struct store_domain *d = store_domain_find(s, domid);

    if (!d)
        return;
    d->memory += bytes;
    if (domid != 0)
        check_memory(s, d, d->memory);
}

void quota_memory_sub(struct xenstore *s, unsigned int domid, size_t bytes)
{
    struct store_domain *d = store_domain_find(s, domid);

    if (!d)
        return;
    d->memory -= bytes < d->memory ? bytes : d->memory;
    if (domid != 0)
        check_memory(s, d, d->memory);
}

void quota_nodes_add(struct xenstore *s, unsigned int domid, int nodes)
{
    struct store_domain *d = store_domain_find_existing(s, domid);

    if (d)
        d->nodes += nodes;
}
