/* SPDX-License-Identifier: BSD-3-Clause
 *
 * domctl's operations on one vCPU. Errors and their order as in Xen's common/domctl.c and
 * arch/x86/domctl.c.
 */
#include "domctl.h"
#include "trap.h"
#include "sched.h"

/* The machine has one processor: guests are coroutines of one thread. */
#define PROCESSORS 1U

static struct vcpu *find(const struct domctl_call *call, uint32_t id)
{
    return id < call->d->max_vcpus ? call->d->vcpus[id] : NULL;
}

long domctl_max_vcpus(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct domain *d = call->d;

    /* The number was given to createdomain; here they are made. */
    if (d == v->domain || call->op.u.max_vcpus.max != d->max_vcpus)
        return -EINVAL;
    for (uint32_t i = 0; i < d->max_vcpus && !d->is_dying; i++) {
        if (!d->vcpus[i] && !vcpu_create(d, i))
            return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    }
    return 0;
}

long domctl_setvcpucontext(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_vcpucontext *op = &call->op.u.vcpucontext;
    struct vcpu *target = find(call, op->vcpu);
    vcpu_guest_context_t context;
    int error;

    if (call->d == v->domain || !target)
        return -EINVAL;
    if (!op->ctxt.p) {
        domctl_reset_vcpu(target);
        return 0;
    }
    if (copy_from_guest(v, &context, (uintptr_t)op->ctxt.p, sizeof(context)))
        return -EFAULT;
    /* In Xen the page tables decide. A frame that is mapped still it takes, and the end never
     * comes.
     */
    if (call->d->is_dying)
        return -EINVAL;
    error = domctl_set_context(target, &context);
    /* Xen pauses the domain meanwhile; going on wakes those that are up. */
    if (!error && target->is_down)
        sched_sleep(target);
    else if (!error)
        sched_wake(target);
    return error;
}

long domctl_getvcpucontext(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_vcpucontext *op = &call->op.u.vcpucontext;
    struct vcpu *target = find(call, op->vcpu);
    vcpu_guest_context_t context;

    if (!target || target == v)
        return -EINVAL;
    if (!target->initialised)
        return -ENODATA;
    call->copy_back = true;
    domctl_get_context(target, &context);
    return copy_to_guest(v, (uintptr_t)op->ctxt.p, &context, sizeof(context));
}

int domain_vcpu_info(struct domain *d, unsigned int id, struct xen_domctl_getvcpuinfo *info)
{
    const struct vcpu *v = id < MAX_VCPUS ? d->vcpus[id] : NULL;

    if (!v)
        return -ESRCH;
    info->vcpu = id;
    info->online = !v->is_down;
    info->blocked = v->state == VCPU_BLOCKED || v->state == VCPU_POLLING;
    info->running = v == current;
    info->cpu_time = vcpu_cpu_time(v, hypervisor_now(d->hv));
    info->cpu = 0;
    return 0;
}

long domctl_getvcpuinfo(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_getvcpuinfo *op = &call->op.u.getvcpuinfo;
    int error;

    (void)v;
    if (op->vcpu >= call->d->max_vcpus)
        return -EINVAL;
    error = domain_vcpu_info(call->d, op->vcpu, op);
    call->copy_back = !error;
    return error;
}

/* ---- affinity ---- */

static int find_for_affinity(const struct domctl_call *call, struct vcpu **target)
{
    const struct xen_domctl_vcpuaffinity *op = &call->op.u.vcpuaffinity;

    *target = find(call, op->vcpu);
    if (op->vcpu >= call->d->max_vcpus)
        return -EINVAL;
    if (!*target)
        return -ESRCH;
    if (!op->flags)
        return -EINVAL;
    if (op->flags & XEN_VCPUAFFINITY_HARD && !op->cpumap_hard.bitmap.p)
        return -EINVAL;
    if (op->flags & XEN_VCPUAFFINITY_SOFT && !op->cpumap_soft.bitmap.p)
        return -EINVAL;
    return 0;
}

/* What is told back is what comes of the wish among the processors that there are. */
static int set_hard(struct vcpu *v, const struct xenctl_bitmap *map)
{
    uint64_t processors;

    if (bitmap_from_guest(v, map, &processors, PROCESSORS))
        return -EFAULT;
    if (!processors)
        return -EINVAL; /* it must be able to run somewhere */
    return bitmap_to_guest(v, map, processors, PROCESSORS);
}

static int set_soft(struct vcpu *v, struct vcpu *target, const struct xenctl_bitmap *map)
{
    uint64_t processors;

    if (bitmap_from_guest(v, map, &processors, PROCESSORS))
        return -EFAULT;
    if (!vcpu_control(target))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    target->control->no_soft_affinity = !processors;
    return bitmap_to_guest(v, map, processors, PROCESSORS);
}

long domctl_setvcpuaffinity(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_vcpuaffinity *op = &call->op.u.vcpuaffinity;
    struct vcpu *target;
    int error = find_for_affinity(call, &target);

    if (!error && op->flags & XEN_VCPUAFFINITY_HARD)
        error = set_hard(v, &op->cpumap_hard);
    if (!error && op->flags & XEN_VCPUAFFINITY_SOFT)
        error = set_soft(v, target, &op->cpumap_soft);
    return error;
}

