/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kexec_op (<xen/kexec.h>): another kernel in place of this machine's hypervisor. A process cannot
 * be replaced so: no image can be loaded (Xen's answer when it finds no memory for one), and
 * there is no area for crash kernels. a[1] is the argument. For the initial domain only.
 */
#include "internal.h"
#include "handlers.h"

#include <xen/kexec.h>

#define SEGMENT_MAX 16U /* Xen's KEXEC_SEGMENT_MAX */

#define ARCH_386    3U  /* EM_386, the ELF specification */
#define ARCH_X86_64 62U /* EM_X86_64 */

static bool is_type(unsigned int type)
{
    return type == KEXEC_TYPE_DEFAULT || type == KEXEC_TYPE_CRASH;
}

static long get_range(struct vcpu *v, uint64_t argument)
{
    xen_kexec_range_t op;

    if (copy_from_guest(v, &op, argument, sizeof(op)))
        return -EFAULT;
    if (op.range != KEXEC_RANGE_MA_CRASH)
        return -EINVAL; /* notes about processors and Xen itself are not kept */
    op.start = op.size = 0;
    return copy_to_guest(v, argument, &op, sizeof(op));
}

static long load(struct vcpu *v, uint64_t argument)
{
    xen_kexec_load_t op;
    xen_kexec_segment_t segments[SEGMENT_MAX];

    if (copy_from_guest(v, &op, argument, sizeof(op)))
        return -EFAULT;
    if (op.nr_segments >= SEGMENT_MAX)
        return -EINVAL;
    if (copy_from_guest(v, segments, (uint64_t)(uintptr_t)op.segments.h.p,
                        op.nr_segments * sizeof(segments[0])))
        return -EFAULT;
    if (op.type == KEXEC_TYPE_CRASH)
        return -EADDRNOTAVAIL;
    if (op.type != KEXEC_TYPE_DEFAULT || (op.arch != ARCH_386 && op.arch != ARCH_X86_64))
        return -EINVAL;
    return -ENOMEM;
}

/* The rest of the operations, of SIZE bytes, begin with the type of image that is meant. */
static long about_type(struct vcpu *v, uint64_t argument, size_t size, long answer)
{
    uint8_t op[sizeof(xen_kexec_load_v1_t)];
    unsigned int type = 0;

    if (copy_from_guest(v, op, argument, size))
        return -EFAULT;
    /* One byte in the newer ones. */
    memcpy(&type, op, size < sizeof(type) ? size : sizeof(type));
    return is_type(type) ? answer : -EINVAL;
}

long kexec_op_op(struct vcpu *v, const unsigned long *a)
{
    if (!v->domain->hardware_domain)
        return -EPERM;
    switch (a[0]) {
    case KEXEC_CMD_kexec:
        return about_type(v, a[1], sizeof(xen_kexec_exec_t), -ENOENT);
    case KEXEC_CMD_kexec_load_v1:
        return about_type(v, a[1], sizeof(xen_kexec_load_v1_t), -EINVAL);
    case KEXEC_CMD_kexec_unload_v1: /* nothing is loaded, so it is done */
        return about_type(v, a[1], sizeof(xen_kexec_load_v1_t), 0);
    case KEXEC_CMD_kexec_get_range:
        return get_range(v, a[1]);
    case KEXEC_CMD_kexec_load:
        return load(v, a[1]);
    case KEXEC_CMD_kexec_unload:
        return about_type(v, a[1], sizeof(xen_kexec_unload_t), 0);
    case KEXEC_CMD_kexec_status:
        return about_type(v, a[1], sizeof(xen_kexec_status_t), 0);
    default:
        return 0; /* so says Xen of all other numbers (do_kexec_op_internal) */
    }
}
