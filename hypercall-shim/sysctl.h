/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of sysctl (<xen/sysctl.h>) and platform_op (<xen/platform.h>) share.
 */
#ifndef HYPERCALL_SHIM_SYSCTL_H
#define HYPERCALL_SHIM_SYSCTL_H

#include "internal.h"

#include <xen/sysctl.h>

/* The machine has one processor, guests being coroutines of one thread, and one node. */
#define MACHINE_PROCESSORS 1U
#define MACHINE_NODES      64U /* that a node map has place for (Xen's MAX_NUMNODES) */

/* As struct domctl_call; all of OP is copied back if the handler returns 0 or COPY_BACK is true. */
struct sysctl_call {
    struct xen_sysctl op;
    uint64_t place;             /* where the guest has it */
    bool copy_back, keep_guest; /* KEEP_GUEST: not even then */
};

static inline struct sysctl_call *sysctl_call(const unsigned long *a)
{
    return (struct sysctl_call *)(uintptr_t)a[0];
}

/* What tools set of the machine as a whole; NULL without memory. All zero is the beginning. */
struct machine_control {
    uint32_t trace_mask;
    bool has_trace_mask;
    uint32_t smt_power_savings;
    uint32_t cstate_limit[2]; /* state and sub-state, counted down from unlimited */
    uint32_t ratelimit;
    bool has_ratelimit;
};
struct machine_control *machine_control(struct hypervisor *hv);

/* ---- console_ring.c: the last of what Xen has said ---- */

struct console_ring;
/* A line of the hypervisor's, without its newline. */
void console_ring_log(struct hypervisor *hv, const char *line);
/* What domain D writes by console_io, if it is not the initial domain. */
void console_ring_guest(struct domain *d, const char *bytes, size_t len);

/* ---- cpu_policy.c: what CPUID says, for tools ---- */

/* The numbers of entries at most, Xen 4.17's; the 32-bit words of a featureset. */
#define CPU_POLICY_LEAVES 0x8dU
#define CPU_POLICY_MSRS   2U
#define CPU_FEATURE_WORDS 18U
/* Stores up to *COUNT entries and how many there were: -ENOBUFS if more, -EFAULT, -ENOMEM. */
int cpu_policy_leaves(struct vcpu *v, uint64_t place, uint32_t *count);
int cpu_policy_msrs(struct vcpu *v, uint64_t place, uint32_t *count);
/* 0 or -ENOMEM. */
int cpu_policy_features(struct hypervisor *hv, uint32_t words[CPU_FEATURE_WORDS]);
/* The name of the processor's maker, its family, model and stepping as CPUID has them. */
void cpu_policy_model(const struct hypervisor *hv, char vendor[12], uint32_t *family,
                      uint32_t *model, uint32_t *stepping);

#endif
