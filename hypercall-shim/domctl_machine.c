/* SPDX-License-Identifier: BSD-3-Clause
 *
 * domctl's operations that have to do with what a domain gets of the machine: frames, time,
 * interrupts, I/O, and what Xen can do for domains of other kinds. Errors and their order as in
 * Xen's common/domctl.c and arch/x86/domctl.c.
 */
#include "domctl.h"
#include "trap.h"
#include "handlers.h"
#include "sysctl.h"

#include <xen/vm_event.h>

#define IO_PORTS 0x10000U
/* Interrupt lines that Xen has for the initial domain on a small machine (arch_hwdom_irqs). */
#define PIRQS 24U

static bool privileged(const struct vcpu *v) { return v->domain->hardware_domain; }

/* ---- frames ---- */

static uint64_t describe_frame(struct domain *d, uint64_t mfn)
{
    const struct page_info *page;
    uint64_t type = XEN_DOMCTL_PFINFO_NOTAB;

    if (page_owner(d->hv, mfn) != d)
        return XEN_DOMCTL_PFINFO_XTAB;
    page = page_info(d->hv, mfn);
    if (page->flags & PAGE_SPECIAL)
        return XEN_DOMCTL_PFINFO_XTAB;
    if (page->type_count && page->type >= PAGE_L1 && page->type <= PAGE_L4)
        type = (uint64_t)page->type << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
    if (page->flags & PAGE_PINNED)
        type |= XEN_DOMCTL_PFINFO_LPINTAB;
    return type;
}

#define FRAMES_AT_ONCE 1024U

long domctl_getpageframeinfo3(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_getpageframeinfo3 *op = &call->op.u.getpageframeinfo3;

    if (op->num > FRAMES_AT_ONCE)
        return -E2BIG;
    for (uint64_t i = 0; i < op->num; i++) {
        uint64_t place = (uintptr_t)op->array.p + i * sizeof(uint64_t), frame;

        if (copy_from_guest(v, &frame, place, sizeof(frame)))
            return -EFAULT;
        frame = describe_frame(call->d, frame);
        if (copy_to_guest(v, place, &frame, sizeof(frame)))
            return -EFAULT;
    }
    return 0;
}

long domctl_hypercall_init(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct domain *d = call->d;
    uint64_t mfn = call->op.u.hypercall_init.gmfn;

    (void)v;
    if (!page_get(d, mfn))
        return -EINVAL;
    if (page_get_type(d, mfn, PAGE_WRITABLE)) {
        page_put(d->hv, mfn);
        return -EPERM;
    }
    if (!hypercall_page_used(d)) {
        page_put_both(d, mfn); /* LCOV_EXCL_LINE: Linux has no memory */
        return -ENOMEM;        /* LCOV_EXCL_LINE */
    }
    hypercall_page_fill(page_map(d->hv, mfn));
    page_put_both(d, mfn);
    return 0;
}

/*
 * Shadow page tables, with which Xen finds out what a domain writes to: answered as by a Xen that
 * is built without them (CONFIG_SHADOW_PAGING).
 */
