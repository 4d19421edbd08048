/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments of the hypercalls for memory: reservations, page tables, grants.
 */
#include "describe.h"

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__
#endif
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

/* One field a line. */
/* clang-format off */

/* ---- memory_op ---- */

#define PFN_BYTES sizeof(xen_pfn_t)

static const struct trace_field reservation_fields[] = {
    TRACE_FIELD(struct xen_memory_reservation, "extent_order", extent_order, DEC, IN),
    TRACE_FIELD(struct xen_memory_reservation, "mem_flags", mem_flags, HEX, IN),
    TRACE_FIELD(struct xen_memory_reservation, "domid", domid, DOMID, IN),
};
static const struct trace_list populate_lists[] = {
    TRACE_POINTED(struct xen_memory_reservation, "extents", extent_start, nr_extents, PFN_BYTES, HEX, INOUT),
};
static const struct trace_list increase_lists[] = {
    TRACE_POINTED(struct xen_memory_reservation, "extents", extent_start, nr_extents, PFN_BYTES, HEX, OUT),
};
static const struct trace_list decrease_lists[] = {
    TRACE_POINTED(struct xen_memory_reservation, "extents", extent_start, nr_extents, PFN_BYTES, HEX, IN),
};
static const struct trace_field claim_fields[] = {
    TRACE_FIELD(struct xen_memory_reservation, "nr_extents", nr_extents, DEC, IN),
    TRACE_FIELD(struct xen_memory_reservation, "extent_order", extent_order, DEC, IN),
    TRACE_FIELD(struct xen_memory_reservation, "mem_flags", mem_flags, HEX, IN),
    TRACE_FIELD(struct xen_memory_reservation, "domid", domid, DOMID, IN),
};
static const struct trace_field exchange_fields[] = {
    TRACE_FIELD(struct xen_memory_exchange, "in.extent_order", in.extent_order, DEC, IN),
    TRACE_FIELD(struct xen_memory_exchange, "out.extent_order", out.extent_order, DEC, IN),
    TRACE_FIELD(struct xen_memory_exchange, "out.mem_flags", out.mem_flags, HEX, IN),
    TRACE_FIELD(struct xen_memory_exchange, "domid", in.domid, DOMID, IN),
    TRACE_FIELD(struct xen_memory_exchange, "nr_exchanged", nr_exchanged, DEC, INOUT),
};
static const struct trace_list exchange_lists[] = {
    TRACE_POINTED(struct xen_memory_exchange, "in.extents", in.extent_start, in.nr_extents, PFN_BYTES, HEX, IN),
    TRACE_POINTED(struct xen_memory_exchange, "out.extents", out.extent_start, out.nr_extents, PFN_BYTES, HEX, INOUT),
};
static const struct trace_field memory_domain_fields[] = {
    TRACE_FIELD(struct xen_memory_domain, "domid", domid, DOMID, IN),
};
static const struct trace_field mfn_list_fields[] = {
    TRACE_FIELD(struct xen_machphys_mfn_list, "max_extents", max_extents, DEC, IN),
};
static const struct trace_list mfn_list_lists[] = {
    TRACE_POINTED(struct xen_machphys_mfn_list, "extents", extent_start, nr_extents, PFN_BYTES, HEX, OUT),
};
static const struct trace_field machphys_fields[] = {
    TRACE_FIELD(struct xen_machphys_mapping, "v_start", v_start, HEX, OUT),
    TRACE_FIELD(struct xen_machphys_mapping, "v_end", v_end, HEX, OUT),
    TRACE_FIELD(struct xen_machphys_mapping, "max_mfn", max_mfn, HEX, OUT),
};
static const struct trace_field physmap_fields[] = {
    TRACE_FIELD(struct xen_add_to_physmap, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_add_to_physmap, "size", size, DEC, IN),
    TRACE_FIELD(struct xen_add_to_physmap, "space", space, DEC, IN),
    TRACE_FIELD(struct xen_add_to_physmap, "idx", idx, HEX, IN),
    TRACE_FIELD(struct xen_add_to_physmap, "gpfn", gpfn, HEX, IN),
};
static const struct trace_field batch_fields[] = {
    TRACE_FIELD(struct xen_add_to_physmap_batch, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_add_to_physmap_batch, "space", space, DEC, IN),
};
static const struct trace_list batch_lists[] = {
    TRACE_POINTED(struct xen_add_to_physmap_batch, "idxs", idxs, size, sizeof(xen_ulong_t), HEX, IN),
    TRACE_POINTED(struct xen_add_to_physmap_batch, "gpfns", gpfns, size, PFN_BYTES, HEX, IN),
    TRACE_POINTED(struct xen_add_to_physmap_batch, "errs", errs, size, sizeof(int), INT, OUT),
};
static const struct trace_field unphysmap_fields[] = {
    TRACE_FIELD(struct xen_remove_from_physmap, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_remove_from_physmap, "gpfn", gpfn, HEX, IN),
};
static const struct trace_field memory_map_fields[] = {
    TRACE_FIELD(struct xen_memory_map, "nr_entries", nr_entries, DEC, INOUT),
};
static const struct trace_field foreign_map_fields[] = {
    TRACE_FIELD(struct xen_foreign_memory_map, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_foreign_memory_map, "nr_entries", map.nr_entries, DEC, IN),
};
static const struct trace_field pod_fields[] = {
    TRACE_FIELD(struct xen_pod_target, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_pod_target, "target_pages", target_pages, DEC, IN),
    TRACE_FIELD(struct xen_pod_target, "tot_pages", tot_pages, DEC, OUT),
    TRACE_FIELD(struct xen_pod_target, "pod_cache_pages", pod_cache_pages, DEC, OUT),
    TRACE_FIELD(struct xen_pod_target, "pod_entries", pod_entries, DEC, OUT),
};
static const struct trace_field access_fields[] = {
    TRACE_FIELD(struct xen_mem_access_op, "op", op, DEC, IN),
    TRACE_FIELD(struct xen_mem_access_op, "access", access, DEC, IN),
    TRACE_FIELD(struct xen_mem_access_op, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_mem_access_op, "nr", nr, DEC, IN),
    TRACE_FIELD(struct xen_mem_access_op, "pfn", pfn, HEX, IN),
};
static const struct trace_field vnuma_fields[] = {
    TRACE_FIELD(struct xen_vnuma_topology_info, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_vnuma_topology_info, "nr_vnodes", nr_vnodes, DEC, INOUT),
    TRACE_FIELD(struct xen_vnuma_topology_info, "nr_vcpus", nr_vcpus, DEC, INOUT),
    TRACE_FIELD(struct xen_vnuma_topology_info, "nr_vmemranges", nr_vmemranges, DEC, INOUT),
};
static const struct trace_field reserved_map_fields[] = {
    TRACE_FIELD(struct xen_reserved_device_memory_map, "flags", flags, HEX, IN),
    TRACE_FIELD(struct xen_reserved_device_memory_map, "nr_entries", nr_entries, DEC, INOUT),
};
static const struct trace_field resource_fields[] = {
    TRACE_FIELD(struct xen_mem_acquire_resource, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct xen_mem_acquire_resource, "type", type, DEC, IN),
    TRACE_FIELD(struct xen_mem_acquire_resource, "id", id, DEC, IN),
    TRACE_FIELD(struct xen_mem_acquire_resource, "frame", frame, HEX, IN),
    TRACE_FIELD(struct xen_mem_acquire_resource, "nr_frames", nr_frames, DEC, INOUT),
};
static const struct trace_list resource_lists[] = {
    TRACE_POINTED(struct xen_mem_acquire_resource, "frames", frame_list, nr_frames, PFN_BYTES, HEX, INOUT),
};
static const struct trace_struct
    populate = TRACE_TYPE_LISTS(struct xen_memory_reservation, INOUT, reservation_fields, populate_lists),
    increase = TRACE_TYPE_LISTS(struct xen_memory_reservation, INOUT, reservation_fields, increase_lists),
    decrease = TRACE_TYPE_LISTS(struct xen_memory_reservation, IN, reservation_fields, decrease_lists),
    claim = TRACE_TYPE(struct xen_memory_reservation, IN, claim_fields),
    exchange = TRACE_TYPE_LISTS(struct xen_memory_exchange, INOUT, exchange_fields, exchange_lists),
    memory_domain = TRACE_TYPE(struct xen_memory_domain, IN, memory_domain_fields),
    mfn_list = TRACE_TYPE_LISTS(struct xen_machphys_mfn_list, INOUT, mfn_list_fields, mfn_list_lists),
    machphys = TRACE_TYPE(struct xen_machphys_mapping, OUT, machphys_fields),
    physmap = TRACE_TYPE(struct xen_add_to_physmap, IN, physmap_fields),
    batch = TRACE_TYPE_LISTS(struct xen_add_to_physmap_batch, INOUT, batch_fields, batch_lists),
    unphysmap = TRACE_TYPE(struct xen_remove_from_physmap, IN, unphysmap_fields),
    memory_map = TRACE_TYPE(struct xen_memory_map, INOUT, memory_map_fields),
    foreign_map = TRACE_TYPE(struct xen_foreign_memory_map, IN, foreign_map_fields),
    pod = TRACE_TYPE(struct xen_pod_target, INOUT, pod_fields),
    access = TRACE_TYPE(struct xen_mem_access_op, IN, access_fields),
    vnuma = TRACE_TYPE(struct xen_vnuma_topology_info, INOUT, vnuma_fields),
    reserved_map = TRACE_TYPE(struct xen_reserved_device_memory_map, INOUT, reserved_map_fields),
    resource = TRACE_TYPE_LISTS(struct xen_mem_acquire_resource, INOUT, resource_fields, resource_lists);

