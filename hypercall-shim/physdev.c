/* SPDX-License-Identifier: BSD-3-Clause
 *
 * physdev_op (<xen/physdev.h>): there are no devices. a[1] is the argument.
 */
#include "internal.h"
#include "handlers.h"

#include <xen/physdev.h>

long physdev_set_iopl(struct vcpu *v, const unsigned long *a)
{
    struct physdev_set_iopl op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.iopl > 3)
        return -EINVAL;
    /* Remembered only: an IN or OUT in a Linux process faults whatever the guest sets. */
    v->iopl = op.iopl;
    return 0;
}

long physdev_set_iobitmap(struct vcpu *v, const unsigned long *a)
{
    struct physdev_set_iobitmap op;

    (void)v;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.nr_ports > 65536)
        return -EINVAL;
    return 0; /* as above: no port can be reached anyway */
}

long physdev_get_free_pirq(struct vcpu *v, const unsigned long *a)
{
    struct physdev_get_free_pirq op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return -ENOSPC; /* no interrupt lines */
}
