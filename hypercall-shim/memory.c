/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_op (<xen/memory.h>): reservations, and what is asked about them. a[0] is the operation
 * and, from bit EXTENT_SHIFT, the first extent to look at; a[1] the argument.
 */
#include "memory.h"
#include "handlers.h"

/* CONFIG_DOMU_MAX_ORDER; the initial domain may ask for the largest block there is. */
#define DOMU_MAX_ORDER 9U

/* Of XENMEMF_get_node: no node is asked for; and how many Xen knows at most. */
#define NO_NODE   0xffU
#define MAX_NODES 64U

unsigned int memory_max_order(const struct domain *d)
{
    return d->hardware_domain ? MAX_ORDER : DOMU_MAX_ORDER;
}

bool memory_node_ok(const struct vcpu *v, unsigned int flags)
{
    if (XENMEMF_get_node(flags) == NO_NODE)
        return true;
    if (v->domain->hardware_domain)
        return XENMEMF_get_node(flags) < MAX_NODES;
    return !(flags & XENMEMF_exact_node_request);
}

bool memory_node_exists(const struct vcpu *v, unsigned int flags)
{
    unsigned int node = XENMEMF_get_node(flags);

    /* An ordinary domain's wish is not heard. */
    if (node == NO_NODE || !v->domain->hardware_domain)
        return true;
    return node == 0 || !(flags & XENMEMF_exact_node_request);
}

/* ---- reservations ---- */

struct reservation {
    struct xen_memory_reservation r;
    struct domain *d;
    uint64_t list; /* guest address of extent_start, 0: none */
    unsigned long start;
    uint64_t limit; /* frames must be below, 0: anywhere */
    bool on_demand; /* XENMEMF_populate_on_demand */
};

/* Xen's construct_memop_from_reservation. */
static bool read_flags(struct vcpu *v, struct reservation *op)
{
    unsigned int flags = op->r.mem_flags, bits = XENMEMF_get_address_bits(flags), all = PAGE_SHIFT;

    while (v->domain->hv->frames > 1UL << (all - PAGE_SHIFT))
        all++;
    op->limit = 0;
    if (bits && bits < all) {
        if (bits <= PAGE_SHIFT)
            return false;
        op->limit = 1UL << (bits - PAGE_SHIFT);
    }
    /* No domain here has virtual nodes. */
    return flags & XENMEMF_vnode || memory_node_ok(v, flags);
}

/*
 * What all three reservation operations begin with. False: *RESULT is the answer. Their errors
 * before the first extent are "as many as before": the start extent.
 */
static bool begin(struct vcpu *v, const unsigned long *a, struct reservation *op, long *result)
{
    op->start = start_extent(a);
    *result = (long)op->start;
    if (copy_from_guest(v, &op->r, a[1], sizeof(op->r)))
        return false;
    if (op->r.nr_extents > UINT32_MAX >> EXTENT_SHIFT)
        return false;
    if (op->start >= op->r.nr_extents)
        return false;
    op->d = domain_find(v, op->r.domid);
    if (!op->d)
        return false;
    if (!read_flags(v, op))
        return false;
    if (!may_target(v->domain, op->d))
        return false;
    op->list = (uint64_t)(uintptr_t)op->r.extent_start.p;
    if (op->list && !guest_address_ok(op->list + op->start * sizeof(xen_pfn_t)))
        return false;
    op->on_demand = op->r.mem_flags & XENMEMF_populate_on_demand;
    return op->r.extent_order <= memory_max_order(v->domain);
}

static uint32_t allocate(struct vcpu *v, const struct reservation *op)
{
    struct domain *d = op->d;
    uint64_t pages = 1UL << op->r.extent_order;
    uint32_t first;

    if (d->pages > d->max_pages || pages > d->max_pages - d->pages)
        return 0;
    if (!(op->r.mem_flags & XENMEMF_vnode) && !memory_node_exists(v, op->r.mem_flags))
        return 0;
    first = page_allocate_order(d, op->r.extent_order, op->limit, true);
    if (first)
        page_adjust(d, (int64_t)pages);
    return first;
}

