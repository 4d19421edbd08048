/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XENMEM_exchange: a domain gives frames and gets as many others, of another size of extents or at
 * lower addresses. It goes in chunks of the larger size: a chunk is done as a whole or not at all.
 */
#include "memory.h"
#include "handlers.h"

#include <stdlib.h>

struct exchange {
    struct vcpu *v;
    struct xen_memory_exchange e;
    struct domain *d;
    uint64_t in, out;                 /* the lists */
    unsigned int in_shift, out_shift; /* extents of a chunk, by powers of two */
    uint64_t limit;
    uint32_t *given, *taken; /* of the chunk in hand: frames, and first frames of extents */
    uint64_t given_count, taken_count;
};

static int check(struct exchange *x)
{
    const struct xen_memory_reservation *in = &x->e.in, *out = &x->e.out;
    unsigned int most = memory_max_order(x->v->domain);

    if (in->extent_order > most || out->extent_order > most)
        return -EPERM;
    if (x->e.nr_exchanged > in->nr_extents)
        return -EINVAL;
    if (in->domid != out->domid)
        return -EINVAL;
    if (~0UL >> in->extent_order < in->nr_extents || ~0UL >> out->extent_order < out->nr_extents)
        return -EINVAL;
    if (in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
        return -EINVAL;
    return 0;
}

static int find(struct exchange *x)
{
    const struct xen_memory_reservation *in = &x->e.in, *out = &x->e.out;
    unsigned int bits = XENMEMF_get_address_bits(out->mem_flags);

    x->in = (uint64_t)(uintptr_t)in->extent_start.p;
    x->out = (uint64_t)(uintptr_t)out->extent_start.p;
    if (in->extent_order <= out->extent_order)
        x->in_shift = out->extent_order - in->extent_order;
    else
        x->out_shift = in->extent_order - out->extent_order;
    if (!guest_address_ok(x->in) || !guest_address_ok(x->out))
        return -EFAULT;
    if (!memory_node_ok(x->v, out->mem_flags))
        return -EINVAL;
    x->d = domain_find(x->v, in->domid);
    if (!x->d)
        return -ESRCH;
    if (!may_target(x->v->domain, x->d))
        return -EPERM;
    /* Less than a page's bits: as if for frame 1 only, which is never free. */
    if (bits && bits < 64)
        x->limit = bits > PAGE_SHIFT ? 1UL << (bits - PAGE_SHIFT) : 1;
    return 0;
}

/* Xen's steal_page: the frame must be the domain's and nobody may use it. */
static bool steal(struct exchange *x, uint64_t mfn)
{
    struct page_info *page;

    if (page_owner(x->d->hv, mfn) != x->d)
        return false;
    page = page_info(x->d->hv, mfn);
    if (page->refs || page->flags & (PAGE_SPECIAL | PAGE_RELEASED | PAGE_STOLEN))
        return false;
    page->flags |= PAGE_STOLEN;
    x->given[x->given_count++] = (uint32_t)mfn;
    return true;
}

static int take_in(struct exchange *x, uint64_t chunk)
{
    for (uint64_t j = 0; j < 1UL << x->in_shift; j++) {
        uint64_t place = x->in + ((chunk << x->in_shift) + j) * sizeof(xen_pfn_t);
        xen_pfn_t mfn;

        if (copy_from_guest(x->v, &mfn, place, sizeof(mfn)))
            return -EFAULT;
        for (uint64_t k = 0; k < 1UL << x->e.in.extent_order; k++) {
            if (!steal(x, mfn + k))
                return -EINVAL;
        }
    }
    return 0;
}

static int take_out(struct exchange *x)
{
    for (uint64_t j = 0; j < 1UL << x->out_shift; j++) {
        uint32_t first = 0;

        if (memory_node_exists(x->v, x->e.out.mem_flags))
            first = page_allocate_order(x->d, x->e.out.extent_order, x->limit, false);
        if (!first)
            return -ENOMEM;
        x->taken[x->taken_count++] = first;
    }
    return 0;
}

static void undo(struct exchange *x)
{
    struct hypervisor *hv = x->d->hv;

    for (uint64_t i = 0; i < x->given_count; i++)
        page_info(hv, x->given[i])->flags &= (uint8_t)~PAGE_STOLEN;
    for (uint64_t i = 0; i < x->taken_count; i++) {
        for (uint32_t k = 0; k < 1U << x->e.out.extent_order; k++)
            page_free_one(hv, x->taken[i] + k);
    }
}

static void give_up(struct exchange *x)
{
    struct hypervisor *hv = x->d->hv;

    for (uint64_t i = 0; i < x->given_count; i++) {
        page_map(hv, x->given[i]); /* no lazy page is ever handed on */
        page_info(hv, x->given[i])->flags = 0;
        page_free(hv, x->given[i]);
    }
}

/* The new frames are named, as far as the list of their names can be read and written. */
static int name(struct exchange *x, uint64_t chunk)
{
    int error = 0;

    for (uint64_t j = 0; j < x->taken_count; j++) {
        uint64_t place = x->out + ((chunk << x->out_shift) + j) * sizeof(xen_pfn_t);
        xen_pfn_t pfn, mfn = x->taken[j];

        if (copy_from_guest(x->v, &pfn, place, sizeof(pfn))) {
            error = -EFAULT;
            continue;
        }
        for (uint64_t k = 0; k < 1UL << x->e.out.extent_order; k++)
            m2p_set(x->d->hv, mfn + k, pfn + k);
        if (copy_to_guest(x->v, place, &mfn, sizeof(mfn)))
            error = -EFAULT;
    }
    return error;
}

static int exchange_chunk(struct exchange *x, uint64_t chunk)
{
    int error;

    x->given_count = x->taken_count = 0;
    error = take_in(x, chunk);
    if (!error)
        error = take_out(x);
    if (error) {
        undo(x);
        return error;
    }
    give_up(x);
    return name(x, chunk);
}

static int exchange_all(struct exchange *x)
{
    uint64_t chunk = x->e.nr_exchanged >> x->in_shift, end = x->e.in.nr_extents >> x->in_shift;
    int error = 0;

    x->given = calloc(1UL << (x->in_shift + x->e.in.extent_order), sizeof(*x->given));
    x->taken = calloc(1UL << x->out_shift, sizeof(*x->taken));
    if (!x->given || !x->taken)
        error = -ENOMEM; /* LCOV_EXCL_LINE: the process has no memory */
    for (; !error && chunk < end; chunk++) {
        error = exchange_chunk(x, chunk);
        if (error)
            break;
    }
    free(x->given);
    free(x->taken);
    x->e.nr_exchanged = error ? chunk << x->in_shift : x->e.in.nr_extents;
    return error;
}

long memory_exchange(struct vcpu *v, const unsigned long *a)
{
    struct exchange x = {.v = v};
    int error;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &x.e, a[1], sizeof(x.e)))
        return -EFAULT;
    error = check(&x);
    if (!error && x.e.nr_exchanged == x.e.in.nr_extents)
        return 0;
    if (!error)
        error = find(&x);
    if (!error)
        error = exchange_all(&x);
    if (copy_to_guest(v, a[1] + offsetof(struct xen_memory_exchange, nr_exchanged),
                      &x.e.nr_exchanged, sizeof(x.e.nr_exchanged)))
        return -EFAULT;
    return error;
}
