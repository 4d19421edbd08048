/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The trace of a whole host, from before its first hypercall on.
 */
#include "host.h"

#include <stdlib.h>

/* Whoever calls hypervisor_run looks at trace_has_failed. */
static void failed(void *context)
{
    struct sim_host *h = context;

    hypervisor_interrupt(h->machine.hv);
}

bool host_trace_start(struct sim_host *h, const struct host_config *c, const char *path,
                      char *message)
{
    const struct trace_options options = {
        .seed = c->seed,
        .is_virtual = c->virtual_time,
        .failed = failed,
        .context = h,
    };

    h->machine.trace = trace_create();
    if (!h->machine.trace)
        abort();
    return !path || trace_open(h->machine.trace, path, &options, message, IMAGE_MESSAGE);
}
