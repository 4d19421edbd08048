/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sysctl's operations on processors, their pools and their scheduler: there is one processor, in
 * Pool-0, with what looks like Xen's default scheduler, credit2.
 */
#include "sysctl.h"
#include "domctl.h"
#include "handlers.h"

#define RATELIMIT_DEFAULT 1000U /* microseconds, Xen's */

long sysctl_sched_id(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    sysctl_call(a)->op.u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

/*
 * How soon a vCPU can be taken off the processor: kept for who asks; here nobody is ever taken off.
 */
long sysctl_scheduler_op(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_scheduler_op *op = &sysctl_call(a)->op.u.scheduler_op;
    struct xen_sysctl_credit2_schedule *parameters = &op->u.sched_credit2;
    struct machine_control *control = machine_control(v->domain->hv);

    if (op->cmd != XEN_SYSCTL_SCHEDOP_putinfo && op->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
        return -EINVAL;
    if (op->cpupool_id)
        return -ESRCH;
    if (op->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    if (!control)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    if (op->cmd == XEN_SYSCTL_SCHEDOP_putinfo) {
        uint32_t limit = parameters->ratelimit_us;

        if (limit &&
            (limit > XEN_SYSCTL_SCHED_RATELIMIT_MAX || limit < XEN_SYSCTL_SCHED_RATELIMIT_MIN))
            return -EINVAL;
        control->ratelimit = limit;
        control->has_ratelimit = true;
    }
    parameters->ratelimit_us = control->has_ratelimit ? control->ratelimit : RATELIMIT_DEFAULT;
    return 0;
}

long sysctl_getcpuinfo(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_getcpuinfo *op = &sysctl_call(a)->op.u.getcpuinfo;
    const xen_sysctl_cpuinfo_t info = {.idletime = v->domain->hv->idle_time};

    op->nr_cpus = op->max_cpus < MACHINE_PROCESSORS ? op->max_cpus : MACHINE_PROCESSORS;
    return copy_to_guest(v, (uintptr_t)op->info.p, &info, op->nr_cpus * sizeof(info));
}

long sysctl_cputopoinfo(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    struct xen_sysctl_cputopoinfo *op = &call->op.u.cputopoinfo;
    const xen_sysctl_cputopo_t topology = {0}; /* the first of all there is */
    uint32_t count = MACHINE_PROCESSORS;

    call->keep_guest = true; /* but for the number */
    if (op->cputopo.p) {
        if (count > op->num_cpus)
            count = op->num_cpus;
        if (copy_to_guest(v, (uintptr_t)op->cputopo.p, &topology, count * sizeof(topology)))
            return -EFAULT;
    }
    return copy_to_guest(v, call->place + offsetof(struct xen_sysctl, u.cputopoinfo.num_cpus),
                         &count, sizeof(count));
}

long sysctl_cpu_hotplug(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    const struct xen_sysctl_cpu_hotplug *op = &call->op.u.cpu_hotplug;

    (void)v;
    call->keep_guest = true;
    switch (op->op) {
    case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
        return op->cpu < MACHINE_PROCESSORS ? -EEXIST : -EINVAL;
    case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
        return -EINVAL; /* the first one cannot be; there is no other */
    default:
        return -EOPNOTSUPP; /* no hyperthreads */
    }
}

/* ---- power: nobody manages it (Xen's cpufreq=none) ---- */

long sysctl_get_pmstat(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return sysctl_call(a)->op.u.get_pmstat.cpuid < MACHINE_PROCESSORS ? -ENODEV : -EINVAL;
}

/* The limits of idle states are kept for who asks, from "unlimited" (all ones) on. */
static long cstate_limit(struct machine_control *control, struct xen_sysctl_pm_op *op)
{
    if (op->cpuid > 1)
        return -EINVAL;
    if (op->cmd == XEN_SYSCTL_pm_op_set_max_cstate)
        control->cstate_limit[op->cpuid] = ~op->u.set_max_cstate;
    else
        op->u.get_max_cstate = ~control->cstate_limit[op->cpuid];
    return 0;
}

long sysctl_pm_op(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_pm_op *op = &sysctl_call(a)->op.u.pm_op;
    struct machine_control *control = machine_control(v->domain->hv);
    uint32_t before;

    if (!control)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    switch (op->cmd) {
    case XEN_SYSCTL_pm_op_set_sched_opt_smt:
        if (op->cpuid)
            return -EINVAL;
        before = control->smt_power_savings;
        control->smt_power_savings = op->u.set_sched_opt_smt != 0;
        op->u.set_sched_opt_smt = before;
        return 0;
    case XEN_SYSCTL_pm_op_get_max_cstate:
    case XEN_SYSCTL_pm_op_set_max_cstate:
        return cstate_limit(control, op);
    default:
        break;
    }
    if (op->cpuid >= MACHINE_PROCESSORS)
        return -EINVAL;
    if ((op->cmd & PM_PARA_CATEGORY_MASK) == CPUFREQ_PARA)
        return -EINVAL; /* nothing is known of its frequencies */
    if (op->cmd == XEN_SYSCTL_pm_op_enable_turbo || op->cmd == XEN_SYSCTL_pm_op_disable_turbo)
        return -EACCES;
    return -ENOSYS;
}

/* ---- pools of processors ---- */

static long describe_pool(struct vcpu *v, struct xen_sysctl_cpupool_op *op)
{
    struct hypervisor *hv = v->domain->hv;

    if (op->cpupool_id) /* the next one from there on */
        return -ENOENT;
    op->sched_id = XEN_SCHEDULER_CREDIT2;
    op->n_dom = hv->domain_count;
    return bitmap_to_guest(v, &op->cpumap, 1, MACHINE_PROCESSORS);
}

static long move_domain(struct vcpu *v, const struct xen_sysctl_cpupool_op *op)
{
    struct domain *d = domain_by_id(v->domain->hv, (domid_t)op->domid);

    if (!d)
        return -ESRCH;
    if (d == v->domain)
        return -EPERM; /* for others only */
    return op->cpupool_id ? -ENOENT : 0;
}

long sysctl_cpupool_op(struct vcpu *v, const unsigned long *a)
{
    struct xen_sysctl_cpupool_op *op = &sysctl_call(a)->op.u.cpupool_op;

    switch (op->op) {
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return op->cpupool_id == 0 ? -EEXIST : -ENOMEM; /* there is place for one */
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        return op->cpupool_id ? -ENOENT : -EBUSY;
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return describe_pool(v, op);
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        if (op->cpupool_id)
            return -ENOENT;
        /* The processor is not free, and there is no other. */
        return op->cpu < MACHINE_PROCESSORS || op->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY ? -ENODEV
                                                                                     : -EINVAL;
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return op->cpupool_id ? -ENOENT : -EINVAL; /* the last one stays */
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return move_domain(v, op);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return bitmap_to_guest(v, &op->cpumap, 0, MACHINE_PROCESSORS);
    default:
        return -ENOSYS;
    }
}

/* ---- what processors can do ---- */

static long psr_unknown(uint32_t cmd)
{
    switch (cmd) {
    case XEN_SYSCTL_PSR_get_l3_info:
    case XEN_SYSCTL_PSR_get_l2_info:
    case XEN_SYSCTL_PSR_get_mba_info:
        return -ENODEV;
    default:
        return -EOPNOTSUPP;
    }
}

long sysctl_psr_alloc(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return psr_unknown(sysctl_call(a)->op.u.psr_alloc.cmd);
}

/* What of CPUID the hypervisor can hide: nothing. */
long sysctl_get_cpu_levelling_caps(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    sysctl_call(a)->op.u.cpu_levelling_caps.caps = 0;
    return 0;
}

long sysctl_get_cpu_featureset(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    struct xen_sysctl_cpu_featureset *op = &call->op.u.cpu_featureset;
    uint32_t words[CPU_FEATURE_WORDS];
    uint32_t count = op->nr_features < CPU_FEATURE_WORDS ? op->nr_features : CPU_FEATURE_WORDS;
    int error;

    if (!op->features.p) {
        op->nr_features = CPU_FEATURE_WORDS;
        return 0;
    }
    if (op->index > XEN_SYSCTL_cpu_featureset_hvm_max)
        return -EINVAL;
    if (op->index == XEN_SYSCTL_cpu_featureset_hvm ||
        op->index == XEN_SYSCTL_cpu_featureset_hvm_max)
        return -EOPNOTSUPP; /* as from a Xen without HVM */
    error = cpu_policy_features(v->domain->hv, words);
    if (error)
        return error;
    if (copy_to_guest(v, (uintptr_t)op->features.p, words, count * sizeof(words[0])))
        return -EFAULT;
    op->nr_features = count;
    call->copy_back = true;
    return count < CPU_FEATURE_WORDS ? -ENOBUFS : 0;
}

long sysctl_get_cpu_policy(struct vcpu *v, const unsigned long *a)
{
    struct sysctl_call *call = sysctl_call(a);
    struct xen_sysctl_cpu_policy *op = &call->op.u.cpu_policy;
    int error;

    if (op->_rsvd || op->index > XEN_SYSCTL_cpu_policy_hvm_default)
        return -EINVAL;
    if (op->index == XEN_SYSCTL_cpu_policy_hvm_max ||
        op->index == XEN_SYSCTL_cpu_policy_hvm_default)
        return -EOPNOTSUPP;
    error = cpu_policy_leaves(v, (uintptr_t)op->leaves.p, &op->nr_leaves);
    if (error)
        return error;
    call->copy_back = true;
    return cpu_policy_msrs(v, (uintptr_t)op->msrs.p, &op->nr_msrs);
}
