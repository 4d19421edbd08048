/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of scheduling, vCPUs and time share among themselves.
 */
#ifndef HYPERCALL_SHIM_SCHED_H
#define HYPERCALL_SHIM_SCHED_H

#include "internal.h"
#include "handlers.h"

/* The vCPU that a vcpu_op names, which has 32 bits, or NULL. */
static inline struct vcpu *vcpu_target(struct vcpu *v, const unsigned long *a)
{
    unsigned int id = (unsigned int)a[1];

    return id < MAX_VCPUS ? v->domain->vcpus[id] : NULL;
}

/* ---- sched.c ---- */

/* Queues V, if nothing is in its way any more, and keeps its runstate. */
void sched_wake(struct vcpu *v);
/* V goes down: not from V itself without a vcpu_leave after it. */
void sched_sleep(struct vcpu *v);
/*
 * What hypervisor_run does with V, which is in no queue: gives it the processor until it leaves.
 * Takes and returns the time. For tests that choose themselves who runs.
 */
uint64_t sched_enter(struct vcpu *v, uint64_t now);
/*
 * V is about to leave: if another can run and nothing else is to be done before, does what the
 * scheduler does between the two and returns the other, to which to switch; else NULL. So the way
 * from one vCPU to the next is one switch, not two.
 */
struct vcpu *sched_pass_on(struct vcpu *v);
/* In a hypercall of V: fires timers that are due. Comes back only while its domain lives. */
void sched_run_timers(struct vcpu *v);

/* After a hypercall of V on a machine with a seed: V may lose its turn. */
void sched_chance(struct vcpu *v);
/* After a hypercall of V: the others have a turn. Comes back only while its domain lives. */
void sched_lose_turn(struct vcpu *v);

/* ---- runstate.c ---- */

/* The registered area, if there is one, gets what the runstate is. */
static inline void vcpu_update_runstate_area(struct vcpu *v)
{
    if (v->runstate_area)
        vcpu_write_runstate_area(v);
}

/* ---- time.c ---- */

/* System time as a guest can give it; Xen's is signed, and what is negative is past. */
static inline uint64_t time_deadline(uint64_t time) { return (int64_t)time < 0 ? 0 : time; }

/* The periodic timer of V, which is about to run or runs. */
void time_periodic(struct vcpu *v, uint64_t now);
/* V gives up the processor. */
void time_stop_running(struct vcpu *v);

#endif
