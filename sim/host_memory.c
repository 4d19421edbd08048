/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How much memory a domain may have: what libxl does for xl mem-set and mem-max. The domain is
 * asked, by memory/target, and the hypervisor gives it no more.
 */
#include "host.h"
#include "xenstore/xenstore.h"

#include <stdio.h>

static int write_kib(struct sim_host *h, const struct host_domain *d, const char *node,
                     uint64_t bytes)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/memory/%s", domain_id(d->sim.domain), node);
    return xenstore_printf(h->machine.store, NULL, path, "%lu", (unsigned long)(bytes / 1024));
}

int host_set_memory(struct sim_host *h, struct host_domain *d, uint64_t bytes)
{
    domain_set_maximum(d->sim.domain, bytes);
    d->memory = bytes;
    if (d->plan->domain == d)
        d->plan->settings.memory = bytes;
    return write_kib(h, d, "target", bytes);
}

int host_set_max_memory(struct sim_host *h, struct host_domain *d, uint64_t bytes)
{
    domain_set_maximum(d->sim.domain, bytes);
    d->max_memory = bytes;
    if (d->plan->domain == d)
        d->plan->settings.max_memory = bytes;
    return write_kib(h, d, "static-max", bytes);
}
