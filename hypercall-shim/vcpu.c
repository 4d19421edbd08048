/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A vCPU as a coroutine: making it, giving it the processor, its runstate.
 */
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
    v->state = VCPU_DOWN;
    v->entry.rflags = VCPU_RFLAGS(0);
    v->info = &d->shared_info->vcpu_info[id];
    /* The guest starts with upcalls masked (<xen/xen.h>, evtchn_upcall_mask). */
    v->info->evtchn_upcall_mask = 1;
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = hypervisor_now(d->hv);
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
    v->domain->vcpus[v->id] = NULL;
    v->domain->vcpu_count--;
    free(v);
}

void vcpu_set_runstate(struct vcpu *v, int state, uint64_t now)
{
    vcpu_runstate_info_t *r = &v->runstate;

    if (now > r->state_entry_time)
        r->time[r->state] += now - r->state_entry_time;
    r->state_entry_time = now;
    r->state = state;
}

uint64_t vcpu_cpu_time(const struct vcpu *v, uint64_t now)
{
    const vcpu_runstate_info_t *r = &v->runstate;
    uint64_t time = r->time[RUNSTATE_running];

    if (r->state == RUNSTATE_running && now > r->state_entry_time)
        time += now - r->state_entry_time;
    return time;
}

void vcpu_update_runstate_area(struct vcpu *v)
{
    if (v->runstate_area)
        copy_to_guest(v, v->runstate_area, &v->runstate, sizeof(v->runstate));
}

void vcpu_enter(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t now = time_update(v);

    if (v->cr3 && v->domain->mirror_base != v->cr3)
        mirror_switch(v->domain, v->cr3);
    vcpu_set_runstate(v, RUNSTATE_running, now);
    vcpu_update_runstate_area(v);
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
    now = hypervisor_now(hv);
    vcpu_set_runstate(v,
                      v->state == VCPU_RUNNABLE ? RUNSTATE_runnable
                      : v->state == VCPU_DOWN   ? RUNSTATE_offline
                                                : RUNSTATE_blocked,
                      now);
}

void vcpu_leave(struct vcpu *v)
{
    instrument_before_leave(v);
    vcpu_switch(&v->sp, v->domain->hv->host_sp);
    instrument_arrived_in_vcpu(v);
}

void vcpu_wake(struct vcpu *v)
{
    if (v->state != VCPU_BLOCKED && v->state != VCPU_POLLING)
        return;
    v->state = VCPU_RUNNABLE;
    sched_queue(v);
}