static const struct trace_call memory_calls[] = {
    [XENMEM_increase_reservation] = TRACE_CALL(TRACE_PTR(1, increase)),
    [XENMEM_decrease_reservation] = TRACE_CALL(TRACE_PTR(1, decrease)),
    [XENMEM_populate_physmap] = TRACE_CALL(TRACE_PTR(1, populate)),
    [XENMEM_maximum_ram_page] = TRACE_CALL_EMPTY,
    [XENMEM_current_reservation] = TRACE_CALL(TRACE_PTR(1, memory_domain)),
    [XENMEM_maximum_reservation] = TRACE_CALL(TRACE_PTR(1, memory_domain)),
    [XENMEM_maximum_gpfn] = TRACE_CALL(TRACE_PTR(1, memory_domain)),
    [XENMEM_machphys_mfn_list] = TRACE_CALL(TRACE_PTR(1, mfn_list)),
    [XENMEM_add_to_physmap] = TRACE_CALL(TRACE_PTR(1, physmap)),
    [XENMEM_memory_map] = TRACE_CALL(TRACE_PTR(1, memory_map)),
    [XENMEM_machine_memory_map] = TRACE_CALL(TRACE_PTR(1, memory_map)),
    [XENMEM_exchange] = TRACE_CALL(TRACE_PTR(1, exchange)),
    [XENMEM_machphys_mapping] = TRACE_CALL(TRACE_PTR(1, machphys)),
    [XENMEM_set_memory_map] = TRACE_CALL(TRACE_PTR(1, foreign_map)),
    [XENMEM_remove_from_physmap] = TRACE_CALL(TRACE_PTR(1, unphysmap)),
    [XENMEM_set_pod_target] = TRACE_CALL(TRACE_PTR(1, pod)),
    [XENMEM_get_pod_target] = TRACE_CALL(TRACE_PTR(1, pod)),
    [XENMEM_get_sharing_freed_pages] = TRACE_CALL_EMPTY,
    [XENMEM_get_sharing_shared_pages] = TRACE_CALL_EMPTY,
    [XENMEM_access_op] = TRACE_CALL(TRACE_PTR(1, access)),
    [XENMEM_claim_pages] = TRACE_CALL(TRACE_PTR(1, claim)),
    [XENMEM_add_to_physmap_batch] = TRACE_CALL(TRACE_PTR(1, batch)),
    [XENMEM_get_vnumainfo] = TRACE_CALL(TRACE_PTR(1, vnuma)),
    [XENMEM_reserved_device_memory_map] = TRACE_CALL(TRACE_PTR(1, reserved_map)),
    [XENMEM_acquire_resource] = TRACE_CALL(TRACE_PTR(1, resource)),
};
const struct trace_operation trace_op_memory = {
    .number = TRACE_NUMBER_REGISTER,
    .count = TRACE_COUNT(memory_calls),
    .calls = memory_calls,
    .other = TRACE_CALL(TRACE_REG(0, "cmd", HEX), TRACE_REG(1, "arg", HEX)),
};

