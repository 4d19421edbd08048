/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The machine's ports, as IN and OUT of a guest find them: there is no device behind any. A read
 * gives all ones, as on a bus where nobody answers; a write goes nowhere. Only the address register
 * of PCI's configuration space keeps what is written, since in Xen that is the domain's own.
 */
#include "trap.h"

#define PCI_ADDRESS 0xcf8U

/* Xen's guest_io_okay: the guest's own choice of its iopl and bitmap. */
bool port_allowed(struct vcpu *v, uint16_t port, unsigned int bytes)
{
    bool architectural = v->domain->vm_assist & 1UL << VMASST_TYPE_architectural_iopl;
    unsigned int ring = v->user_mode ? 3 : architectural ? 0 : 1;
    uint8_t bits[2] = {0xff, 0xff};

    if (ring <= v->iopl)
        return true;
    if (!bytes || port + bytes > v->port_bitmap_ports)
        return false;
    /* What is not there forbids. */
    if (copy_from_guest(v, &bits[0], v->port_bitmap + port / 8, 1))
        return false;
    copy_from_guest(v, &bits[1], v->port_bitmap + port / 8 + 1, 1);
    return !((bits[0] | bits[1] << 8) & (((1 << bytes) - 1) << (port & 7)));
}

uint32_t port_read(struct vcpu *v, uint16_t port, unsigned int bytes)
{
    if (port == PCI_ADDRESS && bytes == 4)
        return v->pci_address;
    return UINT32_MAX;
}

void port_write(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value)
{
    if (port == PCI_ADDRESS && bytes == 4)
        v->pci_address = value;
}
