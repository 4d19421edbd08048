/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Taking the processor from a vCPU that does not give it up. The host's clock interrupts (a
 * signal), and where it finds a guest in its own code, that is kept as it is, all of it, and the
 * scheduler goes on. Where it finds code of the hypervisor, which may be half-way through a change,
 * it only makes a note, and the vCPU leaves with its next hypercall.
 */
#include "preempt.h"
#include "instrument.h"
#include "page_table.h"

#include <stdlib.h>

/* vcpu_switch.S */
extern const char vcpu_switch_resume[];
void vcpu_restore(void **save_sp, struct trap_frame *f, const void *fpu, unsigned int extended);

/* What fxsave stores. Longer is what xsave stores. */
#define FPU_LEGACY_SIZE 512U

/* xsave's area is aligned so. */
#define FPU_ALIGNMENT 64U

static bool keep_fpu(struct vcpu *v, const void *fpu, size_t size)
{
    if (v->preempted_size < size) {
        size_t space = (size + FPU_ALIGNMENT - 1) & ~(size_t)(FPU_ALIGNMENT - 1);
        void *more = aligned_alloc(FPU_ALIGNMENT, space);

        if (!more)
            return false; /* LCOV_EXCL_LINE: the process has no memory */
        free(v->preempted_fpu);
        v->preempted_fpu = more;
        v->preempted_size = size;
    }
    memcpy(v->preempted_fpu, fpu, size);
    return true;
}

bool trap_preempt(const struct trap_frame *f, const void *fpu, size_t size, uint64_t *rip,
                  uint64_t *rsp)
{
    struct vcpu *v = current;
    struct hypervisor *hv;

    if (!v)
        return false;
    hv = v->domain->hv;
    if (!trap_in_guest(f->rip) || page_table_write_pending(hv) || !keep_fpu(v, fpu, size)) {
        hv->time_is_up = true;
        hv->hypercall_limit = 0; /* the next one goes the slow way, which looks */
        return false;
    }
    hv->preemptions++;
    v->frame = *f;
    v->frame.cs = FLAT_KERNEL_CS; /* as trap_bounce has it */
    v->frame.ss = FLAT_KERNEL_SS;
    v->is_preempted = true;
    processor_keep(v);
    hypercall_choose_way(hv, false);
    instrument_before_leave(v);
    *rip = (uint64_t)(uintptr_t)vcpu_switch_resume;
    *rsp = (uint64_t)(uintptr_t)hv->host_sp;
    return true;
}

void preempt_at_hypercall(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    hv->time_is_up = false;
    hypercall_choose_way(hv, false);
    sched_lose_turn(v);
}

bool preempt_resume(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;

    v->is_preempted = false;
    if (v->user_mode) {
        mirror_switch(v->domain, v->user_cr3);
        hypercall_choose_way(hv, true);
    }
    /* Xen delivers on each way back to a guest. */
    if (upcall_pending(v) && !upcall_deliver(v, &v->frame))
        return false;
    mirror_flush(hv);
    v->arrived = false;
    instrument_before_enter(v);
    vcpu_restore(&hv->host_sp, &v->frame, v->preempted_fpu, v->preempted_size > FPU_LEGACY_SIZE);
    return true;
}

void preempt_forget(struct vcpu *v)
{
    v->is_preempted = false;
    free(v->preempted_fpu);
    v->preempted_fpu = NULL;
    v->preempted_size = 0;
}