/* ---- page tables ---- */

static const struct trace_field mmu_update_fields[] = {
    TRACE_FIELD(struct mmu_update, "ptr", ptr, HEX, IN),
    TRACE_FIELD(struct mmu_update, "val", val, HEX, IN),
};
static const struct trace_field mmuext_fields[] = {
    TRACE_FIELD(struct mmuext_op, "cmd", cmd, MMUEXT, IN),
    TRACE_FIELD(struct mmuext_op, "arg1", arg1, HEX, IN),
    TRACE_FIELD(struct mmuext_op, "arg2", arg2, HEX, IN),
};
static const struct trace_struct
    mmu_update = TRACE_TYPE(struct mmu_update, IN, mmu_update_fields),
    mmuext = TRACE_TYPE(struct mmuext_op, IN, mmuext_fields);

#define LIST_CALL(type)                                                                        \
    { .other = TRACE_CALL(TRACE_ARR(0, 1, type), TRACE_REG(2, "done", HEX),                    \
                          TRACE_REG(3, "domain", DOMID)) }
const struct trace_operation trace_op_mmu_update = LIST_CALL(mmu_update);
const struct trace_operation trace_op_mmuext = LIST_CALL(mmuext);

#define MAPPING TRACE_REG(0, "va", HEX), TRACE_REG(1, "val", HEX), TRACE_REG(2, "flags", HEX)
const struct trace_operation trace_op_update_va_mapping = { .other = TRACE_CALL(MAPPING) };
const struct trace_operation trace_op_update_va_mapping_otherdomain = {
    .other = TRACE_CALL(MAPPING, TRACE_REG(3, "domain", DOMID)),
};
const struct trace_operation trace_op_update_descriptor = {
    .other = TRACE_CALL(TRACE_REG(0, "address", HEX), TRACE_REG(1, "descriptor", HEX)),
};
const struct trace_operation trace_op_set_gdt = {
    .other = TRACE_CALL(TRACE_REG(0, "frames", HEX), TRACE_REG(1, "entries", DEC)),
};

