/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xenoprof_op (<xen/xenoprof.h>): as from a Xen on a processor whose counters it does not know, so
 * that nobody becomes a profiler.
 */
#include "internal.h"
#include "handlers.h"

#include <xen/xenoprof.h>

long xenoprof_op_op(struct vcpu *v, const unsigned long *a)
{
    struct xenoprof_init op;

    switch ((unsigned int)a[0]) {
    case XENOPROF_init:
        return copy_from_guest(v, &op, a[1], sizeof(op)) ? -EFAULT : -ENODEV;
    case XENOPROF_get_buffer:
        return -EBUSY; /* the counters cannot be had */
    default:
        /* For those that are profiled, and for the profiler. */
        return (unsigned int)a[0] <= XENOPROF_last_op ? -EPERM : -EINVAL;
    }
}
