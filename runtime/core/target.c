/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See target.h. Each change is read by a request of its own; one that comes meanwhile is read
 * after it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <xen/io/xs_wire.h>

#include "core/physmap.h"
#include "core/target.h"
#include "core/xenstore.h"

#define NODE         "memory/target"
#define KIB_OF_FRAME 4

static struct {
    bool busy;  /* it is being read */
    bool again; /* it has changed since */
    struct xenstore_request request;
    struct xenstore_watch watch;
} target;

static void ask(void);

static void was_read(struct xenstore_request *r)
{
    char *value = r->data, *end;
    uint64_t kib = 0;
    bool good = value && *value >= '0' && *value <= '9';

    if (good) {
        kib = strtoul(value, &end, 10);
        good = *end == '\0';
    }
    free(value);
    target.busy = false;
    if (good)
        physmap_set_target(kib / KIB_OF_FRAME);
    if (target.again)
        ask();
}

static void ask(void)
{
    target.again = false;
    target.request.answered = was_read;
    target.busy = xenstore_send(&target.request, XS_READ, XENSTORE_NONE, NODE, sizeof NODE) == 0;
}

static void changed(struct xenstore_watch *watch, const char *path)
{
    (void)watch, (void)path;
    target.again = true;
    if (!target.busy)
        ask();
}

void target_start(void)
{
    target.watch.fired = changed;
    xenstore_watch_start(&target.watch, NODE); /* without a store nobody can say anything */
}
