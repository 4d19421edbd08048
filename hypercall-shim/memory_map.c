/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_op: the memory maps of a domain and of the machine (ACPI's E820), and where the
 * machine-to-physical table is.
 */
#include "memory.h"
#include "handlers.h"

#include <stdlib.h>

/* An entry of a memory map, as Xen stores it. */
struct e820_entry {
    uint64_t address;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));

#define E820_RAM 1U
#define E820_MAX 1024U /* Xen's E820MAX */

static uint64_t buffer_of(const struct xen_memory_map *map)
{
    return (uint64_t)(uintptr_t)map->buffer.p;
}

/* What a domain has been given; without that it is as in a Xen that does not know the call. */
long memory_map(struct vcpu *v, const unsigned long *a)
{
    struct domain *d = v->domain;
    struct xen_memory_map map;

    if (start_extent(a))
        return -ENOSYS;
    if (copy_from_guest(v, &map, a[1], sizeof(map)))
        return -EFAULT;
    if (!d->e820_count)
        return -ENOSYS;
    if (map.nr_entries > d->e820_count)
        map.nr_entries = d->e820_count;
    if (copy_to_guest(v, buffer_of(&map), d->e820, map.nr_entries * sizeof(struct e820_entry)))
        return -EFAULT;
    return copy_to_guest(v, a[1], &map, sizeof(map));
}

long memory_set_memory_map(struct vcpu *v, const unsigned long *a)
{
    struct xen_foreign_memory_map op;
    struct domain *d;
    size_t size;
    void *entries;

    if (start_extent(a))
        return -ENOSYS;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.map.nr_entries > E820_MAX)
        return -EINVAL;
    d = domain_find(v, op.domid);
    if (!d)
        return -ESRCH;
    if (!may_target(v->domain, d))
        return -EPERM;
    size = op.map.nr_entries * sizeof(struct e820_entry);
    entries = malloc(size + 1);
    if (!entries)
        return -ENOMEM;
    if (copy_from_guest(v, entries, buffer_of(&op.map), size)) {
        free(entries);
        return -EFAULT;
    }
    free(d->e820);
    d->e820 = entries;
    d->e820_count = op.map.nr_entries;
    return 0;
}

/* The machine is all memory. Xen wants room for one entry more than there are. */
long memory_machine_memory_map(struct vcpu *v, const unsigned long *a)
{
    struct e820_entry all = {0, v->domain->hv->frames << PAGE_SHIFT, E820_RAM};
    struct xen_memory_map map;

    if (start_extent(a))
        return -ENOSYS;
    if (!v->domain->hardware_domain)
        return -EPERM;
    if (copy_from_guest(v, &map, a[1], sizeof(map)))
        return -EFAULT;
    if (buffer_of(&map)) {
        if (map.nr_entries < 2)
            return -EINVAL;
        if (copy_to_guest(v, buffer_of(&map), &all, sizeof(all)))
            return -EFAULT;
    }
    map.nr_entries = 1;
    return copy_to_guest(v, a[1], &map, sizeof(map));
}

/* ---- the machine-to-physical table ---- */

long memory_machphys_mapping(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t size = (uint64_t)hv->m2p_lazy.count << PAGE_SHIFT;
    struct xen_machphys_mapping op = {
        .v_start = (uintptr_t)hv->m2p_view,
        .v_end = (uintptr_t)hv->m2p_view + size,
        .max_mfn = hv->frames - 1,
    };

    if (start_extent(a))
        return -ENOSYS;
    /* Others see how large the table may be, not how large the machine is. */
    if (!v->domain->hardware_domain)
        op.max_mfn = size / sizeof(uint64_t) - 1;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long memory_machphys_mfn_list(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    struct xen_machphys_mfn_list op;
    unsigned int i = 0;

    if (start_extent(a))
        return -ENOSYS;
    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    /* A frame number for each 2 MiB of the table (<xen/memory.h>). */
    for (; i < op.max_extents && i * 512 < hv->m2p_lazy.count; i++) {
        xen_pfn_t mfn = hv->m2p_lazy.start + i * 512;

        if (copy_to_guest(v, (uint64_t)(uintptr_t)op.extent_start.p + i * sizeof(mfn), &mfn,
                          sizeof(mfn)))
            return -EFAULT;
    }
    op.nr_extents = i;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}
