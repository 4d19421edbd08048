/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hvm_op (<xen/hvm/hvm_op.h>) and dm_op (<xen/hvm/dm_op.h>): about HVM domains, of which there are
 * none; but a PV domain can ask, and some of it is for everybody. a[1] is hvm_op's argument.
 */
#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__
#endif
#include "internal.h"
#include "handlers.h"

#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

/* set_param and get_param: no domain that there is has parameters. */
long hvm_param(struct vcpu *v, const unsigned long *a)
{
    struct xen_hvm_param op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.index >= HVM_NR_PARAMS)
        return -EINVAL;
    return domain_find(v, op.domid) ? -EINVAL : -ESRCH;
}

long hvm_flush_tlbs(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    (void)a;
    return -EINVAL;
}

long hvm_get_mem_type(struct vcpu *v, const unsigned long *a)
{
    struct xen_hvm_get_mem_type op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_find(v, op.domid);
    if (!d)
        return -ESRCH;
    if (!may_target(v->domain, d))
        return -EPERM;
    return -EINVAL;
}

long hvm_pagetable_dying(struct vcpu *v, const unsigned long *a)
{
    struct xen_hvm_pagetable_dying op;
    struct domain *d;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    d = domain_find(v, op.domid);
    if (!d)
        return -ESRCH;
    return d == v->domain ? -EINVAL : -EOPNOTSUPP;
}

long hvm_get_time(struct vcpu *v, const unsigned long *a)
{
    struct xen_hvm_get_time op = {.now = hypervisor_now(v->domain->hv)};

    return copy_to_guest(v, a[1], &op, sizeof(op));
}

/* A record for Xen's trace buffers, which are off. */
long hvm_xentrace(struct vcpu *v, const unsigned long *a)
{
    struct xen_hvm_xentrace op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    /* Events of a guest's own have 12 bits (TRC_SUBCLS_SHIFT, <xen/trace.h>). */
    if (op.extra_bytes > sizeof(op.extra) || op.event >> 12)
        return -EINVAL;
    return 0;
}

/* For a monitor of this domain, and there is none. */
long hvm_guest_request(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return a[1] ? -EINVAL : 0;
}

long hvm_upcall_vector(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    (void)a;
    return -EINVAL; /* before the argument is looked at */
}

/* dm_op(domid, count, buffers) */
long dm_op_op(struct vcpu *v, const unsigned long *a)
{
    struct xen_dm_op_buf buffers[2]; /* as many as Xen takes */
    unsigned int count = (unsigned int)a[1];
    struct domain *d;

    if (!count)
        return -ENODATA;
    if (count > sizeof(buffers) / sizeof(buffers[0]))
        return -E2BIG;
    if (copy_from_guest(v, buffers, a[2], count * sizeof(buffers[0])))
        return -EFAULT;
    /* Only about others, so DOMID_SELF is no name here. */
    d = domain_by_id(v->domain->hv, (domid_t)a[0]);
    if (!d)
        return -ESRCH;
    return d == v->domain ? -EPERM : -EINVAL;
}
