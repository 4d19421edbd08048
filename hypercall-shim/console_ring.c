/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The ring in which the hypervisor keeps the end of its own log and of what guests say on its
 * console, for XEN_SYSCTL_readconsole. What the initial domain writes goes to the console only
 * (Xen's option console_to_ring is off by default).
 */
#include "sysctl.h"
#include "handlers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define RING_SIZE 16384U /* Xen's default, conring_size */

/* Positions count on for ever; the place of one is its remainder by RING_SIZE. */
struct console_ring {
    uint32_t producer, consumer;
    domid_t line_of; /* whose line is not at its end; DOMID_INVALID: nobody's */
    char bytes[RING_SIZE];
};

static struct console_ring *ring(struct hypervisor *hv)
{
    if (!hv->ring) {
        hv->ring = malloc(sizeof(*hv->ring));
        if (hv->ring) {
            hv->ring->producer = hv->ring->consumer = 0;
            hv->ring->line_of = DOMID_INVALID;
        }
    }
    return hv->ring;
}

static void put(struct console_ring *r, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        r->bytes[r->producer++ % RING_SIZE] = bytes[i];
    if (r->producer - r->consumer > RING_SIZE)
        r->consumer = r->producer - RING_SIZE;
}

static void end_line(struct console_ring *r)
{
    if (r->line_of != DOMID_INVALID)
        put(r, "\n", 1);
    r->line_of = DOMID_INVALID;
}

void console_ring_log(struct hypervisor *hv, const char *line)
{
    struct console_ring *r = ring(hv);

    if (!r)
        return; /* LCOV_EXCL_LINE: no memory */
    end_line(r);
    put(r, "(XEN) ", 6);
    put(r, line, strlen(line));
    put(r, "\n", 1);
}

/* As Xen prints it: line by line, with the domain's name, without what is no text. */
void console_ring_guest(struct domain *d, const char *bytes, size_t len)
{
    struct console_ring *r = ring(d->hv);
    char name[16];

    if (!r)
        return; /* LCOV_EXCL_LINE: no memory */
    for (size_t i = 0; i < len; i++) {
        if (r->line_of != d->id) {
            end_line(r);
            put(r, name, (size_t)snprintf(name, sizeof(name), "(d%u) ", d->id));
            r->line_of = d->id;
        }
        if (bytes[i] == '\n')
            end_line(r);
        else if (isprint((unsigned char)bytes[i]) || bytes[i] == '\t')
            put(r, &bytes[i], 1);
    }
}

/* Where to begin: an index that the caller got last time, if it is still in the ring. */
static uint32_t start(const struct console_ring *r, const struct xen_sysctl_readconsole *op)
{
    if (op->incremental && op->index - r->consumer <= r->producer - r->consumer)
        return op->index;
    return r->consumer;
}

size_t hypervisor_console_ring(struct hypervisor *hv, char *bytes, size_t size, bool clear)
{
    struct console_ring *r = ring(hv);
    size_t done = 0;
    uint32_t at;

    if (!r)
        return 0; /* LCOV_EXCL_LINE: no memory */
    for (at = r->consumer; at != r->producer && done < size; at++)
        bytes[done++] = r->bytes[at % RING_SIZE];
    if (clear)
        r->consumer = at;
    return done;
}

long sysctl_readconsole(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_readconsole *op = &sysctl_call(a)->op.u.readconsole;
    uint64_t to = (uintptr_t)op->buffer.p;
    struct console_ring *r = ring(v->domain->hv);
    uint32_t at, done = 0;

    if (!r)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    at = start(r, op);
    while (at != r->producer && done < op->count) {
        uint32_t place = at % RING_SIZE, part = r->producer - at;

        if (part > RING_SIZE - place)
            part = RING_SIZE - place;
        if (part > op->count - done)
            part = op->count - done;
        if (copy_to_guest(v, to + done, r->bytes + place, part))
            return -EFAULT;
        done += part;
        at += part;
    }
    if (op->clear)
        r->consumer = at;
    op->count = done;
    op->index = at;
    return 0;
}