/* One extent; false ends the operation, also when the frames are the domain's already. */
static bool populate_one(struct vcpu *v, const struct reservation *op, uint64_t place)
{
    xen_pfn_t pfn, mfn;

    if (copy_from_guest(v, &pfn, place, sizeof(pfn)))
        return false;
    /* For a PV domain there is nothing to be done on demand, nor for oneself. */
    if (op->on_demand)
        return op->d != v->domain;
    mfn = allocate(v, op);
    if (!mfn)
        return false;
    for (uint64_t k = 0; k < 1UL << op->r.extent_order; k++)
        m2p_set(v->domain->hv, mfn + k, pfn + k);
    return !copy_to_guest(v, place, &mfn, sizeof(mfn));
}

static bool increase_one(struct vcpu *v, const struct reservation *op, uint64_t place)
{
    xen_pfn_t mfn = allocate(v, op);

    if (!mfn)
        return false;
    /* It need not want to know. */
    return !op->list || !copy_to_guest(v, place, &mfn, sizeof(mfn));
}

static bool decrease_one(struct vcpu *v, const struct reservation *op, uint64_t place)
{
    xen_pfn_t mfn;

    if (copy_from_guest(v, &mfn, place, sizeof(mfn)))
        return false;
    /* What of a larger extent was given back before a bad frame stays given back. */
    for (uint64_t k = 0; k < 1UL << op->r.extent_order; k++) {
        if (!page_release(op->d, mfn + k))
            return false;
    }
    return true;
}

static long reserve(struct vcpu *v, const unsigned long *a,
                    bool (*one)(struct vcpu *, const struct reservation *, uint64_t))
{
    struct reservation op;
    long result;
    unsigned long i;

    if (!begin(v, a, &op, &result))
        return result;
    for (i = op.start; i < op.r.nr_extents; i++) {
        if (!one(v, &op, op.list + i * sizeof(xen_pfn_t)))
            break;
    }
    return (long)i;
}

long memory_populate_physmap(struct vcpu *v, const unsigned long *a)
{
    return reserve(v, a, populate_one);
}

long memory_increase_reservation(struct vcpu *v, const unsigned long *a)
{
    return reserve(v, a, increase_one);
}

long memory_decrease_reservation(struct vcpu *v, const unsigned long *a)
{
    return reserve(v, a, decrease_one);
}

/* ---- queries ---- */

/* DOMID in A[1]. */
static int query(struct vcpu *v, const unsigned long *a, struct domain **d)
{
    domid_t domid;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &domid, a[1], sizeof(domid)))
        return -EFAULT;
    *d = domain_find(v, domid);
    if (!*d)
        return -ESRCH;
    return may_target(v->domain, *d) ? 0 : -EPERM;
}

long memory_current_reservation(struct vcpu *v, const unsigned long *a)
{
    struct domain *d;
    int error = query(v, a, &d);

    return error ? error : (long)d->pages;
}

long memory_maximum_reservation(struct vcpu *v, const unsigned long *a)
{
    struct domain *d;
    int error = query(v, a, &d);

    return error ? error : (long)d->max_pages;
}

long memory_maximum_gpfn(struct vcpu *v, const unsigned long *a)
{
    struct domain *d;
    int error = query(v, a, &d);
    uint64_t pfns = error ? 0 : d->shared_info->arch.max_pfn;

    if (error)
        return error;
    return pfns ? (long)pfns - 1 : 0;
}

long memory_maximum_ram_page(struct vcpu *v, const unsigned long *a)
{
    return start_extent(a) ? -EINVAL : (long)v->domain->hv->frames;
}

long memory_claim_pages(struct vcpu *v, const unsigned long *a)
{
    struct xen_memory_reservation r;
    struct domain *d;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &r, a[1], sizeof(r)))
        return -EFAULT;
    if (r.extent_start.p)
        return -EINVAL;
    if (r.extent_order || r.mem_flags)
        return -EINVAL;
    d = domain_by_id(v->domain->hv, r.domid);
    if (!d)
        return -EINVAL;
    return v->domain->hardware_domain ? page_claim(d, r.nr_extents) : -EPERM;
}
