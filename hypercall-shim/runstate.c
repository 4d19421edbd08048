/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runstates (<xen/vcpu.h>): how long a vCPU has been running, runnable, blocked and offline. The
 * four times add up to the time since the vCPU was made.
 */
#include "sched.h"

void vcpu_set_runstate(struct vcpu *v, int state, uint64_t now)
{
    vcpu_runstate_info_t *r = &v->runstate;

    if (r->state == state)
        return;
    if (now > r->state_entry_time) {
        r->time[r->state] += now - r->state_entry_time;
        r->state_entry_time = now;
    }
    r->state = state;
}

/* Up to this moment; the time of entry stays, as in Xen (vcpu_runstate_get). */
static void get(struct vcpu *v, vcpu_runstate_info_t *r)
{
    uint64_t now = time_now(v->domain->hv);

    *r = v->runstate;
    if (now > r->state_entry_time)
        r->time[r->state] += now - r->state_entry_time;
}

uint64_t vcpu_cpu_time(const struct vcpu *v, uint64_t now)
{
    const vcpu_runstate_info_t *r = &v->runstate;
    uint64_t time = r->time[RUNSTATE_running];

    if (r->state == RUNSTATE_running && now > r->state_entry_time)
        time += now - r->state_entry_time;
    return time;
}

void vcpu_write_runstate_area(struct vcpu *v)
{
    uint64_t area = v->runstate_area;
    uint64_t entry = area + offsetof(vcpu_runstate_info_t, state_entry_time);
    vcpu_runstate_info_t r = v->runstate;

    /* The flag says, to who asked for it by vm_assist, that the area changes (<xen/vcpu.h>). */
    if (v->domain->vm_assist >> VMASST_TYPE_runstate_update_flag & 1) {
        r.state_entry_time |= XEN_RUNSTATE_UPDATE;
        copy_to_guest(v, entry, &r.state_entry_time, sizeof(r.state_entry_time));
        __atomic_thread_fence(__ATOMIC_RELEASE);
    }
    copy_to_guest(v, area, &r, sizeof(r));
    if (r.state_entry_time & XEN_RUNSTATE_UPDATE) {
        r.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        copy_to_guest(v, entry, &r.state_entry_time, sizeof(r.state_entry_time));
    }
}

long vcpu_get_runstate_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu *t = vcpu_target(v, a);
    vcpu_runstate_info_t r;

    if (!t)
        return -ENOENT;
    get(t, &r);
    time_show(v); /* a guest that never sleeps asks here: its clock is kept close */
    return copy_to_guest(v, a[2], &r, sizeof(r));
}

long vcpu_register_runstate_op(struct vcpu *v, const unsigned long *a)
{
    struct vcpu_register_runstate_memory_area op;
    struct vcpu *t = vcpu_target(v, a);
    vcpu_runstate_info_t r;

    if (!t)
        return -ENOENT;
    if (copy_from_guest(v, &op, a[2], sizeof(op)))
        return -EFAULT;
    if (!guest_address_ok(op.addr.p))
        return -EFAULT;
    t->runstate_area = op.addr.p;
    /* Xen: as it is, of the caller; brought up to date, of another. That it cannot be written is
       no error, and the caller's page tables are used (common/domain.c, common_vcpu_op). */
    if (t == v)
        r = t->runstate;
    else
        get(t, &r);
    copy_to_guest(v, op.addr.p, &r, sizeof(r));
    return 0;
}
