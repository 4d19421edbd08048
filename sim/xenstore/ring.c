/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The page that a domain shares with the store (docs/misc/xenstore-ring.txt). Each end writes one
 * index of each queue; what the domain says of its own is believed only if it is possible.
 */
#include "xenstore/store.h"

#include <string.h>

static XENSTORE_RING_IDX look(const XENSTORE_RING_IDX *index)
{
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static int ring_read(struct connection *c, char *bytes, size_t len)
{
    struct xenstore_domain_interface *ring = c->domain->ring;
    XENSTORE_RING_IDX cons = ring->req_cons, prod = look(&ring->req_prod);
    size_t at = MASK_XENSTORE_IDX(cons);

    if (prod - cons > XENSTORE_RING_SIZE)
        return -1;
    len = least(len, least(prod - cons, XENSTORE_RING_SIZE - at));
    memcpy(bytes, ring->req + at, len);
    __atomic_store_n(&ring->req_cons, cons + (XENSTORE_RING_IDX)len, __ATOMIC_RELEASE);
    c->moved = true;
    return (int)len;
}

static int ring_write(struct connection *c, const char *bytes, size_t len)
{
    struct xenstore_domain_interface *ring = c->domain->ring;
    XENSTORE_RING_IDX cons = look(&ring->rsp_cons), prod = ring->rsp_prod;
    size_t at = MASK_XENSTORE_IDX(prod);

    if (prod - cons > XENSTORE_RING_SIZE)
        return -1;
    len = least(len, least(XENSTORE_RING_SIZE - (prod - cons), XENSTORE_RING_SIZE - at));
    memcpy(ring->rsp + at, bytes, len);
    __atomic_store_n(&ring->rsp_prod, prod + (XENSTORE_RING_IDX)len, __ATOMIC_RELEASE);
    c->moved = true;
    return (int)len;
}

static bool ring_can_read(struct connection *c)
{
    struct xenstore *s = c->store;
    struct store_domain *d = c->domain;

    if (d->outstanding >= s->quota.outstanding)
        return false;
    if (s->quota.memory && d->memory >= (size_t)s->quota.memory)
        return false;
    if (d->credit < 0) {
        rate_update(s, d);
        if (d->credit < 0)
            return false;
    }
    return look(&d->ring->req_prod) != d->ring->req_cons;
}

static bool ring_can_write(struct connection *c)
{
    const struct xenstore_domain_interface *ring = c->domain->ring;

    return ring->rsp_prod - look(&ring->rsp_cons) != XENSTORE_RING_SIZE;
}

const struct transport ring_transport = {
    .read = ring_read, .write = ring_write, .can_read = ring_can_read, .can_write = ring_can_write};
