/* SPDX-License-Identifier: BSD-3-Clause
 *
 * physdev_op (<xen/physdev.h>): interrupt lines, ports and PCI devices, of which this machine has
 * none. So what the initial domain asks for about devices is answered as on a machine without that
 * device; the checks before that are Xen's. a[1] is the argument.
 *
 * Xen takes lines of an I/O APIC for granted (setup_gsi, map_pirq of one, irq_status_query); here
 * their number is 0, which makes the same numbers -EINVAL.
 */
#include "trap.h"
#include "handlers.h"

#include <xen/physdev.h>

static bool privileged(const struct vcpu *v) { return v->domain->hardware_domain; }

long physdev_set_iopl(struct vcpu *v, const unsigned long *a)
{
    struct physdev_set_iopl op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.iopl > 3)
        return -EINVAL;
    v->iopl = op.iopl;
    return 0;
}

long physdev_set_iobitmap(struct vcpu *v, const unsigned long *a)
{
    struct physdev_set_iobitmap op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    /* Only Xen's own addresses are refused; what is not there forbids (port.c). */
    if (!guest_address_ok((uint64_t)(uintptr_t)op.bitmap.p) || op.nr_ports > 65536)
        return -EINVAL;
    v->port_bitmap = (uint64_t)(uintptr_t)op.bitmap.p;
    v->port_bitmap_ports = op.nr_ports;
    return 0;
}

/* ---- interrupt lines ---- */

long physdev_eoi(struct vcpu *v, const unsigned long *a)
{
    struct physdev_eoi op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return -EINVAL; /* no such line */
}

long physdev_irq_status_query(struct vcpu *v, const unsigned long *a)
{
    struct physdev_irq_status_query op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return -EINVAL; /* no such line */
}

/* Before 3.2.2: ends the interrupts of all lines that are masked. There are none, so it is done. */
long physdev_unmask_notify(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    (void)a;
    return 0;
}

/*
 * A page with a bit for each line: set, the line's interrupts need an EOI. Kept until the domain
 * goes; no line ever sets a bit in it.
 */
long physdev_pirq_eoi_gmfn(struct vcpu *v, const unsigned long *a)
{
    struct physdev_pirq_eoi_gmfn op;
    struct domain *d = v->domain;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (page_get_both(d, op.gmfn, PAGE_WRITABLE))
        return -EINVAL;
    if (d->eoi_map_mfn) {
        page_put_both(d, op.gmfn);
        return -EBUSY;
    }
    d->eoi_map_mfn = (uint32_t)op.gmfn;
    return 0;
}

void physdev_domain_destroy(struct domain *d)
{
    if (!d->eoi_map_mfn)
        return;
    page_put_both(d, d->eoi_map_mfn);
    d->eoi_map_mfn = 0;
}

/* Whose lines are meant; even its own are the initial domain's to map (XSM_DM_PRIV). */
static long line_owner(struct vcpu *v, domid_t domid)
{
    if (!domain_find(v, domid))
        return -ESRCH;
    return privileged(v) ? 0 : -EPERM;
}

long physdev_map_pirq(struct vcpu *v, const unsigned long *a)
{
    struct physdev_map_pirq op;
    long error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.type == MAP_PIRQ_TYPE_MULTI_MSI && op.table_base)
        return -EINVAL;
    error = line_owner(v, op.domid);
    /* Neither a line nor a message-signalled interrupt: there is no device that has one. */
    return error ? error : -EINVAL;
}

long physdev_unmap_pirq(struct vcpu *v, const unsigned long *a)
{
    struct physdev_unmap_pirq op;
    long error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    error = line_owner(v, op.domid);
    return error ? error : -EINVAL; /* not mapped */
}

long physdev_get_free_pirq(struct vcpu *v, const unsigned long *a)
{
    struct physdev_get_free_pirq op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return -ENOSPC; /* no lines */
}

long physdev_setup_gsi(struct vcpu *v, const unsigned long *a)
{
    struct physdev_setup_gsi op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return -EINVAL; /* no such line */
}

/* ---- the I/O APIC ---- */

long physdev_apic(struct vcpu *v, const unsigned long *a)
{
    struct physdev_apic op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return privileged(v) ? -EINVAL : -EPERM; /* none at that address */
}

/* A dummy for old kernels: the vector is the line's number (do_physdev_op). */
long physdev_alloc_irq_vector(struct vcpu *v, const unsigned long *a)
{
    struct physdev_irq op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!privileged(v))
        return -EPERM;
    op.vector = op.irq;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

/* ---- PCI devices ---- */

long physdev_manage_pci(struct vcpu *v, const unsigned long *a)
{
    struct physdev_manage_pci op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return privileged(v) ? -ENODEV : -EPERM;
}

long physdev_manage_pci_add_ext(struct vcpu *v, const unsigned long *a)
{
    struct physdev_manage_pci_ext op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.is_extfn > 1 || op.is_virtfn > 1)
        return -EINVAL;
    return privileged(v) ? -ENODEV : -EPERM;
}

long physdev_pci_device_add(struct vcpu *v, const unsigned long *a)
{
    uint8_t op[offsetof(struct physdev_pci_device_add, optarr)];

    if (copy_from_guest(v, op, a[1], sizeof(op)))
        return -EFAULT;
    return privileged(v) ? -ENODEV : -EPERM;
}

/* remove, prepare_msix, release_msix */
long physdev_pci_device(struct vcpu *v, const unsigned long *a)
{
    struct physdev_pci_device op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return privileged(v) ? -ENODEV : -EPERM;
}

/* restore_msi_ext: as Xen has it, for everybody */
long physdev_restore_msi_ext(struct vcpu *v, const unsigned long *a)
{
    struct physdev_pci_device op;

    return copy_from_guest(v, &op, a[1], sizeof(op)) ? -EFAULT : -ENODEV;
}

long physdev_restore_msi(struct vcpu *v, const unsigned long *a)
{
    struct physdev_restore_msi op;

    return copy_from_guest(v, &op, a[1], sizeof(op)) ? -EFAULT : -ENODEV;
}

long physdev_pci_mmcfg_reserved(struct vcpu *v, const unsigned long *a)
{
    struct physdev_pci_mmcfg_reserved op;

    if (!privileged(v))
        return -EPERM;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.flags & ~(uint32_t)XEN_PCI_MMCFG_RESERVED)
        return -EINVAL;
    return -ENODEV; /* no configuration space in memory */
}

long physdev_dbgp_op(struct vcpu *v, const unsigned long *a)
{
    struct physdev_dbgp_op op;

    if (!privileged(v))
        return -EPERM;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    return 0; /* Xen has no debug port, so nothing has to be done around a reset of it */
}

/* ---- the ABI before 3.2.2 ---- */

long physdev_compat(struct vcpu *v, const unsigned long *a)
{
    struct physdev_op op;
    unsigned long argument[5] = {0};

    if (copy_from_guest(v, &op, a[0], sizeof(op)))
        return -EFAULT;
    argument[0] = op.cmd;
    argument[1] = a[0] + offsetof(struct physdev_op, u);
    return hypercall_dispatch(v, __HYPERVISOR_physdev_op, argument);
}
