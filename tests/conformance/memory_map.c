/* SPDX-License-Identifier: BSD-3-Clause
 *
 * memory_op: memory maps, the machine-to-physical table, and all that is for translated domains,
 * tools or machines that have more: Xen's answers to the initial domain.
 */
#define __XEN_TOOLS__ /* some of it is for tools */
#include "frames.h"

#define CONTINUED(op, start) ((unsigned int)(op) | (unsigned int)(start) << 6)

struct e820_entry {
    uint64_t address, size;
    uint32_t type;
} __attribute__((packed));

static void test_own_map(void)
{
    struct e820_entry entries[4] = {{0, 1 << 20, 1}, {1 << 20, 1 << 21, 2}}, got[4];
    struct xen_memory_map map = {.nr_entries = 4};
    struct xen_foreign_memory_map set = {.domid = DOMID_SELF, .map = {.nr_entries = 2}};

    set_xen_guest_handle(map.buffer, (void *)got);
    set_xen_guest_handle(set.map.buffer, (void *)entries);
    answers(hypercall_memory_op(XENMEM_memory_map, WILD_POINTER), -XEN_EFAULT, "memory_map");
    answers(hypercall_memory_op(XENMEM_memory_map, &map), -XEN_ENOSYS, "nobody has given one");
    answers(hypercall_memory_op(XENMEM_set_memory_map, WILD_POINTER), -XEN_EFAULT,
            "set_memory_map");
    set.map.nr_entries = 1025;
    answers(hypercall_memory_op(XENMEM_set_memory_map, &set), -XEN_EINVAL, "too large");
    set.map.nr_entries = 2;
    set.domid = 4321;
    answers(hypercall_memory_op(XENMEM_set_memory_map, &set), -XEN_ESRCH, "no domain");
    set.domid = DOMID_SELF;
    set_xen_guest_handle(set.map.buffer, WILD_POINTER);
    answers(hypercall_memory_op(XENMEM_set_memory_map, &set), -XEN_EFAULT, "a wild map");
    set_xen_guest_handle(set.map.buffer, (void *)entries);
    answers(hypercall_memory_op(CONTINUED(XENMEM_set_memory_map, 1), &set), -XEN_ENOSYS,
            "continued");
    answers(hypercall_memory_op(XENMEM_memory_map, &map), -XEN_ENOSYS, "still none");
    answers(hypercall_memory_op(XENMEM_set_memory_map, &set), 0, "one is given");
    answers(hypercall_memory_op(XENMEM_memory_map, &map), 0, "it can be had");
    ok(map.nr_entries == 2, "it has 2 entries");
    ok(memcmp(entries, got, 2 * sizeof(got[0])) == 0, "they are the given ones");
    memset(got, 0x5a, sizeof(got));
    map.nr_entries = 1;
    answers(hypercall_memory_op(XENMEM_memory_map, &map), 0, "part of it");
    ok(map.nr_entries == 1 && got[1].type == 0x5a5a5a5a, "one entry");
    map.nr_entries = 0;
    answers(hypercall_memory_op(XENMEM_memory_map, &map), 0, "none of it");
    map.nr_entries = 2;
    set_xen_guest_handle(map.buffer, WILD_POINTER);
    answers(hypercall_memory_op(XENMEM_memory_map, &map), -XEN_EFAULT, "to a wild place");
    answers(hypercall_memory_op(CONTINUED(XENMEM_memory_map, 1), &map), -XEN_ENOSYS, "continued");
    set.map.nr_entries = 0;
    answers(hypercall_memory_op(XENMEM_set_memory_map, &set), 0, "taken away");
    answers(hypercall_memory_op(XENMEM_memory_map, &map), -XEN_ENOSYS, "there is none");
}

static void test_machine_map(void)
{
    static struct e820_entry got[128];
    struct xen_memory_map map = {.nr_entries = 128};
    int ordered = 1, ram = 0;

    answers(hypercall_memory_op(XENMEM_machine_memory_map, WILD_POINTER), -XEN_EFAULT,
            "machine_memory_map");
    answers(hypercall_memory_op(XENMEM_machine_memory_map, &map), 0, "without a place for it");
    ok(map.nr_entries > 0, "says how large it is");
    set_xen_guest_handle(map.buffer, (void *)got);
    map.nr_entries = 1;
    answers(hypercall_memory_op(XENMEM_machine_memory_map, &map), -XEN_EINVAL, "too small a place");
    map.nr_entries = 0;
    answers(hypercall_memory_op(XENMEM_machine_memory_map, &map), -XEN_EINVAL, "none");
    map.nr_entries = 128;
    answers(hypercall_memory_op(XENMEM_machine_memory_map, &map), 0, "large enough");
    for (unsigned int i = 0; i < map.nr_entries; i++) {
        if (i && got[i].address < got[i - 1].address + got[i - 1].size)
            ordered = 0;
        ram |= got[i].type == 1;
    }
    ok(map.nr_entries && map.nr_entries < 128, "it has entries");
    ok(ordered, "they are in order");
    ok(ram, "one of them is memory");
    map.nr_entries = 128;
    set_xen_guest_handle(map.buffer, WILD_POINTER);
    answers(hypercall_memory_op(XENMEM_machine_memory_map, &map), -XEN_EFAULT, "a wild place");
    answers(hypercall_memory_op(CONTINUED(XENMEM_machine_memory_map, 1), &map), -XEN_ENOSYS,
            "continued");
}

