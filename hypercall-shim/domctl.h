/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of domctl (<xen/domctl.h>) share.
 */
#ifndef HYPERCALL_SHIM_DOMCTL_H
#define HYPERCALL_SHIM_DOMCTL_H

#include "internal.h"

#include <xen/domctl.h>

/* The header shows it only to Xen itself, but any caller can use the number. */
#ifndef XEN_DOMCTL_soft_reset_cont
#define XEN_DOMCTL_soft_reset_cont 23
#endif

/*
 * A domctl while it is served. The handlers of the table's domctl rows find it through their A.
 * OP is the guest's struct, copied in; it is copied back if COPY_BACK is true at the end.
 */
struct domctl_call {
    struct xen_domctl op;
    struct domain *d; /* that OP names */
    bool copy_back;
};

static inline struct domctl_call *domctl_call(const unsigned long *a)
{
    return (struct domctl_call *)(uintptr_t)a[0];
}

/*
 * What only tools set in a domain, and few do: made when it is first set. All zero is what a
 * domain begins with.
 */
struct domain_control {
    uint32_t flags, emulation; /* of createdomain: XEN_DOMCTL_CDF_*, XEN_X86_EMU_* */
    uint64_t nodes;            /* node affinity, 0: any */
    bool has_nodes;
    uint16_t weight, cap; /* of the scheduler, 0: the default */
    uint32_t suspend_port;
    bool debugged;
    uint32_t tsc_mode, tsc_incarnation;
    uint64_t tsc_offset;
    struct domain_vnuma *vnuma;
};

/* As above, of a vCPU. */
struct vcpu_control {
    bool has_context; /* the rest of it is in struct vcpu */
    uint64_t flags;   /* VGCF_* */
    struct cpu_user_regs registers;
    uint8_t fpu[512];
    uint64_t ctrlreg[8];
    struct xen_domctl_ext_vcpucontext extended;
    bool no_soft_affinity; /* a map without the one processor that there is */
};

/*
 * The state to change, made if it is not there: then NULL means that there is no memory. Who only
 * looks at it looks at the pointer in the domain or vCPU.
 */
struct domain_control *domain_control(struct domain *d);
struct vcpu_control *vcpu_control(struct vcpu *v);
void domain_control_free(struct domain *d);
void vcpu_control_free(struct vcpu *v);

/* The virtual NUMA topology that tools gave D; NULL: none. For XENMEM_get_vnumainfo. */
struct domain_vnuma {
    uint32_t nodes, ranges, vcpus;
    uint32_t *distance;     /* NODES * NODES */
    uint32_t *vcpu_to_node; /* VCPUS */
    xen_vmemrange_t *range; /* RANGES */
};
const struct domain_vnuma *domain_vnuma(const struct domain *d);
void domain_vnuma_free(struct domain *d);

/*
 * The context of V from C, or to C; V must not be the one that runs. Errors: -EINVAL, -EOPNOTSUPP
 * for other tables than an initialised one has, -ENOMEM. With VGCF_online it can run from then on.
 */
int domctl_set_context(struct vcpu *v, const vcpu_guest_context_t *c);
void domctl_get_context(struct vcpu *v, vcpu_guest_context_t *c);
/* V's stack goes with its domain: its registers are kept, and it is as if it had not begun. */
void domctl_keep_registers(struct vcpu *v);
/* As it was made: down, without a context. */
void domctl_reset_vcpu(struct vcpu *v);

/*
 * The first NBITS bits of BITS go to the guest's bit map, or come from it; the rest of it is
 * filled with zeroes, or not looked at (Xen's bitmap_to_xenctl_bitmap, xenctl_bitmap_to_bitmap).
 */
int bitmap_to_guest(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t bits,
                    unsigned int nbits);
int bitmap_from_guest(struct vcpu *v, const struct xenctl_bitmap *map, uint64_t *bits,
                      unsigned int nbits);

#endif