/* ---- grants ---- */

static const struct trace_field map_fields[] = {
    TRACE_FIELD(struct gnttab_map_grant_ref, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct gnttab_map_grant_ref, "ref", ref, DEC, IN),
    TRACE_FIELD(struct gnttab_map_grant_ref, "flags", flags, HEX, IN),
    TRACE_FIELD(struct gnttab_map_grant_ref, "host_addr", host_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_map_grant_ref, "status", status, STATUS, OUT),
    TRACE_FIELD(struct gnttab_map_grant_ref, "handle", handle, DEC, OUT),
    TRACE_FIELD(struct gnttab_map_grant_ref, "dev_bus_addr", dev_bus_addr, HEX, OUT),
};
static const struct trace_field unmap_fields[] = {
    TRACE_FIELD(struct gnttab_unmap_grant_ref, "handle", handle, DEC, IN),
    TRACE_FIELD(struct gnttab_unmap_grant_ref, "host_addr", host_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_unmap_grant_ref, "dev_bus_addr", dev_bus_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_unmap_grant_ref, "status", status, STATUS, OUT),
};
static const struct trace_field setup_fields[] = {
    TRACE_FIELD(struct gnttab_setup_table, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct gnttab_setup_table, "nr_frames", nr_frames, DEC, IN),
    TRACE_FIELD(struct gnttab_setup_table, "status", status, STATUS, OUT),
};
static const struct trace_list setup_lists[] = {
    TRACE_POINTED(struct gnttab_setup_table, "frames", frame_list, nr_frames, PFN_BYTES, HEX, OUT),
};
static const struct trace_field transfer_fields[] = {
    TRACE_FIELD(struct gnttab_transfer, "mfn", mfn, HEX, IN),
    TRACE_FIELD(struct gnttab_transfer, "domid", domid, DOMID, IN),
    TRACE_FIELD(struct gnttab_transfer, "ref", ref, DEC, IN),
    TRACE_FIELD(struct gnttab_transfer, "status", status, STATUS, OUT),
};
static const struct trace_field copy_fields[] = {
    TRACE_FIELD(struct gnttab_copy, "source", source.u.gmfn, HEX, IN),
    TRACE_FIELD(struct gnttab_copy, "source.domid", source.domid, DOMID, IN),
    TRACE_FIELD(struct gnttab_copy, "source.offset", source.offset, DEC, IN),
    TRACE_FIELD(struct gnttab_copy, "dest", dest.u.gmfn, HEX, IN),
    TRACE_FIELD(struct gnttab_copy, "dest.domid", dest.domid, DOMID, IN),
    TRACE_FIELD(struct gnttab_copy, "dest.offset", dest.offset, DEC, IN),
    TRACE_FIELD(struct gnttab_copy, "len", len, DEC, IN),
    TRACE_FIELD(struct gnttab_copy, "flags", flags, HEX, IN),
    TRACE_FIELD(struct gnttab_copy, "status", status, STATUS, OUT),
};
static const struct trace_field query_fields[] = {
    TRACE_FIELD(struct gnttab_query_size, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct gnttab_query_size, "nr_frames", nr_frames, DEC, OUT),
    TRACE_FIELD(struct gnttab_query_size, "max_nr_frames", max_nr_frames, DEC, OUT),
    TRACE_FIELD(struct gnttab_query_size, "status", status, STATUS, OUT),
};
static const struct trace_field replace_fields[] = {
    TRACE_FIELD(struct gnttab_unmap_and_replace, "handle", handle, DEC, IN),
    TRACE_FIELD(struct gnttab_unmap_and_replace, "host_addr", host_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_unmap_and_replace, "new_addr", new_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_unmap_and_replace, "status", status, STATUS, OUT),
};
static const struct trace_field set_version_fields[] = {
    TRACE_FIELD(struct gnttab_set_version, "version", version, DEC, INOUT),
};
static const struct trace_field status_frames_fields[] = {
    TRACE_FIELD(struct gnttab_get_status_frames, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct gnttab_get_status_frames, "nr_frames", nr_frames, DEC, IN),
    TRACE_FIELD(struct gnttab_get_status_frames, "status", status, STATUS, OUT),
};
static const struct trace_list status_frames_lists[] = {
    TRACE_POINTED(struct gnttab_get_status_frames, "frames", frame_list, nr_frames, 8, HEX, OUT),
};
static const struct trace_field get_version_fields[] = {
    TRACE_FIELD(struct gnttab_get_version, "dom", dom, DOMID, IN),
    TRACE_FIELD(struct gnttab_get_version, "version", version, DEC, OUT),
};
static const struct trace_field swap_fields[] = {
    TRACE_FIELD(struct gnttab_swap_grant_ref, "ref_a", ref_a, DEC, IN),
    TRACE_FIELD(struct gnttab_swap_grant_ref, "ref_b", ref_b, DEC, IN),
    TRACE_FIELD(struct gnttab_swap_grant_ref, "status", status, STATUS, OUT),
};
static const struct trace_field cache_fields[] = {
    TRACE_FIELD(struct gnttab_cache_flush, "a", a.dev_bus_addr, HEX, IN),
    TRACE_FIELD(struct gnttab_cache_flush, "offset", offset, DEC, IN),
    TRACE_FIELD(struct gnttab_cache_flush, "length", length, DEC, IN),
    TRACE_FIELD(struct gnttab_cache_flush, "op", op, HEX, IN),
};
static const struct trace_struct
    map = TRACE_TYPE(struct gnttab_map_grant_ref, INOUT, map_fields),
    unmap = TRACE_TYPE(struct gnttab_unmap_grant_ref, INOUT, unmap_fields),
    setup = TRACE_TYPE_LISTS(struct gnttab_setup_table, INOUT, setup_fields, setup_lists),
    transfer = TRACE_TYPE(struct gnttab_transfer, INOUT, transfer_fields),
    copy = TRACE_TYPE(struct gnttab_copy, INOUT, copy_fields),
    query = TRACE_TYPE(struct gnttab_query_size, INOUT, query_fields),
    replace = TRACE_TYPE(struct gnttab_unmap_and_replace, INOUT, replace_fields),
    set_version = TRACE_TYPE(struct gnttab_set_version, INOUT, set_version_fields),
    status_frames = TRACE_TYPE_LISTS(struct gnttab_get_status_frames, INOUT, status_frames_fields, status_frames_lists),
    get_version = TRACE_TYPE(struct gnttab_get_version, INOUT, get_version_fields),
    swap = TRACE_TYPE(struct gnttab_swap_grant_ref, INOUT, swap_fields),
    cache = TRACE_TYPE(struct gnttab_cache_flush, IN, cache_fields);

