/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A vCPU as a coroutine: making it, giving back the processor.
 */
#include "preempt.h"
#include "instrument.h"

#include <stdlib.h>

__thread struct vcpu *current;

/* vcpu_switch.S */
void vcpu_switch_back(void **save_sp, void *to_sp);

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
    if (d->calls_by_page && !hypercall_stack_make(v)) {
        free(v);     /* LCOV_EXCL_LINE: Linux has no memory */
        return NULL; /* LCOV_EXCL_LINE */
    }
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
    preempt_forget(v);
    hypercall_stack_free(v);
    v->domain->vcpus[v->id] = NULL;
    v->domain->vcpu_count--;
    free(v);
}

void vcpu_release_roots(struct vcpu *v)
{
    uint64_t roots[] = {v->user_cr3, v->cr3};

    v->user_cr3 = v->cr3 = 0;
    for (unsigned int i = 0; i < 2; i++) {
        if (roots[i])
            page_put_both(v->domain, roots[i]);
    }
}

void vcpu_leave(struct vcpu *v)
{
    struct vcpu *next = sched_pass_on(v);
    bool x87 = __builtin_expect(v->hypercall_sp != NULL, 0) && x87_keep(v);

    instrument_before_leave(v);
    vcpu_switch_back(&v->sp, next ? next->sp : v->domain->hv->host_sp);
    instrument_arrived_in_vcpu(v);
    if (__builtin_expect(x87, 0))
        x87_give_back(v);
}
