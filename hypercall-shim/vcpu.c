/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A vCPU as a coroutine: making it, giving it the processor, its runstate.
 */
#include "sched.h"
#include "trap.h"
#include "instrument.h"

#include <stdlib.h>

__thread struct vcpu *current;

/* vcpu_switch.S */
void vcpu_switch(void **save_sp, void *to_sp);
void vcpu_start(void **save_sp, const struct vcpu_entry *entry);

struct vcpu *vcpu_create(struct domain *d, uint32_t id)
{
    struct vcpu *v = calloc(1, sizeof(*v));

    if (!v)
        return NULL;
    v->domain = d;
    v->id = id;
    v->state = VCPU_RUNNABLE; /* once it is up */
    v->is_down = true;
    v->entry.rflags = VCPU_RFLAGS(0);
    v->entry.fcw = VCPU_FCW;
    v->entry.mxcsr = VCPU_MXCSR;
    v->info = &d->shared_info->vcpu_info[id];
    /* The guest starts with upcalls masked (<xen/xen.h>, evtchn_upcall_mask). */
    v->info->evtchn_upcall_mask = 1;
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = time_now(d->hv);
    d->vcpus[id] = v;
    d->vcpu_count++;
    time_vcpu_init(v);
    trap_vcpu_init(v);
    return v;
}

void vcpu_destroy(struct vcpu *v)
{
    time_vcpu_stop(v);
    sched_unqueue(v);
    if (v->started)
        instrument_stack_gone(v);
    trap_vcpu_destroy(v);
    free(v->poll_ports);
    free(v->fpu);
    v->domain->vcpus[v->id] = NULL;
    v->domain->vcpu_count--;
    free(v);
}

/* How V stands when it does not run. */
static int resting_state(const struct vcpu *v)
{
    if (v->state == VCPU_BLOCKED || v->state == VCPU_POLLING)
        return RUNSTATE_blocked;
    return sched_runnable(v) ? RUNSTATE_runnable : RUNSTATE_offline;
}

uint64_t vcpu_enter(struct vcpu *v, uint64_t now)
{
    struct hypervisor *hv = v->domain->hv;

    if (v->domain->mirror_base != v->cr3)
        mirror_switch(v->domain, v->cr3);
    vcpu_set_runstate(v, RUNSTATE_running, now);
    vcpu_update_runstate_area(v);
    time_periodic(v, now);
    time_show(v);
    current = v;
    processor_load(v);
    if (!v->started) {
        v->started = true;
        instrument_stack(v);
        instrument_before_enter(v);
        vcpu_start(&hv->host_sp, &v->entry);
    } else {
        instrument_before_enter(v);
        vcpu_switch(&hv->host_sp, v->sp);
    }
    instrument_arrived_in_host(v);
    current = NULL;
    now = time_now(hv);
    time_stop_running(v);
    vcpu_set_runstate(v, resting_state(v), now);
    vcpu_update_runstate_area(v);
    return now;
}

void vcpu_leave(struct vcpu *v)
{
    instrument_before_leave(v);
    vcpu_switch(&v->sp, v->domain->hv->host_sp);
    instrument_arrived_in_vcpu(v);
}
