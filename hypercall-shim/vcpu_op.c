/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vcpu_op (<xen/vcpu.h>). a[1] is the vCPU, a[2] the argument.
 */
#include "internal.h"
#include "handlers.h"

/* A periodic timer is at least 1 ms (Xen refuses what would be a denial of service). */
#define PERIOD_MIN 1000000UL

static struct vcpu *target(struct vcpu *v, const unsigned long *a)
{
    return a[1] < MAX_VCPUS ? v->domain->vcpus[a[1]] : NULL;
}

/* All vCPUs that exist were initialised by the domain builder. */
long vcpu_initialise_op(struct vcpu *v, const unsigned long *a)
{
    return target(v, a) ? -EEXIST : -ENOENT;
}

long vcpu_up_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (t->state == VCPU_DOWN) {
        t->state = VCPU_RUNNABLE;
        sched_queue(t);
    }
    return 0;
}

long vcpu_down_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);
    struct domain *d = v->domain;
    bool last = true;

    if (!t)
        return -ENOENT;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i] && d->vcpus[i] != t && d->vcpus[i]->state != VCPU_DOWN)
            last = false;
    }
    t->state = VCPU_DOWN;
    sched_unqueue(t);
    if (last)
        domain_shutdown(d, SHUTDOWN_poweroff);
    if (t == v)
        vcpu_leave(v);
    return 0;
}

long vcpu_is_up_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);

    return t ? t->state != VCPU_DOWN : -ENOENT;
}

long vcpu_get_runstate_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);
    uint64_t now;

    if (!t)
        return -ENOENT;
    now = time_update(v); /* a guest that never sleeps asks here: keeps its clock close */
    vcpu_set_runstate(t, t->runstate.state, now);
    return copy_to_guest(v, a[2], &t->runstate, sizeof(t->runstate));
}

long vcpu_register_runstate_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_runstate_memory_area op;
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    t->runstate_area = op.addr.p;
    vcpu_update_runstate_area(t);
    return 0;
}

long vcpu_register_time_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_time_memory_area op;
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    t->time_area = op.addr.p;
    time_update(t);
    return 0;
}

long vcpu_register_info_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_vcpu_info op;
    struct vcpu *t = target(v, a);
    struct domain *d = v->domain;
    uint8_t *page;

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    if (op.offset > PAGE_SIZE - sizeof(vcpu_info_t) || op.offset % sizeof(uint64_t))
        return -EINVAL;
    if (t->info_registered)
        return -EINVAL; /* once only */
    if (t != v && t->state != VCPU_DOWN)
        return -EINVAL;
    if (!page_get(d, op.mfn))
        return -EINVAL;
    if (page_get_type(d, op.mfn, PAGE_WRITABLE)) {
        page_put(d->hv, op.mfn);
        return -EINVAL;
    }
    page = page_map(d->hv, op.mfn);
    memcpy(page + op.offset, t->info, sizeof(vcpu_info_t));
    t->info = (vcpu_info_t *)(void *)(page + op.offset);
    t->info_registered = true;
    t->info_mfn = (uint32_t)op.mfn;
    /* Events may have come between: Xen makes all selectors pending. */
    t->info->evtchn_pending_sel = ~(xen_ulong_t)0;
    t->info->evtchn_upcall_pending = 1;
    return 0;
}

long vcpu_stop_periodic_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    timer_stop(v->domain->hv, &t->periodic_timer);
    return 0;
}

long vcpu_set_periodic_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_set_periodic_timer op;
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    if (op.period_ns < PERIOD_MIN)
        return -EINVAL;
    t->periodic_period = op.period_ns;
    t->periodic_last = hypervisor_now(v->domain->hv);
    timer_set(v->domain->hv, &t->periodic_timer, t->periodic_last + op.period_ns);
    return 0;
}

long vcpu_set_singleshot_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_set_singleshot_timer op;
    struct vcpu *t = target(v, a);
    struct hypervisor *hv = v->domain->hv;

    if (!t)
        return -ENOENT;
    if (t != v)
        return -EINVAL;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    /* VCPU_SSHOTTMR_future is accepted and ignored by Xen 4.17: the past fires at once. */
    timer_set(hv, &t->singleshot_timer, op.timeout_abs_ns);
    timer_run(hv, hypervisor_now(hv));
    return 0;
}

long vcpu_stop_singleshot_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (t != v)
        return -EINVAL;
    timer_stop(v->domain->hv, &t->singleshot_timer);
    return 0;
}

long vcpu_send_nmi_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = target(v, a);

    if (!t)
        return -ENOENT;
    if (a[2])
        return -EINVAL;
    t->nmi_pending = true;
    vcpu_wake(t);
    return 0;
}

long vcpu_get_physid_op(struct vcpu *v, const unsigned long *a)
{
    return target(v, a) ? -EINVAL : -ENOENT; /* only for a vCPU pinned in the initial domain */
}
