/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The one way out of a guest: every hypercall goes through hypercall(), which arch/ (on Xen) or
 * the shim (in a process) defines. The wrappers give it Xen's types.
 */
#ifndef RUNTIME_CORE_HYPERCALL_H
#define RUNTIME_CORE_HYPERCALL_H

#include <stdint.h>

#include <xen/xen.h>

/* OP is __HYPERVISOR_*; returns what Xen returns, negative errors as in <xen/errno.h>. */
extern long hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                      unsigned long a4, unsigned long a5) __attribute__((visibility("default")));

#define HYPERCALL_ARG(x) ((unsigned long)(uintptr_t)(x))

static inline long hypercall_sched_op(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_sched_op, cmd, HYPERCALL_ARG(arg), 0, 0, 0);
}

static inline long hypercall_event_channel_op(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_event_channel_op, cmd, HYPERCALL_ARG(arg), 0, 0, 0);
}

static inline long hypercall_console_io(unsigned int cmd, unsigned int count, const void *buf)
{
    return hypercall(__HYPERVISOR_console_io, cmd, count, HYPERCALL_ARG(buf), 0, 0);
}

static inline long hypercall_mmu_update(mmu_update_t *req, unsigned int count)
{
    return hypercall(__HYPERVISOR_mmu_update, HYPERCALL_ARG(req), count, 0, DOMID_SELF, 0);
}

static inline long hypercall_mmuext_op(mmuext_op_t *op, unsigned int count)
{
    return hypercall(__HYPERVISOR_mmuext_op, HYPERCALL_ARG(op), count, 0, DOMID_SELF, 0);
}

static inline long hypercall_update_va_mapping(const void *va, uint64_t pte, unsigned long flags)
{
    return hypercall(__HYPERVISOR_update_va_mapping, HYPERCALL_ARG(va), pte, flags, 0, 0);
}

static inline long hypercall_memory_op(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_memory_op, cmd, HYPERCALL_ARG(arg), 0, 0, 0);
}

static inline long hypercall_vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
    return hypercall(__HYPERVISOR_vcpu_op, cmd, vcpu, HYPERCALL_ARG(arg), 0, 0);
}

static inline long hypercall_grant_table_op(unsigned int cmd, void *ops, unsigned int count)
{
    return hypercall(__HYPERVISOR_grant_table_op, cmd, HYPERCALL_ARG(ops), count, 0, 0);
}

static inline long hypercall_physdev_op(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_physdev_op, cmd, HYPERCALL_ARG(arg), 0, 0, 0);
}

static inline long hypercall_set_trap_table(const void *table)
{
    return hypercall(__HYPERVISOR_set_trap_table, HYPERCALL_ARG(table), 0, 0, 0, 0);
}

#endif
