/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vcpu_op (<xen/vcpu.h>). a[1] is the vCPU, a[2] the argument. Runstates: runstate.c, timers and
 * the clock: time.c, what a vCPU starts with: domctl_context.c.
 */
#include "domctl.h"
#include "sched.h"

#include <stdlib.h>

long vcpu_unknown_op(struct vcpu *v, const unsigned long *a)
{
    return vcpu_target(v, a) ? -ENOSYS : -ENOENT; /* Xen looks for the vCPU first */
}

long vcpu_initialise_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);
    vcpu_guest_context_t *c;
    long result = -EFAULT;

    if (!t)
        return -ENOENT;
    c = malloc(sizeof(*c)); /* 5 KiB, and a guest's stack may be small */
    if (!c)
        return -ENOMEM; /* LCOV_EXCL_LINE: the process has no memory */
    if (!copy_from_guest(v, c, a[2], sizeof(*c)))
        result = t->initialised ? -EEXIST : domctl_set_context(t, c);
    free(c);
    return result;
}

long vcpu_up_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (!t->initialised)
        return -EINVAL;
    if (t->is_down) {
        t->is_down = false;
        tell(t->domain, HYPERVISOR_EVENT_VCPU_UP, t->id, 0);
        sched_wake(t);
    }
    return 0;
}

static bool others_are_down(const struct vcpu *v)
{
    const struct domain *d = v->domain;

    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i] && d->vcpus[i] != v && !d->vcpus[i]->is_down)
            return false;
    }
    return true;
}

long vcpu_down_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    /* The last one takes the domain with it, and stays up itself. */
    if (others_are_down(t)) {
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
        sched_run_timers(v);
        return 0;
    }
    if (!t->is_down) {
        t->is_down = true;
        tell(t->domain, HYPERVISOR_EVENT_VCPU_DOWN, t->id, 0);
        sched_sleep(t);
    }
    if (t == v)
        vcpu_leave(v);
    return 0;
}

long vcpu_is_up_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    return t ? !t->is_down : -ENOENT;
}

/* Moves T's vcpu_info to a place in its own memory (Xen's map_vcpu_info). */
static int move_info(struct vcpu *v, struct vcpu *t, const struct vcpu_register_vcpu_info *op)
{
    struct domain *d = v->domain;
    uint8_t *page;

    if (op->offset > PAGE_SIZE - sizeof(vcpu_info_t))
        return -ENXIO;
    if (op->offset % sizeof(uint64_t))
        return -ENXIO;
    if (t->info_registered)
        return -EINVAL; /* once only */
    if (t != v && !t->is_down)
        return -EINVAL;
    if (page_get_both(d, op->mfn, PAGE_WRITABLE))
        return -EINVAL;
    page = page_map(d->hv, op->mfn);
    memcpy(page + op->offset, t->info, sizeof(vcpu_info_t));
    t->info = (vcpu_info_t *)(void *)(page + op->offset);
    t->info_registered = true;
    t->info_mfn = (uint32_t)op->mfn;
    /* Events may have come between: everything becomes pending. */
    t->info->evtchn_pending_sel = ~(xen_ulong_t)0;
    if (!t->info->evtchn_upcall_pending) {
        t->info->evtchn_upcall_pending = 1;
        vcpu_wake(t);
    }
    return 0;
}

long vcpu_register_info_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_vcpu_info op;
    struct vcpu *t = vcpu_target(v, a);
    int error;

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    error = move_info(v, t, &op);
    time_force(v, t); /* whether it was moved or not */
    return error;
}

long vcpu_send_nmi_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (a[2])
        return -EINVAL; /* no argument is defined */
    if (!t->nmi_pending) {
        t->nmi_pending = true;
        vcpu_wake(t); /* whether it has a handler or not */
    }
    return 0;
}

/*
 * For the initial domain's vCPUs that always run on the same processor: all, there is only one.
 * The answer is the APIC id of the processor with the vCPU's number, and above it ACPI's.
 */
long vcpu_get_physid_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_get_physid id;
    struct vcpu *t = vcpu_target(v, a);

    if (!t)
        return -ENOENT;
    if (!t->domain->hardware_domain)
        return -EINVAL;
    id.phys_id = t->id == 0 ? 0 : ~0UL; /* no such processor: Xen's BAD_APICID, INVALID_ACPIID */
    return copy_to_guest(v, a[2], &id, sizeof(id));
}