long domctl_getvcpuaffinity(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    const struct xen_domctl_vcpuaffinity *op = &call->op.u.vcpuaffinity;
    struct vcpu *target;
    int error = find_for_affinity(call, &target);

    if (error)
        return error;
    if (op->flags & XEN_VCPUAFFINITY_HARD)
        error = bitmap_to_guest(v, &op->cpumap_hard, 1, PROCESSORS);
    /* Xen forgets the error of the first one then (vcpu_affinity_domctl). */
    if (op->flags & XEN_VCPUAFFINITY_SOFT)
        error =
            bitmap_to_guest(v, &op->cpumap_soft,
                            !(target->control && target->control->no_soft_affinity), PROCESSORS);
    return error;
}

/* ---- the parts of a context that came later ---- */

long domctl_get_ext_vcpucontext(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_ext_vcpucontext *op = &call->op.u.ext_vcpucontext;
    struct vcpu *target = find(call, op->vcpu);
    uint32_t id = op->vcpu;

    if (!target || target == v)
        return -ESRCH;
    memset(op, 0, sizeof(*op));
    if (target->control)
        *op = target->control->extended;
    op->vcpu = id;
    op->size = sizeof(*op);
    call->copy_back = true;
    return 0;
}

/* The machine check part is for HVM's virtual banks only when SIZE says that it is there. */
static int check_extended(const struct xen_domctl_ext_vcpucontext *op)
{
    if (op->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap))
        return -EINVAL;
    if (!is_canonical(op->sysenter_callback_eip) || !is_canonical(op->syscall32_callback_eip))
        return -EINVAL;
    return 0;
}

long domctl_set_ext_vcpucontext(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_ext_vcpucontext *op = &call->op.u.ext_vcpucontext;
    struct vcpu *target = find(call, op->vcpu);
    int error;

    if (!target || call->d == v->domain)
        return -ESRCH;
    error = check_extended(op);
    if (error)
        return error;
    if (!vcpu_control(target))
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    op->sysenter_callback_cs = ring_3(op->sysenter_callback_cs);
    op->syscall32_callback_cs = ring_3(op->syscall32_callback_cs);
    memset(&op->vmce, 0, sizeof(op->vmce)); /* no machine checks for guests */
    target->control->extended = *op;
    return 0;
}

/*
 * The XSAVE state, as on a processor without XSAVE: no features, so nothing but the two words
 * (xcr0 as it is and all it has been) that stand before it.
 */
#define XSTATE_HEADER (2 * sizeof(uint64_t))

static int find_for_state(struct vcpu *v, const struct domctl_call *call, uint32_t id)
{
    struct vcpu *target = find(call, id);

    if (!target)
        return -ESRCH;
    return target == v ? -EINVAL : 0;
}

long domctl_getvcpuextstate(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_vcpuextstate *op = &call->op.u.vcpuextstate;
    const uint64_t none[2] = {0};
    int error = find_for_state(v, call, op->vcpu);

    call->copy_back = true;
    if (error)
        return error;
    if ((!op->size && !op->xfeature_mask) || !op->buffer.p) {
        op->xfeature_mask = 0;
        op->size = XSTATE_HEADER;
        return 0;
    }
    if (op->size < XSTATE_HEADER || op->xfeature_mask)
        return -EINVAL;
    if (copy_to_guest(v, (uintptr_t)op->buffer.p, none, sizeof(none)))
        return -EFAULT;
    op->size = XSTATE_HEADER;
    return 0;
}

long domctl_setvcpuextstate(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_vcpuextstate *op = &call->op.u.vcpuextstate;
    uint64_t words[2];
    int error = find_for_state(v, call, op->vcpu);

    if (error)
        return error;
    if (op->size != XSTATE_HEADER)
        return -EINVAL;
    if (copy_from_guest(v, words, (uintptr_t)op->buffer.p, sizeof(words)))
        return -EFAULT;
    return words[0] || words[1] ? -EINVAL : 0;
}

/* How many MSRs Xen 4.17 would carry over; none of them can a guest here have. */
#define MSRS 7U

long domctl_get_vcpu_msrs(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_vcpu_msrs *op = &call->op.u.vcpu_msrs;
    int error = find_for_state(v, call, op->vcpu);

    if (error)
        return error;
    op->msr_count = op->msrs.p ? 0 : MSRS;
    call->copy_back = true;
    return 0;
}

long domctl_set_vcpu_msrs(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct xen_domctl_vcpu_msrs *op = &call->op.u.vcpu_msrs;
    xen_domctl_vcpu_msr_t first;
    int error = find_for_state(v, call, op->vcpu);

    if (error)
        return error;
    if (op->msr_count > MSRS)
        return -EINVAL;
    if (!op->msr_count)
        return 0;
    op->msr_count = 0; /* which one is wrong: already the first */
    call->copy_back = true;
    if (copy_from_guest(v, &first, (uintptr_t)op->msrs.p, sizeof(first)))
        return -EFAULT;
    return -EINVAL;
}

/* Buttons are HVM's; an NMI goes to the vCPU as from VCPUOP_send_nmi. */
long domctl_sendtrigger(struct vcpu *v, const unsigned long *a)
{
    struct domctl_call *call = domctl_call(a);
    struct vcpu *target = find(call, call->op.u.sendtrigger.vcpu);

    (void)v;
    if (!target)
        return -ESRCH;
    switch (call->op.u.sendtrigger.trigger) {
    case XEN_DOMCTL_SENDTRIGGER_NMI:
        target->nmi_pending = true;
        vcpu_wake(target);
        return 0;
    case XEN_DOMCTL_SENDTRIGGER_POWER:
    case XEN_DOMCTL_SENDTRIGGER_SLEEP:
        return -EINVAL;
    default:
        return -ENOSYS;
    }
}