static void test_machphys(void)
{
    xen_machphys_mapping_t where;
    xen_pfn_t list[600] = {0};
    struct xen_machphys_mfn_list op = {.max_extents = 0};

    answers(hypercall_memory_op(XENMEM_machphys_mapping, &where), 0, "machphys_mapping");
    ok(where.v_end - where.v_start >= (where.max_mfn + 1) * 8, "the table has all frames");
    answers(hypercall_memory_op(XENMEM_machphys_mapping, WILD_POINTER), -XEN_EFAULT, "nowhere");
    answers(hypercall_memory_op(CONTINUED(XENMEM_machphys_mapping, 1), &where), -XEN_ENOSYS,
            "continued");
    ok(m2p[MFN_NOBODY] != m2p[mfn_of(list)], "entries differ");
    ok(m2p[mfn_of(places[1])] == ((uintptr_t)places[1] - virt_base) >> 12,
       "an own page has its number");
    set_xen_guest_handle(op.extent_start, list);
    answers(hypercall_memory_op(XENMEM_machphys_mfn_list, &op), 0, "no extents of it");
    ok(op.nr_extents == 0, "none is told");
    op.max_extents = 600;
    answers(hypercall_memory_op(XENMEM_machphys_mfn_list, &op), 0, "all extents");
    ok(op.nr_extents == ((where.max_mfn + 1) * 8 + (2UL << 20) - 1) >> 21, "one for each 2 MiB");
    ok(list[0] && list[0] != list[1], "with frame numbers");
    set_xen_guest_handle(op.extent_start, WILD_POINTER);
    answers(hypercall_memory_op(XENMEM_machphys_mfn_list, &op), -XEN_EFAULT, "a wild place");
    answers(hypercall_memory_op(XENMEM_machphys_mfn_list, WILD_POINTER), -XEN_EFAULT, "nowhere");
    answers(hypercall_memory_op(CONTINUED(XENMEM_machphys_mfn_list, 1), &op), -XEN_ENOSYS,
            "continued");
}

static void test_physmap(void)
{
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = XENMAPSPACE_shared_info};
    struct xen_add_to_physmap_batch batch = {.domid = DOMID_SELF,
                                             .space = XENMAPSPACE_gmfn_foreign};
    struct xen_remove_from_physmap rem = {.domid = DOMID_SELF};

    answers(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES, "add_to_physmap");
    add.domid = 4321;
    answers(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_ESRCH, "of no domain");
    add.space = XENMAPSPACE_gmfn_foreign;
    answers(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_ENOSYS, "of a foreign frame");
    add.space = 99;
    add.domid = DOMID_SELF;
    answers(hypercall_memory_op(XENMEM_add_to_physmap, &add), -XEN_EACCES, "of no space");
    answers(hypercall_memory_op(XENMEM_add_to_physmap, WILD_POINTER), -XEN_EFAULT, "nothing");
    answers(hypercall_memory_op(CONTINUED(XENMEM_add_to_physmap, 1), &add), -XEN_EACCES,
            "continued");
    answers(hypercall_memory_op(CONTINUED(XENMEM_add_to_physmap, 65536), WILD_POINTER), -XEN_EDOM,
            "at a start that is too large");
    answers(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_EACCES,
            "add_to_physmap_batch");
    batch.domid = 4321;
    answers(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_ESRCH, "of no domain");
    batch.space = XENMAPSPACE_gmfn_range;
    answers(hypercall_memory_op(XENMEM_add_to_physmap_batch, &batch), -XEN_EOPNOTSUPP,
            "of a range");
    answers(hypercall_memory_op(XENMEM_add_to_physmap_batch, WILD_POINTER), -XEN_EFAULT, "nothing");
    answers(hypercall_memory_op(CONTINUED(XENMEM_add_to_physmap_batch, 65536), WILD_POINTER),
            -XEN_EDOM, "at a start that is too large");
    answers(hypercall_memory_op(XENMEM_remove_from_physmap, &rem), -XEN_EACCES,
            "remove_from_physmap");
    rem.domid = 4321;
    answers(hypercall_memory_op(XENMEM_remove_from_physmap, &rem), -XEN_ESRCH, "of no domain");
    answers(hypercall_memory_op(XENMEM_remove_from_physmap, WILD_POINTER), -XEN_EFAULT, "nothing");
    answers(hypercall_memory_op(CONTINUED(XENMEM_remove_from_physmap, 1), &rem), -XEN_EINVAL,
            "continued");
}