static const struct trace_call grant_calls[] = {
    [GNTTABOP_map_grant_ref] = TRACE_CALL(TRACE_ARR(1, 2, map)),
    [GNTTABOP_unmap_grant_ref] = TRACE_CALL(TRACE_ARR(1, 2, unmap)),
    [GNTTABOP_setup_table] = TRACE_CALL(TRACE_ARR(1, 2, setup)),
    [GNTTABOP_transfer] = TRACE_CALL(TRACE_ARR(1, 2, transfer)),
    [GNTTABOP_copy] = TRACE_CALL(TRACE_ARR(1, 2, copy)),
    [GNTTABOP_query_size] = TRACE_CALL(TRACE_ARR(1, 2, query)),
    [GNTTABOP_unmap_and_replace] = TRACE_CALL(TRACE_ARR(1, 2, replace)),
    [GNTTABOP_set_version] = TRACE_CALL(TRACE_ARR(1, 2, set_version)),
    [GNTTABOP_get_status_frames] = TRACE_CALL(TRACE_ARR(1, 2, status_frames)),
    [GNTTABOP_get_version] = TRACE_CALL(TRACE_ARR(1, 2, get_version)),
    [GNTTABOP_swap_grant_ref] = TRACE_CALL(TRACE_ARR(1, 2, swap)),
    [GNTTABOP_cache_flush] = TRACE_CALL(TRACE_ARR(1, 2, cache)),
};
const struct trace_operation trace_op_grant_table = {
    .number = TRACE_NUMBER_FIRST,
    .count = TRACE_COUNT(grant_calls),
    .calls = grant_calls,
    .other = TRACE_CALL(TRACE_REG(0, "cmd", HEX), TRACE_REG(1, "arg", HEX), TRACE_REG(2, "count", DEC)),
};
