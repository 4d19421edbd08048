/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How a vCPU that was interrupted in its guest's code stands, and goes on.
 */
#ifndef HYPERCALL_SHIM_PREEMPT_H
#define HYPERCALL_SHIM_PREEMPT_H

#include "sched.h"
#include "trap.h"

/* In a hypercall of V, which is done: its time is up. */
void preempt_at_hypercall(struct vcpu *v);

/* As sched_enter's switch to V, which was interrupted. False: its domain has to crash. */
bool preempt_resume(struct vcpu *v);

/* V begins anew, or is destroyed. */
void preempt_forget(struct vcpu *v);

#endif