static void test_on_demand(void)
{
    struct xen_pod_target pod = {.domid = DOMID_SELF};
    struct xen_mem_access_op access = {.op = XENMEM_access_op_get_access, .domid = DOMID_SELF};

    for (unsigned int i = 0; i < 2; i++) {
        unsigned int op = i ? XENMEM_get_pod_target : XENMEM_set_pod_target;

        pod.domid = DOMID_SELF;
        answers(hypercall_memory_op(op, &pod), -XEN_EINVAL, "a pod_target, operation %u", op);
        pod.domid = 4321;
        answers(hypercall_memory_op(op, &pod), -XEN_ESRCH, "of no domain");
        answers(hypercall_memory_op(op, WILD_POINTER), -XEN_EFAULT, "nothing");
        answers(hypercall_memory_op(CONTINUED(op, 1), &pod), -XEN_ENOSYS, "continued");
    }
    answers(hypercall_memory_op(XENMEM_get_sharing_freed_pages, NULL), 0, "sharing has freed");
    answers(hypercall_memory_op(XENMEM_get_sharing_shared_pages, NULL), 0, "and shares none");
    answers(hypercall_memory_op(CONTINUED(XENMEM_get_sharing_freed_pages, 1), NULL), -XEN_ENOSYS,
            "continued");
    answers(hypercall_memory_op(XENMEM_paging_op, &pod), -XEN_ENOSYS, "paging_op");
    answers(hypercall_memory_op(XENMEM_sharing_op, &pod), -XEN_ENOSYS, "sharing_op");
    answers(hypercall_memory_op(XENMEM_access_op, &access), -XEN_ESRCH, "access_op of DOMID_SELF");
    access.domid = 0;
    answers(hypercall_memory_op(XENMEM_access_op, &access), -XEN_EPERM, "of itself");
    access.domid = 4321;
    answers(hypercall_memory_op(XENMEM_access_op, &access), -XEN_ESRCH, "of no domain");
    answers(hypercall_memory_op(XENMEM_access_op, WILD_POINTER), -XEN_EFAULT, "nothing");
}

static void test_numa(void)
{
    struct xen_vnuma_topology_info info = {.domid = DOMID_SELF};

    answers(hypercall_memory_op(XENMEM_get_vnumainfo, &info), -XEN_EOPNOTSUPP, "get_vnumainfo");
    info.domid = 4321;
    answers(hypercall_memory_op(XENMEM_get_vnumainfo, &info), -XEN_ESRCH, "of no domain");
    info.pad = 1;
    answers(hypercall_memory_op(XENMEM_get_vnumainfo, &info), -XEN_EINVAL, "with padding");
    answers(hypercall_memory_op(XENMEM_get_vnumainfo, WILD_POINTER), -XEN_EFAULT, "nothing");
    answers(hypercall_memory_op(CONTINUED(XENMEM_get_vnumainfo, 1), &info), -XEN_EINVAL,
            "continued");
}

static void test_resources(void)
{
    struct xen_mem_acquire_resource op = {.domid = DOMID_SELF, .type = XENMEM_resource_grant_table};
    struct xen_reserved_device_memory_map rdm = {.flags = XENMEM_RDM_ALL, .nr_entries = 5};

    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_ESRCH,
            "acquire_resource of DOMID_SELF");
    op.domid = 0;
    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_EPERM, "of itself");
    op.domid = 4321;
    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_ESRCH, "of no domain");
    op.frame = 1UL << 32;
    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_EINVAL, "a frame beyond all");
    op.frame = 0xffffffff;
    op.nr_frames = 1;
    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_EINVAL, "the last, and one");
    op.frame = 0;
    op.pad = 1;
    answers(hypercall_memory_op(XENMEM_acquire_resource, &op), -XEN_EINVAL, "with padding");
    answers(hypercall_memory_op(XENMEM_acquire_resource, WILD_POINTER), -XEN_EFAULT, "nothing");

    answers(hypercall_memory_op(XENMEM_reserved_device_memory_map, WILD_POINTER), -XEN_EFAULT,
            "reserved_device_memory_map");
    rdm.flags = 2;
    answers(hypercall_memory_op(XENMEM_reserved_device_memory_map, &rdm), -XEN_EINVAL,
            "with a flag that is none");
    rdm.flags = XENMEM_RDM_ALL;
    set_xen_guest_handle(rdm.buffer, (void *)0xffff830000000000UL);
    answers(hypercall_memory_op(XENMEM_reserved_device_memory_map, &rdm), -XEN_EFAULT,
            "at Xen's addresses");
    set_xen_guest_handle(rdm.buffer, NULL);
    answers(hypercall_memory_op(XENMEM_reserved_device_memory_map, &rdm), 0, "of all devices");
    ok(rdm.nr_entries == 0, "there is none");
    answers(hypercall_memory_op(CONTINUED(XENMEM_reserved_device_memory_map, 1), &rdm), -XEN_EINVAL,
            "continued");
}

int main(void)
{
    frames_init();
    test_own_map();
    test_machine_map();
    test_machphys();
    test_physmap();
    test_on_demand();
    test_numa();
    test_resources();
    return tap_done();
}
