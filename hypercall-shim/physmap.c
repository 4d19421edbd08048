/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_op: what exists for translated (HVM and PVH) domains, where Xen keeps the table from
 * pfn to frame; for PV domains most of it is refused, in the order that common/memory.c checks. And
 * resources: the hypervisor's frames about a domain, for whoever manages it.
 */
#define __XEN_TOOLS__ /* some of it is for tools only */
#include "memory.h"
#include "grant_table.h"
#include "handlers.h"

/* The size of an add_to_physmap is 16 bits, so a start beyond that was never given out. */
#define PHYSMAP_MAX UINT16_MAX

static bool starts_early(const unsigned long *a) { return start_extent(a) <= PHYSMAP_MAX; }

/* No domain here is translated. */
static int physmap_domain(struct vcpu *v, domid_t domid)
{
    return domain_find(v, domid) ? -EACCES : -ESRCH;
}

long memory_add_to_physmap(struct vcpu *v, const unsigned long *a)
{
    struct xen_add_to_physmap op;

    if (!starts_early(a))
        return -EDOM;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.space == XENMAPSPACE_gmfn_foreign)
        return -ENOSYS; /* only by the batch */
    return physmap_domain(v, op.domid);
}

long memory_add_to_physmap_batch(struct vcpu *v, const unsigned long *a)
{
    struct xen_add_to_physmap_batch op;

    if (!starts_early(a))
        return -EDOM;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.space == XENMAPSPACE_gmfn_range)
        return -EOPNOTSUPP;
    return physmap_domain(v, op.domid);
}

long memory_remove_from_physmap(struct vcpu *v, const unsigned long *a)
{
    struct xen_remove_from_physmap op;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return physmap_domain(v, op.domid);
}

/* Populate on demand: asked and set by the same struct, for HVM domains only. */
long memory_pod_target(struct vcpu *v, const unsigned long *a)
{
    struct xen_pod_target op;

    if (start_extent(a))
        return -ENOSYS;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return domain_find(v, op.domid) ? -EINVAL : -ESRCH;
}

/* No page is ever shared between domains behind their back. */
long memory_sharing_count(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return start_extent(a) ? -ENOSYS : 0;
}

long memory_access(struct vcpu *v, const unsigned long *a)
{
    struct xen_mem_access_op op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_by_id(v->domain->hv, op.domid);
    if (!d)
        return -ESRCH;
    if (d == v->domain)
        return -EPERM;
    return -EINVAL; /* not an HVM domain */
}

long memory_get_vnumainfo(struct vcpu *v, const unsigned long *a)
{
    struct xen_vnuma_topology_info op;
    struct domain *d;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.pad)
        return -EINVAL;
    d = domain_find(v, op.domid);
    if (!d)
        return -ESRCH;
    if (!may_target(v->domain, d))
        return -EPERM;
    return -EOPNOTSUPP; /* it has no virtual nodes */
}

/* Memory that a device needs at its place: this machine has no devices. */
long memory_reserved_device_memory_map(struct vcpu *v, const unsigned long *a)
{
    struct xen_reserved_device_memory_map op;

    if (start_extent(a))
        return -EINVAL;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!guest_address_ok((uint64_t)(uintptr_t)op.buffer.p))
        return -EFAULT;
    if (op.flags & ~(uint32_t)XENMEM_RDM_ALL)
        return -EINVAL;
    op.nr_entries = 0;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

/* ---- resources ---- */

/* All frames of a resource; 0 if D does not have it. */
static unsigned int resource_frames(const struct domain *d, unsigned int type, unsigned int id)
{
    switch (type) {
    case XENMEM_resource_grant_table:
        return grant_resource_frames(d, id);
    case XENMEM_resource_ioreq_server: /* of HVM domains */
    case XENMEM_resource_vmtrace_buf:  /* the processor traces nothing */
        return 0;
    default:
        /* What Xen calls so: the error is taken for a number (common/memory.c). */
        return (unsigned int)-EOPNOTSUPP;
    }
}

/*
 * So many at a time: when a later part has an error, the table has grown, and the guest got the
 * frames, for those before it (acquire_resource in common/memory.c).
 */
#define RESOURCE_PART 32U

static long get_resource(struct vcpu *v, struct domain *d,
                         const struct xen_mem_acquire_resource *op, uint64_t done)
{
    xen_pfn_t mfns[RESOURCE_PART];

    if (op->type != XENMEM_resource_grant_table)
        return -EOPNOTSUPP;
    while (done < op->nr_frames) {
        uint64_t place = (uint64_t)(uintptr_t)op->frame_list.p + done * sizeof(mfns[0]);
        uint64_t left = op->nr_frames - done;
        unsigned int count = left < RESOURCE_PART ? (unsigned int)left : RESOURCE_PART;
        int error = grant_resource_get(d, op->id, (unsigned int)(op->frame + done), count, mfns);

        if (error)
            return error;
        if (copy_to_guest(v, place, mfns, count * sizeof(mfns[0])))
            return -EFAULT;
        done += count;
    }
    return 0;
}

long memory_acquire_resource(struct vcpu *v, const unsigned long *a)
{
    struct xen_mem_acquire_resource op;
    unsigned int frames;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.pad)
        return -EINVAL;
    if (op.frame >> 32 || (op.frame + op.nr_frames) >> 32)
        return -EINVAL;
    d = domain_by_id(v->domain->hv, op.domid);
    if (!d)
        return -ESRCH;
    if (d == v->domain || !v->domain->hardware_domain)
        return -EPERM;
    frames = resource_frames(d, op.type, op.id);
    if (!frames)
        return -EINVAL;
    if (op.frame_list.p) {
        if (start_extent(a) >= op.nr_frames || op.nr_frames > UINT32_MAX >> EXTENT_SHIFT)
            return -EINVAL;
        return get_resource(v, d, &op, start_extent(a));
    }
    /* Without a list: how many there are. */
    if (op.nr_frames || start_extent(a))
        return -EINVAL;
    return copy_to_guest(v, a[1] + offsetof(struct xen_mem_acquire_resource, nr_frames), &frames,
                         sizeof(frames));
}
