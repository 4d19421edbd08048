/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Callbacks: set_callbacks, callback_op (<xen/callback.h>) and nmi_op (<xen/nmi.h>).
 *
 * Two of them are kept and never called. failsafe: Xen calls it when the data segments of a guest
 * cannot be loaded when it gets a processor; a process has no segments to load. syscall32 and
 * sysenter: they are for user code of 32 bits.
 */
#include "trap.h"
#include "handlers.h"

#include <xen/callback.h>
#include <xen/nmi.h>

static long register_nmi(struct vcpu *v, uint64_t address)
{
    if (!is_canonical(address))
        return -EINVAL;
    /* An NMI is the trap table's vector 2, and masks upcalls. */
    v->traps[VECTOR_NMI] =
        (trap_info_t){.vector = VECTOR_NMI, .flags = 4, .cs = FLAT_KERNEL_CS, .address = address};
    return 0;
}

static void unregister_nmi(struct vcpu *v) { v->traps[VECTOR_NMI] = (trap_info_t){0}; }

static uint64_t *place(struct vcpu *v, unsigned int type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &v->event_callback;
    case CALLBACKTYPE_failsafe:
        return &v->failsafe_callback;
    case CALLBACKTYPE_syscall:
        return &v->syscall_callback;
    case CALLBACKTYPE_sysenter:
        return &v->sysenter_callback;
    case CALLBACKTYPE_syscall32:
        return &v->syscall32_callback;
    default:
        return NULL;
    }
}

static long set(struct vcpu *v, unsigned int type, uint64_t address, unsigned int flags)
{
    uint64_t *callback;

    if (!is_canonical(address))
        return -EINVAL;
    if (type == CALLBACKTYPE_nmi)
        return register_nmi(v, address);
    callback = place(v, type);
    if (!callback)
        return -ENOSYS;
    *callback = address;
    v->callback_flags &= ~CALLBACK_MASKS(type);
    if (flags & CALLBACKF_mask_events)
        v->callback_flags |= CALLBACK_MASKS(type);
    return 0;
}

/* Each that cannot be is left as it was, and nothing is said of it (do_set_callbacks). */
long set_callbacks_op(struct vcpu *v, const unsigned long *a)
{
    set(v, CALLBACKTYPE_event, a[0], 0);
    set(v, CALLBACKTYPE_failsafe, a[1], 0);
    set(v, CALLBACKTYPE_syscall, a[2], 0);
    return 0;
}

long callback_register(struct vcpu *v, const unsigned long *a)
{
    struct callback_register op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return set(v, op.type, op.address, op.flags);
}

long callback_unregister(struct vcpu *v, const unsigned long *a)
{
    struct callback_unregister op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.type == CALLBACKTYPE_nmi) {
        unregister_nmi(v);
        return 0;
    }
    /* A guest cannot be without the others. */
    return place(v, op.type) ? -EINVAL : -ENOSYS;
}

long nmi_register(struct vcpu *v, const unsigned long *a)
{
    struct xennmi_callback op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return register_nmi(v, op.handler_address);
}

long nmi_unregister(struct vcpu *v, const unsigned long *a)
{
    (void)a;
    unregister_nmi(v);
    return 0;
}