long domctl_shadow_op(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_shadow_op *op = &call->op.u.shadow_op;

    call->copy_back = true;
    if (call->d == v->domain)
        return -EINVAL;
    if (call->d->is_dying)
        return 0;
    if (!call->d->vcpus[0])
        return -EINVAL;
    switch (op->op) {
    case XEN_DOMCTL_SHADOW_OP_ENABLE:
        return op->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY ? -EOPNOTSUPP : -EINVAL;
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

/* ---- kinds of domains ---- */

long domctl_set_address_size(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    switch (domctl_call(a)->op.u.address_size.size) {
    case 64:
        return 0;
    case 32:
        return -EOPNOTSUPP; /* as from a Xen without CONFIG_PV32 */
    default:
        return -EINVAL;
    }
}

long domctl_get_address_size(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    (void)v;
    call->op.u.address_size.size = 64;
    call->copy_back = true;
    return 0;
}

/* Only an HVM domain can be the target of a stub domain. */
long domctl_set_target(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct domain *target = domain_by_id(v->domain->hv, call->op.u.set_target.target);

    if (!target)
        return -ESRCH;
    return target == call->d ? -EINVAL : -EOPNOTSUPP;
}

/* Listeners are for HVM domains with two-dimensional paging; asking for the version is free. */
long domctl_vm_event_op(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_vm_event_op *op = &call->op.u.vm_event_op;

    if (op->op == XEN_VM_EVENT_GET_VERSION) {
        op->u.version = VM_EVENT_INTERFACE_VERSION;
        call->copy_back = true;
        return 0;
    }
    if (!call->d)
        return -ESRCH;
    if (!privileged(v))
        return -EPERM;
    if (call->d == v->domain)
        return -EINVAL;
    if (call->d->is_dying)
        return 0;
    return call->d->vcpus[0] ? -ENOSYS : -EINVAL;
}

long domctl_monitor_op(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_monitor_op *op = &call->op.u.monitor_op;

    if (call->d == v->domain)
        return -EPERM;
    switch (op->op) {
    case XEN_DOMCTL_MONITOR_OP_ENABLE:
    case XEN_DOMCTL_MONITOR_OP_DISABLE:
        return op->event > 31 ? -EINVAL : -EOPNOTSUPP;
    case XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES:
        op->event = 0; /* nothing of a PV domain can be watched */
        call->copy_back = true;
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

/* A flag of the p2m of translated domains: Xen sets it in any, and looks at it in none of ours. */
long domctl_set_access_required(struct vcpu *v, const unsigned long *a)
{
    return domctl_call(a)->d == v->domain ? -EPERM : 0;
}

/* Cache allocation: the numbers are looked at before Xen finds that the processor has none. */
long domctl_psr_alloc(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return domctl_call(a)->op.u.psr_alloc.cmd > XEN_DOMCTL_PSR_GET_MBA_THRTL ? -EOPNOTSUPP
                                                                             : -ENODEV;
}

long domctl_get_cpu_policy(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_cpu_policy *op = &call->op.u.cpu_policy;
    int error = cpu_policy_leaves(v, (uintptr_t)op->leaves.p, &op->nr_leaves);

    if (!error)
        error = cpu_policy_msrs(v, (uintptr_t)op->msrs.p, &op->nr_msrs);
    call->copy_back = !error;
    return error;
}

/* CPUID cannot be made to say anything else: only a policy that changes nothing is taken. */
long domctl_set_cpu_policy(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_cpu_policy *op = &call->op.u.cpu_policy;

    if (call->d == v->domain)
        return -EINVAL;
    if (call->d->was_started)
        return -EEXIST;
    if (op->nr_leaves > CPU_POLICY_LEAVES || op->nr_msrs > CPU_POLICY_MSRS)
        return -E2BIG;
    return op->nr_leaves || op->nr_msrs ? -EOPNOTSUPP : 0;
}

/* ---- I/O: the machine has none to give ---- */

static bool wraps(uint64_t first, uint64_t count) { return first + count - 1 < first; }

long domctl_iomem_permission(struct vcpu *v, const unsigned long *a)
{
    const struct xen_domctl_iomem_permission *op = &domctl_call(a)->op.u.iomem_permission;

    (void)v;
    if (wraps(op->first_mfn, op->nr_mfns))
        return -EINVAL;
    return -EPERM; /* who has no right to it cannot give it on */
}

long domctl_ioport_permission(struct vcpu *v, const unsigned long *a)
{
    const struct xen_domctl_ioport_permission *op = &domctl_call(a)->op.u.ioport_permission;
    uint32_t end = op->first_port + op->nr_ports;

    (void)v;
    if (end <= op->first_port || end > IO_PORTS)
        return -EINVAL;
    return -EPERM;
}

long domctl_irq_permission(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return domctl_call(a)->op.u.irq_permission.pirq >= PIRQS ? -EINVAL : -EPERM;
}

/* For a domain that is not translated there is nothing to do: that is Xen's answer as well. */
long domctl_memory_mapping(struct vcpu *v, const unsigned long *a)
{
    const struct xen_domctl_memory_mapping *op = &domctl_call(a)->op.u.memory_mapping;

    if (wraps(op->first_mfn, op->nr_mfns) || wraps(op->first_gfn, op->nr_mfns))
        return -EINVAL;
    if ((op->first_mfn | (op->first_mfn + op->nr_mfns - 1)) >> (52 - PAGE_SHIFT))
        return -EINVAL;
    return privileged(v) ? 0 : -EPERM;
}

/* ---- events ---- */

long domctl_set_virq_handler(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    uint32_t virq = call->op.u.set_virq_handler.virq;

    if (virq >= NR_VIRQS || !event_channel_virq_is_global(virq))
        return -EINVAL;
    if (call->d->is_dying)
        return -EINVAL;
    v->domain->hv->virq_handler[virq] = call->d->id;
    return 0;
}

long domctl_subscribe(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    (void)v;
    if (!domain_control(call->d))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    call->d->control->suspend_port = call->op.u.subscribe.port;
    return 0;
}

/* ---- time ---- */

long domctl_settimeoffset(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);

    (void)v;
    call->d->time_offset = call->op.u.settimeoffset.time_offset_seconds;
    time_set_wall_clock(call->d);
    return 0;
}

/* TSC_MODE_* of Xen's arch/x86/include/asm/time.h; xl.cfg's tsc_mode. */
enum tsc_mode { TSC_DEFAULT, TSC_ALWAYS_EMULATE, TSC_NEVER_EMULATE };

long domctl_gettscinfo(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_tsc_info *op = &call->op.u.tsc_info;
    const struct domain_control none = {0};
    const struct domain_control *control = call->d->control ? call->d->control : &none;

    if (call->d == v->domain)
        return -EINVAL;
    op->tsc_mode = control->tsc_mode;
    op->incarnation = control->tsc_incarnation + 1;
    op->elapsed_nsec = op->gtsc_khz = 0;
    if (op->tsc_mode == TSC_DEFAULT) {
        op->elapsed_nsec = hypervisor_now(call->d->hv) - control->tsc_offset;
        op->gtsc_khz = time_tsc_khz(call->d->hv);
    }
    call->copy_back = true;
    return 0;
}

long domctl_settscinfo(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_tsc_info *op = &call->op.u.tsc_info;

    if (call->d == v->domain)
        return -EINVAL;
    if (op->tsc_mode > TSC_NEVER_EMULATE)
        return -EINVAL;
    if (call->d->hardware_domain)
        return 0; /* its TSC is never touched */
    if (op->tsc_mode == TSC_ALWAYS_EMULATE)
        return -EOPNOTSUPP; /* rdtsc is the processor's, nobody gets between */
    if (!domain_control(call->d))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    call->d->control->tsc_mode = op->tsc_mode;
    call->d->control->tsc_incarnation = op->incarnation;
    call->d->control->tsc_offset = hypervisor_now(call->d->hv) - op->elapsed_nsec;
    return 0;
}
