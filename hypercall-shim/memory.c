/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_op (<xen/memory.h>). a[0] is the operation and, from bit MEMOP_EXTENT_SHIFT, the first
 * extent to look at; a[1] the argument.
 */
#include "internal.h"
#include "handlers.h"

#include <xen/memory.h>

/* public/memory.h does not name it: common/memory.c, six bits for the operation. */
#define EXTENT_SHIFT 6
/* The largest order of an extent that an ordinary domain may ask for (CONFIG_DOMU_MAX_ORDER). */
#define DOMU_MAX_ORDER 9U

struct reservation {
    struct xen_memory_reservation r;
    struct domain *d;
    uint64_t list; /* guest address of extent_start, 0: none */
    unsigned long start;
};

/*
 * What all three reservation operations begin with. False: *RESULT is the answer. Their errors
 * before the first extent are "as many as before": the start extent.
 */
static bool begin(struct vcpu *v, const unsigned long *a, struct reservation *op, long *result)
{
    unsigned int max_order = v->domain->hardware_domain ? 20 : DOMU_MAX_ORDER;

    op->start = a[0] >> EXTENT_SHIFT;
    *result = (long)op->start;
    if (copy_from_guest(v, &op->r, a[1], sizeof(op->r)))
        return false;
    if (op->r.nr_extents > UINT32_MAX >> EXTENT_SHIFT)
        return false;
    op->list = (uint64_t)(uintptr_t)op->r.extent_start.p;
    if (op->start >= op->r.nr_extents || op->r.extent_order > max_order)
        return false;
    op->d = domain_find(v, op->r.domid);
    if (!op->d || (op->d != v->domain && !v->domain->hardware_domain))
        return false;
    return true;
}

static bool has_room(const struct domain *d, uint64_t pages)
{
    if (d->is_dying)
        return false;
    return pages <= d->max_pages - d->pages && d->pages <= d->max_pages;
}

/* 2^ORDER consecutive frames. A domain may get less than it asks for at any time. */
static uint32_t allocate(struct domain *d, unsigned int order)
{
    uint32_t first;

    if (!has_room(d, 1UL << order))
        return 0;
    if (order == 0) {
        first = page_allocate(d);
    } else {
        struct hypervisor *hv = d->hv;

        first = (hv->next_fresh + (1U << order) - 1) & ~((1U << order) - 1);
        if ((uint64_t)first + (1U << order) > hv->frames)
            return 0;
        /* What alignment leaves over goes to the list of single frames. */
        while (hv->next_fresh < first) {
            hv->page_table[hv->next_fresh] =
                (struct page_info){.owner = OWNER_FREE, .link = hv->first_free};
            hv->first_free = hv->next_fresh++;
        }
        for (uint32_t i = 0; i < 1U << order; i++)
            hv->page_table[first + i] = (struct page_info){.owner = OWNER_DOMAIN(d->id)};
        hv->next_fresh = first + (1U << order);
    }
    if (first)
        d->pages += 1UL << order;
    return first;
}

static long populate(struct vcpu *v, const unsigned long *a, bool physmap)
{
    struct reservation op;
    long result;
    unsigned long i;

    if (!begin(v, a, &op, &result))
        return result;
    for (i = op.start; i < op.r.nr_extents; i++) {
        xen_pfn_t pfn = 0, mfn;
        uint64_t place = op.list + i * sizeof(pfn);

        if (physmap && copy_from_guest(v, &pfn, place, sizeof(pfn)))
            break;
        mfn = allocate(op.d, op.r.extent_order);
        if (!mfn)
            break;
        for (uint64_t k = 0; physmap && k < 1UL << op.r.extent_order; k++)
            m2p_set(v->domain->hv, mfn + k, pfn + k);
        /* increase_reservation need not want to know. */
        if ((physmap || op.list) && copy_to_guest(v, place, &mfn, sizeof(mfn)))
            break;
    }
    return (long)i;
}

long memory_populate_physmap(struct vcpu *v, const unsigned long *a)
{
    return populate(v, a, true);
}

long memory_increase_reservation(struct vcpu *v, const unsigned long *a)
{
    return populate(v, a, false);
}

long memory_decrease_reservation(struct vcpu *v, const unsigned long *a)
{
    struct reservation op;
    long result;
    unsigned long i;

    if (!begin(v, a, &op, &result))
        return result;
    for (i = op.start; i < op.r.nr_extents; i++) {
        xen_pfn_t mfn;
        bool ok = true;

        if (copy_from_guest(v, &mfn, op.list + i * sizeof(mfn), sizeof(mfn)))
            break;
        for (uint64_t k = 0; ok && k < 1UL << op.r.extent_order; k++)
            ok = page_release(op.d, mfn + k);
        if (!ok)
            break;
    }
    return (long)i;
}

/* DOMID in A[1] for the queries. */
static int query(struct vcpu *v, const unsigned long *a, struct domain **d)
{
    domid_t domid;

    if (copy_from_guest(v, &domid, a[1], sizeof(domid)))
        return -EFAULT;
    *d = domain_find(v, domid);
    if (!*d)
        return -ESRCH;
    return *d == v->domain || v->domain->hardware_domain ? 0 : -EPERM;
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

    return error ? error : (long)d->shared_info->arch.max_pfn - 1;
}

long memory_maximum_ram_page(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    return (long)v->domain->hv->frames - 1;
}

/* An entry of a BIOS memory map, as XENMEM_memory_map stores it (ACPI's E820). */
struct e820_entry {
    uint64_t address;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));
#define E820_RAM 1U

long memory_map(struct vcpu *v, const unsigned long *a)
{
    struct xen_memory_map op;
    struct e820_entry all = {0, v->domain->max_pages << PAGE_SHIFT, E820_RAM};

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.nr_entries < 1)
        return -EINVAL;
    op.nr_entries = 1;
    if (copy_to_guest(v, (uint64_t)(uintptr_t)op.buffer.p, &all, sizeof(all)) ||
        copy_to_guest(v, a[1], &op, sizeof(op)))
        return -EFAULT;
    return 0;
}

long memory_machphys_mapping(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    struct xen_machphys_mapping op = {
        .v_start = (uintptr_t)hv->m2p_view,
        .v_end = (uintptr_t)hv->m2p_view + ((uintptr_t)hv->m2p_lazy.count << PAGE_SHIFT),
        .max_mfn = hv->frames - 1,
    };

    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long memory_machphys_mfn_list(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    struct xen_machphys_mfn_list op;
    unsigned int i = 0;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    /* A frame number for each 2 MiB of the table (<xen/memory.h>). */
    for (; i < op.max_extents && i * 512 < hv->m2p_lazy.count; i++) {
        xen_pfn_t mfn = hv->m2p_lazy.start + i * 512;

        if (copy_to_guest(v, (uint64_t)(uintptr_t)op.extent_start.p + i * sizeof(mfn), &mfn,
                          sizeof(mfn)))
            return -EFAULT;
    }
    op.nr_extents = i;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}
